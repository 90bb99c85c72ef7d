"""Who has the keyboard after something was edited on the canvas, in the whole window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from studio.ui.canvas.rename import NameField
from studio.ui.canvas.search import SearchBox
from studio.ui.canvas.value_field import ValueField
from studio.ui.window import MainWindow
from tests.ui.windows import OpenWindow, find, sample

Key, LEFT, ALT = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def digits(open_window: OpenWindow) -> MainWindow:
    """A window with a network near enough for values, one of whose nodes is selected."""
    window = open_window(sample("cnn_digits"))
    canvas = window.panels.canvas
    canvas.zoom_to(1.0)
    canvas.reveal("conv1")
    canvas.setFocus()
    return window


def opened(window: MainWindow, key: Qt.Key, kind: type[QWidget]) -> QWidget:
    """What a key opens over the drawing; it has the keyboard."""
    QTest.keyClick(window.panels.canvas.view, key)
    found = [one for one in window.panels.canvas.findChildren(kind) if one.isVisible()]
    assert len(found) == 1
    assert focused() is found[0] or found[0].isAncestorOf(focused())
    return found[0]


def focused() -> QWidget:
    """The widget that has the keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


KINDS = [(Key.Key_F2, NameField), (Key.Key_Return, ValueField), (Key.Key_Space, SearchBox)]


@pytest.mark.parametrize(("key", "kind"), KINDS)
def test_escape_gives_the_keyboard_back_to_the_canvas(
    digits: MainWindow, key: Qt.Key, kind: type[QWidget]
) -> None:
    """Rename, edit a value, search: after Escape the canvas's keys work."""
    field = opened(digits, key, kind)
    QTest.keyClick(focused(), Key.Key_Escape)
    assert not field.isVisible()
    assert digits.panels.canvas.view.hasFocus()
    QTest.keyClick(focused(), Key.Key_M)
    assert digits.session.undo_stack.undoText() == "Mute conv1"


@pytest.mark.parametrize(("key", "kind"), KINDS)
def test_a_click_elsewhere_takes_the_keyboard_there(
    digits: MainWindow, key: Qt.Key, kind: type[QWidget]
) -> None:
    """What was being edited is put away and does not take the keyboard back."""
    field = opened(digits, key, kind)
    QTest.keyClicks(focused(), "7" if kind is ValueField else "stem")
    search = find(digits, QLineEdit, "Search layers")
    QTest.mouseClick(search, LEFT)
    assert not field.isVisible()
    assert search.hasFocus()


def test_the_field_of_a_name_follows_the_view(digits: MainWindow) -> None:
    """Rename with F2: scrolled meanwhile, the field stays over its node."""
    field = opened(digits, Key.Key_F2, NameField)
    port, before = digits.panels.canvas.view.viewport(), field.pos()
    _wheel(port, QPoint(60, 260), 1, Qt.KeyboardModifier.NoModifier)
    assert field.isVisible()
    assert field.pos().y() > before.y()


def test_the_wheel_with_alt_leaves_the_keyboard_on_the_canvas(digits: MainWindow) -> None:
    """Edit a parameter on the node, scroll with Alt: letting Alt go does not lead to the menu bar."""
    canvas = digits.panels.canvas
    port = canvas.view.viewport()
    body = canvas.scene.nodes["conv1"].body
    QTest.keyPress(canvas.view, Key.Key_Alt, ALT)
    _wheel(port, canvas.view.mapFromScene(QPointF(body.right() - 16, body.y() + 42)), 1, ALT)
    QTest.keyRelease(canvas.view, Key.Key_Alt)
    assert digits.session.undo_stack.undoText().startswith("Set ")
    assert canvas.view.hasFocus()


def _wheel(port: QWidget, where: QPoint, notches: int, keys: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(where),
        QPointF(port.mapToGlobal(where)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, event)
