"""A project that was not trained here, with weights of its own, as a run to evaluate and to predict with."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from studio.build.check import Checker
from studio.build.given_weights import fitting, given_weights, idle_nodes
from studio.build.network import Network
from studio.build.plan import Plan
from studio.build.sizes import Dim
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.data.prepare import Prepared, prepare
from studio.errors import StudioError
from studio.project.fields import Field
from studio.project.project import Project
from studio.project.storage import load
from studio.train.checkpoint import MODEL, save_checkpoint, save_data
from studio.train.runs import create_run


@contextmanager
def run_of(file: Path) -> Generator[Path]:
    """A run's folder for as long as it is needed, with the weights that the project's settings name.

    Raises StudioError where they name none, or these do not fit.
    """
    project, folder = load(file), file.absolute().parent
    given = given_weights(project, folder)
    if given is None:
        hint = "Train it first and name the run, or name a file of weights in the training settings."
        raise StudioError(f"{file}: the network was not trained, and no weights are named.", hint)
    held = Path(tempfile.mkdtemp(prefix="neuroloom-"))
    try:
        prepared = None if project.data.source.type == "None" else prepare(project.data, folder)
        plan = _plan(project, prepared)
        network = Network(plan)
        whole = bool(values_of(TRAINING, project.training.options)["weights_whole"])
        found, _ = fitting(given, network.state_dict(), whole, idle_nodes(project, plan))
        run = create_run(project, folder, held)
        tensors = {MODEL + name: one for name, one in {**network.state_dict(), **found}.items()}
        save_checkpoint(run, "best", tensors, {"epoch": 0, "step": 0, "metrics": {}})
        save_checkpoint(run, "last", tensors, {"epoch": 0, "step": 0, "metrics": {}})
        if prepared is None:
            save_data(run, _declared(plan), {}, {}, {})
        else:
            save_data(run, prepared.fields, prepared.scales, prepared.learned, prepared.ways)
        yield run
    finally:
        shutil.rmtree(held, ignore_errors=True)


def _plan(project: Project, prepared: Prepared | None) -> Plan:
    checked = Checker().check(project, prepared.fields if prepared else {})
    if checked.errors:
        first = checked.errors[0]
        raise StudioError(f"The drawing has a problem: {first.message}", first.hint)
    return checked.plan


def _declared(plan: Plan) -> dict[str, Field]:
    """The fields as the Input nodes declare them, where there is no data."""
    found: dict[str, Field] = {}
    for step in plan.model_inputs:
        shape = tuple(one.at() if isinstance(one, Dim) else one for one in step.type.shape[1:])
        found[step.field] = Field(step.field, shape, step.type.dtype)
    return found
