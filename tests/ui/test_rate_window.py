"""A learning rate is found from the training form: drawn as it is tried, dragged, used as one undo step."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.project.edits import add_node
from studio.ui.rate_plot import RatePlot
from studio.ui.rate_window import RateWindow
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, find, sample


def wanted(window: MainWindow, qtbot: QtBot) -> None:
    """Press the button of the form."""
    window.docks.reveal("training")
    button = next(
        one
        for one in window.panels.training.findChildren(QPushButton)
        if one.text().startswith("Find a rate")
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def opened(window: MainWindow, qtbot: QtBot) -> RateWindow:
    wanted(window, qtbot)
    qtbot.waitUntil(lambda: bool(window.findChildren(RateWindow)), timeout=LONG)
    return window.findChildren(RateWindow)[0]


def rate_field(dialog: RateWindow) -> QLineEdit:
    return next(one for one in dialog.findChildren(QLineEdit) if one.accessibleName() == "Learning rate")


def test_a_rate_is_found_and_used_as_one_undo_step(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("mlp_digits"))
    before = loaded.session.project
    dialog = opened(loaded, qtbot)
    use = find(dialog, QPushButton, "Use this rate")
    assert not use.isEnabled()
    plot = dialog.findChildren(RatePlot)[0]
    qtbot.waitUntil(lambda: plot.points > 5, timeout=LONG)  # drawn while it tries
    qtbot.waitUntil(use.isEnabled, timeout=LONG)
    assert plot.points > 100
    rate = float(rate_field(dialog).text())
    assert plot.at == pytest.approx(rate)
    assert any("falls fastest" in one.text() for one in dialog.findChildren(QLabel))
    assert loaded.session.project == before
    qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    assert loaded.session.project.training.optimizer.params["lr"] == rate
    assert loaded.session.undo_stack.undoText() == f"Use the learning rate {rate:g}"
    loaded.session.undo_stack.undo()
    assert loaded.session.project == before


def test_the_line_is_dragged_and_a_typed_rate_moves_it(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("mlp_digits"))
    dialog = opened(loaded, qtbot)
    use = find(dialog, QPushButton, "Use this rate")
    qtbot.waitUntil(use.isEnabled, timeout=LONG)
    plot, field = dialog.findChildren(RatePlot)[0], rate_field(dialog)
    field.selectAll()
    qtbot.keyClicks(field, "0.001")
    assert plot.at == pytest.approx(0.001)
    viewport = plot.view.viewport()
    start = plot.view.mapFromScene(plot.line_at())
    qtbot.mouseMove(viewport, start)
    qtbot.wait(50)
    image = plot.view.grab().toImage()
    row = (image.pixelColor(x, start.y()).name() for x in range(start.x() - 6, start.x() + 6))
    under = {*row}
    assert loaded.appearance.tokens.warn in under
    assert "#ff0000" not in under
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 7):
        qtbot.mouseMove(viewport, start + QPoint(10 * step, 0))
        qtbot.wait(20)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))
    assert float(field.text()) > 0.0015
    assert plot.at == pytest.approx(float(field.text()), rel=0.05)
    field.selectAll()
    qtbot.keyClicks(field, "much")
    assert not use.isEnabled()
    field.selectAll()
    qtbot.keyClicks(field, "0.25")
    qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    assert loaded.session.project.training.optimizer.params["lr"] == 0.25


def test_closing_ends_the_trying(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("cnn_digits"))
    before = loaded.session.project
    dialog = opened(loaded, qtbot)
    qtbot.waitUntil(lambda: dialog.findChildren(RatePlot)[0].points > 0, timeout=LONG)
    qtbot.mouseClick(find(dialog, QPushButton, "Close"), Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    assert "background" not in {one.name for one in threading.enumerate()}
    assert loaded.session.project == before
    loaded.training.start()  # nothing is in the way of a run
    qtbot.waitUntil(lambda: loaded.training.state == "running", timeout=LONG)
    loaded.training.stop()
    qtbot.waitUntil(lambda: not loaded.training.active, timeout=LONG)


def test_it_says_why_it_cannot_be(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("mlp_digits"))
    sound = loaded.session.project
    loaded.session.commit(add_node(sound, "Add", (0.0, 0.0), {}, "alone")[0], "Add")
    wanted(loaded, qtbot)
    qtbot.waitUntil(lambda: bool(loaded.messages.texts()), timeout=LONG)
    assert loaded.findChildren(RateWindow) == []
    loaded.session.undo_stack.undo()
    loaded.training.start()
    qtbot.waitUntil(lambda: loaded.training.state == "running", timeout=LONG)
    wanted(loaded, qtbot)
    assert any("A run is under way" in text for text in loaded.messages.texts())
    loaded.training.stop()
    qtbot.waitUntil(lambda: not loaded.training.active, timeout=LONG)
    assert loaded.findChildren(RateWindow) == []
