"""The pieces that the panels on the right are made of: sections, rows of name and value, boxes of code."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.ui.contents import empty
from studio.ui.monitor.elided import Elided

MARGIN = 10
GAP = 8


class Column(QScrollArea):
    """A column of widgets that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self.rows = QVBoxLayout(inside)
        self.rows.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.rows.setSpacing(GAP)
        self.rows.addStretch(1)
        self.setWidget(inside)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self.rows.insertWidget(self.rows.count() - 1, widget)


class Section(QWidget):
    """A line, a small heading, and what belongs under it."""

    def __init__(self, title: str, ruled: bool = True) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(6)
        if ruled:
            rule = QFrame()
            rule.setObjectName("rule")
            self.body.addWidget(rule)
            self.body.addSpacing(2)
        self.body.addWidget(label(title, "section"))

    def add(self, widget: QWidget) -> None:
        """Put a widget under the heading."""
        self.body.addWidget(widget)


class Facts(QWidget):
    """Rows of a name and a value that can be selected and copied."""

    def __init__(self, role: str = "value", spacing: int = 9) -> None:
        super().__init__()
        self._role = role
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(spacing)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, QLabel] = {}

    def show_rows(self, rows: Mapping[str, str]) -> None:
        """Show these rows in place of those before."""
        if list(rows) != list(self._values):
            self._rebuild(list(rows))
        for name, text in rows.items():
            self._values[name].setText(text)
            self._values[name].setAccessibleName(f"{name}: {text}")
        self.setVisible(bool(rows))

    def _rebuild(self, names: list[str]) -> None:
        empty(self._grid)
        self._values = {}
        for at, name in enumerate(names):
            value = label("", self._role)
            value.setProperty("mono", True)
            value.setWordWrap(True)
            value.setContentsMargins(9, 0, 0, 0)
            value.setAccessibleName(name)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            called = Elided()
            called.setText(name)
            called.setProperty("role", "secondary")
            self._grid.addWidget(called, at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, at, 1)
            self._values[name] = value


def label(text: str, role: str = "", wrapped: bool = False) -> QLabel:
    """A label in one of the roles of the stylesheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if wrapped:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made


def small_button(text: str, tip: str) -> QPushButton:
    """A button of a panel's own row, whose tip is its name too."""
    button = QPushButton(text)
    button.setProperty("small", True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
