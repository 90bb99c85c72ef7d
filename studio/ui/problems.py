"""The list of all problems: a click goes to the node, a button applies a repair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.errors import Problem
from studio.ui.problem_row import ProblemRow
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked

MOST = 200
"""Rows that are made; more help nobody."""


class Problems(QWidget):
    """Errors first, then warnings, each with its sentence, hint and repairs."""

    node_chosen = Signal(str)
    fix_requested = Signal(object)
    count_changed = Signal(int, int)
    """Errors and warnings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems")
        self._tokens = DARK
        self._rows: list[ProblemRow] = []
        self._says = QLabel(self.tr("The drawing is checked as you work. Problems will be listed here."))
        self._says.setProperty("role", "secondary")
        self._says.setWordWrap(True)
        self._says.setContentsMargins(6, 4, 6, 4)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(8, 6, 8, 6)
        self._column.setSpacing(0)
        self._column.addWidget(self._says)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._list)
        self._area = area
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.setAccessibleName(self.tr("Problems"))

    def show_checked(self, checked: Checked) -> None:
        """List the problems of a check."""
        ordered = sorted(checked.problems, key=lambda problem: problem.severity != "error")
        errors = sum(problem.severity == "error" for problem in ordered)
        if [_key(one) for one in ordered[:MOST]] == [_key(row.problem) for row in self._rows]:
            for row, problem in zip(self._rows, ordered, strict=False):
                row.replace(problem)
        else:
            self._rebuild(ordered[:MOST])
        self._say(len(ordered))
        self.count_changed.emit(errors, len(ordered) - errors)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for row in self._rows:
            row.set_tokens(tokens)

    def _rebuild(self, problems: Sequence[Problem]) -> None:
        at = self._area.verticalScrollBar().value()
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [self._row(problem) for problem in problems]
        for place, row in enumerate(self._rows):
            self._column.insertWidget(place, row)
            row.show()
        self._area.verticalScrollBar().setValue(at)

    def _row(self, problem: Problem) -> ProblemRow:
        row = ProblemRow(problem, parent=self._list)
        row.set_tokens(self._tokens)
        row.chosen.connect(self.node_chosen)
        row.fix_requested.connect(self.fix_requested)
        return row

    def _say(self, count: int) -> None:
        self._says.setVisible(count == 0 or count > MOST)
        if count > MOST:
            self._says.setText(self.tr("… and {count} more.").format(count=count - MOST))
        else:
            self._says.setText(self.tr("✓ No problems: the network can be trained."))


def _key(problem: Problem) -> tuple[object, ...]:
    """All that a row shows."""
    labels = tuple(fix.label for fix in problem.fixes)
    return (problem.severity, problem.message, problem.hint, problem.node, problem.field, labels)
