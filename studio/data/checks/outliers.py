"""Values far from all others: numbers, and pictures by their light and size."""

from __future__ import annotations

import numpy as np

from studio.data.checks.look import Flaw, Level, Look, counted, robust
from studio.data.checks.pictures import Summary, pictures, summary
from studio.data.checks.steps import clip, is_clipped, is_no_value, no_value
from studio.data.raw import Array

FAR = 10.0
"""Robust deviations from the middle."""
VERY_FAR = 30.0
RARE = 0.01
"""Share of the samples up to which far values are outliers, and not the nature of the column."""
SENTINELS = frozenset({-1.0, -9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, -99999.0})
OFTEN = 3


def outliers(look: Look) -> list[Flaw]:
    """Numbers far from all others in their column."""
    rows = look.rows()
    found: list[Flaw] = []
    for column in look.opened.columns.values():
        if column.kind != "number" or not column.scalar or column.role == "ignore":
            continue
        look.go_on()
        values = column.numbers(rows)
        far = robust(values) > FAR
        if not far.any() or far.mean() > max(RARE, 1.5 / len(rows)):
            continue
        chosen = rows[far]
        distance = robust(values)[far]
        worst = chosen[np.argmax(distance)]
        if is_clipped(look, column, values[far]):
            continue
        fixes = clip(look, column, values[~far & np.isfinite(values)])
        found.append(
            Flaw(
                "outliers",
                "warning" if distance.max() > VERY_FAR else "note",
                f"{column.name}: {counted(len(chosen), 'values')} {_lie(chosen)} far from all others, "
                f"the farthest {values[rows == worst][0]:.6g} in {look.named([worst])}"
                f"{look.looked_at(rows)}.",
                "A mistake in the data, or worth a transform such as clip or log.",
                len(chosen),
                tuple(chosen.tolist()),
                column.name,
                (*fixes, look.exclude(chosen.tolist(), "outliers")),
            )
        )
    return found


def stand_ins(look: Look) -> list[Flaw]:
    """Numbers such as -999 that are often there, outside of all others: they seem to mean "missing"."""
    rows = look.rows()
    found: list[Flaw] = []
    for column in look.opened.columns.values():
        if column.kind != "number" or not column.scalar or column.role == "ignore":
            continue
        values = column.numbers(rows)
        for value, chosen in _sentinels(values, rows):
            if is_no_value(look, column, value):
                continue
            is_target = column.role == "target"
            found.append(
                Flaw(
                    "range",
                    "error" if is_target else "warning",
                    f"{column.name} is {value:g} in {counted(len(chosen), 'samples')}, such as "
                    f"{look.named(chosen.tolist())}: outside of all other values.",
                    "It seems to stand for a missing value.",
                    len(chosen),
                    tuple(chosen.tolist()),
                    column.name,
                    (*no_value(look, column, value), look.exclude(chosen.tolist(), "samples")),
                )
            )
    return found


def odd_pictures(look: Look) -> list[Flaw]:
    """Pictures that are blank, or far darker, lighter, larger or smaller than all others."""
    found: list[Flaw] = []
    for column in pictures(look):
        told = summary(look, column)
        if len(told.rows) < 3:
            continue
        for what, level, odd in _oddities(told):
            rows = told.rows[odd].tolist()
            if rows:
                found.append(
                    Flaw(
                        "pictures",
                        level,
                        f"{column.name}: {counted(len(rows), 'pictures')} {what}, such as "
                        f"{look.named(rows)}{look.looked_at(told.looked)}.",
                        "Look whether they belong here.",
                        len(rows),
                        tuple(rows),
                        column.name,
                        (look.exclude(rows, "pictures"),),
                    )
                )
    return found


def _lie(rows: Array) -> str:
    return "lies" if len(rows) == 1 else "lie"


def _oddities(told: Summary) -> list[tuple[str, Level, Array]]:
    blank = told.deviation < 0.5
    light = robust(told.mean)
    large = robust(np.log(np.maximum(told.sizes.prod(axis=1), 1).astype(np.float64)))
    far_size = (large > FAR) if large.any() else np.zeros(len(blank), bool)
    limit = max(RARE, 1.5 / len(blank))
    found: list[tuple[str, Level, Array]] = [("of a single colour", "warning", blank)]
    for what, odd in (
        ("far darker or lighter than the others", (light > FAR) & ~blank),
        ("far larger or smaller than the others", far_size),
    ):
        if 0 < odd.mean() <= limit:
            found.append((what, "note", odd))
    return found


def _sentinels(values: Array, rows: Array) -> list[tuple[float, Array]]:
    there = values[np.isfinite(values)]
    found: list[tuple[float, Array]] = []
    for value in SENTINELS & set(np.unique(there).tolist()):
        others = there[there != value]
        where = values == value
        if where.sum() < OFTEN or len(others) < OFTEN or len(np.unique(others)) < OFTEN:
            continue
        reach = others.max() - others.min()
        if value < others.min() - reach / 4 or value > others.max() + reach / 4:
            found.append((value, rows[where]))
    return found
