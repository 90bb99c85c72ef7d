"""Long formulas in a value on a node: the field grows with what is typed, as far as it is useful."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.project.constants import set_constant
from studio.ui.canvas.value_field import MOST_WIDTH, ValueField
from tests.ui.canvas.conftest import Hands

FORMULA = "= max(width * 2, width + 3, 7)"
Key = Qt.Key


def opened(hands: Hands) -> tuple[ValueField, QLineEdit]:
    """The first value of conv1, open to be edited."""
    hands.session.new(set_constant(hands.project, "width", 16))
    hands.canvas.zoom_to(1.0)
    hands.canvas.select(["conv1"])
    hands.key(Key.Key_Return)
    field = next(one for one in hands.canvas.findChildren(ValueField) if one.isVisible())
    line = field.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    return field, line


def retype(line: QWidget, text: str) -> None:
    QTest.keyClick(line, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(line, text)


def needed(line: QLineEdit) -> int:
    return line.fontMetrics().horizontalAdvance(line.text()) + line.textMargins().right()


def test_the_field_grows_with_a_formula_and_shrinks_again(hands: Hands) -> None:
    field, line = opened(hands)
    narrow = field.width()
    retype(line, FORMULA)
    assert line.textMargins().right() > 0  # what it comes to stands there
    assert narrow < needed(line) + 8 < line.width()
    retype(line, "24")
    assert field.width() == narrow


def test_the_field_does_not_grow_without_end_nor_beyond_the_canvas(hands: Hands) -> None:
    field, line = opened(hands)
    retype(line, "= " + " + ".join(["width"] * 40))
    assert field.width() == MOST_WIDTH
    hands.canvas.resize(300, 400)
    hands.canvas.view.reveal(hands.canvas.scene.nodes["conv1"].body)
    QTest.keyClicks(line, " + 1")
    assert hands.canvas.rect().contains(field.geometry())
