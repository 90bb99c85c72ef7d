"""The fields that columns make, under names that can stand in code; small ones of a table stacked as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from studio.data.beside import side_by_side
from studio.data.cells import Values
from studio.data.columns import Planned
from studio.data.in_blocks import Blocks
from studio.data.lazy import Lazy
from studio.data.making import Made
from studio.data.of_blocks import read_together
from studio.data.raw import Array, Column, RawData, identifier, number_field
from studio.data.row_groups import RowGroups, read_beside
from studio.data.table import Table
from studio.data.unfit import refuse_unfit
from studio.project.fields import Field

FEATURES = "features"
TOGETHER = 4096
"""Rows that are stacked at a time: they stay near the processor."""
MOST_PARTS = 4096
"""Numbers that one value of a column may become and still be stacked."""


@dataclass(frozen=True, eq=False)
class Stacked:
    """Several columns side by side, made when they are asked for; many rows at once where their source reads
    so many together.
    """

    columns: tuple[Made, ...]
    blocks: Blocks | None = None

    on_demand = True

    @property
    def together(self) -> int:
        """Rows that are read together."""
        return 1 if self.blocks is None else self.blocks.size

    def __len__(self) -> int:
        """How many samples."""
        return len(self.columns[0].array)

    def take(self, rows: Array) -> Values:
        """Numbers (rows, places)."""
        return self._made(rows) if self.blocks is None or not len(rows) else self.blocks.take(rows)

    def _made(self, rows: Array) -> Array:
        return np.concatenate([places(one, one.array[rows]) for one in self.columns], axis=1)


def _is_plain(one: Made) -> bool:
    """Whether a column's numbers are those of a file as they stand there."""
    array = one.array
    if not isinstance(array, Lazy) or array.chain or array.rows is not None:
        return False
    return isinstance(array.cells, RowGroups) and array.cells.form == "number" and one.field.classes is None


def _fill(columns: tuple[Made, ...], first: int, last: int, into: Array) -> None:
    """Make the rows of columns some of which stand in a file as they are."""
    plain = [one.array.cells for one in columns if _is_plain(one)]
    read = read_beside(plain, first, last) if plain else np.empty((last - first, 0))
    at, rows = iter(range(len(plain))), np.arange(first, last)
    parts = [read[:, next(at), None] if _is_plain(one) else places(one, one.array[rows]) for one in columns]
    for one, part in zip(columns, parts, strict=True):
        _refuse_unfit(one, part, rows)
    np.concatenate(parts, axis=1, out=into)


def _refuse_unfit(one: Made, values: Array, rows: Array) -> None:
    """Raises DataError for numbers of a column that is read as it is used and that cannot be trained on."""
    array = one.array
    if isinstance(array, Lazy):
        source = rows if array.rows is None else array.rows[rows]
        where = getattr(array.cells, "places", None)
        refuse_unfit(values, [array.name] * values.shape[1], source, where)


def assembled(
    table: Table, planned: Mapping[str, Planned], made: Mapping[str, Made]
) -> tuple[RawData, dict[str, str], tuple[str, ...]]:
    """All fields; which field each column became; and those columns that make `features` together."""
    arrays: dict[str, Any] = {}
    fields: dict[str, Field] = {}
    named: dict[str, str] = {}
    columns, read = dict(table.columns_of), dict[str, Lazy]()
    stacked = [name for name, one in planned.items() if table.stacks and stacks(one, made[name])]
    if stacked:
        arrays[FEATURES], fields[FEATURES] = _features([made[name] for name in stacked])
        read = _read_together(planned, made, stacked)
        arrays[FEATURES] = read.pop(FEATURES, arrays[FEATURES])
        columns[FEATURES] = tuple(column for name in stacked for column in columns_of(name, made[name]))
    order = sorted(planned, key=lambda name: planned[name].role != "target") if stacked else list(planned)
    for name in order:
        key = name if planned[name].ready else identifier(name, fields)
        array, one = made[name].array, made[name].field
        if not planned[name].ready and one.classes is None and one.shape != () and len(one.shape) == 1:
            columns[key] = columns_of(name, made[name])
        if name in read:
            array = read[name]
        elif one.shape == (1,) and array.ndim == 1:
            array = array[:, None] if not isinstance(array, Lazy) else _as_rows(array)
        arrays[key], fields[key] = array, replace(one, name=key)
        named[name] = key
    scales = {key: scale for name, key in named.items() if (scale := made[name].scale) is not None}
    return (
        RawData(arrays, fields, None, columns, _warnings(table, planned), scales),
        named,
        tuple(stacked),
    )


