"""The editor of Python source: several lines in a monospaced face, coloured."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, Qt, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from studio.project.params import Param, Value
from studio.ui.field_editors import Editor
from studio.ui.highlight import PythonHighlighter
from studio.ui.theme import DARK, Tokens

LINES = 12
INDENT = "    "


class CodeEditor(Editor):
    """Every change counts at once; Tab indents, Escape and then Tab goes on to the next field."""

    def __init__(self, param: Param) -> None:
        super().__init__(param)
        self.text = QPlainTextEdit()
        self.text.setObjectName("code")
        self.text.setProperty("mono", True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.installEventFilter(self)
        self._highlighter = PythonHighlighter(self.text.document())
        self._quiet = False
        self._tokens = DARK
        self._adopt(self.text)
        self.text.textChanged.connect(self._typed)
        self._fit()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._highlighter.set_tokens(tokens)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if event.type() == QEvent.Type.FocusOut:
            self.text.setTabChangesFocus(False)
            self.finished.emit()
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.text.setTabChangesFocus(True)
        elif event.key() == Qt.Key.Key_Tab and not self.text.tabChangesFocus():
            self.text.insertPlainText(INDENT)
        else:
            return False
        return True

    def _show(self, value: Value, several: bool) -> None:
        wanted = value if isinstance(value, str) and not several else ""
        self.text.setPlaceholderText(self.tr("several") if several else "")
        if wanted != self.text.toPlainText():
            self._quiet = True
            self.text.setPlainText(wanted)
            self._quiet = False

    def _typed(self) -> None:
        # Colours change the text's formats, which counts as a change here too.
        if not self._quiet and self.text.toPlainText() != self._value:
            self._enter(self.text.toPlainText())

    def _fit(self) -> None:
        self.text.setFixedHeight(QFontMetrics(self.text.font()).lineSpacing() * LINES + 16)

    def tell(self, reason: str) -> None:
        """Mark the line that a reason such as "line 12: …" is about."""
        found = re.search(r"\bline (\d+)", reason)
        block = self.text.document().findBlockByNumber(int(found.group(1)) - 1) if found else None
        if block is None or not block.isValid():
            self.text.setExtraSelections([])
            return
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(block)
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        colour = QColor(self._tokens.error)
        colour.setAlpha(60)
        mark.format.setBackground(colour)
        self.text.setExtraSelections([mark])

    def _marked(self) -> Sequence[QWidget]:
        return [self.text]
