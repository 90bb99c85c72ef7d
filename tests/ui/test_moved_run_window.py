"""The folder of a run is moved while the window trains it, or trains elsewhere: it is told and followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.project.edits import set_training
from studio.project.storage import load, save
from studio.train.events import EpochEnded, Event
from studio.train.runs import read_run
from tests.ui.windows import LONG, OpenWindow, sample


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no folder that is open")
@pytest.mark.parametrize("host", ["thread", "process"])
def test_a_run_that_is_moved_while_it_trains_is_followed(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, host: str
) -> None:
    save(
        set_training(load(sample("mlp_digits")), epochs=100_000, patience=None, host=host),
        tmp_path / "a.loom",
    )
    window, heard = open_window(tmp_path / "a.loom"), list[Event]()
    qtbot.waitUntil(lambda: window.loading.is_ready, timeout=LONG)
    training = window.training
    training.events.connect(heard.extend)
    training.start()
    qtbot.waitUntil(lambda: any(isinstance(event, EpochEnded) for event in heard), timeout=LONG)
    assert training.run_dir is not None
    there = training.run_dir.rename(tmp_path / "moved")
    training.save_now()
    qtbot.waitUntil(lambda: any(str(there) in text for text in window.messages.texts()), timeout=LONG)
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    assert training.run_dir == there
    assert read_run(there).status == "stopped"
    assert not any((tmp_path / "runs").iterdir())
