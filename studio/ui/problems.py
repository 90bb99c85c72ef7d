"""The list of all problems: a click goes to the node, a button applies a repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from studio.errors import Problem
from studio.ui.card import Column, label
from studio.ui.problem_stack import ProblemStack
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked

PAGE = 20
"""Rows that are made at once: each takes a millisecond or two."""


class Problems(QWidget):
    """Errors first, then warnings, each with its sentence, hint and repairs."""

    problem_chosen = Signal(object)
    """The Problem that should be shown where it is."""
    node_chosen = Signal(str)
    """The node of that problem, where it has one."""
    fix_requested = Signal(object)
    fix_aimed = Signal(object)
    """The Fix that may be chosen next; None: no longer."""
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
        self._shown: list[Problem] = []
        self._pages = 1
        self._checked = False
        self._more = QPushButton()
        self._more.setProperty("small", True)
        self._more.setToolTip(self.tr("List more problems"))
        self._more.clicked.connect(self._show_more)
        self._more.hide()
        column = Column()
        column.rows.setContentsMargins(8, 6, 8, 6)
        column.add(self._stack)
        column.add(self._says)
        column.rows.insertWidget(2, self._more, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)
        self._stack.chosen.connect(self._choose)
        self._stack.fix_requested.connect(self.fix_requested)
        self._stack.fix_aimed.connect(self.fix_aimed)

    def show_checked(self, checked: Checked) -> None:
        """List the problems of a check."""
        self._checked = True
        self._shown = sorted(checked.problems, key=lambda problem: problem.severity != "error")
        errors = sum(problem.severity == "error" for problem in self._shown)
        self._pages = max(1, min(self._pages, -(-len(self._shown) // PAGE)))
        if self.isVisible():
            self._list()
        self._says.setText(self._good_news(checked))
        self.count_changed.emit(errors, len(self._shown) - errors)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._stack.set_tokens(tokens)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._checked:
            self._list()

    def _choose(self, problem: Problem) -> None:
        self.problem_chosen.emit(problem)
        if problem.node:
            self.node_chosen.emit(problem.node)

    def _list(self) -> None:
        most = self._pages * PAGE
        self._stack.show_problems(self._shown[:most])
        self._says.setVisible(not self._shown)
        self._more.setVisible(len(self._shown) > most)
        self._more.setText(self.tr("{count} more …").format(count=len(self._shown) - most))

    def _show_more(self) -> None:
        self._pages += 1
        self._list()

    def _good_news(self, checked: Checked) -> str:
        if checked.plan.losses:
            return self.tr("✓ No problems: the network can be trained.")
        return self.tr("✓ No problems. To train it, the drawing needs an Input, layers and a loss.")
