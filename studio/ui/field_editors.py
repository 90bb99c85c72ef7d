"""One small widget per kind of parameter. Each shows a value and tells what is entered or refused."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QLineEdit, QMenu, QVBoxLayout, QWidget

from studio.project.expressions import Names, is_formula
from studio.project.params import Choice, Choices, Param, Value
from studio.ui.combo import Combo
from studio.ui.theme import Tokens
from studio.ui.value_text import NUMBERS, formula_of, number_of, stepped, text_of, value_of

MOST_RESULT = 64
"""Pixels for what a formula comes to."""
AROUND_TEXT = 32
"""Pixels that a line has beside its text."""
STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}


class Editor(QWidget):
    """What all editors share: `entered` gives a canonical value, `refused` the reason why a text is none."""

    entered = Signal(object)
    refused = Signal(str)
    finished = Signal()
    """The person is done with the field for now: Enter, or the keyboard went elsewhere."""

    def __init__(self, param: Param) -> None:
        super().__init__()
        self.param = param
        self._value: Value = param.default
        self._fresh = True
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.result = ""
        """What the formula comes to; empty where there is none."""
        self.names: Names = {}
        """What formulas can read."""
        self.reset_action = QAction(self.tr("Reset to the default"), self)
        self.reset_action.triggered.connect(self.reset)
        self.formula_action = QAction(self.tr("Write a formula"), self, visible=False)
        self.formula_action.triggered.connect(self._begin_formula)
        self.promote_action = QAction(self.tr("Make it an argument of the block…"), self, visible=False)

    def show_value(self, value: Value, several: bool = False) -> None:
        """Show a value; a text that was refused stays until the value really changes."""
        if self._fresh or several or value != self._value or type(value) is not type(self._value):
            self._fresh = False
            self._value = value
            self._show(value, several)

    def forget(self) -> None:
        """Show the next value in any case, even over a refused text."""
        self._fresh = True

    def mark(self, invalid: bool, dimmed: bool) -> None:
        """Show that the value is wrong, or that it is the default."""
        for widget in self._marked():
            before = (widget.property("invalid"), widget.property("dimmed"))
            if before != (invalid, dimmed):
                widget.setProperty("invalid", invalid)
                widget.setProperty("dimmed", dimmed)
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def reset(self) -> None:
        """Go back to the default, as if it had been entered."""
        self._fresh = True
        self._enter(self.param.default)
        self.finished.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self.reset_action, self.formula_action, self.promote_action])
        menu.popup(event.globalPos())

    def show_result(self, text: str) -> None:
        """Show what a formula comes to; nothing where there is none."""
        self.result = text

    def tell(self, reason: str) -> None:
        """Take the reason why the value is wrong, "" for none; most editors leave it to the form to show."""

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme; most editors have those of the stylesheet."""

    def _begin_formula(self) -> None:
        """Put the value into a formula, to be gone on with."""
        self._enter(f"= {self._value!r}")

    def _enter(self, value: Value) -> None:
        self._value = value
        self.entered.emit(value)

    def _show(self, value: Value, several: bool) -> None:
        raise NotImplementedError

    def _marked(self) -> Sequence[QWidget]:
        return [self.focusProxy()]

    def _adopt(self, widget: QWidget) -> None:
        self.layout().addWidget(widget)
        self.setFocusProxy(widget)


class LineEditor(Editor):
    """A line of text, for numbers and texts: every valid keystroke counts at once."""

    def __init__(self, param: Param, *, formulas: bool = False) -> None:
        super().__init__(param)
        self._formulas = formulas
        self.line = _Line(param)
        self.line.addActions([self.reset_action, self.promote_action])
        self._adopt(self.line)
        self.line.textEdited.connect(self._typed)
        self.line.spun.connect(self._spun)
        self.line.editingFinished.connect(self._tidy)
        self.line.given_up.connect(self._give_up)

    def _show(self, value: Value, several: bool) -> None:
        self.line.setPlaceholderText(self.tr("several") if several else self.tr("none"))
        if several:
            self.line.clear()
        elif not self.line.hasFocus() or not self._says(value):
            self.line.setText(text_of(value))
            self.line.setCursorPosition(0)

    def show_result(self, text: str) -> None:
        super().show_result(text)
        self.line.show_result(text)

    def whole_width(self) -> int:
        """The pixels in which the whole text and its result can be read."""
        text = self.line.fontMetrics().horizontalAdvance(self.line.text())
        return text + self.line.textMargins().right() + AROUND_TEXT

    def _read(self, text: str) -> Value:
        if self._formulas and isinstance(self.param, NUMBERS):
            return number_of(text, self.param, self.names)
        return formula_of(text) if self._formulas and is_formula(text.strip()) else value_of(text, self.param)

    def _says(self, value: Value) -> bool:
        try:
            return self._read(self.line.text()) == value
        except ValueError:
            return False

    def _typed(self, text: str) -> None:
        try:
            value = self._read(text)
        except ValueError as error:
            self.refused.emit(str(error))
        else:
            self._enter(value)

    def _spun(self, text: str) -> None:
        self.line.setText(text)
        self._typed(text)

    def _tidy(self) -> None:
        if self._says(self._value):
            self.line.setText(text_of(self._value))
        self.finished.emit()

    def _give_up(self) -> None:
        self.line.setText(text_of(self._value))
        self._enter(self._value)


