"""Fixes of all panels in the whole window: seen on the canvas first, then applied where one sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.storage import save
from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.vision import Turn
from studio.ui.fix_button import FixButton
from studio.ui.window import MainWindow
from tests.ui.panels.drawing import digits
from tests.ui.windows import LONG, OpenWindow


@pytest.fixture
def wrong(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window whose drawing has a wrong value far away from what is seen."""
    path = tmp_path / "wrong.loom"
    project = edits.set_params(digits(wrong=False), "conv1", {"out_channels": 0})
    names = sorted(project.graph.nodes)
    save(edits.move(project, {name: (240.0 * at, 0.0) for at, name in enumerate(names)}), path)
    window = open_window(path)
    session = window.session
    qtbot.waitUntil(
        lambda: session.checked is not None and any(one.fixes for one in session.checked.problems),
        timeout=LONG,
    )
    return window


def button(panel: QWidget) -> FixButton:
    """The one that sets the value back."""
    found = [one for one in panel.findChildren(FixButton) if one.isVisible()]
    return next(one for one in found if one.accessibleName() == "Set out_channels back to 32")


def hover(widget: QWidget) -> None:
    at = QPointF(widget.rect().center())
    QApplication.sendEvent(widget, QEnterEvent(at, at, QPointF(widget.mapToGlobal(at))))


def test_a_fix_is_a_ghost_from_every_panel(wrong: MainWindow) -> None:
    """A fix previews as a ghost before it applies."""
    panels, session = wrong.panels, wrong.session
    before = session.project
    panels.canvas.select(("conv1",))
    wrong.docks.reveal("problems")
    card = panels.canvas.findChild(ProblemCard)
    assert card is not None
    for panel in (card, panels.inspector, panels.problems):
        hover(button(panel))
        assert panels.canvas.ghost.vision.turns == (Turn("conv1", "out_channels", "0", "32"),)
        QApplication.sendEvent(button(panel), QEvent(QEvent.Type.Leave))
        assert not panels.canvas.ghost.vision
        button(panel).setFocus(Qt.FocusReason.TabFocusReason)
        assert panels.canvas.ghost.vision
        panels.canvas.view.setFocus()
        assert not panels.canvas.ghost.vision
    assert session.project is before


def test_applying_it_leads_there(wrong: MainWindow) -> None:
    """The view goes where the change happened."""
    canvas, session = wrong.panels.canvas, wrong.session
    canvas.zoom_to(2.0)
    canvas.view.center_at(QPointF(9000, 9000))
    wrong.docks.reveal("problems")
    fix = button(wrong.panels.problems)
    hover(fix)
    QTest.mouseClick(fix, Qt.MouseButton.LeftButton)
    assert session.project.graph.nodes["conv1"].params.get("out_channels") in (None, 32)
    assert session.undo_stack.undoText() == "Set out_channels back to 32"
    assert not canvas.ghost.vision
    assert canvas.view.seen().intersects(canvas.scene.nodes["conv1"].body)
    assert canvas.selection == ("conv1",)
