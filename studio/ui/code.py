"""The code panel: the drawing as PyTorch or Keras source, or as a whole program, always up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QShowEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.errors import StudioError
from studio.ui.background import Background
from studio.ui.card import label, small_button
from studio.ui.code_texts import TITLES, Choice, Framework, Written, written
from studio.ui.highlight import PythonHighlighter
from studio.ui.switch import Switch
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked

MOST_TOLD = 6
"""Lines about what differs that are shown above the code; the tooltip has all."""


class CodePanel(QWidget):
    """Source that can be read, selected, copied and exported; written off the UI thread while it is seen.

    `folder` is asked where the project's data are.
    """

    export_requested = Signal(object)
    """The Choice that is shown."""

    def __init__(self, folder: Callable[[], Path] = Path.cwd, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("code")
        self._folder = folder
        self._wanted: Checked | None = None
        self._last: Checked | None = None
        self._says = label("", "secondary", wrapped=True)
        self._told = label("", "secondary", wrapped=True)
        self._told.setContentsMargins(10, 0, 10, 0)
        self._source = QPlainTextEdit(readOnly=True)
        self._source.setObjectName("source")
        self._source.setProperty("mono", True)
        self._source.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._source.setTabChangesFocus(True)
        self._source.document().setDocumentMargin(9)
        self._highlighter = PythonHighlighter(self._source.document())
        self._copy = small_button(self.tr("Copy"), self.tr("Copy the whole code"))
        self._export = small_button(self.tr("Export…"), self.tr("Save the code as a Python file"))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._source.toPlainText()))
        self._export.clicked.connect(lambda: self.export_requested.emit(self.choice))
        self._switch()
        self._arrange()
        self._background = Background(self)
        self._background.done.connect(self._show_written)
        self._background.failed.connect(self._show_failure)
        self._follow_choice()
        self._say(self.tr("The network's code will appear here as soon as something is drawn."))

    @property
    def choice(self) -> Choice:
        """What is shown."""
        framework: Framework = "keras" if self._framework.key == "keras" else "pytorch"
        return Choice(framework, self._extent.key == "program")

    def _switch(self) -> None:
        self._framework = Switch(
            self.tr("Framework"),
            {
                "pytorch": (self.tr("PyTorch"), self.tr("The code in PyTorch")),
                "keras": (self.tr("Keras"), self.tr("The code in Keras 3, for TensorFlow, PyTorch and JAX")),
            },
        )
        self._extent = Switch(
            self.tr("Extent"),
            {
                "network": (self.tr("Network"), self.tr("The network alone: a module to import")),
                "program": (self.tr("Whole program"), self.tr("Data, network, training and evaluation")),
            },
        )
        for one in (self._framework, self._extent):
            one.chosen.connect(self._choose)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 8, 0)
        top.setSpacing(6)
        top.addWidget(self._framework)
        top.addWidget(self._extent)
        top.addSpacing(4)
        top.addWidget(self._says, 1)
        top.addWidget(self._copy)
        top.addWidget(self._export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._told)
        layout.addWidget(self._source, 1)
        self._tell(())

    def _choose(self) -> None:
        self._follow_choice()
        self._wanted = self._last
        self._write()

    def _follow_choice(self) -> None:
        named = self.tr("{framework} code of the network").format(framework=TITLES[self.choice.framework])
        self._source.setAccessibleName(named)

    def show_checked(self, checked: Checked) -> None:
        """Write the code of a check's plan, or say why there is none."""
        self._wanted = self._last = checked
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
            self._say(self.tr("Draw a layer, and its code appears here."))
        else:
            choice, folder = self.choice, self._folder()
            if choice.whole:
                self._say(self.tr("Looking at the data …"))
            self._background.request(lambda: (choice, _tried(checked, choice, folder)))

    def _show_written(self, answer: tuple[Choice, Written | StudioError]) -> None:
        choice, found = answer
        if choice != self.choice or self._wanted is not None:
            return
        if isinstance(found, StudioError):
            self._replace("")
            self._say(f"{found.message} {found.hint}".strip())
            return
        self._replace(found.text)
        self._say(self._about(choice))
        self._tell((*found.missing, *found.notes))

    def _about(self, choice: Choice) -> str:
        if choice.whole:
            return self.tr(
                "Data, network, training and evaluation in one file: run it to get the same curve."
            )
        if choice.framework == "keras":
            return self.tr("The network for Keras 3, with channels last: runs on TensorFlow, PyTorch, JAX.")
        return self.tr("This is the network as drawn: a class to import, train and change.")

    def _tell(self, told: tuple[str, ...]) -> None:
        """What has no twin, or is left out, above the code."""
        shown = [f"• {one}" for one in told[:MOST_TOLD]]
        if len(told) > MOST_TOLD:
            shown.append(self.tr("and {count} more").format(count=len(told) - MOST_TOLD))
        self._told.setText("\n".join(shown))
        self._told.setToolTip("\n".join(told))
        self._told.setVisible(bool(told))

    def _show_failure(self, error: Exception) -> None:
        self._replace("")
        self._say(self.tr("The code could not be written: {error}").format(error=error))

    def _say(self, text: str) -> None:
        """Say this above the code, which has nothing else to be told of it."""
        self._says.setText(text)
        self._tell(())
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


def _tried(checked: Checked, choice: Choice, folder: Path) -> Written | StudioError:
    """The text, or why there is none: a project's data cannot be read, say."""
    try:
        return written(checked, choice, folder)
    except StudioError as error:
        return error


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