def _read_together(
    planned: Mapping[str, Planned], made: Mapping[str, Made], stacked: Sequence[str]
) -> dict[str, Lazy]:
    """The features and the targets, where they are numbers as they stand in files; nothing elsewhere."""
    if not all(_is_plain(made[name]) for name in stacked):
        return {}
    targets = [
        name
        for name, one in planned.items()
        if one.role == "target" and made[name].field.shape == (1,) and _is_plain(made[name])
    ]
    columns = [made[name].array.cells for name in (*stacked, *targets)]
    return read_together(columns, {FEATURES: len(stacked), **dict.fromkeys(targets, 1)})


def _features(made: list[Made]) -> tuple[Any, Field]:
    if any(isinstance(one.array, Lazy) for one in made):
        width = sum(_width(one) for one in made)
        shape = (len(made[0].array), width)
        wide = np.dtype(np.float64)
        together = max((one.array.together for one in made if isinstance(one.array, Lazy)), default=1)
        fill = partial(_fill, tuple(made))
        blocks = Blocks(shape[0], together, (width,), wide, fill) if together > 1 else None
        return Lazy(FEATURES, Stacked(tuple(made), blocks), (), shape, wide), Field(FEATURES, (width,))
    neighbours = side_by_side([one.array for one in made])
    if neighbours is not None and all(_width(one) == 1 for one in made):
        return neighbours, Field(
            FEATURES,
            (len(made),),
            low=_least([one.field.low for one in made]),
            high=_most([one.field.high for one in made]),
        )
    ends = [0, *accumulate(map(_width, made))]
    dtypes = {one.array.dtype for one in made if one.field.classes is None}
    narrow = dtypes == {np.dtype(np.float32)}
    array = np.empty((len(made[0].array), ends[-1]), np.float32 if narrow else np.float64)
    for start in range(0, len(array), TOGETHER):
        for one, (begin, end) in zip(made, pairwise(ends), strict=True):
            array[start : start + TOGETHER, begin:end] = places(one, one.array[start : start + TOGETHER])
    return array, number_field(FEATURES, array)


def _least(bounds: Sequence[float | None]) -> float | None:
    known = [one for one in bounds if one is not None]
    return min(known) if len(known) == len(bounds) else None


def _most(bounds: Sequence[float | None]) -> float | None:
    known = [one for one in bounds if one is not None]
    return max(known) if len(known) == len(bounds) else None


def _as_rows(lazy: Lazy) -> Lazy:
    """Single numbers as rows of one."""
    return Lazy(lazy.name, Stacked((Made(lazy, Field(lazy.name, (1,))),)), (), (len(lazy), 1), lazy.dtype)


def stacks(one: Planned, made: Made) -> bool:
    """Whether a column is part of `features`: single numbers, classes, and what single values became."""
    if one.role != "input" or one.kind not in ("number", "category", "time"):
        return False
    if made.field.shape == ():
        return made.field.classes is not None
    small = made.field.shape == (1,) or 0 < len(made.parts) == made.field.shape[0] <= MOST_PARTS
    return len(made.field.shape) == 1 and small


def places(made: Made, values: Any) -> Array:  # noqa: ANN401
    """A column's places in `features`: its numbers, or a 1 at the class and 0 elsewhere."""
    if made.field.classes is None:
        array = np.asarray(values)
        wide = array if array.dtype == np.float32 else array.astype(np.float64)
        return wide.reshape(len(values), -1)
    return np.eye(len(made.field.classes))[values]


def columns_of(name: str, made: Made) -> tuple[Column, ...]:
    """What a column's numbers are called."""
    if made.field.classes is not None and made.field.shape == ():
        return (Column(name, made.field.classes),)
    if made.parts and len(made.parts) == _width(made):
        return tuple(Column(f"{name} {part}".strip()) for part in made.parts)
    width = _width(made)
    return (Column(name),) if width == 1 else tuple(Column(f"{name} {at}") for at in range(1, width + 1))


def _width(made: Made) -> int:
    if made.field.classes is not None and made.field.shape == ():
        return len(made.field.classes)
    return int(np.prod(made.field.shape, dtype=np.int64))


def _warnings(table: Table, planned: Mapping[str, Planned]) -> tuple[Any, ...]:
    """Those of the source, and those of columns about which nobody has decided."""
    left = (one.warning for name, one in table.columns.items() if name not in planned)
    return (*table.warnings, *(warning for warning in left if warning is not None))
