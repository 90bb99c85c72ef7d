"""Messages inside the window: what happened and what to do, with buttons; nothing waits for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from studio.errors import StudioError
from studio.ui.icons import picture, tinted
from studio.ui.theme import DARK, Tokens

Level = Literal["info", "ok", "warning", "error"]
Choice = tuple[str, Callable[[], object]]
MOST = 3
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
        self._rows.setContentsMargins(8, 8, 8, 8)
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

    def _remove(self, message: Message) -> None:
        if message in self._shown:
            self._shown.remove(message)
            self._rows.removeWidget(message)
            message.hide()
            message.setParent(None)
            message.deleteLater()
        self.setVisible(bool(self._shown))


class Message(QFrame):
    """One message: an icon, the text, the hint below it, its choices and a button that closes it."""

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
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        row.setSpacing(10)
        self._icon = QLabel()
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(_words(text, hint), 1)
        for label, chosen in choices:
            row.addWidget(self._button(label, chosen))
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
