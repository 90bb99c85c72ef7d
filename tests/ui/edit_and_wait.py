"""A window in a process of its own that is edited as by a person, and then waits for what is done to it.

Usage: python -m tests.ui.edit_and_wait FILE STEPS. Each step places a layer by typing its name. It prints one
line, "ready" and the layers that are drawn, once the recovery copy of the last edit is written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.places import user_folder
from studio.project.storage import load
from studio.ui.app import run_app
from studio.ui.window import MainWindow

LAYERS = ["ReLU", "Dropout", "Tanh", "Linear", "Sigmoid"]


def edit(window: MainWindow, steps: int) -> None:
    """Place layers by the palette's search."""
    for step in range(steps):
        QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        search = QApplication.focusWidget()
        QTest.keyClicks(search, LAYERS[step % len(LAYERS)])
        QTest.keyClick(search, Qt.Key.Key_Return)


def main() -> int:
    path, steps = Path(sys.argv[1]), int(sys.argv[2])
    app = QApplication([sys.argv[0]])

    def look() -> None:
        windows = [one for one in app.topLevelWidgets() if isinstance(one, MainWindow) and one.session.path]
        if windows:
            edit(windows[0], steps)
            tell(windows[0])
        else:
            QTimer.singleShot(20, look)

    def tell(window: MainWindow) -> None:
        names = sorted(window.session.project.graph.nodes)
        copies = list((user_folder() / "recovery").glob("*.loom"))
        if copies and sorted(load(copies[0]).graph.nodes) == names:
            print(json.dumps(["ready", *names]), flush=True)  # noqa: T201
        else:
            QTimer.singleShot(20, lambda: tell(window))

    QTimer.singleShot(0, look)
    return run_app([], path=path)


if __name__ == "__main__":
    sys.exit(main())
