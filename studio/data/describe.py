"""What the data settings give, without tensors: fields, number of samples, parts and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.catalog.registry import checked_values
from studio.catalog.settings import DATA
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.project import Data, Setting

if TYPE_CHECKING:  # numpy loads with the first real description, not with the window
    from studio.data.raw import Column, RawData
    from studio.data.sources import Key


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
    from studio.data.raw import DataError
    from studio.data.sources import source_key

    options, _ = checked_values(DATA, data.options)
    try:
        key = source_key(data.source, folder)
    except DataError as error:
        return Description(problems=(error.problem(),))
    return _described(key, tuple(options.items()))


@lru_cache(maxsize=8)
def _described(key: Key, options: tuple[tuple[str, Any], ...]) -> Description:
    from studio.data.raw import DataError
    from studio.data.sources import read_source

    try:
        raw = read_source(Setting(key[0], dict(key[1])), Path(key[2]))
    except DataError as error:
        return Description(problems=(error.problem(),))
    problems: tuple[Problem, ...] = ()
    try:
        parts = {name: len(rows) for name, rows in parts_of(raw, dict(options)).items()}
    except DataError as error:
        parts, problems = {}, (error.problem(),)
    return Description(raw.fields, raw.samples, parts, (*problems, *raw.warnings), _counts(raw), raw.columns)


def parts_of(raw: RawData, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row numbers of each part, by the data settings' options; raises DataError."""
    from studio.data.splits import split

    labels = raw.labels if options["stratify"] else None
    return split(raw.samples, options["validation"], options["test"], options["split_seed"], labels, raw.test)


def _counts(raw: RawData) -> dict[str, tuple[int, ...]]:
    import numpy as np

    return {
        name: tuple(np.bincount(raw.arrays[name], minlength=len(one.classes)).tolist())
        for name, one in raw.fields.items()
        if one.classes is not None and one.shape == ()
    }
