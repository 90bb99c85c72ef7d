"""Pictures, masks and sounds whose paths a table lists: each row's file, and the rows whose file is bad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.cells import Decoded, Values
from studio.data.columns import Planned, with_pictures
from studio.data.decoding.pictures import mask
from studio.data.decoding.scanning import scan
from studio.data.findings import is_missing
from studio.data.listed_names import Place, place_of
from studio.data.odd_values import Odd, Usable, judged
from studio.data.raw import Array
from studio.data.table import Table

REPLACE = "Replace the file, correct the path (it begins at the table's folder), or leave the row out."


def listed_paths(values: Values, folder: Path | None) -> list[Path | None]:
    """The path that each value is, from the table's folder; None where there is none."""
    at = folder or Path()
    return paths_at(place_of(values, at), values, at)


def paths_at(place: Place, values: Values, folder: Path) -> list[Path | None]:
    """The same where it is known how the files are found."""
    return [None if is_missing(value) else place.path(str(value).strip(), folder) for value in values]


def with_files(one: Planned, table: Table, rows: Array) -> Usable:
    """Paths in a table as the files they name; `rows` are those that are wanted. Raises DataError."""
    listed = listed_paths(one.column.cells.take(np.arange(len(one.column.cells))), table.folder)
    lacking = np.array([at for at, path in enumerate(listed) if path is None], np.int64)
    paths = [path or Path() for path in listed]
    wrong: dict[int, str] = {}
    there: list[int] = []
    for row in rows.tolist():
        path = listed[row]
        if path is None:
            if one.missing != "skip":
                wrong[row] = "the path is missing."
        elif not path.is_file():
            wrong[row] = f"there is no file {path}."
        else:
            there.append(row)
    look = _sounds if one.kind == "audio" else _pictures
    found, broken = look(one, paths, there, lacking)
    wrong |= broken
    first = min(wrong, default=0)
    return judged(
        found,
        table,
        Odd(
            sorted(wrong),
            "unreadable",
            f"{table.where(first, one.name)}: {wrong[first]}" if wrong else "",
            REPLACE,
            fillable=False,
        ),
    )


def _sounds(
    one: Planned, paths: Sequence[Path], there: Sequence[int], lacking: Array
) -> tuple[Planned, dict[int, str]]:
    from studio.data.decoding.sounds import scan as headers
    from studio.data.decoding.sounds import sound

    told = headers([paths[row] for row in there])
    broken = {row: head for row, head in zip(there, told, strict=True) if isinstance(head, str)}
    return replace(one, column=replace(one.column, cells=Decoded(paths, sound, lacking))), broken


def _pictures(
    one: Planned, paths: Sequence[Path], there: Sequence[int], lacking: Array
) -> tuple[Planned, dict[int, str]]:
    scanned = scan([paths[row] for row in there])
    sizes = np.zeros((len(paths), 2), scanned.sizes.dtype)
    sizes[list(there)] = scanned.sizes
    decode: Callable[[Path], Any] = mask if one.kind == "mask" else scanned.decoder()
    broken = {there[at]: message for at, message in scanned.broken.items()}
    return with_pictures(one, Decoded(paths, decode, lacking), sizes), broken
