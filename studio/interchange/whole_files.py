"""Files that are written whole or not at all; what stands in the way is told."""

from __future__ import annotations

from pathlib import Path

from studio.errors import StudioError
from studio.project.files import write_atomic


def write_whole(path: Path, content: bytes) -> None:
    """Write a file. Raises StudioError."""
    try:
        write_atomic(path, content)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> StudioError:
    """Why there is no file."""
    message = f"{path} cannot be written: {error.strerror or error}"
    return StudioError(message, "Choose another folder, or make room on the disk.")
