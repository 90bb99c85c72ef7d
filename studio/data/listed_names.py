"""Files that a table names without their folder or their ending: where they are, found by a few of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice, product
from pathlib import Path

from studio.data.findings import SUFFIXES, is_missing, looked_at
from studio.data.series import Texts
from studio.data.table import SourceColumn

SEEN, MOST_FOLDERS, LONGEST = 8, 50, 120
THERE = 0.75
"""The share of names for which there must be files: a few may be gone."""
Place = Callable[[str], Path]


def place_of(names: Iterable[object], folder: Path) -> Place:
    """Where the files are that a column names: in the table's folder, or in one that lies in it."""
    some = _some(names)
    within, ending = (_place(some, folder, ("", *_endings(some))) if some else None) or ("", "")
    return lambda name: folder / within / f"{_plain(name)}{ending}"


def with_names(column: SourceColumn, folder: Path) -> SourceColumn:
    """A column of names that files have, without their endings, as one of pictures or sounds."""
    if column.kind or not isinstance(column.cells, Texts):
        return column
    some = _some(column.cells.take(looked_at(column.cells, SEEN)))
    if len(some) < min(SEEN, len(column.cells)) or len(set(some)) < len(some):
        return column
    for kind, endings in SUFFIXES.items():
        found = _place(some, folder, sorted(endings)) if not _known(some, endings) else None
        if found is not None:
            within, ending = found
            where = f" in {within}" if within else ""
            return replace(column, kind=kind, about=f"names of {ending} files{where}, such as {some[0]}")
    return column


def _some(names: Iterable[object]) -> list[str]:
    there = (str(name).strip() for name in names if not is_missing(name))
    return list(islice((name for name in there if 0 < len(name) < LONGEST), SEEN))


def _plain(name: str) -> str:
    """Separators of Windows as those of everyone."""
    return name.replace("\\", "/")


def _known(names: Sequence[str], endings: Iterable[str]) -> bool:
    return all(Path(name).suffix.lower() in endings for name in names)


def _endings(names: Sequence[str]) -> list[str]:
    """Those that files of pictures and sounds may have, where the names have none."""
    every = [one for endings in SUFFIXES.values() for one in sorted(endings)]
    return [] if _known(names, every) else every


def _place(names: Sequence[str], folder: Path, endings: Sequence[str]) -> tuple[str, str] | None:
    """The folder within and the ending with which the names are files."""
    for within, ending in product(("", *_folders(folder)), _both_cases(endings)):
        there = sum((folder / within / f"{_plain(name)}{ending}").is_file() for name in names)
        if there >= THERE * len(names):
            return within, ending
    return None


def _both_cases(endings: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*endings, *(one.upper() for one in endings)]))


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice((one.name for one in entries if one.is_dir()), MOST_FOLDERS))
    except OSError:
        return []
