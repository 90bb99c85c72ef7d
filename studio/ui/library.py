"""The blocks that any project can place: the user's library, which is watched, and the shipped ones.

Files are read off the UI thread, the first time once the window is on screen.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from studio.catalog.registry import Registry
from studio.catalog.shelves import Entry, Shelf, folder_of, read_shelf
from studio.project.library import Piece
from studio.ui.background import Background

SETTLE_MS = 150
SHELVES: tuple[Shelf, ...] = ("mine", "shipped")
Entries = tuple[Entry, ...]


class Library(QObject):
    """What is on the shelves as it was read last."""

    changed = Signal()
    """Something came, went, or is another than before."""
    failed = Signal(str)
    """Reading went wrong in a way that is our own mistake: the trace."""

    def __init__(self, known: Registry, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known = known
        self._shelves: dict[Shelf, Entries] = dict.fromkeys(SHELVES, ())
        self._reader = Background(self)
        self._reader.done.connect(self._take)
        self._reader.failed.connect(lambda error: self.failed.emit("\n".join(error.__notes__)))
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.read)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._watcher.fileChanged.connect(self._settle.start)

    def read(self) -> None:
        """Look at the shelves; `changed` tells when there is something new."""
        self._reader.request(partial(_read, self._known, dict(self._shelves)))

    def on(self, shelf: Shelf) -> Entries:
        """What is on a shelf, broken files too."""
        return self._shelves[shelf]

    def entries(self) -> Entries:
        """Everything, the user's own first."""
        return tuple(one for shelf in SHELVES for one in self._shelves[shelf])

    def entry(self, key: str) -> Entry | None:
        """The entry that a layer's type stands for."""
        return next((one for one in self.entries() if one.key == key), None)

    def piece(self, key: str) -> Piece | None:
        """The block that a layer's type stands for."""
        entry = self.entry(key)
        return entry.piece if entry else None

    def _take(self, found: dict[Shelf, Entries]) -> None:
        self._watch(found["mine"])
        if found != self._shelves:
            self._shelves = found
            self.changed.emit()

    def _watch(self, mine: Entries) -> None:
        """Watch folder and files: a file that is written in its place does not change the folder."""
        folder = folder_of("mine")
        wanted = {str(folder), *(str(entry.path) for entry in mine)} if folder.is_dir() else set()
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))


def _read(known: Registry, before: dict[Shelf, Entries]) -> dict[Shelf, Entries]:
    with suppress(OSError):  # a folder that cannot be made holds nothing; saving says so
        folder_of("mine").mkdir(parents=True, exist_ok=True)
    return {shelf: read_shelf(shelf, known, before[shelf]) for shelf in SHELVES}
