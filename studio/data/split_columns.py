"""Which columns can part the data in the way asked for, where none is chosen or the chosen one is gone."""

from __future__ import annotations

from studio.data.findings import Finding, find_column
from studio.data.raw import DataError
from studio.data.splits import NAMES
from studio.data.table import SourceColumn, Table
from studio.errors import Fix
from studio.project.mending import SetData

MOST_TOLD, MOST_PROPOSED, MOST_LOOKED_AT = 12, 3, 100
SHORTEST, FEWEST = 3, 5
"""Samples of a group, on average; and groups: fewer cannot be dealt to three parts."""


def wrong_column(table: Table, how: str, name: str) -> DataError:
    """Tells that there is no such column, or none to split by; offers those that would do, and shares."""
    listed = ", ".join(list(table.columns)[:MOST_TOLD]) + (" …" if len(table.columns) > MOST_TOLD else "")
    what = f"The data has no column {name}" if name else "No column is chosen for the split"
    if name in table.columns:
        what = f"Each sample has several values in {name}, and a split goes by one"
    proposed = [
        Fix(f"Split by {one}", SetData((("split_column", one),)), rank)
        for rank, one in enumerate(columns_for(table, how))
    ]
    shares = Fix("Split by shares", SetData((("split", "shares"),)), MOST_PROPOSED)
    return DataError(f"{what}.", f"The columns are {listed}.", "split_column", (*proposed, shares))


def columns_for(table: Table, how: str) -> list[str]:
    """Columns that part the data, are in order of time, or group samples; few of them."""
    looked = [
        (name, column)
        for name, column in list(table.columns.items())[:MOST_LOOKED_AT]
        if column.kind not in ("image", "mask", "audio") and column.sizes is None
    ]
    fits = {"column": _tells_parts, "time": _is_time, "groups": _groups}[how]
    return [name for name, column in looked if fits(column, find_column(name, column))][:MOST_PROPOSED]


def _tells_parts(column: SourceColumn, found: Finding) -> bool:
    if column.field is not None:
        classes = column.field.classes or ()
        return bool(classes) and all(one.strip().lower() in NAMES for one in classes)
    return "names of parts" in found.evidence


def _is_time(column: SourceColumn, found: Finding) -> bool:
    return found.kind == "time"


def _groups(column: SourceColumn, found: Finding) -> bool:
    """Names that come up several times, but are no classes to predict."""
    return (
        column.role != "target"
        and found.kind in ("category", "identifier", "text")
        and FEWEST <= found.different <= (found.seen - found.missing) // SHORTEST
    )
