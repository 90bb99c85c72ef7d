"""Writing a file so that it is the old one or the new one, whole, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path


def write_atomic(path: Path, data: bytes) -> None:
    """Replace the file at `path` (if a link, what it points to) and keep its mode. Raises OSError."""
    target = Path(os.path.realpath(path))
    with new_file(target) as new:
        new.write_bytes(data)
        put(new, target)


@contextlib.contextmanager
def new_file(beside: Path) -> Generator[Path]:
    """An empty file in the folder of another, to be written and `put`; deleted where that fails."""
    handle, name = tempfile.mkstemp(prefix=f".{beside.name[:40]}.", suffix=".tmp", dir=beside.parent)
    os.close(handle)
    try:
        yield Path(name)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def put(new: Path, target: Path) -> None:
    """Let a file that is written take the place of another, whose mode it gets. Raises OSError."""
    with new.open("rb+") as file:
        os.fsync(file.fileno())
    os.chmod(new, _mode(target))
    os.replace(new, target)
    _sync_folder(target.parent)


def _mode(target: Path) -> int:
    """The mode of the file that is replaced, else what the system gives to a new file."""
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system can (Windows cannot open folders)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
