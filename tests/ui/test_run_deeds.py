"""Forks, repeats, the queue, runs of other processes and comparisons, in the window and by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from studio.project.edits import set_data, set_params, set_training
from studio.project.storage import load, save
from studio.train.events import EpochEnded
from studio.train.queue import read_queue
from studio.train.runs import list_runs, read_events, read_run
from studio.ui.differences_window import DifferencesWindow
from studio.ui.fork_window import ForkWindow
from studio.ui.window import MainWindow
from tests.ui.test_runs_window import train
from tests.ui.windows import LONG, OpenWindow, sample

ROOT = Path(__file__).parents[2]


@pytest.fixture
def mine(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window with a project of one's own, torch loaded and the Runs panel in front."""
    path = tmp_path / "net.loom"
    save(set_training(load(sample("mlp_digits")), epochs=4, keep_every=2), path)
    window = open_window(path)
    qtbot.waitUntil(lambda: window.loading.is_ready, timeout=LONG)
    window.docks.reveal("runs")
    return window


def button(parent: QWidget, text: str) -> QPushButton:
    return next(one for one in parent.findChildren(QPushButton) if one.text() == text)


def press(qtbot: QtBot, parent: QWidget, text: str) -> None:
    found = button(parent, text)
    qtbot.waitUntil(found.isEnabled, timeout=LONG)
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def chosen(window: MainWindow, qtbot: QtBot, *paths: Path) -> None:
    """Select runs in the panel, once they are listed."""
    panel = window.panels.runs
    panel.refresh()
    qtbot.waitUntil(lambda: {run.path for run in panel.shown} >= set(paths), timeout=LONG)
    panel.select(list(paths))


def deed(window: MainWindow, qtbot: QtBot, text: str) -> None:
    action = next(one for one in window.panels.runs.view.actions() if one.text() == text)
    qtbot.waitUntil(action.isEnabled, timeout=LONG)
    action.trigger()


def test_an_edited_drawing_begins_where_a_run_stood(mine: MainWindow, qtbot: QtBot) -> None:
    parent = train(mine, qtbot, epochs=4)
    wider = set_params(mine.session.project, "hidden", {"out_features": 96})
    mine.session.commit(wider, "Set")
    chosen(mine, qtbot, parent)
    details = mine.panels.runs.details
    qtbot.waitUntil(lambda: details.checkpoints.topLevelItemCount() == 4, timeout=LONG)
    rows = {details.checkpoints.topLevelItem(at).text(0): at for at in range(4)}
    details.checkpoints.setCurrentItem(details.checkpoints.topLevelItem(rows["epoch 2, kept"]))
    press(qtbot, details, "Fork from here…")
    fork = mine.findChild(ForkWindow)
    qtbot.waitUntil(lambda: fork.weights.topLevelItemCount() == 2, timeout=LONG)
    groups = [fork.weights.topLevelItem(at) for at in range(2)]
    assert [(one.text(0), one.text(1)) for one in groups] == [("Kept", "1"), ("Initialised afresh", "3")]
    fresh = {groups[1].child(at).text(0): groups[1].child(at).text(2) for at in range(3)}
    assert fresh == {"hidden.weight": "128×64", "hidden.bias": "128", "scores.weight": "10×128"}
    assert fork.words.startswith("1 of 4 weights are kept")
    fork.findChild(QSpinBox).setValue(5)
    with qtbot.waitSignal(mine.training.ended, timeout=LONG):
        press(qtbot, fork, "Train")
    child = mine.training.run_dir
    assert [e.epoch for e in read_events(child) if isinstance(e, EpochEnded)] == [3, 4, 5]
    history = mine.panels.curves.histories[0]
    qtbot.waitUntil(lambda: history.before is not None, timeout=LONG)
    assert len(history.before.line("loss", "validation")) == 2
    chosen(mine, qtbot, parent, child)
    above = mine.panels.runs.view.model().index(0, 0)
    assert mine.panels.runs.view.model().index(0, 0, above).data() == child.name


