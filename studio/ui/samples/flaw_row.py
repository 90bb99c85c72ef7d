"""One flaw of the data as a row: sign, sentence, hint, and buttons for its samples and its repairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from studio.ui.card import label
from studio.ui.fix_button import FixButton
from studio.ui.flow import Flow
from studio.ui.icons import picture
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.checks import Flaw

ICONS = {"error": "error", "warning": "warning", "note": "info"}
SIGN = 15


class FlawRow(QFrame):
    """The arrow keys go to its neighbours; Enter shows the samples."""

    show_requested = Signal(object)
    """The Flaw whose samples are to be seen."""
    fix_requested = Signal(object)

    def __init__(self, flaw: Flaw) -> None:
        super().__init__()
        self.flaw = flaw
        self.setObjectName("problem")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sign = QLabel()
        self._sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        word = {"error": self.tr("Error"), "warning": self.tr("Warning"), "note": self.tr("Note")}[flaw.level]
        self._sign.setToolTip(word)
        self.setAccessibleName(f"{word}: {flaw.sentence} {flaw.hint}")
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(label(flaw.sentence, wrapped=True))
        if flaw.hint:
            texts.addWidget(label(flaw.hint, "small", wrapped=True))
        texts.addLayout(self._buttons())
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 5)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addLayout(texts, 1)
        self.set_tokens(DARK)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        colour = {"error": tokens.error, "warning": tokens.warn, "note": tokens.accent}[self.flaw.level]
        self._sign.setPixmap(picture(ICONS[self.flaw.level], colour, SIGN))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.flaw.rows:
            self.show_requested.emit(self.flaw)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _buttons(self) -> Flow:
        flow = Flow()
        flow.setContentsMargins(0, 3, 0, 0)
        if self.flaw.rows:
            button = FixButton(self.tr("Show"), self.tr("List these samples in the Samples panel"))
            button.clicked.connect(lambda _checked=False: self.show_requested.emit(self.flaw))
            flow.addWidget(button)
        for fix in self.flaw.fixes:
            button = FixButton(fix.label, self.tr("Do this now; it can be undone, and no file is changed"))
            button.clicked.connect(lambda _checked=False, fix=fix: self.fix_requested.emit(fix))
            flow.addWidget(button)
        return flow

    def _step(self, by: int) -> None:
        rows = self.parentWidget().findChildren(FlawRow, options=Qt.FindChildOption.FindDirectChildrenOnly)
        at = rows.index(self) + by
        if 0 <= at < len(rows):
            rows[at].setFocus(Qt.FocusReason.TabFocusReason)
