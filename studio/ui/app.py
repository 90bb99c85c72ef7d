"""Starts the program with a window: environment, application, theme, window, signals of the system."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QLibraryInfo, QLocale, QSize, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from studio.interchange.pictures import is_picture
from studio.places import shipped
from studio.train.devices import prepare_environment
from studio.ui.appearance import Appearance
from studio.ui.collecting import Collector
from studio.ui.files import SUFFIX
from studio.ui.icons import program_icon
from studio.ui.layout import Layout
from studio.ui.preferences import Preferences
from studio.ui.session import Session
from studio.ui.window import MainWindow

TURN_S = 0.0005
"""Seconds for which a thread keeps Python while another waits for it. The window, a step of the training and
a check need it often, for moments; with Python's own 5 ms each would wait that long for whoever is busy."""
TICK_MS = 200
"""Python's signal handlers run only when its interpreter does."""
CLOSE_S = 4.5
"""Seconds from the window's end to that of the process, at most."""
TITLE_BAR = 36
"""Pixels that a window manager takes over a window, about."""


def run_app(argv: Sequence[str], *, path: Path | None = None, train: bool = False) -> int:
    """Show the window until it closes, with a project open and training where asked; the exit code."""
    prepare_environment()
    sys.setswitchinterval(TURN_S)
    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)
    app.setApplicationName("neuroloom")
    app.setApplicationDisplayName("Neuroloom")
    app.setDesktopFileName("neuroloom")
    app.setStyle("Fusion")
    app.setWindowIcon(program_icon())
    translate(app)
    preferences = Preferences()
    if "--reset" in argv:
        preferences.clear()
        Layout().clear()
    window = MainWindow(Session(), preferences, Appearance(preferences, app))
    window.painted.connect(lambda: start(window, path, train))
    late = end_in_time(window)
    window.closed.connect(app.quit)
    fit_on_screen(window)
    window.show()
    collector = Collector()
    window.loading.ready.connect(collector.settle)
    tick = obey_signals(window)
    code = app.exec()
    late.cancel()
    tick.stop()
    collector.close()
    return code


def leave(code: int) -> NoReturn:
    """End the process with an exit code, now that the window is closed and all threads have ended.

    Python would take torch apart module by module before, which takes seconds, while nothing is left to keep.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # a reader that is gone, or none at all
            stream.flush()
    os._exit(code)


def fit_on_screen(window: MainWindow) -> None:
    """Make a window that is larger than its screen as large as that, title bar and all."""
    room = window.screen().availableGeometry()
    size = window.size().boundedTo(QSize(room.width(), room.height() - TITLE_BAR))
    if size != window.size():
        window.resize(size)
        window.move(room.topLeft())


def start(window: MainWindow, path: Path | None, train: bool) -> None:
    """What comes after the first paint."""
    window.loading.start()
    window.files.offer_recovery()
    opened = path is None or open_any(window, path)
    if train and opened:
        window.training.start()


def open_any(window: MainWindow, path: Path) -> bool:
    """Open a project; other files and folders are data, to be imported. Says whether a project is open."""
    if path.exists() and path.suffix != SUFFIX and not is_picture(path):
        window.importing.look_at(path)
        return False
    return window.files.open(path)


def translate(app: QApplication) -> None:
    """Install the translations of the user's language, as far as they are there."""
    folders = {"neuroloom": shipped("resources") / "translations"}
    folders["qtbase"] = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for name, folder in folders.items():
        translator = QTranslator(app)
        if translator.load(QLocale(), name, "_", str(folder)):
            app.installTranslator(translator)


def end_in_time(window: MainWindow) -> threading.Timer:
    """End the process even where a thread does not: one that is in the middle of a long step of training, or
    still loads torch, cannot be told to. All there was to keep is kept by then.
    """
    late = threading.Timer(CLOSE_S, os._exit, (0,))
    late.daemon = True
    window.closing.connect(lambda: late.is_alive() or late.start())
    return late


def obey_signals(window: MainWindow) -> QTimer:
    """Close the window on Ctrl-C and SIGTERM without asking: what is unsaved stays in the recovery copy.

    A handler only leaves word: it may run in the middle of anything, while a lock is held or a widget paints.
    """
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: asked.append(received))
    tick = QTimer(interval=TICK_MS)
    tick.timeout.connect(lambda: window.close_unasked() if asked else None)
    tick.start()
    return tick