def test_a_fork_that_ends_where_it_begins_is_not_offered_and_one_beyond_a_limit_is_refused(
    mine: MainWindow, qtbot: QtBot
) -> None:
    mine.session.commit(set_training(mine.session.project, max_steps=25), "Set")
    parent = train(mine, qtbot, epochs=4)
    parted = set_data(set_training(mine.session.project, epochs=2), split_seed=1)
    mine.session.commit(parted, "Set")
    fork = ForkWindow(parent, "last", mine.session, mine.appearance.tokens, mine)
    qtbot.addWidget(fork)
    fork.show()
    qtbot.waitUntil(button(fork, "Train").isEnabled, timeout=LONG)
    assert fork.findChild(QSpinBox).value() == 4
    assert "parted in another way" in fork.words
    qtbot.mouseClick(button(fork, "Train"), Qt.MouseButton.LeftButton)
    assert fork.isVisible()
    told = fork.findChild(QMessageBox)
    assert "max_steps is 25" in told.text()
    told.accept()
    assert [run.path for run in list_runs(parent.parent)] == [parent]


def test_a_repeated_run_tells_that_nothing_strays(mine: MainWindow, qtbot: QtBot) -> None:
    original = train(mine, qtbot, epochs=2)
    chosen(mine, qtbot, original)
    with qtbot.waitSignal(mine.training.ended, timeout=LONG):
        deed(mine, qtbot, "Reproduce")
    again = mine.training.run_dir
    assert read_run(again).reproduces == str(original)
    assert read_run(again).test == read_run(original).test
    qtbot.waitUntil(lambda: "to the last digit" in " ".join(mine.messages.texts()), timeout=LONG)


def test_a_stopped_run_is_repeated_as_far_as_it_had_come(mine: MainWindow, qtbot: QtBot) -> None:
    mine.session.commit(set_training(mine.session.project, epochs=2000, patience=None), "Set")
    with qtbot.waitSignal(mine.training.events, timeout=LONG):
        mine.training.start()
    with qtbot.waitSignal(mine.training.ended, timeout=LONG):
        mine.training.stop()
    original = mine.training.run_dir
    chosen(mine, qtbot, original)
    with qtbot.waitSignal(mine.training.ended, timeout=LONG):
        deed(mine, qtbot, "Reproduce")
    assert read_run(mine.training.run_dir).step == read_run(original).step
    qtbot.waitUntil(lambda: "to the last digit" in " ".join(mine.messages.texts()), timeout=LONG)


def test_runs_wait_for_their_turn(mine: MainWindow, qtbot: QtBot, open_window: OpenWindow) -> None:
    panel = mine.panels.runs
    panel.details.setCurrentWidget(panel.queue)
    for epochs in (1, 2):
        mine.session.commit(set_training(mine.session.project, epochs=epochs), "Set")
        press(qtbot, panel.queue, "Add")
    first, second = [run.path for run in read_queue()]
    again = open_window(mine.session.path)
    assert again.panels.runs.queue.view.count() == 2
    again.close_unasked()
    panel.queue.view.setCurrentRow(1)
    press(qtbot, panel.queue, "↑")
    assert [run.path for run in read_queue()] == [second, first]
    press(qtbot, panel.queue, "Start")
    qtbot.waitUntil(lambda: read_run(first).status == "completed", timeout=LONG)
    assert read_run(second).status == "completed"
    assert read_run(second).epochs_done == 2
    qtbot.waitUntil(lambda: panel.queue.view.count() == 0 and not mine.training.active, timeout=LONG)


