"""A value edited where it stands on its node: over its line, the inspector's field for it and its reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QFrame, QVBoxLayout, QWidget

from studio.project.expressions import Names, is_formula
from studio.project.params import Choice, FieldName, Param, Value
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.keyboard_focus import has_keyboard
from studio.ui.editor_for import editor_for
from studio.ui.field_editors import Editor, LineEditor
from studio.ui.form import FORMULAS
from studio.ui.form_row import Row

LEAST_WIDTH, LEAST_TEXT_WIDTH = 112, 156
MOST_WIDTH = 420
"""Pixels up to which the field grows with what is written in it."""
INSET = 3
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
Key = Qt.Key


class ValueField(QFrame):
    """Enter keeps the value, Escape gives up; Tab keeps it and goes on; so does leaving it, if it will do."""

    kept = Signal(object)
    gone_on = Signal(int)
    """To the next value (1) or the one before (-1)."""

    def __init__(self, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._row: Row | None = None
        self._value: Value = None
        self._entered_any = self._popped = False
        self._names: Names = {}
        self._place = QRect()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(INSET, INSET, INSET, INSET)
        self._column.setSpacing(2)
        self.set_ink(ink)
        self.hide()

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        tokens = ink.tokens
        self.setStyleSheet(
            f"ValueField {{ background: {tokens.panel}; border: 1px solid {tokens.accent};"
            " border-radius: 8px; }"
        )

    def open(
        self,
        param: Param,
        value: Value,
        *,
        several: bool = False,
        title: str = "",
        names: Names,
        offered: Sequence[str] = (),
        folder: Callable[[], Path] = Path.cwd,
    ) -> None:
        """Show the field for a parameter; `several`: it has more than one value among what is edited."""
        self._put_off()
        made = editor_for(param, offered, folder, formulas=True)
        if isinstance(param, FORMULAS) and is_formula(value):
            made = LineEditor(param, formulas=True)
        made.names = names
        row = self._row = Row(param, made)
        self._value, self._names = value, names
        self._entered_any = self._popped = False
        made.show_value(value, several)
        row.several = several
        self._column.addWidget(made)
        self._column.addWidget(row.reason)
        made.entered.connect(self._entered)
        made.refused.connect(self._refused)
        self._listen(made)
        self._refresh()
        for widget in (self, made, made.focusProxy()):
            widget.setAccessibleName(title)
        self.show()
        self.raise_()
        made.setFocus(Qt.FocusReason.TabFocusReason)

    def pop_up(self) -> None:
        """Show what can be chosen, where the field has such a list."""
        combo = self.findChild(QComboBox)
        if combo is not None:
            combo.showPopup()

    def put(self, place: QRect) -> None:
        """Lie over a value, beside its name: the rectangle in the parent that it has on its line."""
        self._place = place
        if self._row is None:
            return
        room = self.parentWidget().rect()
        width = min(self._wanted_width(self._row), room.width() - 8)
        self._row.reason.setMinimumWidth(width - 2 * INSET - 2)
        self.layout().activate()
        line = self._row.editor.sizeHint().height()
        height = self.layout().totalHeightForWidth(width) if self.layout().hasHeightForWidth() else 0
        height = max(height, self.layout().sizeHint().height())
        top = place.center().y() - line // 2 - INSET
        x = max(room.left() + 4, min(place.left() - INSET, room.right() - width - 4))
        y = max(room.top() + 4, min(top, room.bottom() - height - 4))
        self.setGeometry(x, y, width, height)

    def _wanted_width(self, row: Row) -> int:
        """As wide as the value's place, or as what is written needs."""
        editor = row.editor
        wide = isinstance(row.param, Choice | FieldName) or not isinstance(editor, LineEditor)
        width = max(self._place.width() + 2 * INSET, LEAST_TEXT_WIDTH if wide else LEAST_WIDTH)
        if row.reason.isVisibleTo(self):
            width = max(width, 2 * LEAST_WIDTH)
        if isinstance(editor, LineEditor):
            width = max(width, min(editor.whole_width() + 2 * INSET, MOST_WIDTH))
        return width

    def close_field(self) -> None:
        """Put the field away; the value stays as it was. The canvas has the keyboard again."""
        if self._row is not None:
            had = has_keyboard(self)
            self._put_off()
            self.hide()
            if had:
                self.parentWidget().setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._row is None:
            return False
        if isinstance(watched, QAbstractItemView):  # the list of a combo box, which has keys of its own
            self._popped = self._popped or event.type() == QEvent.Type.Show
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # single keys are the canvas's shortcuts; in here they are letters
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self._left(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        self._popped = False
        key = Key(event.key())
        if key in ENTER:
            self._keep()
        elif key == Key.Key_Escape:
            self.close_field()
        elif key in (Key.Key_Tab, Key.Key_Backtab):
            back = key == Key.Key_Backtab or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if self._keep():
                self.gone_on.emit(-1 if back else 1)
        else:
            return False
        return True

    def _listen(self, editor: Editor) -> None:
        for widget in editor.findChildren(QWidget):
            if widget.window() is self.window():
                widget.installEventFilter(self)
        for combo in editor.findChildren(QComboBox):
            combo.view().installEventFilter(self)
            combo.activated.connect(self._chosen)

    def _chosen(self) -> None:
        """Choosing from the list is all there was to do; the arrow keys only look around."""
        if self._popped:
            self._keep()

    def _left(self, event: QFocusEvent) -> None:
        popping = event.reason() == Qt.FocusReason.PopupFocusReason or self._popped
        if popping or self._holds(QApplication.focusWidget()):
            return
        if not self._keep():
            self.close_field()

    def _holds(self, widget: QWidget | None) -> bool:
        """Whether a widget belongs to the field; the list of a combo box, a window of its own, does too."""
        while widget is not None and widget is not self:
            widget = widget.parentWidget()
        return widget is self

    def _entered(self, value: Value) -> None:
        assert self._row is not None
        self._value, self._entered_any = value, True
        self._row.refused, self._row.several = "", False
        self._refresh()

    def _refused(self, reason: str) -> None:
        assert self._row is not None
        self._row.refused = reason
        self._refresh()

    def _refresh(self) -> None:
        assert self._row is not None
        self._row.show_result(self._value, self._names)
        self._row.mark(self._value, None)
        self.put(self._place)

    def _keep(self) -> bool:
        """Keep what was entered and close; says whether it will do."""
        if self._row is None:
            return True
        if self._row.refused:
            return False
        value, any_ = self._value, self._entered_any
        self.close_field()
        if any_:
            self.kept.emit(value)
        return True

    def _put_off(self) -> None:
        """Take the editor out; it may be what an event is just being delivered to."""
        row, self._row = self._row, None
        if row is not None:
            row.editor.blockSignals(True)  # a key may still be on its way to it
            for widget in (row.editor, row.reason):
                self._column.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
            row.label.deleteLater()
