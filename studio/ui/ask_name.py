"""A small field that asks for a name where it is wanted, and says why one will not do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.ui.theme import DARK, Tokens

WIDTH = 260
INSET = 8
ELSEWHERE = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""The person looks at another window or a menu for a while, and comes back."""
Check = Callable[[str], str | None]


class AskName(QFrame):
    """Enter takes the name, Escape or leaving the field gives up."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._check: Check = lambda _: None
        self._done: Callable[[str], object] = lambda _: None
        self._back: QWidget | None = None
        self._tokens = DARK
        self.setObjectName("ask")
        self.setFixedWidth(WIDTH)
        self._title, self._reason = QLabel(), QLabel()
        self._title.setWordWrap(True)
        self._reason.setWordWrap(True)
        self._reason.setObjectName("reason")
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Name"))
        self.field.setToolTip(self.tr("Enter takes the name, Escape gives up"))
        column = QVBoxLayout(self)
        column.setContentsMargins(INSET + 2, INSET, INSET + 2, INSET + 2)
        column.setSpacing(5)
        for widget in (self._title, self.field, self._reason):
            column.addWidget(widget)
        self.field.textEdited.connect(lambda text: self._judge(text.strip()))
        self.field.installEventFilter(self)
        self.hide()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._paint("")

    def ask(self, at: QPoint, title: str, proposed: str, check: Check, done: Callable[[str], object]) -> None:
        """Ask near a point of the parent; `check` says why a name will not do, `done` gets one that will.

        What `done` raises as a ValueError is told like what is wrong with a name.
        """
        self._check, self._done = check, done
        self._back = self.window().focusWidget()
        self.setAccessibleName(title)
        self.field.setAccessibleName(title)
        self._title.setText(title)
        self.field.setText(proposed)
        self._judge(proposed)
        room = self.parentWidget().size()
        self.adjustSize()
        x = max(4, min(at.x(), room.width() - self.width() - 4))
        y = max(4, min(at.y(), room.height() - self.height() - 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def give_up(self) -> bool:
        """Put the field away; says whether it was there."""
        was = self.isVisible()
        self.hide()
        if was and self._back is not None:
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._back = None
        return was

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # single keys are shortcuts elsewhere; in here they are letters
        if isinstance(event, QFocusEvent) and self.isVisible() and _left(event):
            self._back = None
            self.hide()
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._key(event)

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
            return True
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        name = self.field.text().strip()
        if self._judge(name):
            self._take(name)
        return True

    def _take(self, name: str) -> None:
        """Put the field away and do it; where that cannot be, the field stays and says why."""
        back = self._back
        self.give_up()
        try:
            self._done(name)
        except ValueError as error:
            self._back = back
            self.show()
            self._say(str(error))
            self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _judge(self, name: str) -> bool:
        wrong = self._check(name) or ""
        self._say(wrong)
        return not wrong

    def _say(self, wrong: str) -> None:
        self._reason.setText(wrong[:1].upper() + wrong[1:])
        self._reason.setVisible(bool(wrong))
        self._paint(wrong)
        self.adjustSize()

    def _paint(self, wrong: str) -> None:
        tokens = self._tokens
        edge = tokens.error if wrong else tokens.accent
        self.setStyleSheet(
            f"#ask {{ background: {tokens.panel}; border: 1px solid {tokens.line}; border-radius: 8px; }}"
            f"QLabel {{ color: {tokens.secondary}; background: transparent; font-size: 11px; }}"
            f"QLabel#reason {{ color: {tokens.error}; }}"
            f"QLineEdit {{ background: {tokens.field}; border: 1px solid {edge}; border-radius: 6px;"
            f" color: {tokens.text}; padding: 4px 8px; font-weight: 600; }}"
        )


def _left(event: QFocusEvent) -> bool:
    return event.lostFocus() and event.reason() not in ELSEWHERE
