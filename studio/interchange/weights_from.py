"""Which weights an export takes: a run's, those that the settings name, or fresh ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from studio.build.check import Checker
from studio.build.given_weights import fitting, given_weights, idle_nodes
from studio.build.network import Network
from studio.build.plan import Checked
from studio.catalog.paths import missing_weights
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.data.describe import describe
from studio.errors import StudioError
from studio.project.project import Project
from studio.train.checkpoint import load_checkpoint, load_fields, model_tensors
from studio.train.kept import named
from studio.train.runs import data_folder, run_project
from studio.train.seeding import seed_all

FRESH = "The network was not trained: its weights are the fresh ones that a training would begin with."


@dataclass(frozen=True, slots=True)
class Trained:
    """A network to write: its check, the weights by the names of its state_dict, and where these come from.

    `folder` is where relative paths of its data start; `note` says what a reader should know of the weights.
    `known` tells whether the weights are more than fresh ones.
    """

    checked: Checked
    weights: dict[str, Tensor]
    folder: Path
    run: Path | None = None
    note: str = ""
    known: bool = True


def of_run(run: Path, checkpoint: str = "best") -> Trained:
    """The network as a run trained it. Raises StudioError."""
    project, folder = run_project(run), data_folder(run)
    checked = Checker().check(project, load_fields(run))
    _refuse_errors(checked)
    tensors, _ = load_checkpoint(run, named(run, checkpoint))
    return Trained(checked, model_tensors(tensors), folder, run)


def of_project(project: Project, folder: Path) -> Trained:
    """The network of a project that has not been trained here. Raises StudioError."""
    described = describe(project.data, folder)
    unknown = not described.fields and described.problems
    fields = None if unknown else described.fields
    told = (*described.problems, *missing_weights(project, folder))
    checked = Checker().check(project, fields, told, described.parts)
    _refuse_errors(checked)
    options = values_of(TRAINING, project.training.options)
    seed_all(int(str(options["seed"])))
    fresh = dict(Network(checked.plan).state_dict())
    given = given_weights(project, folder)
    if given is None:
        return Trained(checked, fresh, folder, note=FRESH, known=False)
    idle = idle_nodes(project, checked.plan)
    found, differing = fitting(given, fresh, bool(options["weights_whole"]), idle)
    note = f"Of the weights, these are fresh: {'; '.join(differing)}." if differing else ""
    return Trained(checked, {**fresh, **found}, folder, note=note)


def _refuse_errors(checked: Checked) -> None:
    if checked.errors:
        first = checked.errors[0]
        raise StudioError(f"The drawing has a problem: {first.message}", first.hint)
    if not checked.plan.results:
        raise StudioError("The drawing has no result.", "Add an Output, or a loss, behind the network.")
