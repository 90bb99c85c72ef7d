"""Notices that another program changed, replaced or removed the open file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

SETTLE_MS = 200
Stamp = tuple[int, int, int]


class FileWatch(QObject):
    """Watches one file and its folder: a watcher of the file alone loses it when it is replaced."""

    changed = Signal()
    """The file holds something else than what we last read or wrote, or is gone."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._ours: Stamp | None = None
        self._seen: Stamp | None = None
        self._sum: bytes | None = None
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._watcher.fileChanged.connect(self._settle.start)
        self._settle.timeout.connect(self._look)

    def follow(self, path: Path | None) -> None:
        """Take the file as it is now for ours; None watches nothing."""
        self._settle.stop()
        self._path = path
        self._ours = self._seen = None if path is None else _stamp(path)
        self._sum = None if path is None else _sum(path)
        self._watch()

    def differs(self) -> bool:
        """Whether the file holds something else than what we last read or wrote."""
        if self._path is None or _stamp(self._path) == self._ours:
            return False
        return _sum(self._path) != self._sum

    def _watch(self) -> None:
        """Watch file and folder (again: a replaced file is a new one to the watcher)."""
        watched = self._watcher.files() + self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)
        if self._path is not None:
            there = [str(one) for one in (self._path.parent, self._path) if one.exists()]
            self._watcher.addPaths(there)

    def _look(self) -> None:
        if self._path is None:
            return
        now = _stamp(self._path)
        if now != self._seen:
            self._seen = now
            self._watch()
            if self.differs():
                self.changed.emit()


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _sum(path: Path) -> bytes | None:
    try:
        return sha256(path.read_bytes()).digest()
    except OSError:
        return None
