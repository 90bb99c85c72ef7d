"""Curves of several seeds with a band, and of forks after what their ancestors did."""

from __future__ import annotations

from pathlib import Path
from statistics import mean, stdev

import pytest
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.places import shipped
from studio.project.edits import set_training
from studio.train.checkpoint import load_fields
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event
from studio.train.fork import create_fork, plan_fork
from studio.train.history import by_member, read_before
from studio.train.job import Job
from studio.train.runs import read_run, run_project
from studio.ui.monitor.curves import Curves
from studio.ui.monitor.status import Status
from studio.ui.theme import DARK, LIGHT, Tokens
from tests.ui.monitor.conftest import train

Run = tuple[Path, list[Event]]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train("mlp_digits", tmp_path_factory.mktemp("seeds"), epochs=3, seeds=3)


def panel(qtbot: QtBot, tokens: Tokens = DARK) -> Curves:
    curves = Curves()
    qtbot.addWidget(curves)
    curves.resize(1000, 320)
    curves.set_tokens(tokens)
    curves.show()
    qtbot.waitExposed(curves)
    return curves


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_seeds_are_a_mean_and_a_band(qtbot: QtBot, seeds: Run, tokens: Tokens) -> None:
    curves = panel(qtbot, tokens)
    curves.show_run(read_run(seeds[0]), seeds[1])
    qtbot.waitUntil(lambda: bool(curves.plots[0].legend))
    assert [entry.name for entry in curves.plots[0].legend] == ["train, mean of 3", "validation, mean of 3"]
    band = curves.histories[0].band("loss", "validation")
    ends = [[e.validation["loss"] for e in one if isinstance(e, EpochEnded)] for one in by_member(seeds[1])]
    for at in range(3):
        values = [one[at] for one in ends]
        assert band.line.value.array[at] == pytest.approx(mean(values))
        assert band.high.array[at] - band.low.array[at] == pytest.approx(2 * stdev(values))
    picture = curves.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(0, 1000, 2) for y in range(40, 310, 2)}
    assert len(colours) > 20


def test_while_a_later_seed_trains_the_band_is_that_of_the_others(qtbot: QtBot, seeds: Run) -> None:
    one, two, three = by_member(seeds[1])
    curves = panel(qtbot)
    for events in (one, two, three[: len(three) // 2]):
        curves.add(events)
    curves.flush()
    names = [entry.name for entry in curves.plots[0].legend]
    assert names[:2] == ["train, mean of 2", "validation, mean of 2"]
    assert "train" in names
    status = Status()
    qtbot.addWidget(status)
    status.show_run("several", [*one, *two, *three[:-1]])
    assert any("seed 3/3" in label.text() for label in status.findChildren(type(status._epoch)))


def test_a_fork_is_drawn_after_what_its_parent_did(qtbot: QtBot, tmp_path: Path) -> None:
    parent, _ = train("mlp_digits", tmp_path, epochs=4, keep_every=2)
    project = set_training(run_project(parent), batch_size=32)
    plan = Checker().check(project, load_fields(parent)).plan
    path = create_fork(plan_fork(parent, "2", project, plan), project, shipped("samples"), tmp_path)
    events: list[Event] = []
    run(Job(run_project(path), shipped("samples"), path), events.append, Control())
    curves = panel(qtbot)
    curves.show_run(read_run(path), events)
    curves.show_before(path.name, read_before(path))
    history = curves.histories[0]
    assert history.before.line("loss", "validation").step.array.tolist() == [20, 40]
    assert history.line("loss", "validation").step.array.tolist() == [120, 160]
    low, high = curves.plots[0].shown[1]
    first = history.before.line("loss", "steps").value.array[0]
    assert low <= first * 0.9 <= high * 1.1
