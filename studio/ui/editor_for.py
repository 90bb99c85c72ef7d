"""Which widget edits a kind of parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from studio.project.params import Bool, Choice, Choices, Code, FieldName, FilePath, MetricName, Param, Table
from studio.ui.code_editor import CodeEditor
from studio.ui.field_editors import (
    BoolEditor,
    ChoiceEditor,
    ChoicesEditor,
    Editor,
    FieldEditor,
    LineEditor,
)
from studio.ui.path_editor import PathEditor
from studio.ui.table_editor import TableEditor


def editor_for(param: Param, offered: Sequence[str], folder: Callable[[], Path], *, formulas: bool) -> Editor:
    """A new editor; `offered` are names to choose from, relative paths start at `folder`."""
    match param:
        case Bool():
            return BoolEditor(param)
        case Choice():
            return ChoiceEditor(param)
        case Choices():
            return ChoicesEditor(param)
        case FieldName() | MetricName():
            return FieldEditor(param, offered)
        case FilePath():
            return PathEditor(param, folder)
        case Table():
            return TableEditor(param, formulas=formulas)
        case Code():
            return CodeEditor(param)
        case _:
            return LineEditor(param, formulas=formulas)
