"""A run that goes on is drawn from its beginning, whatever was shown before."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.train.events import Event, Finished, Progress
from studio.ui.monitor.series import History
from studio.ui.window import MainWindow
from tests.ui.test_training_window import open_for, wait_idle
from tests.ui.windows import LONG


def stopped(window: MainWindow, qtbot: QtBot, member: int) -> Path:
    """Train until that seed has taken some steps, stop, and show nothing of it."""
    heard: list[Event] = []
    training = window.training

    def hear(events: list[Event]) -> None:
        heard.extend(events)
        started = [getattr(event, "member", None) for event in heard]
        if member in started and isinstance(heard[-1], Progress):
            training.stop()

    training.events.connect(hear)
    training.start()
    qtbot.waitUntil(lambda: training.active, timeout=LONG)
    wait_idle(window, qtbot)
    training.events.disconnect(hear)
    assert isinstance(heard[-1], Finished)
    assert training.run_dir is not None
    window.panels.curves.clear()
    return training.run_dir


@pytest.mark.parametrize("seeds", [1, 2])
def test_it_is_drawn_from_its_beginning(loaded: MainWindow, qtbot: QtBot, seeds: int) -> None:
    open_for(loaded, "mlp_digits", epochs=60, seeds=seeds)
    run = stopped(loaded, qtbot, seeds - 1)
    loaded.training.resume_run(run)
    qtbot.waitUntil(lambda: loaded.training.active, timeout=LONG)
    wait_idle(loaded, qtbot)
    qtbot.waitUntil(lambda: bool(loaded.panels.curves.histories), timeout=LONG)
    qtbot.waitUntil(lambda: loaded.panels.curves.histories[0].over, timeout=LONG)
    history: History = loaded.panels.curves.histories[0]
    every = [*history.others, history.lines]
    assert len(every) == seeds
    for lines in every:
        steps = lines["loss", "steps"].step.array
        assert steps[0] == 1
        assert list(steps) == sorted(set(steps))
        assert steps[-1] == history.total_steps
        assert len(steps) == history.total_steps
