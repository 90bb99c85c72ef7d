"""Collects Python's garbage in the UI thread alone.

Python collects in whichever thread happens to allocate, at any moment. Widgets that wait in a cycle of
references would be destroyed in the training thread, or while Qt walks over all widgets: either ends it all.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 500


class Collector(QObject):
    """While it lives, generations are collected when they are due, by a timer of the thread that made it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def settle(self) -> None:
        """Leave out for good what is there now, such as libraries just loaded: collecting stays short.

        Nothing is collected before: of what is there by then, one object in a thousand is garbage, and
        finding it would hold up the window for a sixth of a second.
        """
        gc.freeze()

    def close(self) -> None:
        """Let Python collect as it does by itself."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _collect(self) -> None:
        due = [number for number, limit in enumerate(gc.get_threshold()) if gc.get_count()[number] > limit]
        if due:
            gc.collect(due[-1])
