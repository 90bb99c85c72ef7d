"""The order of samples by a column; what is missing comes last."""

from __future__ import annotations

import numpy as np

from studio.data.browsing.opened import Opened
from studio.data.browsing.seen import WORDS
from studio.data.raw import Array

PART, KEY = "part", "key"


def arranged(opened: Opened, rows: Array, by: str, descending: bool = False) -> Array:
    """Rows by a column's values, by part, or by name; in the source's order where `by` is ""."""
    if not by or not len(rows):
        return rows
    if by == PART and by not in opened.columns:
        return _ranked(rows, opened.parts[rows].astype(np.float64), descending)
    if by == KEY and by not in opened.columns:
        return _by_texts(rows, [opened.key(int(row)) for row in rows], descending)
    column = opened.columns[by]
    if column.kind in WORDS and column.classes is None:
        return _by_texts(rows, column.words(rows), descending)
    return _ranked(rows, column.numbers(rows), descending) if column.scalar else rows


def _ranked(rows: Array, values: Array, descending: bool) -> Array:
    missing = np.isnan(values)
    there = np.flatnonzero(~missing)
    order = there[np.argsort(-values[there] if descending else values[there], kind="stable")]
    return np.concatenate([rows[order], rows[missing]])


def _by_texts(rows: Array, texts: list[str | None] | list[str], descending: bool) -> Array:
    import polars

    series = polars.Series(texts, dtype=polars.String)
    order = series.arg_sort(descending=descending, nulls_last=True).to_numpy()
    return rows[order]
