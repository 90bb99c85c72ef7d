"""Arranging from the window: its keys, its menu and the command palette; a reason where it cannot be."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.ui.commands import CommandPalette
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, OpenWindow, sample

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def state(window: MainWindow, name: str) -> tuple[bool, str]:
    action = window.actions_by_name[f"arrange.{name}"]
    return action.isEnabled(), action.toolTip()


def test_entries_say_what_they_lack(open_window: OpenWindow) -> None:
    window = open_window()
    assert state(window, "across") == (False, "There are no nodes yet.")
    window.files.open(sample("cnn_digits"))
    assert state(window, "across")[0]
    assert state(window, "left") == (False, "Select 2 nodes or more first.")
    QTest.keyClick(window.panels.canvas.view, Qt.Key.Key_A, CONTROL)
    assert state(window, "left") == (
        True,
        "Bring the left edges of the selected nodes into line (Shift+A)",
    )
    assert state(window, "distribute_down")[0]


def test_keys_and_palette_arrange(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(sample("cnn_digits"))
    before, stack = window.session.project, window.session.undo_stack
    view = window.panels.canvas.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_L, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: stack.count() == 1, timeout=LONG)
    assert stack.undoText() == f"Arrange {len(before.graph.nodes)} nodes"
    QTest.keyClick(view, Qt.Key.Key_Z, CONTROL)
    assert window.session.project == before
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    palette = window.findChild(CommandPalette)
    assert palette is not None
    search = palette.findChild(QLineEdit)
    assert search is not None
    QTest.keyClicks(search, "arrange top down")
    assert palette.names()[0] == "Edit › Arrange › Arrange top down"
    QTest.keyClick(search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stack.count() == 1 and stack.canUndo(), timeout=LONG)
    at = window.session.project.graph.nodes
    assert all(
        at[one.source.node].position[1] < at[one.target.node].position[1]
        for one in window.session.project.graph.edges
    )
