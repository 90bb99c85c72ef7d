"""Files that a table names without their folder or their ending, or by a path of elsewhere: where they are,
found by a few of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product, takewhile
from pathlib import Path

from studio.data.findings import SUFFIXES, is_missing, looked_at, spread
from studio.data.raw import Array
from studio.data.series import Texts
from studio.data.table import SourceColumn

SEEN, MOST_FOLDERS, LONGEST = 8, 50, 120
LONGEST_PATH = 1000
THERE = 0.75
"""The share of names for which there must be files: a few may be gone."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files are that a column names: without what their paths begin with, `head`, they lie `within`
    the table's folder, with an `ending`.
    """

    head: str = ""
    within: str = ""
    ending: str = ""

    def path(self, name: str, folder: Path) -> Path:
        """The file of a name."""
        return folder / self.within / f"{_plain(name).removeprefix(self.head)}{self.ending}"

    def told(self) -> str:
        """found in pictures, without C:/Users/ann/; nothing where paths are as they are named."""
        where = f" in {self.within}" if self.within else " here"
        return f"found{where}, without {self.head}" if self.head else ""


def place_of(names: Sequence[object] | Array, folder: Path) -> Place:
    """Where the files are: in the table's folder, in one that lies in it, or there by the end of the path."""
    some = _some(names)
    found = _place(some, folder, ("", *_endings(some))) if some else None
    return found or _by_end(some, folder) or Place()


def with_names(column: SourceColumn, folder: Path) -> SourceColumn:
    """A column of names that files have, without their endings, as one of pictures or sounds; one of paths of
    elsewhere with how they are found here.
    """
    if column.kind or not isinstance(column.cells, Texts):
        return column
    some = _some(column.cells.take(looked_at(column.cells, SEEN)))
    for kind, endings in SUFFIXES.items():
        if some and _known(some, endings):
            return replace(column, about=place_of(some, folder).told())
        found = _place(some, folder, sorted(endings)) if _are_names(some, len(column.cells)) else None
        if found is not None:
            where = f" in {found.within}" if found.within else ""
            about = f"names of {found.ending} files{where}, such as {some[0]}"
            return replace(column, kind=kind, about=about)
    return column


def _are_names(some: Sequence[str], count: int) -> bool:
    """Whether a few values of so many may each name a file."""
    short = all(len(name) < LONGEST for name in some)
    return short and 0 < len(set(some)) == len(some) >= min(SEEN, count)


def _some(names: Sequence[object] | Array) -> list[str]:
    """A few of all names."""
    there = (
        str(names[int(row)]).strip() for row in spread(len(names), SEEN) if not is_missing(names[int(row)])
    )
    return [name for name in there if 0 < len(name) < LONGEST_PATH]


def _plain(name: str) -> str:
    """Separators of Windows as those of everyone."""
    return name.replace("\\", "/")


def _known(names: Sequence[str], endings: Iterable[str]) -> bool:
    return all(Path(name).suffix.lower() in endings for name in names)


def _endings(names: Sequence[str]) -> list[str]:
    """Those that files of pictures and sounds may have, where the names have none."""
    every = [one for endings in SUFFIXES.values() for one in sorted(endings)]
    return [] if _known(names, every) else every


def _place(names: Sequence[str], folder: Path, endings: Sequence[str]) -> Place | None:
    """The folder within and the ending with which the names are files."""
    for within, ending in product(("", *_folders(folder)), _both_cases(endings)):
        place = Place("", within, ending)
        if _there(names, place, folder) >= THERE * len(names):
            return place
    return None


def _by_end(names: Sequence[str], folder: Path) -> Place | None:
    """What all the paths begin with that is not here: as little of it as leaves the most files."""
    plain = [_plain(name) for name in names]
    if not plain or not _endings_known(plain):
        return None
    folders = zip(*(name.split("/")[:-1] for name in plain), strict=False)
    parts = [same[0] for same in takewhile(lambda one: len(set(one)) == 1, folders)]
    heads = ["/".join(parts[:count]) + "/" for count in range(1, len(parts) + 1)]
    best, most = None, _there(plain, Place(), folder)
    for head, within in product(heads, ("", *_folders(folder))):
        place = Place(head, within)
        count = _there(plain, place, folder)
        if count > most:
            best, most = place, count
        if most >= THERE * len(plain):
            break
    return best


def _there(names: Sequence[str], place: Place, folder: Path) -> int:
    """For how many names there is a file."""
    return sum(_is_file(place.path(name, folder)) for name in names)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _endings_known(names: Sequence[str]) -> bool:
    return any(_known(names, endings) for endings in SUFFIXES.values())


def _both_cases(endings: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*endings, *(one.upper() for one in endings)]))


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice((one.name for one in entries if one.is_dir()), MOST_FOLDERS))
    except OSError:
        return []
