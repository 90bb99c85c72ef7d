"""The keyboard in the palette of a window: placing, undoing what was placed, and going back to the canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTreeWidget

from studio.ui.window import MainWindow

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def search(window: MainWindow) -> QLineEdit:
    """The palette's search field, which has the keyboard."""
    window.activateWindow()
    window.panels.palette.focus_search()
    field = window.panels.palette.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    return field


def types(window: MainWindow) -> list[str]:
    return [node.type for node in window.session.project.graph.nodes.values()]


def test_the_beginning_of_a_name_goes_before_another_layer_s_keyword(
    window: MainWindow, search: QLineEdit
) -> None:
    QTest.keyClicks(search, "drop")
    QTest.keyClick(search, Key.Key_Return)
    assert types(window) == ["Dropout"]


def test_undo_after_placing_is_the_project_s_until_something_is_typed(
    window: MainWindow, search: QLineEdit
) -> None:
    QTest.keyClicks(search, "relu")
    QTest.keyClick(search, Key.Key_Return)
    assert types(window) == ["ReLU"]
    QTest.keyClick(search, Key.Key_Z, CTRL)
    assert types(window) == []
    assert search.text() == "relu"
    QTest.keyClick(search, Key.Key_Z, CTRL | SHIFT)
    assert types(window) == ["ReLU"]
    QTest.keyClicks(search, "6")
    QTest.keyClick(search, Key.Key_Z, CTRL)
    assert types(window) == ["ReLU"]
    assert search.text() != "relu6"


def test_escape_in_the_list_goes_back_to_the_canvas(window: MainWindow, search: QLineEdit) -> None:
    tree = window.panels.palette.findChild(QTreeWidget)
    assert isinstance(tree, QTreeWidget)
    QTest.keyClick(search, Key.Key_Tab)
    assert tree.hasFocus()
    QTest.keyClick(tree, Key.Key_Escape)
    assert window.panels.canvas.view.hasFocus()
