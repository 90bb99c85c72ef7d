"""The parts of a program, put together in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.build.plan import Checked, Plan
from studio.catalog.registry import checked_values, registry
from studio.data.prepare import Prepared
from studio.interchange.program.data import DataCode
from studio.interchange.program.main import main_lines, summary
from studio.interchange.program.notes import notes_on
from studio.interchange.program.objective import (
    Objective,
    copied_losses,
    ignores,
    reported,
    returning,
)
from studio.interchange.program.optimizer import unmade, written_optimizer
from studio.interchange.program.pieces import data as rows
from studio.interchange.program.pieces import training as pieces
from studio.interchange.program.schedule import written_schedule
from studio.interchange.program.text import Part, module_text
from studio.interchange.program.training import Settings, train_lines
from studio.interchange.pytorch.source import Module
from studio.project.project import Project, Setting
from studio.train.devices import choose_threads
from studio.train.judging import make_judge
from studio.train.layout import lay_out
from studio.train.metrics.own_units import OwnUnits
from studio.train.objective import Ledger
from studio.train.samples import NORMALISES

Function = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Made:
    """The parts of a program as they are put together."""

    project: Project
    checked: Checked
    plan: Plan
    options: Mapping[str, Any]
    prepared: Prepared
    code: DataCode
    module: Module
    units: Mapping[str, OwnUnits]
    path: Path
    folder: Path
    trained: str

    @property
    def threads(self) -> int:
        """Of one operation, as a run would take them."""
        adds = self.checked.total.multiply_adds * int(self.options["batch_size"])
        return choose_threads(int(self.options["threads"]), adds)

    @property
    def norms(self) -> bool:
        """Whether there is batch normalization."""
        return any(isinstance(one, NORMALISES) for one in unmade(self.plan).modules())

    @property
    def notes(self) -> tuple[str, ...]:
        """What the program leaves out, or does otherwise."""
        optimizer = self._optimizer()
        return (
            *self.code.notes,
            *optimizer.notes,
            *notes_on(self.project, self.plan, self.prepared, self.units),
        )

    def _optimizer(self) -> Any:  # noqa: ANN401
        training = self.project.training
        return written_optimizer(training.optimizer, self.plan, bool(self.options["decay_all"]))

    def settings(self) -> Settings:
        """What decides how the training is written."""
        training = self.project.training
        plateau = training.schedule.type == "Plateau"
        return Settings(
            options=self.options,
            optimizer=self._optimizer(),
            schedule=written_schedule(training.schedule),
            plateau=setting_values("schedule", training.schedule) if plateau else None,
            norms=self.norms,
            metric=make_judge(self.options, Ledger(self.plan, self.units).known).metric,
            layout=lay_out(unmade(self.plan), self.options, training.optimizer.type),
            threads=self.threads,
            own_code=bool(self.module.own_names),
            weights=self._weights(),
            whole=bool(self.options["weights_whole"]),
            validates=len(self.prepared.parts["validation"]) > 0,
        )

    def _weights(self) -> Path | None:
        """The file of weights that the training begins with."""
        given = str(self.options["weights"])
        return self.folder / given if given else None

    def text(self) -> str:
        """The whole file."""
        settings, metrics = self.settings(), reported(self.plan, self.units)
        objective = Objective(
            returning(self.plan), self.module.name, str(self.options["precision"]), self.units
        )
        main = main_lines(self.options, self.code, self.path, settings, metrics, self.module.name)
        training = train_lines(settings)
        parts: list[Part] = [
            *self.module.classes,
            *copied_losses(self.plan),
            *([pieces.counted] if ignores(self.plan) else ()),
            objective.lines(),
            *self.code.functions,
            *self.code.lines,
            *(one for metric in metrics for one in metric.written.functions),
            *main.metrics,
            *self._functions(settings),
            settings.schedule.lines if settings.schedule is not None else (),
            *main.evaluation,
            training,
            *main.end,
        ]
        doc = summary(self.project, self.path, self.notes, self.trained)
        return module_text(doc, parts, self.module.imports, main.constants)

    def _functions(self, settings: Settings) -> list[Function]:
        """What is copied for the training."""
        found: list[Function] = [
            rows.in_order,
            pieces.take,
            *settings.functions,
            *settings.optimizer.functions,
        ]
        if settings.schedule is not None:
            found += settings.schedule.functions
        if settings.schedule is not None or settings.plateau is not None or settings.optimizer.shares:
            found.append(pieces.set_rates if settings.optimizer.shares else pieces.set_rate)
        return [*found, pieces.keep]


def setting_values(kind: Any, setting: Setting) -> Mapping[str, Any]:  # noqa: ANN401
    """All parameters of a component that was chosen."""
    component = registry().component(kind, setting.type)
    assert component is not None
    return checked_values(component.params, setting.params)[0]
