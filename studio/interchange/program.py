"""A project as one program: its data, its network, its training and its evaluation, with a command line.

With the settings, the seed and the data of a run it gives the same losses, epoch by epoch. It imports
nothing of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.catalog.registry import checked_values, registry
from studio.catalog.settings import TRAINING
from studio.data.prepare import Prepared
from studio.errors import StudioError
from studio.interchange.program_data import DataCode, data_code
from studio.interchange.program_main import main_lines, summary
from studio.interchange.program_notes import notes_on
from studio.interchange.program_objective import (
    Objective,
    Reported,
    copied_losses,
    ignores,
    reported,
    returning,
)
from studio.interchange.program_optimizer import written_optimizer
from studio.interchange.program_pieces import data as rows
from studio.interchange.program_pieces import training as pieces
from studio.interchange.program_schedule import written_schedule
from studio.interchange.program_text import module_text
from studio.interchange.program_training import Settings, train_lines
from studio.interchange.pytorch_source import Module, module_of
from studio.project.project import Project, Setting
from studio.train.balance import balanced
from studio.train.devices import choose_threads
from studio.train.judging import make_judge
from studio.train.layout import lay_out
from studio.train.metrics.own_units import OwnUnits, own_units
from studio.train.objective import Ledger
from studio.train.samples import NORMALISES
from studio.train.work import needed_fields

Function = Callable[..., object]
RESERVED = frozenset({"Objective", "Meter", "Plateau", "MeanWeights", "Together", "Batch", "Compared"})
"""Classes of a program; those of the drawing are called otherwise."""


@dataclass(frozen=True, slots=True)
class Program:
    """The text, the tensors that it loads from a file beside it, and what it leaves out or does otherwise."""

    text: str
    beside: Mapping[str, Tensor] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    plain_data: bool = True


def to_pytorch_program(project: Project, plan: Plan, folder: Path, out: Path | None = None) -> str:
    """The program as text. Relative paths of the data start from `folder`; the program will be `out`.

    Raises StudioError where the data cannot be read, or there is nothing to train.
    """
    return make_program(project, plan, folder, out).text


def make_program(project: Project, plan: Plan, folder: Path, out: Path | None = None) -> Program:
    """The program with all that belongs to it. Raises StudioError."""
    if not plan.losses:
        raise StudioError("The drawing has no loss, so there is nothing to train.", "Add a loss.")
    path = out or folder / f"{project.name}.py"
    options, wrong = checked_values(TRAINING, project.training.options)
    for message in wrong.values():
        raise StudioError(f"{message}.", "Correct it in the training settings.")
    code, prepared = data_code(project, folder, needed_fields(plan))
    plan = balanced(plan, prepared.parts["train"].tensors)
    module = module_of(project, returning(plan), RESERVED)
    _check_names(module)
    units = own_units(plan, prepared.ways)
    made = _Made(project, plan, options, prepared, code, module, units, path)
    return Program(made.text(), code.beside, made.notes, code.plain)


def _check_names(module: Module) -> None:
    """Refuse a class of the user's own that is called as one of a program's. Raises StudioError."""
    taken = sorted(RESERVED & set(module.own_names))
    if taken:
        raise StudioError(
            f"The Python layer {taken[0]} is called as a class of the program.", "Call it otherwise."
        )


@dataclass(frozen=True, slots=True)
class _Made:
    """The parts of a program as they are put together."""

    project: Project
    plan: Plan
    options: Mapping[str, Any]
    prepared: Prepared
    code: DataCode
    module: Module
    units: Mapping[str, OwnUnits]
    path: Path

    @property
    def threads(self) -> int:
        """Of one operation, as a run would take them."""
        cost = Checker().check(self.project, self.prepared.fields).total
        adds = cost.multiply_adds * int(self.options["batch_size"])
        return choose_threads(int(self.options["threads"]), adds)

    @property
    def norms(self) -> bool:
        """Whether there is batch normalization."""
        network: nn.Module = Network(self.plan)
        return any(isinstance(one, NORMALISES) for one in network.modules())

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
            layout=lay_out(Network(self.plan), self.options, training.optimizer.type),
            threads=self.threads,
            own_code=bool(self.module.own_names),
        )

    def text(self) -> str:
        """The whole file."""
        settings, metrics = self.settings(), reported(self.plan, self.units)
        objective = Objective(
            returning(self.plan), self.module.name, str(self.options["precision"]), self.units
        )
        main = main_lines(self.options, self.code, self.path, settings, metrics, self.module.name)
        training = train_lines(settings)
        parts: list[Sequence[str]] = [
            *self.module.classes,
            *copied_losses(self.plan),
            objective.lines(),
            *self.code.lines,
            *main.before,
            settings.schedule.lines if settings.schedule is not None else (),
            training,
            *main.after,
        ]
        functions = [*self.code.functions, *self._functions(settings, metrics)]
        doc = summary(self.project, self.path, self.notes)
        return module_text(doc, parts, functions, self.module.imports, main.constants)

    def _functions(self, settings: Settings, metrics: Sequence[Reported]) -> list[Function]:
        """What is copied for the training."""
        found: list[Function] = [rows.in_order, pieces.take, pieces.keep, *settings.functions]
        found += [one for metric in metrics for one in metric.written.functions]
        found += settings.optimizer.functions
        rates = settings.schedule is not None or settings.plateau is not None
        if settings.schedule is not None:
            found += settings.schedule.functions
        if rates or settings.optimizer.shares:
            found.append(pieces.set_rates if settings.optimizer.shares else pieces.set_rate)
        return [*found, pieces.counted] if ignores(self.plan) else found


def setting_values(kind: Any, setting: Setting) -> Mapping[str, Any]:  # noqa: ANN401
    """All parameters of a component that was chosen."""
    component = registry().component(kind, setting.type)
    assert component is not None
    return checked_values(component.params, setting.params)[0]
