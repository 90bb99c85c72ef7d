"""The forecast of memory: what it says beforehand, against what training takes for real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.build.check import Checker
from studio.build.forecast import Forecast, of_checked
from studio.build.repair import repaired
from studio.errors import Problem
from studio.places import shipped
from studio.project import storage
from studio.project.edits import set_optimizer, set_training
from studio.project.fields import Field
from studio.project.project import Project, Setting

ROOT = Path(__file__).parents[2]
PICTURES = {
    "image": Field("image", (1, 64, 64)),
    "label": Field("label", (), "int64", tuple("0123456789"), "target"),
}
PARTS = {"train": 2000, "validation": 500, "test": 0}
GIGA = 10**9
MEASURED = """
import sys, torch
from studio.build.check import Checker
from studio.build.network import Network
from studio.catalog.settings import TRAINING
from studio.catalog.registry import values_of
from studio.project import storage
from studio.train.objective import Objective
from studio.train.updates import make_update
from tests.build.test_forecast import PICTURES, PARTS, GIGA, batch_of, peak
project = storage.loads(sys.stdin.read())
checked = Checker().check(project, PICTURES, parts=PARTS, room=GIGA)
batch = int(values_of(TRAINING, project.training.options)["batch_size"])
torch.set_num_threads(1)
def step(count):
    network = Network(checked.plan)
    objective = Objective(checked.plan, network)
    update = make_update(project.training.optimizer, dict(network.named_parameters()))
    best = {key: one.detach().clone() for key, one in network.state_dict().items()}
    total = objective(batch_of(count)).total
    update([one.contiguous() for one in torch.autograd.grad(total, list(network.parameters()))], 0.001)
    return network, update, best
step(1)
before = peak()
kept = step(batch)
print(peak() - before)
"""


def batch_of(count: int):
    """A batch of so many samples."""
    import torch

    return {"image": torch.rand(count, 1, 64, 64), "label": torch.arange(count) % 10}


def peak() -> int:
    """The most bytes that this process ever held, without what the one held that started it."""
    import resource

    told = Path("/proc/self/status")
    if told.exists():
        return int(told.read_text("utf-8").partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def cnn(batch_size: int, optimizer: str = "SGD") -> Project:
    project = storage.load(shipped("samples") / "cnn_digits.loom")
    return set_optimizer(set_training(project, batch_size=batch_size), Setting(optimizer, {}))


def foretold(project: Project, room: float = GIGA) -> tuple[Forecast, list[Problem], Checker]:
    checker = Checker()
    checked = checker.check(project, PICTURES, parts=PARTS, room=room)
    assert checked.errors == ()
    found, mended = of_checked(checked), repaired(checked, checker)
    assert found is not None
    assert mended is not None
    return found, [one for one in mended.problems if "of memory" in one.message], checker


def test_what_a_batch_takes_is_foretold() -> None:
    """Within a factor of 2.5 of what the process grows by: kernels take room of their own."""
    project = cnn(256)
    found, _, _ = foretold(project)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED],
        input=storage.dumps(project),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    took = int(done.stdout)
    assert took / 2.5 < found.activations < 2.5 * took, (found, took)


def test_what_the_optimizer_keeps_is_counted() -> None:
    plain, adam = foretold(cnn(64))[0], foretold(cnn(64, "AdamW"))[0]
    assert plain.optimizer == 0
    assert adam.optimizer == 2 * adam.weights
    assert adam.total - plain.total == adam.optimizer


def test_more_than_is_free_is_a_warning_and_the_batch_that_fits_mends_it() -> None:
    project = cnn(512)
    found, problems, checker = foretold(project, room=0.5 * foretold(project)[0].total)
    (problem,) = problems
    assert (problem.severity, problem.field) == ("warning", "training.batch_size")
    assert found.largest[0] in problem.message
    mended = problem.fixes[0].edit(project)
    options = mended.training.options
    assert options["batch_size"] < 512
    assert options["batch_size"] * options["accumulate"] == 512
    assert f"A batch size of {options['batch_size']} fits" in problem.hint
    assert not any("of memory" in one.message for one in checker.trial(mended).problems)


def test_where_there_is_room_nothing_is_said() -> None:
    project = cnn(512)
    assert foretold(project, room=2 * foretold(project)[0].total)[1] == []


def test_where_no_batch_fits_it_says_so() -> None:
    (problem,) = foretold(cnn(512), room=1000.0)[1]
    assert problem.fixes == ()
    assert "smaller" in problem.hint


@pytest.mark.parametrize(
    ("batch", "room", "fits"), [(100, 60, 50), (100, 24, 20), (97, 50, 1), (64, 64, 64), (64, 0, None)]
)
def test_so_many_of_the_batch_that_fits_make_the_batch(batch: int, room: int, fits: int | None) -> None:
    found = Forecast(weights=5, gradients=5, optimizer=0, data=5, each=1, batch=batch)
    assert found.fitting(found.fixed + room) == fits
