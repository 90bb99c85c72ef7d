"""Several samples of one person, device or session, which a random split deals to all parts."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.browsing.seen import WORDS, Seen
from studio.data.checks.look import Flaw, Look
from studio.data.findings import words_of
from studio.data.raw import Array
from studio.errors import Fix
from studio.project import sample_edits

OWNERS = frozenset(
    (
        "patient",
        "subject",
        "user",
        "customer",
        "client",
        "person",
        "group",
        "session",
        "device",
        "speaker",
        "id",
    )
)
"""Words in the names of columns that say whose a sample is."""
FEWEST, SEVERAL = 10, 0.9
"""Groups from which a column is taken for one of groups, and the share of them with several samples."""


def groups(look: Look) -> list[Flaw]:
    """A column that says whose each sample is, where the split is by chance."""
    table = look.opened.table
    options = values_of(DATA, look.opened.data.options)
    given = table.spans is not None or table.test is not None or table.validation is not None
    if options["split"] != "shares" or given:
        return []
    rows = look.rows()
    for column in look.opened.columns.values():
        many = _many(column, rows) if _names_owners(column) else 0
        if many:
            return [_flaw(column, many, len(rows))]
    return []


def _names_owners(column: Seen) -> bool:
    single = not column.shape and column.kind in ("number", *WORDS)
    return (
        single and column.whole and column.role != "target" and not OWNERS.isdisjoint(words_of(column.name))
    )


def _many(column: Seen, rows: Array) -> int:
    """How many groups there are; 0 where most samples are alone, or groups are few."""
    if column.kind in WORDS:
        values = np.array([word for word in column.words(rows) if word is not None])
    else:
        values = column.numbers(rows)
        values = values[np.isfinite(values)]
    if not len(values) or 2 * len(values) < len(rows):
        return 0
    _, counts = np.unique(values, return_counts=True)
    several = len(counts) >= FEWEST and (counts > 1).mean() >= SEVERAL
    return len(counts) if several else 0


def _flaw(column: Seen, many: int, samples: int) -> Flaw:
    return Flaw(
        "groups",
        "note",
        f"{column.name} has {many:,} values, each about {round(samples / many)} times, and the split is by "
        "chance: samples of one value come into different parts.",
        "Where those are alike, what is measured is too good. Split by groups to keep them together.",
        0,
        (),
        column.name,
        (Fix(f"Split by {column.of}, each value in one part", partial(_split_by, column.of)),),
    )


def _split_by(name: str, project: Any) -> Any:  # noqa: ANN401
    return sample_edits.with_option(
        sample_edits.with_option(project, "split", "groups"), "split_column", name
    )
