"""What there is on this machine to train with, for the checks of the settings."""

from __future__ import annotations

import sys

from studio.build.learning import all_frozen
from studio.build.machine import Machine
from studio.build.plan import Checked
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.project.project import Project
from studio.train.devices import available_cores, choose_device
from studio.train.distributed.place import rank_place


def this_machine() -> Machine:
    """This one. torch is asked only where it is loaded. Raises StudioError for an environment that is odd."""
    torch, place = sys.modules.get("torch"), rank_place()
    cuda = torch.cuda.is_available() if torch is not None else None
    return Machine(available_cores(), cuda, place.world if place else 1)


def check_device(project: Project) -> None:
    """See before a run is made that it can compute where it is set to. Raises StudioError."""
    device = str(values_of(TRAINING, project.training.options)["device"])
    if device == "cuda":
        choose_device(device)


def check_learns(checked: Checked) -> None:
    """See before a run is made that not all of the layers are frozen. Raises StudioError."""
    losses = [loss.name for loss in checked.plan.losses]
    if frozen := all_frozen(checked.project.graph, losses, checked.costs):
        told = ", ".join(frozen[-3:])
        message = "All layers that lead to a loss are frozen: there is nothing to train."
        raise StudioError(message, f"Switch off freeze in one of them ({told}).")
