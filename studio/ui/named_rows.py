"""Values by name that a person adds, renames, changes and removes: a row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.project.params import Value
from studio.ui.card import label
from studio.ui.value_text import free_value, text_of

Check = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Words:
    """What the rows call their things, already translated; `doc` is the placeholder of a line about each."""

    name: str
    value: str
    add: str
    remove: str
    doc: str = ""


class NamedRows(QWidget):
    """Shows rows and tells every edit; the names that are there stay in the order given."""

    renamed = Signal(str, str)
    valued = Signal(str, object)
    described = Signal(str, str)
    removed = Signal(str)
    added = Signal(str)
    """A new row is wanted: the name that was chosen for it, or an empty text for any."""
    finished = Signal()
    """The person is done with a field for now."""

    def __init__(self, words: Words, check: Check) -> None:
        super().__init__()
        self._words, self._check = words, check
        self._rows: list[_Row] = []
        self._wanted = ""
        self._column = QVBoxLayout()
        self._column.setSpacing(5)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._column)
        self.add_button = QPushButton(words.add)
        self.add_button.setProperty("small", True)
        self.add_button.setToolTip(words.add)
        self.add_button.setAccessibleName(words.add)
        self.add_button.clicked.connect(lambda: self._add(""))
        whole.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.add_button)

    def show_rows(self, values: Mapping[str, Value], docs: Mapping[str, str] | None = None) -> None:
        """Show these values in place of those before."""
        docs = docs or {}
        while len(self._rows) > len(values):
            gone = self._rows.pop()
            gone.hide()
            gone.deleteLater()
        while len(self._rows) < len(values):
            self._rows.append(self._made())
        for row, (name, value) in zip(self._rows, values.items(), strict=True):
            row.show_entry(name, value, docs.get(name, ""))
        if self._wanted:
            self._reach(self._wanted)

    def suggest(self, values: Mapping[str, Value]) -> None:
        """Offer these names where one is added; "node.param" is listed under its node."""
        menu = QMenu(self.add_button)
        inner: dict[str, QMenu] = {}
        for name in values:
            head, _, rest = name.partition(".")
            if head not in inner:
                inner[head] = menu.addMenu(head)
            inner[head].addAction(rest or head, lambda name=name: self._add(name))
        old = self.add_button.menu()
        self.add_button.setMenu(menu)
        self.add_button.setEnabled(bool(values))
        if old is not None:
            old.deleteLater()

    def expect(self, name: str) -> None:
        """The next rows have a new one of this name: put the keyboard there."""
        self._wanted = name

    def _add(self, name: str) -> None:
        self.added.emit(name)

    def _reach(self, name: str) -> None:
        row = next((row for row in self._rows if row.name == name), None)
        self._wanted = ""
        if row is not None:
            row.name_line.setFocus(Qt.FocusReason.OtherFocusReason)
            row.name_line.selectAll()

    def _made(self) -> _Row:
        row = _Row(self._words)
        row.name_line.editingFinished.connect(lambda: self._rename(row))
        row.value_line.textEdited.connect(lambda text: self._revalue(row, text))
        row.value_line.editingFinished.connect(self.finished)
        row.doc_line.textEdited.connect(lambda text: self.described.emit(row.name, text))
        row.doc_line.editingFinished.connect(self.finished)
        row.remove.clicked.connect(lambda: self.removed.emit(row.name))
        self._column.addWidget(row)
        row.show()
        return row

    def _rename(self, row: _Row) -> None:
        new = row.name_line.text().strip()
        if new == row.name:
            row.refuse("")
            return
        wrong = self._check(new)
        row.refuse(wrong or "")
        if wrong is None:
            self.renamed.emit(row.name, new)

    def _revalue(self, row: _Row, text: str) -> None:
        try:
            value = free_value(text)
        except ValueError as error:
            row.refuse(str(error))
        else:
            row.refuse("")
            row.value = value
            self.valued.emit(row.name, value)


class _Row(QWidget):
    """Name, value, a button that removes it, why a text will not do, and perhaps a line about it."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.name, self.value = "", None
        self.name_line, self.value_line, self.doc_line = QLineEdit(), QLineEdit(), QLineEdit()
        told = (words.name, words.value, words.doc or words.name)
        for line, what in zip((self.name_line, self.value_line, self.doc_line), told, strict=True):
            line.setPlaceholderText(what)
            line.setToolTip(what)
            line.setMinimumWidth(40)
        for line in (self.name_line, self.value_line):
            line.setProperty("mono", True)
        self._words = words
        self.remove = QToolButton()
        self.remove.setObjectName("more")
        self.remove.setText("✕")
        self._reason: QLabel = label("", "error", wrapped=True)
        self._reason.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 3 if words.doc else 5)
        grid.setColumnStretch(1, 3)
        grid.addWidget(self.name_line, 0, 0)
        grid.addWidget(self.value_line, 0, 1)
        grid.addWidget(self.remove, 0, 2)
        grid.addWidget(self.doc_line, 1, 0, 1, 3)
        self.doc_line.setVisible(bool(words.doc))  # only now: without a parent it would be a window
        grid.addWidget(self._reason, 2, 0, 1, 3)

    def show_entry(self, name: str, value: Value, doc: str) -> None:
        """Show a name and its value; a line that is typed into keeps its text while it says the same."""
        if name != self.name or not self.name_line.hasFocus():
            self.name_line.setText(name)
            self.name_line.setCursorPosition(0)
        if value != self.value or type(value) is not type(self.value) or not self.value_line.hasFocus():
            self.value_line.setText(text_of(value))
            self.value_line.setCursorPosition(0)
        if doc != self.doc_line.text():
            self.doc_line.setText(doc)
            self.doc_line.setCursorPosition(0)
        if name != self.name:
            self._call(name)
        self.name, self.value = name, value
        self.refuse("")

    def refuse(self, reason: str) -> None:
        """Say why a text will not do."""
        self._reason.setText(reason[:1].upper() + reason[1:])
        self._reason.setVisible(bool(reason))

    def _call(self, name: str) -> None:
        remove = self._words.remove.format(name=name)
        self.remove.setToolTip(remove)
        self.remove.setAccessibleName(remove)
        told = (self._words.name, self._words.value, self._words.doc or self._words.name)
        for line, what in zip((self.name_line, self.value_line, self.doc_line), told, strict=True):
            line.setAccessibleName(f"{what}: {name}")
        self.name_line.setToolTip(f"{self._words.name}: {name}")


def in_order(values: Mapping[str, Value], old: str, new: str) -> dict[str, Value]:
    """The same values with one under another name, in its place."""
    return {new if name == old else name: value for name, value in values.items()}


def unused(wanted: str, names: Sequence[str]) -> str:
    """A name that is not there yet: width, width2, width3 …"""
    number = 1
    name = wanted
    while name in names:
        number += 1
        name = f"{wanted}{number}"
    return name
