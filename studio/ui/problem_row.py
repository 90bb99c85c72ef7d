"""One problem as a row: sign, sentence, hint, how its shape came about, and a button for each repair."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.errors import Fix, Problem
from studio.ui.fix_button import FixButton
from studio.ui.flow import Flow
from studio.ui.icons import picture
from studio.ui.theme import DARK, Tokens
from studio.ui.trace import TraceLine

MOST_FIXES = 4


class ProblemRow(QFrame):
    """A row that can be clicked, or chosen with Enter; the arrow keys go to its neighbours."""

    chosen = Signal(object)
    """The Problem."""
    fix_requested = Signal(object)
    fix_aimed = Signal(object)
    """The Fix whose button the pointer or the keyboard is on; None: no longer."""

    def __init__(self, problem: Problem, name_shown: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        self.setObjectName("problem")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sign = QLabel()
        self._sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._sign.setContentsMargins(0, 1, 0, 0)
        word = self.tr("Error") if problem.severity == "error" else self.tr("Warning")
        self._sign.setToolTip(word)
        self._sentence = _wrapped("")
        self._hint = _wrapped("small")
        self._fixes = Flow()
        texts = QVBoxLayout()
        texts.setSpacing(1)
        for widget in (self._sentence, self._hint):
            texts.addWidget(widget)
        if problem.trace:
            texts.addWidget(TraceLine(problem.trace))
        texts.addLayout(self._fixes)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 5)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addLayout(texts, 1)
        self._fill(problem, name_shown)
        self.setAccessibleName(f"{word}: {told(problem)}. {problem.hint}")
        self.setToolTip(self.tr("Show where this is") if problem.node or problem.field else "")
        self.set_tokens(DARK)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        colour = tokens.error if self.problem.severity == "error" else tokens.warn
        self._sign.setPixmap(picture(self.problem.severity, colour, 15))

    def replace(self, problem: Problem) -> None:
        """Take a newer problem that reads the same."""
        self.problem = problem

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.problem)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.problem)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        rows = self.parentWidget().findChildren(ProblemRow, options=Qt.FindChildOption.FindDirectChildrenOnly)
        at = rows.index(self) + by
        if 0 <= at < len(rows):
            rows[at].setFocus(Qt.FocusReason.TabFocusReason)

    def _fill(self, problem: Problem, name_shown: bool) -> None:
        self._sentence.setText(told(problem) if name_shown or problem.path else bare(problem))
        self._hint.setText(problem.hint)
        self._hint.setVisible(bool(problem.hint))
        for index, fix in enumerate(problem.fixes[:MOST_FIXES]):
            button = FixButton(fix.label, self.tr("Do this now; it can be undone"))
            button.clicked.connect(lambda _checked=False, index=index: self._fix(index))
            button.aimed.connect(lambda aimed, index=index: self._aim(index if aimed else None))
            self._fixes.addWidget(button)
        self._fixes.setContentsMargins(0, 3 if problem.fixes else 0, 0, 0)

    def _aim(self, index: int | None) -> None:
        self.fix_aimed.emit(None if index is None else self.problem.fixes[index])

    def _fix(self, index: int) -> None:
        fix: Fix = self.problem.fixes[index]
        self.fix_requested.emit(fix)


def told(problem: Problem) -> str:
    """The sentence with the way to the node: layer1 › conv1: …"""
    if not problem.path:
        return problem.message
    way = (*problem.path, problem.node) if problem.node else problem.path
    return f"{' › '.join(way)}: {bare(problem)}"


def bare(problem: Problem) -> str:
    """The sentence without the node, and the way to it, that it starts with."""
    way = (*problem.path, problem.node or "")
    starts = (f"{'.'.join(way)}: ", f"{'.'.join(problem.path)}: ", f"{problem.node}: ")
    start = next((one for one in starts if len(one) > 2 and problem.message.startswith(one)), "")
    return problem.message.removeprefix(start)


def _wrapped(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if role:
        label.setProperty("role", role)
    return label
