"""Loads what is slow to import, right after the first paint: in a thread, but for what makes Qt's classes."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import time
import traceback
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer, Signal

from studio.ui import qt_classes

POLL_MS, SLICE_S = 30, 0.005
CHECKING = ("numpy", "networkx", "torch", "studio.build.check", "studio.data.describe")
"""What a check needs."""
TRAINING = ("studio.data.prepare", "studio.train.engine", "pydoc", "cProfile", "xml.etree.ElementTree")
"""What a run needs beyond that, and what pyqtgraph imports of the standard library."""
CURVES = "pyqtgraph"
"""What draws the curves: its classes are Qt's, so the UI thread imports it."""


class Loading(QObject):
    """Imports the slow libraries and says when they are there."""

    checking_ready = Signal()
    """The drawing can be checked."""
    ready = Signal()
    """All of it is loaded: a run can start."""
    failed = Signal(str)
    """A library could not be loaded; the text is the traceback."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.can_check = False
        self.is_ready = False
        self._count = 0
        self._error = ""
        self._stop = Event()
        self._thread = Thread(target=self._load, name="loading")
        self._making = qt_classes.making()
        self._made = self._can_draw = False
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
            for name in CHECKING + TRAINING:
                if self._stop.is_set():
                    return
                if name == "torch":
                    _load_torch_library()
                importlib.import_module(name)
                self._count += 1
            _read_ahead(CURVES)
        except Exception:
            self._error = traceback.format_exc()

    def _poll(self) -> None:
        if self._count >= len(CHECKING) and not self.can_check:
            self.can_check = True
            self.checking_ready.emit()
        if self._error:
            self._timer.stop()
            self.failed.emit(self._error)
        elif not self._made:
            self._make_classes()
        elif self._thread.is_alive():
            return
        elif not self._can_draw:
            self._load_curves()
        else:
            self._timer.stop()
            self.is_ready = True
            self.ready.emit()

    def _make_classes(self) -> None:
        """Make some of Qt's classes."""
        until = time.perf_counter() + SLICE_S
        self._made = all(time.perf_counter() < until for _ in self._making)

    def _load_curves(self) -> None:
        try:
            importlib.import_module(CURVES)
            self._can_draw = True
        except Exception:
            self._error = traceback.format_exc()


def _read_ahead(package: str) -> None:
    """Have the system read a package's compiled files, so that importing it need not wait for the disk."""
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations or ()) if found else ():
        for compiled in Path(folder).rglob("*.pyc"):
            compiled.read_bytes()


def _load_torch_library() -> None:
    """Map torch's largest library before the import does: called like this, other threads run meanwhile.

    Python stops all threads while it loads a library itself, also by ctypes.CDLL(path); a foreign function
    that is called through ctypes, such as the system's own dlopen, stops none.
    """
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None or "torch" in sys.modules or sys.platform == "win32":
        return
    load = ctypes.CDLL(None).dlopen
    load.restype, load.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    for name in ("libtorch_python.so", "libtorch_python.dylib"):
        library = Path(found.origin).parent / "lib" / name
        if library.exists():
            load(os.fsencode(library), os.RTLD_NOW)
