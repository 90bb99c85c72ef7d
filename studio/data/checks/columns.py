"""Columns that say nothing, say the same as another, or lack values."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np

from studio.data.browsing.seen import WORDS, Seen
from studio.data.checks.look import Flaw, Look, counted, is_used
from studio.data.raw import Array
from studio.errors import Fix
from studio.project.field_edits import with_missing

NEARLY = 0.99
"""Share of one value from which a column is nearly constant."""
LEAST = 50
"""Samples from which a share means something."""
MOSTLY_MISSING = 0.5


def constant(look: Look) -> list[Flaw]:
    """Columns with one value, or almost only one."""
    rows = look.rows()
    found: list[Flaw] = []
    for column in _plain(look):
        values, counts = np.unique(_comparable(column, rows), return_counts=True)
        share = counts.max() / len(rows) if len(rows) else 0.0
        if len(values) == 1:
            found.append(_constant(look, column, rows))
        elif share >= NEARLY and len(rows) >= LEAST and column.role == "input" and column.kind != "text":
            found.append(_nearly(look, column, rows, share))
    return found


def repeated(look: Look) -> list[Flaw]:
    """Columns with the same values as another."""
    rows = look.rows()
    first: dict[bytes, Seen] = {}
    found: list[Flaw] = []
    for column in _plain(look):
        values = _comparable(column, rows)
        if len(np.unique(values)) < 2:
            continue
        other = first.setdefault(sha256(values.tobytes() + column.kind.encode()).digest(), column)
        if other is not column and "input" in (one_role := (column.role, other.role)):
            extra = column if column.role == "input" else other
            level = "error" if "target" in one_role else "warning"
            hint = "The target is given away." if level == "error" else "One of the two is enough."
            found.append(
                Flaw(
                    "repeated",
                    level,
                    f"{column.name} holds the same values as {other.name}.",
                    hint,
                    len(rows),
                    column=extra.name,
                    fixes=look.leave_out([extra]),
                )
            )
    return found


def missing(look: Look) -> list[Flaw]:
    """Columns with values that are missing."""
    rows = look.rows(left_out=True)
    found: list[Flaw] = []
    for column in _plain(look):
        gone = _wanted(look, column, rows[_missing(column, rows)])
        if len(gone):
            found.append(_missing_flaw(look, column, rows, gone))
    return found


def _wanted(look: Look, column: Seen, rows: Array) -> Array:
    """But for rows that are left out because what stands there is no value."""
    planned = look.opened.planned.get(column.of)
    if planned is None or planned.odd != "skip" or look.opened.ready is None:
        return rows
    return rows[is_used(look.in_parts(rows))]


def _plain(look: Look) -> list[Seen]:
    """Columns with one value for each sample."""
    found = [one for one in look.opened.columns.values() if one.role != "ignore"]
    return [one for one in found if one.scalar or one.kind in WORDS]


def _comparable(column: Seen, rows: Array) -> Array:
    """Values as an array that can be compared; what is missing counts as a value."""
    if column.kind in WORDS:
        return np.array(["" if word is None else word for word in column.words(rows)])
    return np.nan_to_num(column.numbers(rows), nan=np.finfo(np.float64).min)


def _missing(column: Seen, rows: Array) -> Array:
    if column.kind in WORDS:
        return np.array([word is None for word in column.words(rows)], bool)
    return np.isnan(column.numbers(rows))


def _constant(look: Look, column: Seen, rows: Array) -> Flaw:
    value = column.texts(rows[:1])[0] or "nothing"
    if column.role == "target":
        hint = "There is nothing to learn: choose another target, or bring samples of other classes."
        sentence = f"{column.name}, the target, is {value} in every sample{look.looked_at(rows)}."
        return Flaw("constant", "error", sentence, hint, len(rows), (), column.name)
    sentence = f"{column.name} is {value} in every sample{look.looked_at(rows)}."
    return Flaw(
        "constant",
        "warning",
        sentence,
        "It says nothing.",
        len(rows),
        (),
        column.name,
        look.leave_out([column]),
    )


def _nearly(look: Look, column: Seen, rows: Array, share: float) -> Flaw:
    texts = column.texts(rows)
    names, counts = np.unique(np.array(texts), return_counts=True)
    most = str(names[counts.argmax()])
    others = tuple(int(row) for row, text in zip(rows, texts, strict=True) if text != most)
    return Flaw(
        "constant",
        "note",
        f"{column.name} is {most or 'missing'} in {share:.1%} of the samples{look.looked_at(rows)}.",
        "It says next to nothing, unless the rare values matter.",
        len(others),
        others,
        column.name,
        look.leave_out([column]),
    )


def _missing_flaw(look: Look, column: Seen, rows: Array, gone: Array) -> Flaw:
    share = len(gone) / len(rows)
    planned = look.opened.planned.get(column.of)
    if planned is not None and planned.missing == "skip":
        level, hint, fixes = "note", "As set, these samples are left out.", []
    elif column.role == "target":
        fixes = [look.exclude(gone.tolist(), "samples without a target")]
        level, hint = "error", "Without a target a sample teaches nothing."
    else:
        handled = planned is not None and planned.missing != "error" and column.whole
        level, hint = (
            ("note", "As set, something stands in.") if handled else ("warning", "Choose what stands in.")
        )
        fixes = [] if handled else _stand_ins(column)
        if share >= MOSTLY_MISSING:
            fixes += look.leave_out([column])
        fixes.append(look.exclude(gone.tolist(), "samples"))
    verb = "is" if len(gone) == 1 else "are"
    sentence = (
        f"{column.name}: {counted(len(gone), 'values')} ({share:.1%}) {verb} missing{look.looked_at(rows)}."
    )
    return Flaw(
        "missing", level, sentence, hint, len(gone), tuple(gone.tolist()), column.name, tuple(fixes)
    )  # fmt: skip


def _stand_ins(column: Seen) -> list[Fix]:
    if not column.whole or column.kind not in ("number", "category"):
        return []
    how = "median" if column.kind == "number" else "class"
    label = "Put in the median" if how == "median" else "Make missing a class"
    return [Fix(label, partial(_with_missing, column.of, how))]


def _with_missing(name: str, how: str, project: Any) -> Any:  # noqa: ANN401
    from dataclasses import replace

    return replace(project, data=with_missing(project.data, [name], how))
