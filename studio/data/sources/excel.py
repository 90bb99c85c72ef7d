"""A sheet of an Excel or OpenDocument file as a table; formulas count as what they gave, nothing is run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.data.raw import DataError, located, present
from studio.data.sources.above_table import LINES, LONGEST, NOTHING, Above, names_at
from studio.data.sources.csv_text import check_count
from studio.data.sources.frames import Choices, RowPlaces, frame_table
from studio.data.table import Table

UNNAMED = "__UNNAMED__"
"""How columns without a name are called by what reads spreadsheets."""


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as a polars frame, which of `names` it is, and what stands above its table."""

    frame: Any
    name: str
    names: tuple[str, ...]
    above: Above = NOTHING

    def places(self, path: Path) -> RowPlaces:
        """Where its values stand."""
        return RowPlaces(path.name, self.above.lines + 2)


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """Read the sheet. Raises DataError that names the file."""
    path = located(params["path"], folder)
    sheet = read_sheet(path, params["sheet"])
    check_count(path, sheet.frame.height)
    table = frame_table(sheet.frame, Choices.of(params), path, sheet.places(path))
    return replace(table, warnings=(*table.warnings, *sheet.above.warnings(path)))


def read_frame(path: Path, sheet: str = "", most: int | None = None) -> Any:  # noqa: ANN401
    """A sheet as a polars frame, or its first so many rows. Raises DataError."""
    return read_sheet(path, sheet, most).frame


def read_sheet(path: Path, sheet: str = "", most: int | None = None) -> Sheet:
    """A sheet, or its first so many rows: the one of that name, or else the first that holds a table. Raises
    DataError.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose an Excel file.")
    if most is None or not path.exists():
        return _read(path, sheet, most)
    told = path.stat()
    return _begun(path, sheet, most, (told.st_mtime_ns, told.st_size))


@lru_cache(maxsize=1)
def _begun(path: Path, sheet: str, most: int, stamp: tuple[int, int]) -> Sheet:
    """The first rows, which are looked at several times; `stamp` is there for a file that has changed."""
    return _read(path, sheet, most)


def _read(path: Path, sheet: str, most: int | None) -> Sheet:
    import fastexcel

    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it tells of columns that are read as texts
    try:
        book = fastexcel.read_excel(path)
        names = tuple(book.sheet_names)
        if sheet and sheet not in names:
            raise DataError(f"{path.name} has no sheet {sheet}.", f"It has {', '.join(names)}.", "sheet")
        found = _sheet(book, sheet or names[0], most)
        others = () if sheet or _is_table(found.frame) else names[1:]
        found = next((one for name in others if _is_table((one := _sheet(book, name, most)).frame)), found)
    except (fastexcel.FastExcelError, OSError, IndexError) as error:
        told = str(error).strip().partition("\n")[0]
        raise DataError(
            f"{path.name} cannot be read as a spreadsheet ({told}).",
            "Open it in a spreadsheet program and save it as .xlsx, without a password.",
        ) from None
    if not found.frame.width:
        raise DataError(f"{path.name}: the sheet {found.name} is empty.", "Choose another.", "sheet")
    return found


def _sheet(book: Any, name: str, most: int | None) -> Sheet:  # noqa: ANN401
    """A sheet from the row on that names its columns."""
    names = tuple(book.sheet_names)
    frame = book.load_sheet(name, n_rows=most, dtype_coercion="coerce").to_polars()
    if not any(one.startswith(UNNAMED) for one in frame.columns):
        return Sheet(frame, name, names)
    above = _above(book, name)
    if above.lines:
        frame = book.load_sheet(
            name, header_row=above.lines, n_rows=most, dtype_coercion="coerce"
        ).to_polars()
    empty = [one for one in frame.columns if one.startswith(UNNAMED) and not frame[one].count()]
    return Sheet(frame.drop(empty) if frame.height else frame, name, names, above)


def _above(book: Any, name: str) -> Above:  # noqa: ANN401
    """Rows of titles and the like, narrower than the table: cells that are merged hold one text."""
    begins = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=LINES, dtypes="string").to_polars()
    rows = [["" if cell is None else str(cell) for cell in row] for row in begins.rows()]
    at = names_at(rows, least=2, ragged=True) or 0
    texts = [
        " ".join(filled) for row in rows[:at] if (filled := [cell.strip() for cell in row if cell.strip()])
    ]
    return Above(at, said=len(texts), first=texts[0][:LONGEST] if texts else "")


def _is_table(frame: Any) -> bool:  # noqa: ANN401
    """Whether a sheet has several columns and rows, as one with notes has not."""
    return frame.width > 1 and frame.height > 1
