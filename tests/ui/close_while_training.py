"""A whole session in a process of its own: open a sample, train, close at a moment; the exit code counts.

Usage: python -m tests.ui.close_while_training FILE MOMENT [close|term|int]. MOMENT is a number of seconds
from the first event of the run; or "loading", soon after the first paint; "began", as soon as there is a run;
or "paused". It says when it was told to end.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.ui.app import leave, run_app
from studio.ui.window import MainWindow

HANGS_S = 100
"""A process that is still there then says where it hangs, and ends."""
SIGNALS = {"term": signal.SIGTERM, "int": signal.SIGINT}


class Ending:
    """Ends a window at a moment."""

    def __init__(self, window: MainWindow, moment: str, how: str) -> None:
        self._window, self._moment, self._how = window, moment, how
        self._heard = False
        training = window.training
        if moment == "loading":
            window.painted.connect(lambda: self._end_in(300))
            return
        if moment == "began":
            training.began.connect(lambda: self._end_in(0))
        else:
            training.events.connect(self._hear)
        training.blocked.connect(lambda: os._exit(7))
        training.refused.connect(lambda: os._exit(8))

    def _hear(self, _events: list[object]) -> None:
        if self._heard:
            return
        self._heard = True
        if self._moment == "paused":
            self._window.training.state_changed.connect(self._see)
            self._window.training.toggle_pause()
        else:
            self._end_in(int(float(self._moment) * 1000))

    def _see(self, state: str) -> None:
        if state == "paused":
            self._end_in(0)

    def _end_in(self, milliseconds: int) -> None:
        QTimer.singleShot(milliseconds, self._end)

    def _end(self) -> None:
        sys.stdout.write(f"{time.monotonic()}\n")
        sys.stdout.flush()
        if self._how == "close":
            self._window.close()
        else:
            os.kill(os.getpid(), SIGNALS[self._how])


def main() -> None:
    name, moment, how = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "close"
    faulthandler.dump_traceback_later(HANGS_S, exit=True)
    app = QApplication([sys.argv[0]])
    app.setQuitOnLastWindowClosed(True)
    endings: list[Ending] = []

    def look() -> None:
        windows = [one for one in app.topLevelWidgets() if isinstance(one, MainWindow)]
        if windows:
            endings.append(Ending(windows[0], moment, how))
        else:
            QTimer.singleShot(5, look)

    QTimer.singleShot(0, look)
    leave(run_app([], path=Path(name), train=True))


if __name__ == "__main__":
    main()
