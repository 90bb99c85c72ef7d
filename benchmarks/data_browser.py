"""The browser of samples at a million rows: what any scroll costs, in a table and in a sheet."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QTableView

    from studio.ui.data_view import DataView

SAMPLES, PICTURES, SIDE = 1_000_000, 1_000_000, 16
SCROLLS, QUICK_SCROLLS = 400, 100
PATIENCE = 120.0
SIZE = (1280, 700)


def rows(quick: bool) -> list[Row]:
    """Measure in a window of its own; without a screen, off the screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    count = QUICK_SCROLLS if quick else SCROLLS
    with tempfile.TemporaryDirectory() as folder:
        return [
            _row(app, Path(folder), "a table", _write_table, count),
            _row(app, Path(folder), "pictures", _write_pictures, count),
        ]


def _row(app: QApplication, folder: Path, what: str, write: Callable[[Path], None], count: int) -> Row:
    from studio.project.project import Data, Setting
    from studio.ui.background import Background
    from studio.ui.data_view import DataView
    from studio.ui.style import stylesheet
    from studio.ui.theme import DARK

    write(folder / "many.npz")
    app.setStyleSheet(stylesheet(DARK))
    view = DataView()
    view.resize(*SIZE)
    view.show()
    options = {"duplicates_together": False, "stratify": False}
    view.show_data(Data(Setting("Arrays", {"path": "many.npz", "target": "y"}), options), folder)
    _wait(app, lambda: _listed(view) is not None)
    listed = _listed(view)
    assert listed is not None
    worst = max(_scroll(app, view, listed) for _ in range(count))
    for background in view.findChildren(Background):
        background.close()
    view.close()
    return Row(
        f"sample browser at 1 M rows ({what}): any scroll", "-", 1000 * worst, "ms of the UI thread", "≤ 16"
    )


def _scroll(app: QApplication, view: DataView, listed: QTableView) -> float:
    """Seconds of one jump or step, until it is painted; then what was read for it comes and is painted."""
    bar = listed.verticalScrollBar()
    far = random.random() < 0.5
    to = random.randint(0, bar.maximum()) if far else bar.value() + random.randint(1, 3 * bar.pageStep())
    begun = time.thread_time()
    bar.setValue(to)
    app.processEvents()
    took = time.thread_time() - begun
    deadline = time.monotonic() + 0.05
    while time.monotonic() < deadline:
        begun = time.thread_time()
        app.processEvents()
        took = max(took, time.thread_time() - begun)
        time.sleep(0.002)
    return took


def _listed(view: DataView) -> QTableView | None:
    from PySide6.QtWidgets import QTableView

    shown = (
        one for one in view.findChildren(QTableView) if one.isVisible() and one.model().rowCount() > 1000
    )
    return next(shown, None)


def _wait(app: QApplication, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, "the samples were not listed"
        app.processEvents()
        time.sleep(0.005)


def _write_table(path: Path) -> None:
    import numpy as np

    drawn = np.random.default_rng(0)
    np.savez(path, x=drawn.normal(size=(SAMPLES, 8)).astype(np.float32), y=drawn.integers(0, 10, SAMPLES))


def _write_pictures(path: Path) -> None:
    import numpy as np

    drawn = np.random.default_rng(0)
    pixels = drawn.integers(0, 255, (PICTURES, 1, SIDE, SIDE), dtype=np.uint8)
    np.savez(path, x=pixels, y=drawn.integers(0, 10, PICTURES))
