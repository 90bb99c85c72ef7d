"""Where a person gives what to predict on: a line per input of the network, a row of numbers or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from studio.ui.contents import empty
from studio.ui.monitor.ask import ask_open

if TYPE_CHECKING:
    from studio.project.fields import Field

NAMES_SHOWN = 6


class Inputs(QWidget):
    """One line for each input; a line holds a row of values or the path of a file."""

    changed = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[str, QLineEdit] = {}
        self._several: list[Path] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)

    def show_fields(self, fields: Mapping[str, Field], columns: Mapping[str, Sequence[str]]) -> None:
        """Offer a line for each of these; `columns` name the values of a row where that is known."""
        if list(fields) == list(self._lines):
            return
        empty(self._grid)
        self._lines = {}
        for row, (name, field) in enumerate(fields.items()):
            self._add(row, field, columns.get(name, ()))

    @property
    def given(self) -> list[str | Path | dict[str, str]]:
        """What to predict on: files, a text, or a text for each input; nothing while something is missing."""
        texts = {name: line.text().strip() for name, line in self._lines.items()}
        if not texts or not all(texts.values()):
            return []
        if len(texts) > 1:
            return [texts]
        (text,) = texts.values()
        if self._several and text == _listed(self._several):
            return list(self._several)
        return [text]

    def take_files(self, paths: Sequence[Path]) -> None:
        """Fill in files: into the line that has the focus, else the first that is empty, else the first."""
        lines = list(self._lines.values())
        if lines and paths:
            focused = (line for line in lines if line.hasFocus())
            empty = (line for line in lines if not line.text().strip())
            self._fill(next(focused, next(empty, lines[0])), paths)

    def _fill(self, line: QLineEdit, paths: Sequence[Path]) -> None:
        self._several = list(paths) if len(paths) > 1 and len(self._lines) == 1 else []
        line.setText(_listed(paths) if self._several else str(paths[0]))
        self.submitted.emit()

    def _add(self, row: int, field: Field, columns: Sequence[str]) -> None:
        shape = "×".join(map(str, field.shape)) or self.tr("one value")
        label = QLabel(self.tr("{field} ({shape})").format(field=field.name, shape=shape))
        label.setProperty("role", "secondary")
        line = QLineEdit()
        line.setPlaceholderText(self._example(field, columns))
        line.setAccessibleName(field.name)
        line.setToolTip(self.tr("A row of values with commas between, or the path of a picture or .npy file"))
        line.textChanged.connect(self.changed)
        line.returnPressed.connect(self.submitted)
        label.setBuddy(line)
        choose = QPushButton(self.tr("Choose…"))
        choose.setAccessibleName(self.tr("Choose a file for {field}").format(field=field.name))
        choose.setToolTip(self.tr("Choose a picture or an array file"))
        choose.clicked.connect(partial(self._choose, line))
        for column, widget in enumerate((label, line, choose)):
            self._grid.addWidget(widget, row, column)
        self._grid.setColumnStretch(1, 1)
        self._lines[field.name] = line

    def _choose(self, line: QLineEdit) -> None:
        kinds = self.tr(
            "Pictures and arrays (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.npy *.npz);;All files (*)"
        )
        ask_open(self, self.tr("Predict on"), kinds, partial(self._fill, line))

    def _example(self, field: Field, columns: Sequence[str]) -> str:
        if field.picture:
            return self.tr("a picture or .npy file")
        if columns:
            more = ", …" if len(columns) > NAMES_SHOWN else ""
            return ", ".join(columns[:NAMES_SHOWN]) + more
        return self.tr("values, or an .npy file")


def _listed(paths: Sequence[Path]) -> str:
    return "; ".join(map(str, paths))
