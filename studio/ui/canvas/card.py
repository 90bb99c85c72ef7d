"""The card under a selected node that has problems: what is wrong, in a sentence, and the ranked fixes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.errors import Fix, Problem
from studio.ui.canvas.ink import Ink
from studio.ui.contents import empty, widgets_in
from studio.ui.fix_button import FixButton
from studio.ui.problem_row import told
from studio.ui.trace import route

WIDTH = 380
INSET = 14
INSIDE = 7
"""From a button's frame to its text, which stands under the others."""
MOST_FIXES = 2
"""Fixes that are shown at once; the others are behind a button."""


class ProblemCard(QFrame):
    """One problem and its fixes; of several problems, the next one at the press of a button."""

    fix_requested = Signal(object)
    fix_aimed = Signal(object)
    """The Fix that may be chosen next; None: no longer."""
    left = Signal()
    """Escape: the keyboard belongs to the drawing again."""
    wanted = Signal()
    """Somebody asks for it, whatever the problems are."""
    resized = Signal()
    """It shows more or less, or something else: it may belong elsewhere."""

    def __init__(self, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._ink = ink
        self._problems: tuple[Problem, ...] = ()
        self._at = 0
        self._all = False
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
        if problems == self._problems:
            return
        self._problems, self._at, self._all = problems, 0, False
        self.setVisible(bool(problems))
        self.raise_()
        self._fill()

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

    def take_keyboard(self) -> None:
        """Put the keyboard on the first fix, or whatever comes first."""
        self.wanted.emit()
        for first in widgets_in(self._buttons)[:1]:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _labels(self) -> tuple[QLabel, ...]:
        return self._title, self._detail, self._way

    def _fill(self) -> None:
        empty(self._buttons)
        if not self._problems:
            return
        problem = self._problems[self._at]
        title, detail = split(problem)
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._way.setText(self.tr("from {route}").format(route=route(problem.trace)))
        self._way.setToolTip("\n".join(problem.trace))
        self._way.setVisible(bool(problem.trace))
        self._show_fixes(problem.fixes)
        if len(self._problems) > 1:
            self._offer_next()
        self._paint()

    def _show_fixes(self, fixes: tuple[Fix, ...]) -> None:
        shown = fixes if self._all else fixes[:MOST_FIXES]
        for fix in shown:
            button = FixButton(fix.label, self.tr("Apply this fix; Undo takes it back"))
            button.clicked.connect(lambda _checked=False, fix=fix: self.fix_requested.emit(fix))
            button.aimed.connect(lambda aimed, fix=fix: self.fix_aimed.emit(fix if aimed else None))
            self._add(button)
        rest = len(fixes) - len(shown)
        if rest:
            one, many = self.tr("1 more fix"), self.tr("{count} more fixes").format(count=rest)
            more = QPushButton(one if rest == 1 else many)
            more.setToolTip(self.tr("Show every fix there is"))
            more.clicked.connect(self._show_all)
            self._add(more, quiet=True)

    def _offer_next(self) -> None:
        at, count = self._at + 1, len(self._problems)
        button = QPushButton(self.tr("Problem {at} of {count}: show the next").format(at=at, count=count))
        button.setToolTip(self.tr("This node has several problems"))
        button.clicked.connect(self._go_on)
        self._add(button, quiet=True)

    def _add(self, button: QPushButton, *, quiet: bool = False) -> None:
        button.setAccessibleName(button.accessibleName() or button.text())
        button.setProperty("quiet", quiet)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        button.show()  # else the layout leaves no room for it before the next event

    def _show_all(self) -> None:
        self._all = True
        self._refill(MOST_FIXES)

    def _go_on(self) -> None:
        self._at = (self._at + 1) % len(self._problems)
        self._all = False
        self._refill(-1)

    def _refill(self, focus: int) -> None:
        """Fill it anew; the keyboard goes to one of the buttons, for the one it was on is gone."""
        held = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self._fill()
        self.resized.emit()
        buttons = widgets_in(self._buttons)
        if held and buttons:
            buttons[min(focus, len(buttons) - 1)].setFocus(Qt.FocusReason.TabFocusReason)

    def _paint(self) -> None:
        tokens = self._ink.tokens
        wrong = not self._problems or self._problems[self._at].severity == "error"
        edge = tokens.error if wrong else tokens.warn
        self.setStyleSheet(
            f"ProblemCard {{ background: {tokens.panel}; border: 1px solid {edge}; border-radius: 8px; }}"
            "QLabel { background: transparent; }"
            f"QLabel#title {{ color: {tokens.text}; font-weight: 600; font-size: 12px; }}"
            f"QLabel#detail, QLabel#way {{ color: {tokens.secondary}; font-size: 11px; }}"
            f"QPushButton {{ color: {tokens.accent}; background: transparent; border: 1px solid transparent;"
            " border-radius: 6px; padding: 3px 6px; font-weight: 600; font-size: 11px; }"
            f"QPushButton[quiet=true] {{ color: {tokens.secondary}; font-weight: 400; }}"
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
