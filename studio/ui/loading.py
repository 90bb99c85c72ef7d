"""Loads what is slow to import in a thread, right after the first paint."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer, Signal

POLL_MS = 30
MODULES = (
    "numpy",
    "pyqtgraph",
    "networkx",
    "torch",
    "studio.build.check",
    "studio.data.describe",
    "studio.data.prepare",
    "studio.train.engine",
)
"""In the order in which the window needs them."""
DRAWING = MODULES.index("networkx")
"""How many of them the curves need."""


class Loading(QObject):
    """Imports the slow libraries in a thread and says when they are there."""

    drawing_ready = Signal()
    """numpy and pyqtgraph are loaded."""
    ready = Signal()
    """All of it is loaded: a run can start."""
    failed = Signal(str)
    """A library could not be loaded; the text is the traceback."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_ready = False
        self._count = 0
        self._told = False
        self._error = ""
        self._stop = Event()
        self._thread = Thread(target=self._load, name="loading")
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    def start(self) -> None:
        """Begin; answers come on the UI thread."""
        self._thread.start()
        self._timer.start()

    def close(self) -> None:
        """Stop after the library that is being loaded now, and wait for that."""
        self._stop.set()
        self._timer.stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _load(self) -> None:
        try:
            for name in MODULES:
                if self._stop.is_set():
                    return
                if name == "torch":
                    _load_torch_library()
                importlib.import_module(name)
                self._count += 1
        except Exception:
            self._error = traceback.format_exc()

    def _poll(self) -> None:
        if self._count >= DRAWING and not self._told:
            self._told = True
            self.drawing_ready.emit()
        if self._error:
            self._timer.stop()
            self.failed.emit(self._error)
        elif self._count == len(MODULES):
            self._timer.stop()
            self.is_ready = True
            self.ready.emit()


def _load_torch_library() -> None:
    """Map torch's largest library through ctypes first: unlike an import, that lets other threads run."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None or "torch" in sys.modules:
        return
    for name in ("libtorch_python.so", "libtorch_python.dylib"):
        library = Path(found.origin).parent / "lib" / name
        if library.exists():
            with contextlib.suppress(OSError):
                ctypes.CDLL(str(library))
