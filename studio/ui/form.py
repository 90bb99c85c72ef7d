"""A form made from declarations of parameters: a row each, with its documentation and its mistakes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from studio.project.params import Bool, Choice, Choices, FieldName, FilePath, Param, Value
from studio.ui.card import Facts
from studio.ui.field_editors import (
    BoolEditor,
    ChoiceEditor,
    ChoicesEditor,
    Editor,
    FieldEditor,
    LineEditor,
)
from studio.ui.path_editor import PathEditor
from studio.ui.value_text import text_of
from studio.ui.words import declared


class Form(QWidget):
    """Rows of labels and fields. Texts that are refused stay in their field, with the reason below."""

    edited = Signal(str, object)
    """A parameter's name and its new value, already checked."""

    def __init__(
        self,
        params: tuple[Param, ...],
        choices: Mapping[str, Sequence[str]] | None = None,
        folder: Callable[[], Path] = Path.cwd,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.burst = 0
        """Counts up whenever the person is done with a field: edits of one burst make one undo step."""
        self._choices = choices or {}
        self._folder = folder
        self._values: dict[str, Value] = {}
        self._problems: Mapping[str, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, _Row] = {}
        self._fixed_at = 0
        for param in params:
            if not param.advanced:
                self._add(param)
        self._fixed_at = self._grid.rowCount()
        self._grid.setRowMinimumHeight(self._fixed_at, 0)
        self._fixed = Facts("secondary", 12)
        self._fixed.layout().setContentsMargins(0, 4, 0, 4)
        self._grid.addWidget(self._fixed, self._fixed_at, 0, 1, 2)
        self._fixed.hide()
        self.more = self._make_more(any(param.advanced for param in params))
        for param in params:
            if param.advanced:
                self._add(param)

    def set_values(
        self,
        values: Mapping[str, Value],
        problems: Mapping[str, str] | None = None,
        several: Collection[str] = (),
    ) -> None:
        """Show these values (defaults where one is missing), and what is wrong with them, by parameter.

        A problem without a text only marks its field: it is told elsewhere. `several` are parameters that
        have more than one value among what is edited together.
        """
        self._values = {name: values.get(name, row.param.default) for name, row in self._rows.items()}
        self._problems = problems or {}
        for name, row in self._rows.items():
            row.editor.show_value(self._values[name], name in several)
            row.several = name in several
        self._refresh()

    def forget(self) -> None:
        """Forget refused texts: the form is about to show something else."""
        self.burst += 1
        for row in self._rows.values():
            row.refused = ""
            row.editor.forget()

    def set_fixed(self, rows: Mapping[str, str]) -> None:
        """Show values that nobody sets, such as arguments read off the input shapes."""
        self._fixed.show_rows(rows)

    def field(self, name: str) -> QWidget:
        """The widget that edits a parameter."""
        return self._rows[name].editor.focusProxy()

    def _add(self, param: Param) -> None:
        row = _Row(param, self._editor(param))
        at = self._grid.rowCount()
        wide = isinstance(param, FilePath)
        self._grid.addWidget(row.label, at, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(row.editor, at + wide, 1 - wide, 1, 1 + wide)
        self._grid.addWidget(row.reason, at + wide + 1, 0, 1, 2)
        self._rows[param.name] = row
        row.editor.entered.connect(lambda value: self._entered(param.name, value))
        row.editor.refused.connect(lambda reason: self._refused(param.name, reason))
        row.editor.finished.connect(self._finished)

    def _editor(self, param: Param) -> Editor:
        match param:
            case Bool():
                return BoolEditor(param)
            case Choice():
                return ChoiceEditor(param)
            case Choices():
                return ChoicesEditor(param)
            case FieldName():
                return FieldEditor(param, self._choices.get(param.name, ()))
            case FilePath():
                return PathEditor(param, self._folder)
            case _:
                return LineEditor(param)

    def _make_more(self, wanted: bool) -> QToolButton:
        more = QToolButton()
        more.setObjectName("more")
        more.setText(self.tr("More"))
        more.setToolTip(self.tr("Show what is seldom changed"))
        more.setAccessibleName(self.tr("More parameters"))
        more.setCheckable(True)
        more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        more.setArrowType(Qt.ArrowType.RightArrow)
        more.toggled.connect(self._fold)
        self._grid.addWidget(more, self._grid.rowCount(), 0, 1, 2)
        more.setVisible(wanted)
        return more

    def _fold(self, opened: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self._refresh()

    def _entered(self, name: str, value: Value) -> None:
        row = self._rows[name]
        row.refused, row.several = "", False
        self._values[name] = value
        self._problems = {key: text for key, text in self._problems.items() if key != name}
        self._refresh()
        self.edited.emit(name, value)

    def _refused(self, name: str, reason: str) -> None:
        self._rows[name].refused = reason
        self._refresh()

    def _finished(self) -> None:
        self.burst += 1

    def _refresh(self) -> None:
        """Bring every row's visibility and marks up to date."""
        wrong = {name for name, row in self._rows.items() if row.refused or name in self._problems}
        if any(self._rows[name].param.advanced for name in wrong) and not self.more.isChecked():
            self.more.setChecked(True)
            return
        for name, row in self._rows.items():
            opened = not row.param.advanced or self.more.isChecked()
            row.set_visible(opened and row.param.applies(self._values))
            row.mark(self._values.get(name), self._problems.get(name))


class _Row:
    """A parameter's label, editor and the reason why its value will not do."""

    def __init__(self, param: Param, editor: Editor) -> None:
        self.param, self.editor = param, editor
        self.refused, self.several = "", False
        self.label = QLabel(param.name)
        self.label.setProperty("role", "secondary")
        self.label.setBuddy(editor.focusProxy())
        self.label.setMinimumWidth(40)
        self.label.setToolTip(declared(param.doc))
        self.reason = QLabel()
        self.reason.setProperty("role", "error")
        self.reason.setWordWrap(True)
        self.reason.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.reason.hide()
        default = text_of(param.default) or "–"
        editor.setToolTip(f"{declared(param.doc)} ({default})")
        for widget in (editor.focusProxy(), editor):
            widget.setAccessibleName(param.name)
            widget.setAccessibleDescription(declared(param.doc))

    def set_visible(self, visible: bool) -> None:
        """Show or hide the whole row."""
        self.label.setVisible(visible)
        self.editor.setVisible(visible)
        self.reason.setVisible(visible and bool(self.reason.text()))

    def mark(self, value: Value, problem: str | None) -> None:
        """Show what is wrong, and whether the value is the default."""
        says = self.refused or problem or ""
        wrong = bool(self.refused) or problem is not None
        self.reason.setText(says)
        self.reason.setVisible(bool(says) and not self.editor.isHidden())
        self.editor.mark(wrong, value == self.param.default and not self.several)
        self.editor.reset_action.setEnabled(value != self.param.default or self.several or wrong)
        self.editor.focusProxy().setAccessibleDescription(f"{declared(self.param.doc)} {says}".strip())
