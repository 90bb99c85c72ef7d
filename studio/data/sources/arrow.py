"""Arrow files (IPC files, streams, Feather) as a table."""

from __future__ import annotations

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
    """Read the table. Raises DataError that names the file."""
    path = located(params["path"], folder)
    frame = read_frame(path)
    check_count(path, frame.height)
    return frame_table(frame, Choices.of(params), path, RowPlaces(path.name))


def read_frame(path: Path) -> Any:  # noqa: ANN401
    """A file as a polars frame."""
    import polars as pl

    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file.", "Choose an Arrow file.")
    try:
        with path.open("rb") as file:
            whole = file.read(6) == b"ARROW1"
        return pl.read_ipc(path) if whole else pl.read_ipc_stream(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        told = str(error).strip().partition("\n")[0]
        raise DataError(
            f"{path.name} cannot be read as an Arrow file ({told}).",
            "It may be cut off or damaged; bring it again.",
        ) from None
