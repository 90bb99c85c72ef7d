"""The layout of the docks on disk: kept beside its version and checksum, since Qt aborts on a changed one."""

from __future__ import annotations

import contextlib
import json
from hashlib import sha256
from pathlib import Path

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow

from studio.places import user_folder
from studio.project.files import write_atomic

VERSION = 3
"""Raise it whenever docks or toolbars come, go or change their names."""


class Layout:
    """Reads and writes the layout file."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = (folder or user_folder()) / "layout.json"
        self.refused = False
        """Whether something was kept, but cannot be trusted."""
        self._mark = self._file.with_name("layout.restoring")

    def save(self, window: QMainWindow) -> None:
        """Keep the window's size, place and docks. A disk that refuses only means that nothing is kept."""
        geometry, state = bytes(window.saveGeometry().data()), bytes(window.saveState(VERSION).data())
        content = {
            "version": VERSION,
            "qt": qt_version,
            "sha256": _sum(geometry, state),
            "geometry": geometry.hex(),
            "state": state.hex(),
        }
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file, json.dumps(content).encode())

    def restore(self, window: QMainWindow) -> bool:
        """Put everything where it was. False where nothing is kept or what is kept cannot be trusted.

        A mark lies on disk meanwhile: found at the next start, it says that restoring ended the program.
        """
        kept = None if self._mark.exists() else self._read()
        if kept is None:
            self.refused = self._mark.exists() or self._file.exists()
            self.clear()
            return False
        try:
            self._mark.touch()
        except OSError:
            return False
        try:
            done = window.restoreGeometry(QByteArray(kept[0])) and window.restoreState(
                QByteArray(kept[1]), VERSION
            )
        finally:
            self._mark.unlink(missing_ok=True)
        return done

    def clear(self) -> None:
        """Forget the layout."""
        for path in (self._file, self._mark):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _read(self) -> tuple[bytes, bytes] | None:
        """Geometry and state, if they are whole and of this version."""
        try:
            content = json.loads(self._file.read_bytes())
            geometry, state = bytes.fromhex(content["geometry"]), bytes.fromhex(content["state"])
            trusted = (content["version"], content["qt"], content["sha256"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return (geometry, state) if trusted == (VERSION, qt_version, _sum(geometry, state)) else None


def _sum(geometry: bytes, state: bytes) -> str:
    return sha256(len(geometry).to_bytes(8) + geometry + state).hexdigest()
