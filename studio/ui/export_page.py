"""The controls of the export window and where they lie; what they do is in export_window.py."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.interchange.forms import FORMS
from studio.ui.card import Column, label
from studio.ui.export_words import groups, lacking, words
from studio.ui.theme import Tokens

LIST_WIDTH = 248
ROW, HEADING = 27, 34
NAME = Qt.ItemDataRole.UserRole


class ExportPage(QWidget):
    """The forms at the left, what belongs to the chosen one at the right, what is told below."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._words, self._tokens = words(), tokens
        self.forms, self.weights, self.place = QListWidget(), QComboBox(), QLineEdit()
        self._title, self._says = label("", "heading"), label("", wrapped=True)
        self._lacks = label("", "error", wrapped=True)
        self.of_weights, self.unlike = (label("", "secondary", wrapped=True) for _ in range(2))
        self.told, self.notes = label("", wrapped=True), label("", "secondary", wrapped=True)
        self.card = QCheckBox(self.tr("A model card beside it"))
        self.bar = QProgressBar()
        self.browse = QPushButton(self.tr("Choose…"))
        self.go, self.leave = QPushButton(self.tr("Export")), QPushButton(self.tr("Close"))
        self.show_folder = QPushButton(self.tr("Open the folder"))
        self.show_folder.setVisible(False)
        self._names()
        self._arrange()
        self._fill()

    @property
    def form(self) -> str:
        """The form that is chosen."""
        item = self.forms.currentItem()
        return str(item.data(NAME)) if item is not None else ""

    def choose(self, form: str) -> None:
        """Choose a form by its name."""
        for at in range(self.forms.count()):
            if self.forms.item(at).data(NAME) == form:
                self.forms.setCurrentRow(at)

    def show_form(self) -> None:
        """What the chosen form is good for, and what it needs."""
        form = FORMS[self.form]
        title, says = self._words[form.name]
        self._title.setText(title)
        self._says.setText(says)
        self._lacks.setText(lacking(form))
        self._lacks.setVisible(bool(form.missing))
        self.weights.setEnabled(not form.drawn)
        self.card.setEnabled(form.name != "card" and not form.drawn)

    def show_busy(self, busy: bool) -> None:
        """Whether something is being written: then nothing else can be chosen."""
        ready = bool(self.form) and not FORMS[self.form].missing and not busy
        self.go.setEnabled(ready and bool(self.place.text().strip()))
        for widget in (self.forms, self.place, self.browse):
            widget.setEnabled(not busy)
        self.bar.setVisible(busy)
        text = self.tr("Cancel") if busy else self.tr("Close")
        self.leave.setText(text)
        self.leave.setAccessibleName(text)

    def say(self, text: str, role: str = "", notes: str = "") -> None:
        """Tell how it goes, and how it went."""
        self.told.setText(text)
        self.told.setProperty("role", role)
        self.told.style().polish(self.told)
        self.notes.setText(notes)

    # ---- making

    def _names(self) -> None:
        """What each control is called, and for what it is."""
        named = (
            (self.forms, self.tr("Form"), self.tr("In which form the network leaves")),
            (self.weights, self.tr("Weights"), self.tr("Which weights the network leaves with")),
            (self.place, self.tr("File"), self.tr("The file or folder to write")),
            (self.card, self.card.text(), self.tr("A page in Markdown, with a picture of the drawing")),
            (self.browse, self.tr("Choose the file"), self.tr("Choose where to write it")),
            (self.go, self.go.text(), self.tr("Write it, and compare it with the network")),
            (self.leave, self.leave.text(), self.tr("Close, or stop what is being written")),
            (
                self.show_folder,
                self.show_folder.text(),
                self.tr("Show what was written in the file manager"),
            ),
            (self.bar, self.tr("Progress"), self.tr("Something is being written")),
        )
        for widget, name, tip in named:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self.go.setDefault(True)
        for button in (self.leave, self.browse, self.show_folder):
            button.setAutoDefault(False)

    def _arrange(self) -> None:
        self.forms.setFixedWidth(LIST_WIDTH)
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setVisible(False)
        page = Column()
        page.rows.setContentsMargins(0, 2, 0, 0)
        name = label(self.tr("Weights"), "secondary")
        name.setBuddy(self.weights)
        for widget in (self._title, self._says, self._lacks, name, self.weights, self.of_weights):
            page.add(widget)
        page.add(self.card)
        page.add(self.unlike)
        place = QHBoxLayout()
        place.addWidget(self.place, 1)
        place.addWidget(self.browse)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(page, 1)
        right.addLayout(place)
        for widget in (self.bar, self.told, self.notes):
            right.addWidget(widget)
        upper = QHBoxLayout()
        upper.setSpacing(12)
        upper.addWidget(self.forms)
        upper.addLayout(right, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.show_folder)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(upper, 1)
        column.addLayout(buttons)

    def _fill(self) -> None:
        for heading, names in groups():
            head = QListWidgetItem(heading)
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            head.setForeground(QColor(self._tokens.secondary))
            head.setSizeHint(QSize(0, HEADING))
            self.forms.addItem(head)
            for name in names:
                item = QListWidgetItem(f"    {self._words[name][0]}")
                item.setData(NAME, name)
                item.setSizeHint(QSize(0, ROW))
                self.forms.addItem(item)
