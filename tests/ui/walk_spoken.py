"""The accessibility tree of a widget as plain values, read by the interfaces that screen readers use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

Role, Text = QAccessible.Role, QAccessible.Text
ACTED_ON = {
    Role.Button, Role.PushButton, Role.CheckBox, Role.RadioButton, Role.ComboBox, Role.EditableText,
    Role.SpinBox, Role.Slider, Role.List, Role.ListItem, Role.Tree, Role.TreeItem, Role.Table, Role.Cell,
    Role.PageTab, Role.PageTabList, Role.MenuItem, Role.Link, Role.Dial, Role.ButtonMenu, Role.ButtonDropDown,
}  # fmt: skip
"""Roles of what people do something with."""


@dataclass(frozen=True)
class Spoken:
    """One thing in the tree."""

    role: Role
    name: str
    description: str
    value: str
    widget: str
    depth: int
    shown: bool


def walk(interface: QAccessibleInterface, depth: int = 0) -> Iterator[Spoken]:
    """A part of the tree, from the top."""
    yield told(interface, depth)
    for at in range(interface.childCount()):
        child = interface.child(at)
        if child is not None:
            assert child.parent() is not None, child.text(Text.Name)
            assert interface.indexOfChild(child) == at, child.text(Text.Name)
            yield from walk(child, depth + 1)


def told(interface: QAccessibleInterface, depth: int = 0) -> Spoken:
    """What a screen reader has of one thing."""
    widget, state = interface.object(), interface.state()
    value = interface.valueInterface()
    text = interface.textInterface()
    said = interface.text(Text.Value)
    if value is not None:
        said = str(value.currentValue())
    elif text is not None and not said:
        said = text.text(0, text.characterCount())
    return Spoken(
        interface.role(), interface.text(Text.Name), interface.text(Text.Description), said,
        type(widget).__name__ if widget else "", depth, not state.invisible,
    )  # fmt: skip


def spoken(widget: QWidget) -> list[Spoken]:
    """A widget and all in it."""
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return list(walk(interface))