def test_what_is_added_while_one_trains_follows_and_a_stop_holds_it(mine: MainWindow, qtbot: QtBot) -> None:
    mine.session.commit(set_training(mine.session.project, epochs=2000), "Set")
    with qtbot.waitSignal(mine.training.events, timeout=LONG):
        mine.training.start()
    mine.session.commit(set_training(mine.session.project, epochs=1), "Set")
    panel = mine.panels.runs
    panel.details.setCurrentWidget(panel.queue)
    press(qtbot, panel.queue, "Add")
    (waiting,) = [run.path for run in read_queue()]
    with qtbot.waitSignal(mine.training.ended, timeout=LONG):
        mine.training.stop()
    qtbot.wait(300)
    assert read_run(waiting).status == "created"
    panel.queue.view.setCurrentRow(0)
    press(qtbot, panel.queue, "Remove")
    assert not waiting.exists()
    assert read_queue() == []


@pytest.mark.skipif(os.name == "nt", reason="ends the child by a signal")
def test_a_run_of_another_process_is_watched_as_it_grows(
    mine: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    command = [sys.executable, "-m", "studio", "train", str(sample("mlp_digits")), "--epochs", "3000"]
    child = subprocess.Popen(
        [*command, "--runs", str(elsewhere), "--json"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        qtbot.waitUntil(lambda: any(run.epochs_done for run in list_runs(elsewhere)), timeout=2 * LONG)
        (run,) = list_runs(elsewhere)
        deed(mine, qtbot, "Open a run's folder…")
        dialog = next(one for one in mine.findChildren(QFileDialog) if one.isVisible())
        dialog.fileSelected.emit(str(run.path))
        dialog.close()
        curves, status = mine.panels.curves, mine.panels.status
        qtbot.waitUntil(lambda: bool(curves.histories) and curves.histories[0].name == run.name, timeout=LONG)
        line = curves.histories[0].line("loss", "steps")
        seen = len(line)
        qtbot.waitUntil(lambda: len(line) > seen + 20, timeout=LONG)
        assert status.state == "Training"
    finally:
        child.terminate()
        child.wait(60)
    qtbot.waitUntil(lambda: status.state == "Stopped", timeout=LONG)


def test_runs_are_compared_by_settings_results_and_drawings(mine: MainWindow, qtbot: QtBot) -> None:
    one = train(mine, qtbot, epochs=2)
    wider = set_training(set_params(mine.session.project, "hidden", {"out_features": 96}), batch_size=16)
    mine.session.commit(wider, "Set")
    other = train(mine, qtbot, epochs=2)
    chosen(mine, qtbot, one, other)
    press(qtbot, mine.panels.runs, "Differences…")
    window = mine.findChild(DifferencesWindow)
    qtbot.waitUntil(lambda: window.table.rowCount() > 0, timeout=LONG)
    names = [window.table.verticalHeaderItem(row).text() for row in range(window.table.rowCount())]
    assert names == ["batch_size", "hidden.out_features"]
    cells = {(window.table.item(row, c).text()) for row in range(2) for c in range(2)}
    assert cells == {"64", "16", "128", "96"}
    axes = [axis.name for axis in window.parallel.axes]
    assert axes[:2] == ["batch_size", "hidden.out_features"]
    assert axes[-1] == "Loss"
    window.tabs.setCurrentIndex(0)
    start, end = (window.parallel.place(0, share).toPoint() for share in (0.6, 1.0))
    qtbot.mousePress(window.parallel, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(window.parallel, end - QPoint(0, 1))
    qtbot.mouseMove(window.parallel, end)
    qtbot.mouseRelease(window.parallel, Qt.MouseButton.LeftButton, pos=end)
    runs = [run.path for run in mine.panels.runs.selected]
    assert [runs[at] for at in window.parallel.left] == [one]
    window.tabs.setCurrentIndex(2)
    assert set(window.drawing.delta.changed) == {"hidden"}
    assert isinstance(window, QDialog)
    window.close()


def test_one_run_that_is_written_is_not_several(mine: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run = train(mine, qtbot)
    chosen(mine, qtbot, run)
    deed(mine, qtbot, "Save for TensorBoard…")
    dialog = next(one for one in mine.findChildren(QFileDialog) if one.isVisible())
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    qtbot.waitUntil(lambda: any("1 run was written" in text for text in mine.messages.texts()), timeout=LONG)
