"""The kept layout: what is whole comes back, what is not is never given to Qt."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from studio.ui.layout import Layout


def make(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QLabel("centre"))
    for name in ("one", "two"):
        dock = QDockWidget(name)
        dock.setObjectName(name)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.resize(640, 480)
    return window


def place_of(window: QMainWindow, name: str) -> Qt.DockWidgetArea:
    dock = window.findChild(QDockWidget, name)
    assert dock is not None
    return window.dockWidgetArea(dock)


@pytest.fixture
def kept(qtbot: QtBot, tmp_path: Path) -> Layout:
    """The layout of a window whose dock was moved to the right."""
    window, layout = make(qtbot), Layout(tmp_path)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.findChild(QDockWidget, "two"))
    layout.save(window)
    return layout


def test_a_layout_comes_back(qtbot: QtBot, kept: Layout, tmp_path: Path) -> None:
    window = make(qtbot)
    assert kept.restore(window)
    assert place_of(window, "two") == Qt.DockWidgetArea.RightDockWidgetArea
    assert not (tmp_path / "layout.restoring").exists()


def test_nothing_kept_is_no_fault(qtbot: QtBot, tmp_path: Path) -> None:
    assert not Layout(tmp_path / "none").restore(make(qtbot))


def test_changed_files_are_never_taken(qtbot: QtBot, kept: Layout, tmp_path: Path) -> None:
    """One digit of the saved state, anywhere: the checksum notices each."""
    file = tmp_path / "layout.json"
    whole, window, chance = json.loads(file.read_text()), make(qtbot), random.Random(1)
    for _ in range(200):
        key = chance.choice(["state", "geometry"])
        at = chance.randrange(len(whole[key]))
        digit = chance.choice([c for c in "0123456789abcdef" if c != whole[key][at]])
        file.write_text(json.dumps({**whole, key: whole[key][:at] + digit + whole[key][at + 1 :]}))
        assert not kept.restore(window)
    assert place_of(window, "two") == Qt.DockWidgetArea.LeftDockWidgetArea


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 1}', "[" * 100_000, '{"state": 3}'])
def test_files_that_are_no_layout_are_never_taken(
    qtbot: QtBot, kept: Layout, tmp_path: Path, text: str
) -> None:
    (tmp_path / "layout.json").write_text(text)
    assert not kept.restore(make(qtbot))


def test_other_versions_are_never_taken(qtbot: QtBot, kept: Layout, tmp_path: Path) -> None:
    file = tmp_path / "layout.json"
    whole = json.loads(file.read_text())
    for change in ({"version": 0}, {"qt": "5.0"}):
        file.write_text(json.dumps({**whole, **change}))
        assert not kept.restore(make(qtbot))


def test_a_start_that_ended_while_restoring_is_not_repeated(
    qtbot: QtBot, kept: Layout, tmp_path: Path
) -> None:
    (tmp_path / "layout.restoring").touch()
    assert not kept.restore(make(qtbot))
    assert list(tmp_path.iterdir()) == []


def test_clear_forgets(qtbot: QtBot, kept: Layout) -> None:
    kept.clear()
    assert not kept.restore(make(qtbot))
