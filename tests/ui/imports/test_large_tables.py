"""A CSV file larger than memory in the window: how far it is made ready is seen, and closing stops it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from studio.data import progress as watched
from studio.data.sources import csv_large
from studio.ui.import_window import ImportWindow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import opened
from tests.ui.test_files import drop
from tests.ui.windows import LONG

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table that is made ready in ten pieces, each of which takes its time."""
    path = tmp_path / "large.csv"
    path.write_text("a,b,y\n" + "".join(f"{at % 17}.5,{at % 5},{at % 3}\n" for at in range(3000)))
    monkeypatch.setattr(csv_large, "budget", lambda: 10_000)
    monkeypatch.setattr(csv_large, "PIECE", path.stat().st_size // 10)
    note = watched.Progress.note

    def slowly(self: watched.Progress, share: float) -> None:
        note(self, share)
        time.sleep(0.2)

    monkeypatch.setattr(watched.Progress, "note", slowly)
    return path


def shown(window: ImportWindow) -> int:
    """The share that the bar shows, 0 where it shows none."""
    bar = window.findChild(QProgressBar)
    assert bar is not None
    return bar.value() if bar.isVisible() and bar.maximum() == 100 else 0


def test_the_import_shows_how_far_it_is(ready: MainWindow, qtbot: QtBot, slow: Path) -> None:
    drop(ready, slow)
    qtbot.waitUntil(lambda: bool(ready.findChildren(ImportWindow)), timeout=LONG)
    window = ready.findChildren(ImportWindow)[-1]
    qtbot.waitUntil(lambda: 0 < shown(window) < 100, timeout=LONG)
    assert any("large.csv is made ready" in one.text() for one in window.findChildren(QLabel))
    bar = ready.statusBar()
    qtbot.waitUntil(
        lambda: any("large.csv is made ready" in one.text() for one in bar.findChildren(QLabel)), timeout=LONG
    )
    opened(ready, qtbot)
    assert shown(window) == 0
    window.reject()
    qtbot.waitUntil(
        lambda: not any("made ready" in one.text() for one in bar.findChildren(QLabel)), timeout=LONG
    )


def test_closing_the_import_stops_it(ready: MainWindow, qtbot: QtBot, slow: Path) -> None:
    drop(ready, slow)
    qtbot.waitUntil(lambda: bool(ready.findChildren(ImportWindow)), timeout=LONG)
    window = ready.findChildren(ImportWindow)[-1]
    qtbot.waitUntil(lambda: 0 < shown(window) < 100, timeout=LONG)
    window.reject()
    qtbot.waitUntil(lambda: watched.progress.going is None, timeout=LONG)
    tables = csv_large.cache_folder() / "tables"
    assert not any(tables.glob("*/about.json"))
