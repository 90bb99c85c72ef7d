"""A drawing is trained in PyTorch and TensorFlow side by side from the Train menu: plotted, stopped, started
again, and nothing is left behind.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from studio.interchange import extras
from studio.interchange.beside.comparison import FOLDER, Comparison
from studio.project import edits
from studio.project.project import Setting
from studio.ui.beside_plot import BesidePlot
from studio.ui.beside_table import BesideTable
from studio.ui.beside_window import BesideWindow
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, find, sample


def opened(window: MainWindow, qtbot: QtBot) -> BesideWindow:
    window.actions_by_name["train.beside"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(BesideWindow)), timeout=LONG)
    return window.findChildren(BesideWindow)[0]


def started(dialog: BesideWindow, qtbot: QtBot) -> Comparison:
    """Press Start as soon as it can be; the comparison that it begins."""
    start = find(dialog, QPushButton, "Start")
    qtbot.waitUntil(start.isEnabled, timeout=LONG)
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    assert dialog.comparison is not None
    return dialog.comparison


def texts(dialog: BesideWindow) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel))


def left_folders() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{FOLDER}*"))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_both_are_trained_and_plotted_then_stopped_and_closed(
    loaded: MainWindow, qtbot: QtBot, pictures: Path | None
) -> None:
    assert loaded.files.open_sample(sample("linear_regression"))
    before = left_folders()
    dialog = opened(loaded, qtbot)
    start, stop = find(dialog, QPushButton, "Start"), find(dialog, QPushButton, "Stop")
    qtbot.waitUntil(start.isEnabled, timeout=LONG)
    assert not stop.isEnabled()
    epochs = dialog.findChildren(QSpinBox)[0]
    assert epochs.value() == 300
    epochs.selectAll()
    qtbot.keyClicks(epochs, "4")
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    assert stop.isEnabled()
    assert not start.isEnabled()
    qtbot.waitUntil(start.isEnabled, timeout=8 * LONG)
    assert dialog.figures.largest is not None
    assert dialog.figures.largest < 1e-4
    assert len(dialog.figures.rows) == 4
    plot, table = dialog.findChildren(BesidePlot)[0], dialog.findChildren(BesideTable)[0]
    assert plot.losses.points == [4, 4]
    assert plot.apart.points == [4]
    cells = table.cells
    assert (
        cells.item(0, 0).text() == cells.item(1, 0).text() == f"{dialog.figures.rows[-1].pytorch.train:.6g}"
    )
    assert cells.item(0, 3).text().endswith("MB")
    assert "at most" in texts(dialog)
    if pictures is not None:
        dialog.grab().save(str(pictures / "beside_tensorflow.png"))

    epochs.selectAll()
    qtbot.keyClicks(epochs, "400")
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    comparison = dialog.comparison
    assert comparison is not None
    qtbot.waitUntil(lambda: None not in comparison.pids.values(), timeout=LONG)
    pids = [pid for pid in comparison.pids.values() if pid]
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(start.isEnabled, timeout=LONG)
    assert comparison.over
    assert not any(map(is_alive, pids))
    assert "Stopped before both had trained an epoch." in texts(dialog)
    qtbot.mouseClick(find(dialog, QPushButton, "Close"), Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    assert left_folders() == before


def test_a_process_that_is_killed_and_closing_in_the_middle(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("mlp_digits"))
    before = left_folders()
    dialog = opened(loaded, qtbot)
    comparison = started(dialog, qtbot)
    qtbot.waitUntil(lambda: comparison.pids.get("tensorflow") is not None, timeout=LONG)
    pid = comparison.pids["tensorflow"]
    assert pid
    os.kill(pid, 9)
    qtbot.waitUntil(lambda: "TensorFlow: The process that trained was ended" in texts(dialog), timeout=LONG)
    again = started(dialog, qtbot)
    assert again is not comparison
    qtbot.mouseClick(find(dialog, QPushButton, "Close"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: again.over, timeout=LONG)
    assert left_folders() == before


def test_closing_the_main_window_ends_both(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("linear_regression"))
    before = left_folders()
    dialog = opened(loaded, qtbot)
    comparison = started(dialog, qtbot)
    loaded.close_unasked()
    qtbot.waitUntil(lambda: comparison.over, timeout=LONG)
    assert left_folders() == before


def test_what_differs_is_named_before_the_start_and_what_cannot_be_is_refused(
    loaded: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loaded.files.open_sample(sample("cnn_digits"))
    dialog = opened(loaded, qtbot)
    qtbot.waitUntil(find(dialog, QPushButton, "Start").isEnabled, timeout=LONG)
    assert "nothing is dropped on either side (dropout)" in texts(dialog)
    qtbot.mouseClick(find(dialog, QPushButton, "Close"), Qt.MouseButton.LeftButton)
    project = edits.set_optimizer(loaded.session.project, Setting("LBFGS"))
    loaded.session.commit(project, "Take L-BFGS")
    qtbot.waitUntil(lambda: not loaded.findChildren(BesideWindow), timeout=LONG)
    dialog = opened(loaded, qtbot)
    qtbot.waitUntil(lambda: "Keras has no optimizer like LBFGS" in texts(dialog), timeout=LONG)
    assert not find(dialog, QPushButton, "Start").isEnabled()
    qtbot.mouseClick(find(dialog, QPushButton, "Close"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not loaded.findChildren(BesideWindow), timeout=LONG)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    dialog = opened(loaded, qtbot)
    qtbot.waitUntil(lambda: 'pip install "neuroloom[tensorflow]"' in texts(dialog), timeout=LONG)
    assert not find(dialog, QPushButton, "Start").isEnabled()
