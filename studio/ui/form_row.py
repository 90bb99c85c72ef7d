"""A row of a form: a parameter's label and editor, what a formula comes to, and why a value will not do."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QSizePolicy

from studio.project.expressions import Names, computed, is_formula
from studio.project.params import Param, Value
from studio.ui.field_editors import Editor
from studio.ui.row_label import RowLabel
from studio.ui.value_text import text_of
from studio.ui.words import declared


class Row:
    """A parameter's label, editor and the reason why its value will not do."""

    def __init__(self, param: Param, editor: Editor) -> None:
        self.param = param
        self.refused, self.several = "", False
        self._fault = ""
        self._default = text_of(param.default) or "–"
        self.label = RowLabel(param.name, param.doc)
        self.reason = QLabel()
        self.reason.setProperty("role", "error")
        self.reason.setWordWrap(True)
        self.reason.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.reason.hide()
        self.take(editor)

    def take(self, editor: Editor) -> None:
        """Edit the value with this widget from now on."""
        self.editor = editor
        self.label.setBuddy(editor.focusProxy())
        for widget in (editor.focusProxy(), editor):
            widget.setAccessibleName(self.param.name)
            widget.setAccessibleDescription(declared(self.param.doc))

    def set_visible(self, visible: bool) -> None:
        """Show or hide the whole row."""
        self.label.setVisible(visible)
        self.editor.setVisible(visible)
        self.reason.setVisible(visible and bool(self.reason.text()))

    def show_result(self, value: Value, names: Names | None) -> None:
        """Show what a formula comes to; without names there are no formulas."""
        self._fault, result = "", ""
        if names is not None and isinstance(value, str) and is_formula(value) and not self.several:
            try:
                result = text_of(self.param.check(computed(value, names)))
            except ValueError as error:
                self._fault = str(error)
        self.editor.show_result(result)
        told = f"\n{value} → {result}" if result else ""
        self.editor.setToolTip(f"{declared(self.param.doc)} ({self._default}){told}")

    def mark(self, value: Value, problem: str | None) -> None:
        """Show what is wrong, and whether the value is the default."""
        says = self.refused or problem or self._fault
        wrong = bool(self.refused or self._fault) or problem is not None
        self.reason.setText(says)
        self.reason.setVisible(bool(says) and not self.editor.isHidden())
        self.editor.tell(says)
        self.editor.mark(wrong, value == self.param.default and not self.several)
        self.editor.reset_action.setEnabled(value != self.param.default or self.several or wrong)
        told = says or self.editor.result
        self.editor.focusProxy().setAccessibleDescription(f"{declared(self.param.doc)} {told}".strip())
