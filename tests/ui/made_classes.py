"""Opens the window until all is loaded; prints the classes of Qt that the UI thread did not make.

Usage: python -m tests.ui.made_classes
"""

from __future__ import annotations

import builtins
import sys
import threading
from typing import Any

from PySide6.QtCore import QObject

from studio.ui import app as program
from studio.ui.window import MainWindow

MADE: dict[str, bool] = {}
"""Every class that is Qt's or inherits one of Qt's: whether the UI thread made it."""


def watch() -> None:
    """Notice each class statement."""
    build, kind, here = builtins.__build_class__, type(QObject), threading.main_thread()

    def build_class(*args: Any, **options: Any) -> type:
        made = build(*args, **options)
        if isinstance(made, kind):
            MADE[made.__qualname__] = threading.current_thread() is here
        return made

    builtins.__build_class__ = build_class


def main() -> None:
    """Start, wait for the libraries, end."""
    watch()
    start = program.start

    def begin(window: MainWindow, *rest: Any) -> None:
        window.loading.ready.connect(window.close_unasked)
        start(window, *rest)

    program.start = begin
    program.run_app([])
    assert MADE["PlotWidget"], "pyqtgraph was not loaded, or by another thread"
    sys.stdout.write(" ".join(name for name, here in MADE.items() if not here))


if __name__ == "__main__":
    main()
