"""The code panel: the drawing as PyTorch source, always up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QShowEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.ui.background import Background
from studio.ui.card import label, small_button
from studio.ui.highlight import PythonHighlighter
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked


class CodePanel(QWidget):
    """Source that can be read, selected, copied and exported; written off the UI thread while it is seen."""

    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("code")
        self._wanted: Checked | None = None
        self._says = label("", "secondary", wrapped=True)
        self._source = QPlainTextEdit(readOnly=True)
        self._source.setObjectName("source")
        self._source.setAccessibleName(self.tr("PyTorch code of the network"))
        self._source.setProperty("mono", True)
        self._source.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._source.setTabChangesFocus(True)
        self._source.document().setDocumentMargin(9)
        self._highlighter = PythonHighlighter(self._source.document())
        self._copy = small_button(self.tr("Copy"), self.tr("Copy the whole code"))
        self._export = small_button(self.tr("Export…"), self.tr("Save the code as a Python file"))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._source.toPlainText()))
        self._export.clicked.connect(self.export_requested)
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 8, 0)
        top.setSpacing(6)
        top.addWidget(self._says, 1)
        top.addWidget(self._copy)
        top.addWidget(self._export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._source, 1)
        self._background = Background(self)
        self._background.done.connect(self._show_source)
        self._background.failed.connect(self._show_failure)
        self._say(self.tr("The network's PyTorch code will appear here as soon as something is drawn."))

    def show_checked(self, checked: Checked) -> None:
        """Write the code of a check's plan, or say why there is none."""
        self._wanted = checked
        if self.isVisible():
            self._write()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._highlighter.set_tokens(tokens)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._write()

    def _write(self) -> None:
        checked, self._wanted = self._wanted, None
        if checked is None:
            return
        if checked.errors:
            self._replace("")
            text = self.tr("There is no code while the drawing has errors: {problem}")
            self._say(text.format(problem=checked.errors[0].message))
        elif not checked.plan.steps:
            self._replace("")
            self._say(self.tr("Draw a layer, and its PyTorch code appears here."))
        else:
            self._background.request(lambda: _written(checked))

    def _show_source(self, text: str) -> None:
        self._replace(text)
        self._say(self.tr("This is the network as drawn: a class to import, train and change."))
        for button in (self._copy, self._export):
            button.setEnabled(True)

    def _show_failure(self, error: Exception) -> None:
        self._replace("")
        self._say(self.tr("The code could not be written: {error}").format(error=error))

    def _say(self, text: str) -> None:
        self._says.setText(text)
        for button in (self._copy, self._export):
            button.setEnabled(bool(self._source.toPlainText()))

    def _replace(self, text: str) -> None:
        """Change only what differs, so that the view stays where it is and colours are not made anew."""
        old = self._source.toPlainText()
        if old == text:
            return
        first = _shared(old, text)
        last = _shared(old[first:][::-1], text[first:][::-1])
        at = self._source.verticalScrollBar().value()
        cursor = QTextCursor(self._source.document())
        cursor.setPosition(first)
        cursor.setPosition(len(old) - last, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[first : len(text) - last])
        self._source.verticalScrollBar().setValue(at)


def _written(checked: Checked) -> str:
    from studio.interchange.pytorch_source import to_pytorch

    return to_pytorch(checked.project, checked.plan)


def _shared(one: str, other: str) -> int:
    """How many characters two texts share from their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
