"""What is to be imported, as a form: where the network is, how it is made, and what it takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from studio.ui.card import small_button
from studio.ui.highlight import PythonHighlighter
from studio.ui.theme import Tokens

LIBRARIES = ("timm", "torchvision", "transformers")
LEAST_LINES = 8
EXAMPLES = {
    "path": "package.module:Model",
    "timm": "resnet18",
    "torchvision": "resnet18",
    "transformers": "bert",
}
PASTED = "pasted.py"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form says: the words for `neuroloom import`, the code that was pasted, and a name for it."""

    words: tuple[str, ...]
    code: str
    name: str


class ImportModuleForm(QWidget):
    """A kind of source, and the fields that this kind has."""

    changed = Signal()
    """Something was chosen or typed."""

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__()
        self._folder = folder
        self._kinds = QComboBox()
        self._where, self._callable = QLineEdit(), QLineEdit()
        self._code = QPlainTextEdit()
        self._arguments, self._inputs = QLineEdit(), QLineEdit()
        self._highlighter = PythonHighlighter(self._code.document())
        self._fill_kinds()
        self._kinds.setCurrentIndex(max(0, self._kinds.findData(kind)))
        self._arrange()
        self._kinds.currentIndexChanged.connect(self._follow)
        for one in (self._where, self._callable, self._arguments, self._inputs):
            one.textChanged.connect(self.changed)
        self._code.textChanged.connect(self.changed)
        self._follow()

    @property
    def kind(self) -> str:
        """path, file, code, onnx, or the name of a package."""
        return str(self._kinds.currentData())

    @property
    def runs_code(self) -> bool:
        """Whether importing runs Python of somebody else."""
        return self.kind != "onnx"

    @property
    def lacking(self) -> str:
        """What is still to be filled in; empty where nothing is."""
        if self.kind == "code":
            return "" if self._code.toPlainText().strip() else self.tr("Paste the code first.")
        if self._where.text().strip():
            return ""
        return (
            self.tr("Choose the file first.") if self._has_file else self.tr("Write what it is called first.")
        )

    def fill(self, where: str) -> None:
        """Put in the file, or what it is called."""
        self._where.setText(where)

    def wanted(self, pasted: Path) -> Wanted:
        """What to import; pasted code is to be read from that file. Raises ValueError with what is wrong."""
        where = self._where.text().strip()
        sources = {"path": where, "file": where, "onnx": where, "code": str(pasted)}
        source = sources.get(self.kind, f"{self.kind}:{where}")
        named = self._callable.text().strip()
        if self.kind in ("file", "code") and named:
            source = f"{source}:{named}"
        words = [source]
        if self.runs_code:
            for text in re.split(r"[;\n]|\s+(?=\w+=)|(?<=\d)\s+(?=\d)", self._inputs.text()):
                words += ["--input", text.strip()] if text.strip() else []
            for text in _arguments(self._arguments.text()):
                words += ["--arg", text]
        code = self._code.toPlainText() if self.kind == "code" else ""
        last = re.split(r"[:./\\]", where.removesuffix(".py").removesuffix(".onnx"))[-1]
        return Wanted(tuple(words), code, named or last or "network")

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._highlighter.set_tokens(tokens)

    def add_row(self, text: str, widget: QWidget) -> None:
        """Put a row of somebody else's at the end."""
        self._form.addRow(text, widget)

    # ---- making

    @property
    def _has_file(self) -> bool:
        return self.kind in ("file", "onnx")

    def _fill_kinds(self) -> None:
        self._kinds.addItem(self.tr("A dotted path"), "path")
        self._kinds.addItem(self.tr("A Python file"), "file")
        self._kinds.addItem(self.tr("Pasted code"), "code")
        for library in LIBRARIES:
            if find_spec(library) is not None:
                self._kinds.addItem(self.tr("A name from {}").format(library), library)
        self._kinds.addItem(self.tr("An ONNX file"), "onnx")

    def _arrange(self) -> None:
        self._browse = small_button(self.tr("File…"), self.tr("Choose the file"))
        self._browse.setAutoDefault(False)
        self._browse.clicked.connect(self._ask_file)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._where, 1)
        row.addWidget(self._browse)
        self._code.setProperty("mono", True)
        self._code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._code.setTabChangesFocus(True)
        self._code.setMinimumHeight(LEAST_LINES * self._code.fontMetrics().lineSpacing())
        self._code.setPlaceholderText("from torch import nn\n\nclass Model(nn.Module):\n    …")
        self._callable.setPlaceholderText(self.tr("the only one there"))
        self._arguments.setPlaceholderText("width=64 depth=2")
        self._inputs.setPlaceholderText(self.tr("1x3x224x224, several with ; between: ids=1x16:int64"))
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        named = (
            (self._kinds, self._kinds, self.tr("What"), self.tr("Where the network comes from")),
            (self._row, self._where, self.tr("Which"), self.tr("What it is called there")),
            (self._code, self._code, self.tr("Code"), self.tr("Python that defines the network")),
            (self._callable, self._callable, self.tr("Class or function"), self.tr("What makes the network")),
            (self._arguments, self._arguments, self.tr("Arguments"), self.tr("What it is called with")),
            (self._inputs, self._inputs, self.tr("Inputs"), self.tr("The sizes that it takes, batch first")),
        )
        for whole, field, text, tip in named:
            field.setAccessibleName(text)
            field.setToolTip(tip)
            self._form.addRow(text, whole)

    def _follow(self) -> None:
        kind = self.kind
        shown = {
            self._row: kind != "code",
            self._code: kind == "code",
            self._callable: kind in ("file", "code"),
            self._arguments: kind != "onnx",
            self._inputs: kind != "onnx",
        }
        for widget, here in shown.items():
            self._form.setRowVisible(widget, here)
        self._browse.setVisible(self._has_file)
        self._where.setPlaceholderText(EXAMPLES.get(kind, ""))
        known = self.tr("as {} has them, if left empty").format(kind)
        several = self.tr("1x3x224x224, several with ; between: ids=1x16:int64")
        self._inputs.setPlaceholderText(known if kind in LIBRARIES else several)
        self.changed.emit()

    def _ask_file(self) -> None:
        kinds = self.tr("ONNX files (*.onnx)") if self.kind == "onnx" else self.tr("Python files (*.py)")
        title = self.tr("Choose the file")
        name, _ = QFileDialog.getOpenFileName(self, title, str(self._folder), kinds)
        if name:
            self._where.setText(name)


def _arguments(text: str) -> Sequence[str]:
    """Arguments as one types them, with commas or blanks between. Raises ValueError."""
    found = [one.strip(",") for one in shlex.split(text)]
    wrong = next((one for one in found if one and not re.match(r"[A-Za-z_]\w*=", one)), None)
    if wrong is not None:
        raise ValueError(wrong)
    return [one for one in found if one]
