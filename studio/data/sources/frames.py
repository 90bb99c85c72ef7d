"""A polars frame as a table: columns of numbers, texts, times and lists, and which of them are targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.cells import Cells, Held, Listed
from studio.data.findings import find_column
from studio.data.listed_names import with_names
from studio.data.raw import Array, DataError, target_names
from studio.data.series import Texts
from studio.data.spelling import is_code
from studio.data.table import Places, SourceColumn, Table
from studio.data.to_predict import kind_to_predict
from studio.errors import Problem

if TYPE_CHECKING:
    import polars as pl

MISSING = ("", "na", "n/a", "nan", "null", "none", "?")
MOST_TEXTS = 64
"""A text column of inputs with more different texts than this is left out."""
LARGEST_EXACT = 2**53
CODES_SEEN = 1000
LEFT_OUT = frozenset({"text", "category", "identifier"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What the settings of a table say of its columns."""

    targets: tuple[str, ...]
    ignored: tuple[str, ...]
    target_kind: str
    missing: str

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Choices:
        """As the source's parameters say."""
        return cls(
            target_names(params["target"]),
            target_names(params["ignore"]),
            params["target_kind"],
            params["missing"],
        )


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """Where values stand in a file whose rows are counted from `first`, or are those of `lines`."""

    name: str
    first: int = 1
    lines: Sequence[int] = ()

    def where(self, row: int, column: str) -> str:
        """data.parquet, row 3, column age"""
        at = self.lines[row] if self.lines else row + self.first
        return f"{self.name}, row {at}, column {column}"

    def cell(self, row: int, column: str) -> str | None:
        """Not known."""
        return None


def frame_table(
    frame: pl.DataFrame, choices: Choices, path: Path, places: Places, delimiter: str = ","
) -> Table:
    """All columns of a frame. Raises DataError where the settings do not fit them."""
    targets = chosen_targets(tuple(frame.columns), choices, path)
    held = frame_columns(frame, delimiter)
    warnings = [_unusable(path, name, str(frame[name].dtype)) for name in frame.columns if name not in held]
    return _table(held, targets, choices, path, places, warnings)


def columns_table(
    numbers: Mapping[str, Held], texts: Mapping[str, pl.Series], names: Sequence[str], choices: Choices,
    path: Path, places: Places, delimiter: str,
) -> Table:  # fmt: skip
    """All columns of a table that was read in pieces, by `names` in order. Raises DataError as above."""
    targets = chosen_targets(tuple(names), choices, path)
    held = {name: SourceColumn(one) for name, one in numbers.items()}
    held.update({name: _texts(one, delimiter) for name, one in texts.items()})
    return _table({name: held[name] for name in names}, targets, choices, path, places)


def _table(
    held: Mapping[str, SourceColumn], targets: tuple[str, ...], choices: Choices, path: Path, places: Places,
    warnings: Sequence[Problem] = (),
) -> Table:  # fmt: skip
    folder = path if path.is_dir() else path.parent
    named = {name: with_names(column, folder) for name, column in held.items()}
    columns = _with_an_input(
        {name: _decided(column, name, choices, targets, path) for name, column in named.items()},
        choices.ignored,
    )
    return Table(
        columns,
        stacks=True,
        missing=choices.missing,
        target_kind=choices.target_kind,
        warnings=tuple(warnings),
        places=places,
        folder=folder,
    )


def frame_columns(frame: pl.DataFrame, delimiter: str = ",") -> dict[str, SourceColumn]:
    """All columns of a frame that can be held."""
    found = {name: _column(frame[name], delimiter) for name in frame.columns}
    return {name: one for name, one in found.items() if one is not None}


def chosen_targets(names: tuple[str, ...], choices: Choices, path: Path) -> tuple[str, ...]:
    """The columns to predict, the last if none is named. Raises DataError for names that do not fit."""
    for param, listed in (("ignore", choices.ignored), ("target", choices.targets)):
        for name in listed:
            if name not in names:
                raise DataError(
                    f"{path.name} has no column {name}.",
                    f"Its columns are {', '.join(names[:20])}{' …' if len(names) > 20 else ''}.",
                    param,
                )
    if both := set(choices.ignored) & set(choices.targets):
        raise DataError(
            f"The column {min(both)} is to be predicted and left out at once.",
            "Take it off one list.",
            "ignore",
        )
    kept = [name for name in names if name not in choices.ignored]
    targets = choices.targets or tuple(kept[-1:])
    if len(kept) <= len(targets):
        raise DataError(
            f"{path.name} leaves no column as input: {len(names)} columns, {len(targets)} to predict, "
            f"{len(choices.ignored)} left out.",
            "At least one column has to be left that is neither.",
            "target",
        )
    return targets


def _unusable(path: Path, name: str, dtype: str) -> Problem:
    return Problem(
        "warning",
        f"{path.name}: column {name} is of the type {dtype[:40]}, which no field can hold, and is left out.",
        "Save it as numbers, texts, times, or lists of numbers.",
        field="data.ignore",
    )


