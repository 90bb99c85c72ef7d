"""The card under a selected node that has a problem: what is wrong, in a sentence, and the first fixes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.errors import Fix, Problem
from studio.ui.canvas.ink import Ink
from studio.ui.problem_row import told
from studio.ui.trace import route

WIDTH = 380
INSET = 14
INSIDE = 7
"""From a button's frame to its text, which stands under the others."""
MOST_FIXES = 2


class ProblemCard(QFrame):
    """One problem and its fixes."""

    fix_requested = Signal(object)

    def __init__(self, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._ink = ink
        self._problem: Problem | None = None
        self.setAccessibleName(self.tr("Problem of the selected node"))
        self._title, self._detail, self._way = QLabel(), QLabel(), QLabel()
        for label in self._labels():
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._title.setObjectName("title")
        self._detail.setObjectName("detail")
        self._way.setObjectName("way")
        texts = QVBoxLayout()
        texts.setContentsMargins(INSIDE, 0, 0, 0)
        texts.setSpacing(3)
        for label in self._labels():
            texts.addWidget(label)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(INSET - INSIDE, 9, INSET, 8)
        column.setSpacing(5)
        column.addLayout(texts)
        column.addLayout(self._buttons)
        self.hide()

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._ink = ink
        self._paint()

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Show the first of a node's problems; nothing where there is none."""
        problem = problems[0] if problems else None
        if problem is self._problem:
            return
        self._problem = problem
        self.setVisible(problem is not None)
        self.raise_()
        if problem is None:
            return
        title, detail = split(problem)
        more = len(problems) - 1
        if more:
            detail = f"{detail} {self.tr('and {count} more').format(count=more)}".strip()
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._way.setText(self.tr("from {route}").format(route=route(problem.trace)))
        self._way.setToolTip("\n".join(problem.trace))
        self._way.setVisible(bool(problem.trace))
        self._show_fixes(problem.fixes[:MOST_FIXES])
        self._paint()

    def put_below(self, node: QRect, room: QRect) -> None:
        """Place the card under a node, inside the parent; above it where there is no room below."""
        wide = min(WIDTH, max(room.width() - 16, 120))
        for label in self._labels():
            label.setFixedWidth(wide - 2 * INSET)
            label.ensurePolished()
            label.setFixedHeight(label.heightForWidth(wide - 2 * INSET))
        self.layout().activate()
        self.resize(self.sizeHint())
        x = max(room.left() + 8, min(node.left(), room.right() - self.width() - 8))
        y = node.bottom() + 14
        if y + self.height() > room.bottom() - 8:
            y = node.top() - self.height() - 18
        self.move(QPoint(x, max(room.top() + 8, min(y, room.bottom() - self.height() - 8))))

    def _labels(self) -> tuple[QLabel, ...]:
        return self._title, self._detail, self._way

    def _show_fixes(self, fixes: tuple[Fix, ...]) -> None:
        while (old := self._buttons.takeAt(0)) is not None:
            old.widget().hide()
            old.widget().deleteLater()
        for fix in fixes:
            button = QPushButton(fix.label)
            button.setAccessibleName(fix.label)
            button.setToolTip(self.tr("Apply this fix; Undo takes it back"))
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda _checked=False, fix=fix: self.fix_requested.emit(fix))
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            button.show()  # else the layout leaves no room for it before the next event

    def _paint(self) -> None:
        tokens = self._ink.tokens
        wrong = self._problem is None or self._problem.severity == "error"
        edge = tokens.error if wrong else tokens.warn
        self.setStyleSheet(
            f"ProblemCard {{ background: {tokens.panel}; border: 1px solid {edge}; border-radius: 8px; }}"
            "QLabel { background: transparent; }"
            f"QLabel#title {{ color: {tokens.text}; font-weight: 600; font-size: 12px; }}"
            f"QLabel#detail, QLabel#way {{ color: {tokens.secondary}; font-size: 11px; }}"
            f"QPushButton {{ color: {tokens.accent}; background: transparent; border: 1px solid transparent;"
            " border-radius: 6px; padding: 3px 6px; font-weight: 600; font-size: 11px; }"
            f"QPushButton:hover, QPushButton:focus {{ border-color: {tokens.accent}; }}"
        )


def split(problem: Problem) -> tuple[str, str]:
    """The sentence's first part as a title; the rest and the hint below it."""
    title, _, rest = told(problem).partition("; ")
    return title, " ".join(
        part
        for part in (f"{rest[:1].upper()}{rest[1:]}.".replace("..", ".") if rest else "", problem.hint)
        if part
    )
