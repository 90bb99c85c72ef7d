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
from studio.ui.window import MainWindow
from tests.ui.test_runs_window import train
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


def test_what_is_left_of_a_moved_run_cannot_be_taken_up(loaded: MainWindow, qtbot: QtBot) -> None:
    loaded.session.new(load(sample("mlp_digits")), base=sample("mlp_digits").parent)
    run, panel = train(loaded, qtbot), loaded.panels.runs
    loaded.docks.reveal("runs")
    (run / "project.loom").unlink()
    panel.refresh()
    qtbot.waitUntil(lambda: [one.path for one in panel.shown] == [run], timeout=LONG)
    panel.select([run])
    able = {action.text(): action.isEnabled() for action in panel.view.actions()}
    for text in ("Fork…", "Resume", "Reproduce", "Restore project"):
        assert text in able
        assert not able[text], text
    assert able["Delete…"]
