"""What the data settings give, without tensors: fields, number of samples, parts and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from studio.catalog.registry import checked_values, values_of
from studio.catalog.settings import DATA
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.project import Data

if TYPE_CHECKING:  # numpy loads with the first real description, not with the window
    from studio.data.pipeline import Asked
    from studio.data.raw import Column, RawData


OF_THE_SPLIT = ("validation", "test", "split", "split_column", "fold", "folds")


@dataclass(frozen=True, slots=True)
class Description:
    """What there is: `parts` are the numbers of samples of train, validation and test.

    `counts` are those of each class, by field; `columns` names the numbers of a field of shape (n,).
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    samples: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)


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
    from studio.data.pipeline import Asked, remembered
    from studio.data.raw import DataError

    problems: tuple[Problem, ...] = ()
    try:
        ready = remembered(asked)
    except DataError as error:
        problems = (error.problem(),)
        if error.param not in OF_THE_SPLIT:
            return Description(problems=problems)
        ready = remembered(Asked(asked.data, asked.folder, values_of(DATA, {})))  # but for the split
    raw = ready.raw
    parts = {} if problems else {name: len(rows) for name, rows in ready.rows.items()}
    return Description(raw.fields, raw.samples, parts, (*problems, *raw.warnings), _counts(raw), raw.columns)


def _counts(raw: RawData) -> dict[str, tuple[int, ...]]:
    import numpy as np

    return {
        name: tuple(np.bincount(raw.arrays[name], minlength=len(one.classes)).tolist())
        for name, one in raw.fields.items()
        if one.classes is not None and one.shape == ()
    }