def _column(series: pl.Series, delimiter: str) -> SourceColumn | None:
    """A column as numbers, texts, times or lists of numbers; None for what can be neither."""
    dtype = series.dtype
    if dtype.is_float() or dtype.is_integer() or dtype.is_decimal():
        return _numbers(series)
    if dtype.is_temporal():
        return _times(series)
    if dtype.is_nested():
        return _lists(series)
    if dtype in (_pl().Boolean, _pl().Categorical, _pl().Enum, _pl().Null):
        return SourceColumn(Texts(series.cast(_pl().String)))
    return _texts(series, delimiter) if dtype == _pl().String else None


def _pl() -> Any:  # noqa: ANN401
    import polars

    return polars


def _numbers(series: pl.Series) -> SourceColumn:
    """Numbers in double precision; whole ones that it cannot tell apart are names."""
    dtype = series.dtype
    if dtype.is_integer() and series.dtype.is_(_pl().Int64) | series.dtype.is_(_pl().UInt64):
        low, high = series.min(), series.max()
        if isinstance(low, int) and isinstance(high, int) and max(-low, high) > LARGEST_EXACT:
            return SourceColumn(Texts(series.cast(_pl().String)), "identifier")
    return SourceColumn(Held(as_array(series)))


def as_array(series: pl.Series) -> Array:
    """Numbers in double precision, NaN where there is none."""
    return series.cast(_pl().Float64).to_numpy()


def _times(series: pl.Series) -> SourceColumn:
    dtype = series.dtype
    if dtype == _pl().Duration:
        return SourceColumn(Held(as_array(series.dt.total_microseconds()) / 1e6))
    if dtype == _pl().Time:
        return SourceColumn(Held(as_array(series.cast(_pl().Int64)) / 1e9))
    if getattr(dtype, "time_zone", None) is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return SourceColumn(Held(series.cast(_pl().Datetime("us")).to_numpy()))


def _lists(series: pl.Series) -> SourceColumn | None:
    """Lists of numbers: one array where all are of one length."""
    inner = series.dtype
    while inner.is_nested() and hasattr(inner, "inner"):
        inner = inner.inner  # pyright: ignore
    if not inner.is_numeric() and inner != _pl().Boolean:
        return None
    listed = series.to_list()
    try:
        found = np.array(listed, np.float64)
        return SourceColumn(Held(found), "number") if found.ndim > 1 else None
    except (ValueError, TypeError):  # of several lengths, or missing
        cells: Cells = Listed([None if one is None else _vector(one) for one in listed])
        return SourceColumn(cells, "number")


def _vector(values: Any) -> Array | None:  # noqa: ANN401
    try:
        return np.array(values, np.float64)
    except (ValueError, TypeError):
        return None


def _texts(series: pl.Series, delimiter: str) -> SourceColumn:
    """Texts; numbers where all are. Where most are, they are to be numbers: the first that is none is told
    when they are needed.
    """
    bare = series.str.strip_chars()
    empty = bare.str.to_lowercase().is_in(list(MISSING))
    bare = bare.set(empty.fill_null(value=False), None)
    commas = delimiter != "," and bool(bare.str.contains(",", literal=True).any())
    spelled = bare.str.replace(",", ".", literal=True) if commas else bare
    values = spelled.cast(_pl().Float64, strict=False)
    there = len(bare) - bare.null_count()
    odd = values.null_count() - bare.null_count()
    if not there or 2 * odd >= there or is_code(bare.drop_nulls().head(CODES_SEEN).to_list()):
        return SourceColumn(Texts(bare))
    return SourceColumn(Texts(bare), "number") if odd else SourceColumn(Held(values.to_numpy()))


def _decided(
    column: SourceColumn, name: str, choices: Choices, targets: tuple[str, ...], path: Path
) -> SourceColumn:
    """A column with the role and the kind that the settings say, or that follow."""
    if name in choices.ignored:
        return SourceColumn(column.cells, column.kind, "ignore")
    if name in targets:
        kind = kind_to_predict(name, column, choices.target_kind)
        about = "" if kind in ("category", "number") else column.about
        return SourceColumn(column.cells, kind, "target", about=about)
    if not isinstance(column.cells, Texts) or column.kind:
        return column
    different = column.cells.series.drop_nulls().n_unique()
    found = find_column(name, column)
    if different <= min(MOST_TEXTS, max(len(column.cells) // 2, 2)) or found.kind not in LEFT_OUT:
        return column
    if found.kind == "identifier":
        return SourceColumn(column.cells, column.kind, "ignore")
    warning = Problem(
        "warning",
        f"{path.name}: column {name} holds {different} different texts and is left out.",
        f"To use its words, make it an input in the list of columns; to agree, add {name} to those left out.",
        field="data.ignore",
    )
    return SourceColumn(column.cells, column.kind, "ignore", warning=warning)


def _with_an_input(columns: dict[str, SourceColumn], ignored: tuple[str, ...]) -> dict[str, SourceColumn]:
    """Where nothing but texts and names of the samples is there to learn from, they are not left out."""
    if any(one.role == "" and find_column(name, one).kind != "identifier" for name, one in columns.items()):
        return columns
    return {
        name: SourceColumn(one.cells, "text", "input")
        if one.role == "ignore" and name not in ignored
        else one
        for name, one in columns.items()
    }
