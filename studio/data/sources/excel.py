"""A sheet of an Excel or OpenDocument file as a table; formulas count as what they gave, nothing is run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.data.raw import DataError, located, present
from studio.data.sources.csv_text import check_count
from studio.data.sources.frames import Choices, RowPlaces, frame_table
from studio.data.table import Table


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """Read the sheet. Raises DataError that names the file."""
    path = located(params["path"], folder)
    frame = read_frame(path, params["sheet"])
    check_count(path, frame.height)
    return frame_table(frame, Choices.of(params), path, RowPlaces(path.name, 2))


def _frame(book: Any, sheet: str, most: int | None) -> Any:  # noqa: ANN401
    return book.load_sheet(sheet, n_rows=most, dtype_coercion="coerce").to_polars()


def _is_table(frame: Any) -> bool:  # noqa: ANN401
    """Whether a sheet has several columns and rows, as one with notes has not."""
    return frame.width > 1 and frame.height > 1


def read_frame(path: Path, sheet: str = "", most: int | None = None) -> Any:  # noqa: ANN401
    """A sheet as a polars frame, or its first so many rows."""
    import fastexcel

    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose an Excel file.")
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it tells of columns that are read as texts
    try:
        book = fastexcel.read_excel(path)
        names = book.sheet_names
        if sheet and sheet not in names:
            raise DataError(f"{path.name} has no sheet {sheet}.", f"It has {', '.join(names)}.", "sheet")
        frame = _frame(book, sheet or names[0], most)
        others = () if sheet or _is_table(frame) else names[1:]
        tables = (found for name in others if _is_table(found := _frame(book, name, most)))
        frame = next(tables, frame)
    except (fastexcel.FastExcelError, OSError, IndexError) as error:
        told = str(error).strip().partition("\n")[0]
        raise DataError(
            f"{path.name} cannot be read as a spreadsheet ({told}).",
            "Open it in a spreadsheet program and save it as .xlsx, without a password.",
        ) from None
    if not frame.width:
        raise DataError(f"{path.name}: the sheet {sheet or names[0]} is empty.", "Choose another.", "sheet")
    return frame
