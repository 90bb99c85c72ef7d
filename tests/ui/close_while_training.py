"""A whole session in a process of its own: open a sample, train, close at a moment; the exit code counts.

Usage: python -m tests.ui.close_while_training SAMPLE SECONDS [close|term]. SECONDS count from the first event
of the run, or with "loading" in place of a number from the first paint.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.ui.app import run_app
from studio.ui.window import MainWindow
from tests.ui.windows import sample

HANGS_S = 100
"""A process that is still there then says where it hangs, and ends."""


def main() -> int:
    name, moment, how = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "close"
    faulthandler.dump_traceback_later(HANGS_S, exit=True)
    app = QApplication([sys.argv[0]])
    app.setQuitOnLastWindowClosed(True)

    def end(window: MainWindow) -> None:
        if how == "term":
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            window.close()

    def look() -> None:
        windows = [one for one in app.topLevelWidgets() if isinstance(one, MainWindow)]
        if not windows:
            QTimer.singleShot(5, look)
            return
        window = windows[0]
        if moment == "loading":
            window.painted.connect(lambda: QTimer.singleShot(300, lambda: end(window)))
            return
        begun: list[int] = []

        def first(_events: list[object]) -> None:
            if not begun:
                begun.append(1)
                QTimer.singleShot(int(float(moment) * 1000), lambda: end(window))

        window.training.events.connect(first)
        window.training.blocked.connect(lambda: os._exit(7))
        window.training.refused.connect(lambda: os._exit(8))

    QTimer.singleShot(0, look)
    return run_app([], path=sample(name), train=True)


if __name__ == "__main__":
    sys.exit(main())
