"""Messages inside the window: what happened and what to do, with buttons; nothing waits for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from studio.errors import StudioError
from studio.ui.flow import Flow
from studio.ui.icons import picture, tinted
from studio.ui.theme import DARK, Tokens

Level = Literal["info", "ok", "warning", "error"]
Choice = tuple[str, Callable[[], object]]
MOST = 3
AROUND = 8
FLEETING_MS = 8000
DRAWINGS: dict[Level, str] = {"info": "info", "ok": "check", "warning": "warning", "error": "error"}


class Messages(QWidget):
    """Up to three messages, the latest first; the same one is never shown twice."""

    def __init__(self, log: Callable[[str, str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._log = log
        self._tokens = DARK
        self._shown: list[Message] = []
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(AROUND, AROUND, AROUND, AROUND)
        self._rows.setSpacing(4)
        self.setAccessibleName(self.tr("Messages"))
        self.setSizePolicy(self.sizePolicy().horizontalPolicy(), self.sizePolicy().Policy.Maximum)
        self.hide()

    def show_message(
        self, level: Level, text: str, hint: str = "", choices: Sequence[Choice] = (), tag: str = ""
    ) -> None:
        """Show a message; news and success vanish by themselves unless they offer a choice.

        A message with the same `tag` (its text where none is given) takes the place of the earlier one.
        """
        self.close_message(tag or text)
        message = Message(level, text, hint, choices, self._remove)
        message.setObjectName("message")
        message.tag = tag or text
        message.tint(self._tokens)
        self._shown.append(message)
        self._rows.insertWidget(0, message)
        for old in self._shown[:-MOST]:
            self._remove(old)
        self._keep_readable()
        self._log(level, f"{text} {hint}".strip())
        self.show()
        if level in ("info", "ok") and not choices:
            QTimer.singleShot(FLEETING_MS, message, message.dismiss)

    def show_error(self, error: StudioError) -> None:
        """Show something that could not be done."""
        self.show_message("error", error.message, error.hint)

    def close_message(self, tag: str) -> None:
        """Take a message away, if it is still there."""
        for message in [one for one in self._shown if one.tag == tag]:
            self._remove(message)

    def texts(self) -> list[str]:
        """The messages on show, the oldest first."""
        return [message.text for message in self._shown]

    def set_tokens(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._tokens = tokens
        for message in self._shown:
            message.tint(tokens)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_readable()

    def _keep_readable(self) -> None:
        """The latest message is always whole; earlier ones give way where there is too little room."""
        for message in self._shown[:-1]:
            message.setMinimumHeight(0)
        for message in self._shown[-1:]:
            message.setMinimumHeight(message.heightForWidth(self.contentsRect().width() - 2 * AROUND))

    def _remove(self, message: Message) -> None:
        if message in self._shown:
            self._shown.remove(message)
            self._rows.removeWidget(message)
            message.hide()
            message.setParent(None)
            message.deleteLater()
            self._keep_readable()
        self.setVisible(bool(self._shown))


class Message(QFrame):
    """One message: an icon, the text, the hint, its choices below them, and a button that closes it."""

    def __init__(
        self,
        level: Level,
        text: str,
        hint: str,
        choices: Sequence[Choice],
        closed: Callable[[Message], None],
    ) -> None:
        super().__init__()
        self.text, self.tag, self._level, self._closed = text, "", level, closed
        self.setProperty("level", level)
        self.setAccessibleName(f"{text} {hint}".strip())
        self.setToolTip(self.accessibleName())
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        row.setSpacing(10)
        self._icon = QLabel()
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        buttons = [self._button(label, chosen) for label, chosen in choices]
        words = _words(text, hint)
        row.addLayout(words, 1)
        if hint and buttons:
            words.addLayout(_below(buttons))
        else:
            for button in buttons:
                row.addWidget(button)
        self._close = QToolButton(iconSize=QSize(12, 12))
        self._close.setToolTip(self.tr("Close this message"))
        self._close.setAccessibleName(self.tr("Close this message"))
        self._close.clicked.connect(self.dismiss)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def dismiss(self) -> None:
        """Close this message."""
        self._closed(self)

    def tint(self, tokens: Tokens) -> None:
        """Draw the icons in a theme's colours."""
        colours = {"info": tokens.accent, "ok": tokens.ok, "warning": tokens.warn, "error": tokens.error}
        self._icon.setPixmap(picture(DRAWINGS[self._level], colours[self._level]))
        self._close.setIcon(tinted("close", tokens))

    def _button(self, label: str, chosen: Callable[[], object]) -> QPushButton:
        def press() -> None:
            self.dismiss()
            chosen()

        button = QPushButton(label)
        button.setToolTip(label)
        button.clicked.connect(press)
        return button


def _below(buttons: Sequence[QPushButton]) -> Flow:
    """Buttons below the words, which have the whole width then."""
    flow = Flow()
    flow.setContentsMargins(0, 4, 0, 2)
    for button in buttons:
        flow.addWidget(button)
    return flow


def _words(text: str, hint: str) -> QVBoxLayout:
    """The text, and the hint below it."""
    rows = QVBoxLayout()
    rows.setSpacing(2)
    for words, role in ((text, ""), (hint, "secondary")):
        if words:
            label = QLabel(words, wordWrap=True)
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            rows.addWidget(label)
    return rows
