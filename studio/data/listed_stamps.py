"""Size and time of the files that a table lists: data are other data where one of them has changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from studio.data.cells import Listed, Values
from studio.data.file_marks import TABLES
from studio.data.findings import FILES, find_column
from studio.data.listed_files import paths_at
from studio.data.listed_names import Place, place_of
from studio.data.raw import DataError
from studio.data.series import Texts
from studio.data.sources import Key, Stamp, read_table, stamp
from studio.project.project import Data, Setting

Kinds = tuple[tuple[str, str], ...]


def listed_stamps(data: Data, folder: Path, key: Key) -> tuple[Stamp, ...]:
    """Of each file that a column of paths names; none where the source is no table, or cannot be read."""
    if data.source.type not in TABLES:
        return ()
    said = tuple((name, "" if one.role == "ignore" else one.kind or "?") for name, one in data.fields.items())
    try:
        columns = _listed(key, tuple(sorted(said)))
    except DataError:
        return ()
    placed = ((one, place_of(one.values, one.folder)) for one in columns)  # anew: files may have come
    return tuple(stamp(path) for one, place in placed for path in _paths(one, place))


@dataclass(frozen=True, eq=False)
class _Names:
    """What a column names, from a folder."""

    values: Values
    folder: Path


@lru_cache(maxsize=4)
def _listed(key: Key, said: Kinds) -> tuple[_Names, ...]:
    """The columns of files; `said` is the kind that columns are taken for, "" where they are left out, "?"
    where it is open.
    """
    type_, values, folder, _ = key
    table = read_table(Setting(type_, dict(values)), Path(folder), key)
    kinds, found = dict(said), list[_Names]()
    for name, column in table.columns.items():
        if not isinstance(column.cells, Texts | Listed):
            continue
        kind = kinds.get(name, "?")
        if (find_column(name, column).kind if kind == "?" else kind) in FILES:
            values = column.cells.take(np.arange(len(column.cells)))
            found.append(_Names(values, table.folder or Path()))
    return tuple(found)


@lru_cache(maxsize=8)
def _paths(names: _Names, place: Place) -> tuple[Path, ...]:
    """The files."""
    return tuple(path for path in paths_at(place, names.values, names.folder) if path is not None)
