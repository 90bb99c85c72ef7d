"""The list of all problems: a click goes to the node, a button applies a repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.errors import Problem
from studio.ui.card import Column, label
from studio.ui.problem_stack import ProblemStack
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked

MOST = 200
"""Rows that are made; more help nobody."""


class Problems(QWidget):
    """Errors first, then warnings, each with its sentence, hint and repairs."""

    problem_chosen = Signal(object)
    """The Problem that should be shown where it is."""
    node_chosen = Signal(str)
    """The node of that problem, where it has one."""
    fix_requested = Signal(object)
    count_changed = Signal(int, int)
    """Errors and warnings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems")
        self.setAccessibleName(self.tr("Problems"))
        self._stack = ProblemStack()
        self._stack.hide()
        self._says = label("", "secondary", wrapped=True)
        self._says.setContentsMargins(6, 4, 6, 4)
        self._says.setText(self.tr("The drawing is checked as you work. Problems will be listed here."))
        column = Column()
        column.rows.setContentsMargins(8, 6, 8, 6)
        column.add(self._stack)
        column.add(self._says)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)
        self._stack.chosen.connect(self._choose)
        self._stack.fix_requested.connect(self.fix_requested)

    def show_checked(self, checked: Checked) -> None:
        """List the problems of a check."""
        ordered = sorted(checked.problems, key=lambda problem: problem.severity != "error")
        errors = sum(problem.severity == "error" for problem in ordered)
        self._stack.show_problems(ordered[:MOST])
        self._say(len(ordered))
        self.count_changed.emit(errors, len(ordered) - errors)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._stack.set_tokens(tokens)

    def _choose(self, problem: Problem) -> None:
        self.problem_chosen.emit(problem)
        if problem.node:
            self.node_chosen.emit(problem.node)

    def _say(self, count: int) -> None:
        self._says.setVisible(count == 0 or count > MOST)
        if count > MOST:
            self._says.setText(self.tr("… and {count} more.").format(count=count - MOST))
        else:
            self._says.setText(self.tr("✓ No problems: the network can be trained."))
