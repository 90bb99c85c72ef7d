"""Size and time of the files that a table lists: data are other data where one of them has changed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from studio.data.cells import Listed
from studio.data.file_marks import TABLES
from studio.data.findings import find_column
from studio.data.listed_files import listed_paths
from studio.data.raw import DataError
from studio.data.series import Texts
from studio.data.sources import Key, Stamp, read_table, stamp
from studio.project.project import Data, Setting

FILES = frozenset({"image", "mask", "audio"})
Kinds = tuple[tuple[str, str], ...]


def listed_stamps(data: Data, folder: Path, key: Key) -> tuple[Stamp, ...]:
    """Of each file that a column of paths names; none where the source is no table, or cannot be read."""
    if data.source.type not in TABLES:
        return ()
    said = tuple((name, "" if one.role == "ignore" else one.kind or "?") for name, one in data.fields.items())
    try:
        return tuple(stamp(path) for path in _listed(key, tuple(sorted(said))))
    except DataError:
        return ()


@lru_cache(maxsize=4)
def _listed(key: Key, said: Kinds) -> tuple[Path, ...]:
    """The files; `said` is the kind that columns are taken for, "" where they are left out, "?" where it is
    open.
    """
    type_, values, folder, _ = key
    table = read_table(Setting(type_, dict(values)), Path(folder), key)
    kinds, found = dict(said), list[Path]()
    for name, column in table.columns.items():
        if not isinstance(column.cells, Texts | Listed):
            continue
        kind = kinds.get(name, "?")
        if (find_column(name, column).kind if kind == "?" else kind) in FILES:
            paths = listed_paths(column.cells.take(np.arange(len(column.cells))), table.folder)
            found += [path for path in paths if path is not None]
    return tuple(found)
