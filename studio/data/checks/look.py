"""What a check gets to look at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np

from studio.data.browsing.opened import NOWHERE, Opened
from studio.data.browsing.seen import Seen
from studio.data.findings import spread
from studio.data.raw import Array
from studio.errors import Fix
from studio.project import sample_edits
from studio.project.project import Project

Level = Literal["error", "warning", "note"]
MOST_NAMED = 3
"""Samples that a sentence names."""


class Cancelled(Exception):  # noqa: N818 - no error: the person wanted it
    """The person has seen enough."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something about the data that deserves a look. `rows` are the samples it is about, in the source.

    Fixes are edits of the project; the files stay as they are.
    """

    check: str
    level: Level
    sentence: str
    hint: str = ""
    count: int = 0
    rows: tuple[int, ...] = ()
    column: str = ""
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclude:
    """The edit that leaves samples out, by their names."""

    keys: tuple[str, ...]

    def __call__(self, project: Project) -> Project:
        """The project without them."""
        return sample_edits.exclude(project, self.keys)

    def leaves_some(self, opened: Opened) -> bool:
        """Whether any sample of those in use is left."""
        in_use = opened.in_use
        return len(self.keys) < len(in_use) or not set(self.keys).issuperset(opened.keys(in_use))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most samples that are looked at: as they are, by decoding files, by fitting models."""

    samples: int = 300_000
    files: int = 20_000
    fitted: int = 20_000


@dataclass(frozen=True)
class Look:
    """The data, how much of it may be looked at, and what several checks share."""

    opened: Opened
    bounds: Bounds = Bounds()
    cancelled: Callable[[], bool] = lambda: False
    moved: Callable[[float], None] = lambda share: None
    """Told how far a check is, 0 to 1."""
    shared: dict[str, Any] = field(default_factory=dict)

    def go_on(self, share: float = 0.0) -> None:
        """Say how far it is; raises Cancelled where nobody waits any more."""
        if self.cancelled():
            raise Cancelled
        self.moved(share)

    def rows(self, most: int | None = None, left_out: bool = False) -> Array:
        """The samples to look at, spread over all that are used; also those that lack a value and are left
        out for it, where that is asked for.
        """
        used = self.opened.used if left_out else self.opened.in_use
        return used[spread(len(used), self.bounds.samples if most is None else most)]

    def looked_at(self, rows: Array) -> str:
        """Words for a sentence where not all samples were looked at."""
        total = len(self.opened.in_use)
        return f" (looked at {len(rows):,} of {total:,} samples)" if len(rows) < total else ""

    def named(self, rows: Iterable[int]) -> str:
        """Samples as a person finds them: by their file, or by their row."""
        chosen = list(rows)
        more = f" and {len(chosen) - MOST_NAMED:,} more" if len(chosen) > MOST_NAMED else ""
        if self.opened.table.keys is not None:
            return ", ".join(self.opened.key(int(row)) for row in chosen[:MOST_NAMED]) + more
        names = ", ".join(f"{int(row) + 1}" for row in chosen[:MOST_NAMED])
        return f"{'row' if len(chosen) == 1 else 'rows'} {names}{more}"

    def in_parts(self, rows: Array) -> Array:
        """The place in PARTS of each row."""
        return self.opened.parts[rows]

    def exclude(self, rows: Iterable[int], what: str) -> Fix:
        """The repair that leaves samples out; `what` they are, in the plural and in the singular."""
        keys = self.opened.keys(rows)
        return Fix(f"Exclude {counted(len(keys), what)}", Exclude(keys))

    def leave_out(self, columns: Iterable[Seen]) -> tuple[Fix, ...]:
        """The repair that leaves columns out, where they are columns of the source."""
        names = tuple(one.of for one in columns if one.whole)
        if not names:
            return ()
        label = f"Leave out {names[0]}" if len(names) == 1 else f"Leave out {len(names)} columns"
        return (Fix(label, partial(_leave_out, names)),)


def counted(count: int, what: str) -> str:
    """A number of things: "12 duplicates", "1 duplicate"."""
    return f"{count:,} {what if count != 1 else singular(what)}"


def singular(what: str) -> str:
    """One of several things, whose first word is the plural, or the last one where that is none."""
    first, _, rest = what.partition(" ")
    if rest and not first.endswith("s"):
        return f"{first} {singular(rest)}"
    for ending, one in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if first.endswith(ending):
            first = first.removesuffix(ending) + one
            break
    return f"{first} {rest}".strip()


def robust(values: Array) -> Array:
    """How far each value lies from the middle, in deviations that outliers do not widen; 0 where missing."""
    there = values[np.isfinite(values)]
    if len(there) < 3:
        return np.zeros(len(values))
    middle = np.median(there)
    spread_ = 1.4826 * np.median(np.abs(there - middle))
    if spread_ == 0:
        spread_ = there.std()
    if spread_ == 0:
        return np.zeros(len(values))
    return np.where(np.isfinite(values), np.abs(values - middle) / spread_, 0.0)


def is_used(parts: Array) -> Array:
    """Which samples are in a part."""
    return parts != NOWHERE


def _leave_out(names: tuple[str, ...], project: Any) -> Any:  # noqa: ANN401
    return sample_edits.leave_out(project, names)
