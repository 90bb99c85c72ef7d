"""The field of a node's name: it says at once why a name will not do, and offers one that will."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.ui.card import label

Judge = Callable[[str], tuple[str, str]]


class NameEdit(QWidget):
    """`judge` says of a name why it will not do (empty where it will), and which one close to it is free."""

    entered = Signal(str)
    """Another name that will do."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge
        self._shown = self._free = ""
        self.line = QLineEdit()
        self.line.setProperty("title", True)
        self.line.setAccessibleName(self.tr("Name"))
        self.line.setToolTip(self.tr("The node's name, and its attribute's in the code (F2)"))
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finish)
        self._wrong = label("", "error", wrapped=True)
        self._wrong.hide()
        self._offer = QPushButton()
        self._offer.setProperty("small", True)
        self._offer.setAccessibleName(self.tr("Use a free name"))
        self._offer.setToolTip(self.tr("Give the node this name"))
        self._offer.clicked.connect(self._take_offer)
        self._offer.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for widget in (self.line, self._wrong, self._offer):
            column.addWidget(widget)
        self.setFocusProxy(self.line)

    def show_name(self, text: str, *, fixed: bool) -> None:
        """Show a name; what is being typed stays. `fixed`: it cannot be changed."""
        self.line.setReadOnly(fixed)
        if fixed or not self.line.hasFocus():
            self._shown = text
            self.line.setText(text)
            self.line.setCursorPosition(0)
            self._say("")

    def edit(self) -> None:
        """Put the keyboard into the name."""
        self.line.setFocus()
        self.line.selectAll()

    def _typed(self) -> None:
        wrong, self._free = self._judge(self.line.text().strip())
        self._say(wrong)

    def _finish(self) -> None:
        name = self.line.text().strip()
        if self.line.isReadOnly() or self._offer.isDown():
            return
        if name == self._shown:
            self._say("")
            return
        self._typed()
        if not self._wrong.text():
            self._shown = name
            self.entered.emit(name)

    def _take_offer(self) -> None:
        self.line.setText(self._free)
        self._finish()

    def _say(self, wrong: str) -> None:
        if wrong:
            self._offer.setText(self.tr("Use {name}").format(name=self._free))
            self._offer.setAccessibleName(self.tr("Use the name {name}").format(name=self._free))
        self._offer.setVisible(bool(wrong))
        if wrong == self._wrong.text():
            return
        self._wrong.setText(wrong)
        self._wrong.setVisible(bool(wrong))
        self.line.setProperty("invalid", bool(wrong))
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
