"""Data that cannot be read as they are: a click in the import, under Problems or among the Checks takes odd
values as missing or leaves rows out, says how many, and can be undone; the file stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from studio.project.project import Data, Setting
from studio.project.storage import load
from studio.ui.fix_button import FixButton
from studio.ui.samples.flaw_row import FlawRow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import click, columns, opened
from tests.ui.test_files import drop
from tests.ui.windows import LONG, sample

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups
ODD = {9: "viele,3,30.5", 20: "7,ein,9.5"}
UNEVEN = {12: "1,2", 30: "1,2,3,4"}


def rooms(folder: Path, bad: dict[int, str]) -> Path:
    path = folder / "rooms.csv"
    lines = [bad.get(at, f"{at % 9},{at % 4},{at / 3:.2f}") for at in range(80)]
    path.write_text("\n".join(["size,doors,price", *lines]) + "\n")
    return path


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def fix(widget: QWidget, begins: str) -> QPushButton | QToolButton | None:
    found = [one for one in widget.findChildren(FixButton) if one.isVisibleTo(widget)]
    return next(
        (one for one in found if one.text().startswith(begins) or begins in one.accessibleName()), None
    )


def press(qtbot: QtBot, widget: QWidget, begins: str) -> None:
    qtbot.waitUntil(lambda: fix(widget, begins) is not None, timeout=LONG)
    button = fix(widget, begins)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def errors(window: MainWindow) -> list[str]:
    assert window.session.checked is not None
    return [one.message for one in window.session.checked.errors]


def test_odd_values_in_the_import(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = rooms(tmp_path, ODD)
    before = path.read_bytes()
    assert drop(ready, path)
    asked = opened(ready, qtbot)
    assert "rooms.csv, row 11, column size: 'viele' is no number; 79 of 80 values are." in said(asked)
    press(qtbot, asked, "Take 1 value as missing")
    qtbot.waitUntil(lambda: "row 22, column doors: 'ein' is no number" in said(asked), timeout=LONG)
    press(qtbot, asked, "Leave out 1 row")
    qtbot.waitUntil(
        lambda: "doors: 1 of 80 values is no number and left out with its row" in said(asked), timeout=LONG
    )
    assert "size: 1 of 80 values is no number and counts as missing" in said(asked)
    assert "odd: as missing" in columns(asked)["size"][2]
    assert "odd: leave sample out" in columns(asked)["doors"][2]
    qtbot.waitUntil(asked.use_button.isEnabled, timeout=LONG)
    assert asked.focusWidget() is asked.use_button
    click(qtbot, asked.use_button)
    assert ready.session.undo_stack.count() == 1
    fields = ready.session.project.data.fields
    assert (fields["size"].odd, fields["size"].missing, fields["doors"].odd) == ("missing", "median", "skip")
    qtbot.waitUntil(lambda: ready.session.checked is not None, timeout=LONG)
    assert errors(ready) == []
    with qtbot.waitSignal(ready.training.ended, timeout=LONG):
        ready.actions_by_name["train.start"].trigger()
    assert [text for text in ready.messages.texts() if "failed" in text.lower()] == []
    assert path.read_bytes() == before


def test_uneven_rows_are_left_out_and_counted_in_the_import(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert drop(ready, rooms(tmp_path, UNEVEN))
    asked = opened(ready, qtbot)
    qtbot.waitUntil(
        lambda: "2 of 80 rows cannot be read and are left out (rows 14, 32)" in said(asked), timeout=LONG
    )
    click(qtbot, asked.use_button)
    assert ready.session.project.data.source.params["broken"] == "skip"


@pytest.mark.parametrize(
    ("bad", "label", "after"),
    [
        (ODD | {20: "7,1,9.5"}, "Take 1 value as missing", "counts as missing"),
        (UNEVEN, "Leave out 2 rows", "2 of 80 rows cannot be read and are left out"),
        ({5: ",1,2"}, "Let the median stand in", ""),
        ({5: "1,1,inf"}, "Leave out 1 row", ""),
    ],
)
def test_under_problems_and_back(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path, bad: dict[int, str], label: str, after: str
) -> None:
    rooms(tmp_path, bad)
    session = ready.session
    drawn = load(sample("linear_regression"))
    session.new(replace(drawn, data=Data(Setting("CSV", {"path": "rooms.csv"}))), tmp_path)
    ready.docks.reveal("problems")
    press(qtbot, ready.panels.problems, label)
    assert session.undo_stack.undoText().startswith(label)

    def mended() -> bool:
        checked = session.checked
        return checked is not None and checked.project is session.project

    qtbot.waitUntil(mended, timeout=LONG)
    assert not [
        one
        for one in session.checked.problems
        if (one.field or "").startswith("data") and one.severity == "error"
    ]
    assert after in "\n".join(one.message for one in session.checked.problems)
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: fix(ready.panels.problems, label) is not None, timeout=LONG)


def test_among_the_checks(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "shots").mkdir()
    for at in range(30):
        Image.new("RGB", (9, 9), (at * 8, 255 - at * 8, 40)).save(tmp_path / "shots" / f"{at}.png")
    (tmp_path / "shots" / "4.png").write_bytes(b"")
    (tmp_path / "shots" / "5.png").unlink()
    lines = [f"shots/{at}.png,{'ab'[at % 2]}" for at in range(30)]
    (tmp_path / "shots.csv").write_text("\n".join(["shot,kind", *lines]))
    session = ready.session
    session.commit(replace(session.project, data=Data(Setting("CSV", {"path": "shots.csv"}))), "Data")
    ready.docks.reveal("checks")
    checks = ready.panels.checks
    press(qtbot, checks, "Leave out 2 rows")
    assert session.project.data.fields["shot"].odd == "skip"

    def counted() -> bool:
        rows = [row for row in checks.findChildren(FlawRow) if row.isVisible()]
        return any(
            "2 of 30 files are unreadable and left out with their rows" in row.flaw.sentence for row in rows
        )

    qtbot.waitUntil(counted, timeout=LONG)
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: fix(checks, "Leave out 2 rows") is not None, timeout=LONG)


def test_what_was_decided_is_in_the_columns_menu(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    assert drop(ready, rooms(tmp_path, {9: ODD[9]}))
    asked = opened(ready, qtbot)
    press(qtbot, asked, "Take 1 value as missing")
    qtbot.waitUntil(lambda: "odd: as missing" in columns(asked)["size"][2], timeout=LONG)
    table = asked.columns
    index = table.model().index(0, 3)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    qtbot.waitUntil(lambda: bool(_menus(table)), timeout=LONG)
    menu = _menus(table)[0]
    inner = next(one.menu() for one in menu.actions() if one.menu() is not None)
    assert inner.title() == "Odd values"
    entry = next(one for one in inner.actions() if one.text().startswith("leave sample out"))
    menu.setActiveAction(inner.menuAction())
    qtbot.keyClick(menu, Qt.Key.Key_Right)
    qtbot.mouseClick(inner, Qt.MouseButton.LeftButton, pos=inner.actionGeometry(entry).center())
    qtbot.waitUntil(lambda: "odd: leave sample out" in columns(asked)["size"][2], timeout=LONG)


def _menus(widget: QWidget) -> list[QMenu]:
    return [one for one in widget.findChildren(QMenu) if one.isVisible()]
