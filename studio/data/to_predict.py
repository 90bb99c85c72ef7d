"""What kind of thing a column is once it is to be predicted: classes, or a number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.data.cells import Held
from studio.data.findings import find_column, looked_at
from studio.data.series import Texts
from studio.data.table import SourceColumn, Table

MOST_CLASSES, ROWS_PER_CLASS = 20, 5
"""Whole numbers to predict are classes if they are few and each comes up often enough."""
AS_FOUND = frozenset({"image", "mask", "audio", "number", "time"})


def kind_to_predict(name: str, column: SourceColumn, chosen: str) -> str:
    """Classes or numbers, as `chosen`; auto makes texts, and few whole numbers that come up often, classes,
    and leaves paths of files, numbers and dates that are written as texts to what is found.
    """
    if column.kind == "number" and not isinstance(column.cells, Texts):
        return "number"
    if chosen != "auto":
        return "category" if chosen == "classes" else "number"
    if isinstance(column.cells, Texts):
        return column.kind or ("" if find_column(name, column).kind in AS_FOUND else "category")
    values = column.cells.values if isinstance(column.cells, Held) else np.zeros(0)
    if values.dtype.kind == "M":
        return "time"
    return "category" if _few_whole(values[looked_at(column.cells)]) and _few_whole(values) else "number"


def kind_in_role(table: Table, name: str, found: str, role: str) -> str:
    """The kind of a column that was `found` to be one, in the role that the user gave it.

    What only the user predicts may be classes. What the source predicts, and the user does not, is looked at
    as any other column.
    """
    column = table.columns[name]
    if role and role != "target" == column.role and table.target_kind:
        return find_column(name, replace(column, kind="")).kind
    if role == "target" != column.role and table.target_kind and found == "number":
        return kind_to_predict(name, column, table.target_kind) or found
    return found


def _few_whole(values: np.ndarray) -> bool:
    there = values[np.isfinite(values)]
    if not len(there) or (there != np.round(there)).any():
        return False
    different = len(np.unique(there))
    return different <= MOST_CLASSES and len(there) >= ROWS_PER_CLASS * different > ROWS_PER_CLASS
