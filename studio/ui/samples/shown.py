"""What a list of samples is made from, off the UI thread: the data opened, filtered, ordered and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import StudioError
from studio.project.project import Data

if TYPE_CHECKING:
    from numpy import ndarray

    from studio.data.browsing.filters import Asked
    from studio.data.browsing.opened import Opened


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is wanted: its filter, the column it is ordered by, and in which direction."""

    text: str = ""
    among: tuple[int, ...] | None = None
    problems: tuple[int, ...] = ()
    by: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The data and the rows to list. `wrong` says why the filter or the order cannot be: all are listed."""

    opened: Opened
    rows: ndarray
    titles: tuple[str, ...]
    numbers: frozenset[str]
    """The columns that are written to the right."""
    sortable: tuple[str, ...]
    drawn: bool
    counts: Mapping[str, tuple[tuple[str, int], ...]]
    parts: Mapping[str, int]
    wrong: str = ""


def opened_anew(data: Data, folder: Path, order: Order) -> Shown:
    """Open the data and list it; raises StudioError."""
    import numpy as np

    from studio.data.browsing.counting import target_counts
    from studio.data.browsing.opened import open_data
    from studio.data.browsing.pages import drawable, titles
    from studio.data.splits import PARTS

    opened = open_data(data, folder)
    sortable = tuple(
        one.name for one in opened.columns.values() if one.scalar or one.kind in ("text", "identifier")
    )
    parts = {part: int((opened.parts == at).sum()) for at, part in enumerate(PARTS)}
    shown = Shown(
        opened,
        np.arange(opened.samples),
        titles(opened),
        frozenset(one.name for one in opened.columns.values() if one.kind == "number"),
        sortable,
        bool(drawable(opened)),
        target_counts(opened),
        parts if sum(parts.values()) else {},
    )
    return ordered(shown, order)


def ordered(shown: Shown, order: Order) -> Shown:
    """The same data listed in another way."""
    import numpy as np

    from studio.data.browsing.sorting import arranged

    try:
        asked = _asked(order)
        by = order.by if order.by in shown.sortable or order.by in ("part", "key") else ""
        rows = arranged(shown.opened, _filtered(shown, asked), by, order.descending)
    except StudioError as error:
        return replace(
            shown, rows=np.arange(shown.opened.samples), wrong=f"{error.message} {error.hint}".strip()
        )
    return replace(shown, rows=rows, wrong="")


def _asked(order: Order) -> Asked:
    from studio.data.browsing.filters import Asked

    return Asked(order.text, order.among, order.problems)


def _filtered(shown: Shown, asked: Asked) -> ndarray:
    from studio.data.browsing.filters import filtered

    return filtered(shown.opened, asked)