class _Line(QLineEdit):
    """A line edit whose numbers move with the arrow keys, and with the wheel while it has the keyboard."""

    spun = Signal(str)
    given_up = Signal()

    def __init__(self, param: Param) -> None:
        super().__init__()
        self._param = param
        self._result = ""
        self.setProperty("mono", True)

    def show_result(self, text: str) -> None:
        """Show what the formula comes to at the right, where there is room."""
        if text != self._result:
            self._result = text
            self.setTextMargins(0, 0, self._result_width(), 0)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._result:
            painter = QPainter(self)
            painter.setPen(self.palette().placeholderText().color())
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect().adjusted(0, 0, -8, 0), right, self._told())
            painter.end()

    def _result_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._told()) + 6 if self._result else 0

    def _told(self) -> str:
        whole = f"→ {self._result}"
        return self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, MOST_RESULT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS and self._spin(STEPS[Qt.Key(event.key())]):
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.property("invalid"):
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() // 120 or (1 if event.angleDelta().y() > 0 else 0)
        if self.hasFocus() and steps and self._spin(steps):
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addSeparator()
        menu.addActions(self.actions())
        menu.popup(event.globalPos())

    def _spin(self, steps: int) -> bool:
        at = self.cursorPosition()
        text = stepped(self.text(), self._param, steps, at)
        if text is not None:
            self.spun.emit(text)
            self.setCursorPosition(min(at, len(text)))
        return text is not None


class BoolEditor(Editor):
    """On or off."""

    def __init__(self, param: Param) -> None:
        super().__init__(param)
        self.box = QCheckBox()
        self.box.setProperty("boxed", True)
        self._adopt(self.box)
        self.box.clicked.connect(self._clicked)

    def _show(self, value: Value, several: bool) -> None:
        self.box.setTristate(several)
        state = Qt.CheckState.Checked if value is True else Qt.CheckState.Unchecked
        self.box.setCheckState(Qt.CheckState.PartiallyChecked if several else state)
        self._word()

    def _clicked(self) -> None:
        self.box.setTristate(False)
        self._word()
        self._enter(self.box.isChecked())
        self.finished.emit()

    def _word(self) -> None:
        words = {Qt.CheckState.Checked: self.tr("on"), Qt.CheckState.Unchecked: self.tr("off")}
        self.box.setText(words.get(self.box.checkState(), self.tr("several")))


class ChoiceEditor(Editor):
    """One of a few texts."""

    def __init__(self, param: Choice) -> None:
        super().__init__(param)
        self.combo = Combo()
        self.combo.addItems(param.options)
        self._adopt(self.combo)
        self.combo.activated.connect(self._chosen)

    def _show(self, value: Value, several: bool) -> None:
        self.combo.setPlaceholderText(self.tr("several") if several else text_of(value))
        self.combo.setCurrentIndex(-1 if several else self.combo.findText(str(value)))

    def _chosen(self, row: int) -> None:
        self._enter(self.combo.itemText(row))
        self.finished.emit()


class FieldEditor(Editor):
    """The name of a field of the data: one of those there are, or any text."""

    def __init__(self, param: Param, names: Sequence[str]) -> None:
        super().__init__(param)
        self.combo = Combo()
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.addItems(names)
        self.combo.lineEdit().setAccessibleName(param.name)  # screen readers come to the line, not to its box
        # Completing inside the line would put letters there that nobody typed.
        self.combo.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._adopt(self.combo)
        self.combo.lineEdit().textEdited.connect(self._enter)
        self.combo.lineEdit().editingFinished.connect(self.finished)
        self.combo.activated.connect(lambda row: self._enter(self.combo.itemText(row)))

    def offer(self, names: Sequence[str]) -> None:
        """Offer these names from now on; the text stays as it is."""
        if [self.combo.itemText(row) for row in range(self.combo.count())] != list(names):
            text = self.combo.currentText()
            self.combo.clear()
            self.combo.addItems(names)
            self.combo.setCurrentText(text)

    def _show(self, value: Value, several: bool) -> None:
        self.combo.lineEdit().setPlaceholderText(self.tr("several") if several else self.tr("choose"))
        if several or self.combo.currentText() != text_of(value):
            self.combo.setCurrentText("" if several else text_of(value))


class ChoicesEditor(Editor):
    """Any of a few texts: a box for each."""

    def __init__(self, param: Choices) -> None:
        super().__init__(param)
        self._boxes = [QCheckBox(option) for option in param.options]
        for box in self._boxes:
            self.layout().addWidget(box)
            box.clicked.connect(self._clicked)
        if self._boxes:
            self.setFocusProxy(self._boxes[0])

    def _show(self, value: Value, several: bool) -> None:
        chosen = value if isinstance(value, tuple) else (value,)
        for box in self._boxes:
            box.setTristate(several)
            state = Qt.CheckState.Checked if box.text() in chosen else Qt.CheckState.Unchecked
            box.setCheckState(Qt.CheckState.PartiallyChecked if several else state)

    def _clicked(self) -> None:
        for box in self._boxes:
            box.setTristate(False)
        checked = (box.text() for box in self._boxes if box.checkState() == Qt.CheckState.Checked)
        self._enter(tuple(checked))
        self.finished.emit()

    def _marked(self) -> Sequence[QWidget]:
        return self._boxes
