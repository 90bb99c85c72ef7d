"""What a layout holds, told without its items.

PySide goes on to know an item that itemAt() returned by its address, also once Qt has deleted it along with
its widget. What Qt makes at that address next, and deletes, it then takes for alive: the process crashes.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def contents(layout: QLayout) -> list[QWidget | QLayout]:
    """The widgets and layouts in an installed layout, in their order."""
    widgets = layout.parentWidget().findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    inner = layout.findChildren(QLayout, options=Qt.FindChildOption.FindDirectChildrenOnly)
    places = {layout.indexOf(one): one for one in (*widgets, *inner)}
    return [places[at] for at in sorted(places) if at >= 0]


def widgets_in(layout: QLayout) -> list[QWidget]:
    """The widgets alone."""
    return [one for one in contents(layout) if isinstance(one, QWidget)]


def empty(layout: QLayout) -> None:
    """Take all widgets out of a layout and delete them."""
    for widget in widgets_in(layout):
        layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
