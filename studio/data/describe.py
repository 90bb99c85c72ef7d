"""What the data settings give, without tensors: fields, number of samples, parts and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from studio.catalog.registry import checked_values, values_of
from studio.catalog.settings import DATA
from studio.errors import Fix, Problem
from studio.project.fields import Field
from studio.project.mending import Forget
from studio.project.project import Data

if TYPE_CHECKING:  # numpy loads with the first real description, not with the window
    from studio.data.column_facts import ColumnFacts
    from studio.data.pipeline import Asked, Ready
    from studio.data.raw import Column, RawData


OF_THE_SPLIT = ("validation", "test", "split", "split_column", "fold", "folds")


@dataclass(frozen=True, slots=True)
class Description:
    """What there is: `parts` are the numbers of samples of train, validation and test.

    `counts` are those of each class, by field; `columns` names the numbers of a field of shape (n,). `facts`
    are what is known of each column of the source, also where no samples can be made of them.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    samples: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    facts: tuple[ColumnFacts, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems with which nothing can be trained."""
        return tuple(one for one in self.problems if one.severity == "error")


def describe(data: Data, folder: Path) -> Description:
    """What the settings give, relative paths from `folder`; users' mistakes become problems.

    An option out of its bounds counts as its default here: the check of the project tells it. Cached by
    settings and the files' time and size; safe to call in any thread.
    """
    if data.source.type == "None":
        return Description()
    from studio.data.pipeline import Asked
    from studio.data.raw import DataError

    options, _ = checked_values(DATA, data.options)
    try:
        return _described(Asked(data, folder, options))
    except DataError as error:
        return Description(problems=(error.problem(),))


@lru_cache(maxsize=8)
def _described(asked: Asked) -> Description:
    from studio.data.column_facts import facts
    from studio.data.one_value import one_value
    from studio.data.pipeline import remembered
    from studio.data.raw import DataError

    problems: tuple[Problem, ...] = ()
    try:
        ready = remembered(asked)
    except DataError as error:
        problems = (error.problem(),)
        ready = _but_for_the_split(asked) if error.param in OF_THE_SPLIT else None
        if ready is None:
            return Description(problems=problems, facts=_facts_of(asked))
    raw = ready.raw
    parts = {} if problems else {name: len(rows) for name, rows in ready.rows.items()}
    counts = _counts(raw)
    told = facts(ready, asked.data, counts)
    problems = (*problems, *one_value(raw, ready.rows, ready.named), *raw.warnings, *_idle(asked, ready))
    return Description(raw.fields, raw.samples, parts, problems, counts, raw.columns, told)


def _but_for_the_split(asked: Asked) -> Ready | None:
    """The samples split as is usual; None where that cannot be done either."""
    from studio.data.pipeline import Asked, remembered
    from studio.data.raw import DataError

    try:
        return remembered(Asked(asked.data, asked.folder, values_of(DATA, {})))
    except DataError:
        return None


def _idle(asked: Asked, ready: Ready) -> tuple[Problem, ...]:
    """A warning of settings whose columns are not there."""
    names = tuple(name for name in asked.data.fields if name not in ready.table.columns)
    if not names:
        return ()
    listed = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    what = f"the column {listed}" if len(names) == 1 else f"the columns {listed}"
    fix = Fix(f"Forget what was set for {listed}", Forget(names))
    message = f"The data have not {what}: what was set there is not used."
    return (
        Problem("warning", message, "It counts again with data that have it.", "", "data.source", (fix,)),
    )


def _facts_of(asked: Asked) -> tuple[ColumnFacts, ...]:
    """The columns where no samples can be made of them; none where the source itself cannot be read."""
    from studio.data.column_facts import facts_before
    from studio.data.findings import find
    from studio.data.raw import DataError
    from studio.data.sources import read_table

    try:
        table = read_table(asked.data.source, asked.folder)
        return facts_before(table, find(table), asked.data)
    except DataError:
        return ()


def _counts(raw: RawData) -> dict[str, tuple[int, ...]]:
    import numpy as np

    return {
        name: tuple(np.bincount(raw.arrays[name], minlength=len(one.classes)).tolist())
        for name, one in raw.fields.items()
        if one.classes is not None and one.shape == ()
    }
