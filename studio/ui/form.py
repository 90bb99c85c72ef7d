"""A form made from declarations of parameters: a row each, with its documentation and its mistakes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from studio.project.expressions import Names, is_formula
from studio.project.params import Bool, Choice, Code, FieldName, FilePath, Param, Table, Value
from studio.ui.card import Facts
from studio.ui.editor_for import editor_for
from studio.ui.field_editors import Editor, FieldEditor, LineEditor
from studio.ui.form_row import Row
from studio.ui.table_editor import TableEditor
from studio.ui.theme import DARK, Tokens

WIDE = (FilePath, Table, Code)
"""Kinds whose editors take the whole width, below their label."""
FORMULAS = (Bool, Choice, FieldName)
"""Kinds with a widget of their own that may have a formula all the same, as a line of text then."""


class Form(QWidget):
    """Rows of labels and fields. Texts that are refused stay in their field, with the reason below.

    With `formulas`, a text that begins with "=" is taken as a formula, and what it comes to is shown.
    """

    edited = Signal(str, object)
    """A parameter's name and its new value, already checked."""
    promoted = Signal(str)
    """A parameter that is to become an argument of the block."""
    dragging = Signal(bool)
    """A parameter is dragged, or no longer."""

    def __init__(
        self,
        params: tuple[Param, ...],
        choices: Mapping[str, Sequence[str]] | None = None,
        folder: Callable[[], Path] = Path.cwd,
        parent: QWidget | None = None,
        *,
        formulas: bool = False,
    ) -> None:
        super().__init__(parent)
        self._formulas = formulas
        self._names: Names = {}
        self._promotable = False
        self._tokens = DARK
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
        self._rows: dict[str, Row] = {}
        self._several: Collection[str] = ()
        for param in params:
            if not param.advanced:
                self._add(param)
        self._fixed = Facts("secondary", 12)
        self._fixed.layout().setContentsMargins(0, 4, 0, 4)
        self._grid.addWidget(self._fixed, self._grid.rowCount(), 0, 1, 2)
        self._fixed.hide()
        self._folded = {param.name: param for param in params if param.advanced}
        """Those whose rows are not made yet: most people never unfold them."""
        self.more = self._make_more(bool(self._folded))

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
        params = {**{name: row.param for name, row in self._rows.items()}, **self._folded}
        self._values = {name: values.get(name, param.default) for name, param in params.items()}
        self._problems, self._several = problems or {}, several
        for row in self._rows.values():
            self._show(row)
        self._refresh()

    def set_names(self, names: Names) -> None:
        """Compute formulas from these names from now on."""
        self._names = names
        for row in self._rows.values():
            row.editor.names = names

    def suggest(self, name: str, values: Mapping[str, Value]) -> None:
        """Offer names where one is added to a table."""
        editor = self._row(name).editor if self.has(name) else None
        if isinstance(editor, TableEditor):
            editor.suggest(values)

    def offer(self, name: str, names: Sequence[str]) -> None:
        """Offer these names where one of the data is chosen."""
        editor = self._row(name).editor if self.has(name) else None
        if isinstance(editor, FieldEditor):
            editor.offer(names)

    def allow_promotion(self, allowed: bool) -> None:
        """Offer to make arguments of the block of parameters, or not."""
        self._promotable = allowed
        for row in self._rows.values():
            self._allow(row)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for row in self._rows.values():
            row.editor.set_tokens(tokens)

    def forget(self) -> None:
        """Forget refused texts: the form is about to show something else."""
        self.burst += 1
        for row in self._rows.values():
            row.refused = ""
            row.editor.forget()

    def set_fixed(self, rows: Mapping[str, str]) -> None:
        """Show values that nobody sets, such as arguments read off the input shapes."""
        self._fixed.show_rows(rows)

    def has(self, name: str) -> bool:
        """Whether there is such a parameter."""
        return name in self._rows or name in self._folded

    def unfolded(self, name: str) -> QWidget:
        """The widget that edits a parameter, in sight."""
        if self._row(name).param.advanced:
            self.more.setChecked(True)
        return self.field(name)

    def field(self, name: str) -> QWidget:
        """The widget that edits a parameter."""
        return self._row(name).editor.focusProxy()

    def _row(self, name: str) -> Row:
        """A parameter's row, made now where it is not yet."""
        if name in self._folded:
            self._make_folded()
        return self._rows[name]

    def _make_folded(self) -> None:
        folded, self._folded = self._folded, {}
        for name, param in folded.items():
            self._add(param)
            row = self._rows[name]
            row.editor.names = self._names
            row.editor.set_tokens(self._tokens)
            self._allow(row)
            self._show(row)

    def _add(self, param: Param) -> None:
        row = Row(param, self._editor(param))
        at = self._grid.rowCount()
        wide = isinstance(param, WIDE)
        self._grid.addWidget(row.label, at, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(row.editor, at + wide, 1 - wide, 1, 1 + wide)
        self._grid.addWidget(row.reason, at + wide + 1, 0, 1, 2)
        self._rows[param.name] = row
        row.label.dragging.connect(self.dragging)
        self._listen(row)

    def _allow(self, row: Row) -> None:
        row.editor.promote_action.setVisible(self._promotable)
        row.label.allow(self._promotable)

    def _show(self, row: Row) -> None:
        name = row.param.name
        value, row.several = self._values.get(name, row.param.default), name in self._several
        self._suit(row, value)
        row.editor.show_value(value, row.several)

    def _listen(self, row: Row) -> None:
        name, editor = row.param.name, row.editor
        editor.entered.connect(lambda value: self._entered(name, value))
        editor.refused.connect(lambda reason: self._refused(name, reason))
        editor.finished.connect(self._finished)
        editor.promote_action.triggered.connect(lambda: self.promoted.emit(name))
        editor.promote_action.setVisible(self._promotable)
        editor.formula_action.setVisible(self._formulas and isinstance(row.param, FORMULAS))

    def _suit(self, row: Row, value: Value) -> bool:
        """A formula is edited as a line of text, whatever the kind; says whether the editor changed."""
        as_line = self._formulas and is_formula(value)
        if not isinstance(row.param, FORMULAS) or as_line == isinstance(row.editor, LineEditor):
            return False
        old, held = row.editor, row.editor.focusProxy().hasFocus()
        made = LineEditor(row.param, formulas=True) if as_line else self._editor(row.param)
        made.names = self._names
        self._grid.replaceWidget(old, made)
        row.take(made)
        self._listen(row)
        old.hide()
        old.deleteLater()
        if held:
            made.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _editor(self, param: Param) -> Editor:
        offered = self._choices.get(param.name, ())
        return editor_for(param, offered, self._folder, formulas=self._formulas)

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
        if opened:
            self._make_folded()
        self._refresh()

    def _entered(self, name: str, value: Value) -> None:
        row = self._rows[name]
        row.refused, row.several = "", False
        self._values[name] = value
        if self._suit(row, value):
            row.editor.show_value(value)
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
        advanced = (
            any(self._rows[name].param.advanced for name in wrong) or self._folded.keys() & self._problems
        )
        if advanced and not self.more.isChecked():
            self.more.setChecked(True)
            return
        for name, row in self._rows.items():
            opened = not row.param.advanced or self.more.isChecked()
            row.set_visible(opened and row.param.applies(self._values))
            row.show_result(self._values.get(name), self._names if self._formulas else None)
            row.mark(self._values.get(name), self._problems.get(name))
