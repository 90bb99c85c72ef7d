"""Training by several processes in the window: the settings ask for them, and they look like one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.project.edits import set_training
from studio.train.checkpoint import load_checkpoint
from studio.train.events import EpochEnded, Event, Finished, Saved, Started, Warned
from studio.train.runs import read_events, read_run
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, sample

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="needs Gloo on the loopback")]
STARTS = 4 * LONG
"""Two processes that each load torch, on a machine that may do other things too."""


def test_several_processes_are_shown_and_steered_like_one(loaded: MainWindow, qtbot: QtBot) -> None:
    told: list[str] = []
    heard: list[Event] = []
    training = loaded.training
    loaded.status_bar.messageChanged.connect(told.append)
    assert loaded.files.open_sample(sample("mlp_digits"))
    changed = set_training(loaded.session.project, epochs=4000, patience=None, processes=2)
    loaded.session.commit(changed, "Set")
    training.events.connect(heard.extend)
    training.start()
    qtbot.waitUntil(lambda: any(isinstance(event, EpochEnded) for event in heard), timeout=STARTS)
    assert "Trains in 2 processes of their own" in told
    training.toggle_pause()
    qtbot.waitUntil(lambda: training.state == "paused", timeout=LONG)
    training.toggle_pause()
    qtbot.waitUntil(lambda: training.state == "running", timeout=LONG)
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    assert isinstance(heard[-1], Finished)
    assert training.run_dir is not None
    assert read_run(training.run_dir).status == "stopped"
    _, content = load_checkpoint(training.run_dir, "last")
    assert (content["step"], len(content["ranks"])) == (heard[-1].step, 1)


def test_a_killed_process_is_told_in_the_window_and_in_the_run(loaded: MainWindow, qtbot: QtBot) -> None:
    """The second process is killed once there is a checkpoint; training goes on by itself."""
    training = loaded.training
    heard: list[Event] = []
    assert loaded.files.open_sample(sample("mlp_digits"))
    changed = set_training(loaded.session.project, epochs=100_000, patience=None, processes=2)
    loaded.session.commit(changed, "Set")
    training.events.connect(heard.extend)
    training.start()
    qtbot.waitUntil(lambda: any(isinstance(event, EpochEnded) for event in heard), timeout=STARTS)
    training.save_now()
    qtbot.waitUntil(lambda: any(isinstance(event, Saved) for event in heard), timeout=LONG)
    os.kill(children()[-1], signal.SIGKILL)
    qtbot.waitUntil(lambda: sum(isinstance(event, Started) for event in heard) == 2, timeout=STARTS)
    (warned,) = (event for event in heard if isinstance(event, Warned))
    assert warned.message.startswith("Process ")
    assert training.run_dir is not None
    assert f"{training.run_dir.name}: {warned.message}" in loaded.messages.texts()
    assert warned in read_events(training.run_dir)
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)


def children() -> list[int]:
    """The processes that this one has started and that train together, in their order."""
    task = Path(f"/proc/{os.getpid()}/task")
    found = [int(pid) for file in task.glob("*/children") for pid in file.read_text().split()]
    return sorted(pid for pid in found if b"RANK=" in Path(f"/proc/{pid}/environ").read_bytes())
