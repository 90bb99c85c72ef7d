"""A disk that fills up while the window trains: it is told in a banner, and what was trained can go on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.project.edits import set_training
from studio.train.checkpoint import load_checkpoint
from studio.train.events import EpochEnded, Event, Finished, Saved, Started
from studio.train.runs import list_runs, read_run
from studio.ui.window import MainWindow
from tests.train.test_full_disk import disk as disk
from tests.train.test_full_disk import fill
from tests.ui.windows import LONG, sample

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs tmpfs")


@pytest.mark.parametrize("host", ["thread", "process"])
def test_what_was_trained_on_a_full_disk_is_told_and_goes_on(
    loaded: MainWindow, qtbot: QtBot, disk: Path, host: str
) -> None:
    training, messages, heard = loaded.training, loaded.messages, list[Event]()
    assert loaded.files.open(Path(shutil.copy(sample("mlp_digits"), disk / "mine.loom")))
    project = set_training(loaded.session.project, epochs=100_000, patience=None, host=host)
    loaded.session.commit(project, "Set")
    assert loaded.files.save()
    training.events.connect(heard.extend)
    training.start()
    qtbot.waitUntil(lambda: any(isinstance(event, EpochEnded) for event in heard), timeout=LONG)

    def refused() -> bool:
        """A checkpoint that is being written while the disk is filled may leave room again."""
        fill(disk)
        training.save_now()
        return any("No checkpoint could be written" in one for one in messages.texts())

    qtbot.waitUntil(refused, timeout=LONG)
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    last = heard[-1]
    assert isinstance(last, Finished)
    assert any("what was trained is kept in" in one for one in messages.texts())
    (run,) = list_runs(disk / "runs")
    assert (run.status, run.step, run.resumable) == ("stopped", last.step, True)
    (disk / "filler").unlink()
    heard.clear()
    loaded.commands.resume_last()
    qtbot.waitUntil(lambda: any(isinstance(event, Saved) for event in heard), timeout=LONG)
    (started,) = (event for event in heard if isinstance(event, Started))
    assert started.step == last.step
    assert not any("No checkpoint could be written" in one for one in messages.texts())
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    assert read_run(run.path).status == "stopped"
    assert load_checkpoint(run.path, "last")[1]["step"] > last.step
