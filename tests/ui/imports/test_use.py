"""Whether what an import shows may be used: not where nothing could be read; what training needs is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.ui.import_window import ImportWindow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import click, columns, opened, told
from tests.ui.imports.test_mending import ODD, press, rooms
from tests.ui.test_files import drop
from tests.ui.windows import LONG

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups
UNREAD = "It cannot be used yet: nothing can be read with these settings."
UNTRAINED = "It can be used, but training needs the problem that is marked mended first."


def said(window: MainWindow, qtbot: QtBot, text: str) -> ImportWindow:
    """The import window, once it says this."""
    qtbot.waitUntil(lambda: bool(window.findChildren(ImportWindow)), timeout=LONG)
    made = window.findChildren(ImportWindow)[-1]
    qtbot.waitUntil(lambda: text in told(made), timeout=LONG)
    return made


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"x,y\n", "a.csv"),
        ("a.parquet", b"PAR1 and no more", "a.parquet cannot be read as Parquet"),
        ("a.npz", b"no archive", "a.npz"),
        ("a.csv", b"a,a\n1,2\n3,4\n5,6\n", "a.csv"),
    ],
)
def test_what_cannot_be_read_cannot_be_used(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    before = ready.session.project
    assert drop(ready, tmp_path / name)
    asked = said(ready, qtbot, UNREAD)
    assert not asked.use_button.isEnabled()
    assert asked.use_button.toolTip().startswith("Nothing can be read with these settings.")
    assert why in asked.use_button.toolTip()
    click(qtbot, asked.use_button)
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    assert asked.isVisible()
    assert ready.session.project is before


def test_what_is_wrong_with_a_column_may_be_mended_later(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert drop(ready, rooms(tmp_path, {9: ODD[9]}))
    asked = said(ready, qtbot, UNTRAINED)
    assert asked.use_button.isEnabled()
    press(qtbot, asked, "Take 1 value as missing")
    qtbot.waitUntil(lambda: "odd: as missing" in columns(asked)["size"][2], timeout=LONG)
    assert "training needs" not in told(asked)
    assert asked.use_button.toolTip() == "Make it the project's data, as one undo step"
    click(qtbot, asked.use_button)
    assert ready.session.undo_stack.count() == 1


def test_a_moment_that_comes_up_twice_can_be_told_apart_in_the_window(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = "".join(
        f"2024-{1 + at // 28:02d}-{1 + at % 28:02d},{shop / 10},{at * shop}\n"
        for at in range(112)
        for shop in (15, 27)
    )
    (tmp_path / "sold.csv").write_text(f"day,size,sold\n{rows}")
    assert drop(ready, tmp_path / "sold.csv")
    asked = opened(ready, qtbot)
    kinds = asked.kinds.list
    assert "day 2024-01-01 comes up more than once" in kinds.item(1).text()
    place = kinds.visualItemRect(kinds.item(1)).center()
    qtbot.mouseClick(kinds.viewport(), Qt.MouseButton.LeftButton, pos=place)
    said(ready, qtbot, UNREAD)
    assert not asked.use_button.isEnabled()
    assert "2024-01-01 comes up twice, first in row 2" in asked.use_button.toolTip()
    qtbot.keyClick(asked.focusWidget(), Qt.Key.Key_Return)
    assert asked.isVisible()
    group = asked.kinds.field("group")
    group.setFocus()
    qtbot.keyClicks(group, "size")
    qtbot.keyClick(group, Qt.Key.Key_Return)
    qtbot.waitUntil(asked.use_button.isEnabled, timeout=LONG)
    assert "nothing can be read" not in told(asked)
    click(qtbot, asked.use_button)
    assert ready.session.project.data.source.params["group"] == "size"


def test_pictures_listed_by_another_machine_are_taken_and_trained_on(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "img").mkdir()
    for at in range(40):
        Image.new("RGB", (8, 8), (at * 6, 255 - at * 6, 40)).save(tmp_path / "img" / f"{at}.jpg")
    rows = "".join(f"C:\\Users\\ann\\data\\img\\{at}.jpg,{'ab'[at // 20]}\n" for at in range(40))
    (tmp_path / "shots.csv").write_text(f"shot,kind\n{rows}")
    assert drop(ready, tmp_path / "shots.csv")
    asked = opened(ready, qtbot)
    assert all(view.image is not None for view in asked.preview.views)
    assert asked.network.isChecked()
    click(qtbot, asked.use_button)
    with qtbot.waitSignal(ready.training.ended, timeout=LONG):
        ready.actions_by_name["train.start"].trigger()
    assert [text for text in ready.messages.texts() if "failed" in text.lower()] == []


def test_a_series_with_holes_is_taken_and_trained_on(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    days = np.datetime64("2024-01-01") + np.arange(200)
    rows = [f"{day},{'' if at % 11 == 3 else at},{at % 7}" for at, day in enumerate(days)]
    (tmp_path / "load.csv").write_text("\n".join(["day,wind,load", *rows, rows[-1]]))
    assert drop(ready, tmp_path / "load.csv")
    asked = opened(ready, qtbot)
    why = asked.kinds.list.item(0).text()
    assert "1 row that repeats another left out" in why
    assert "missing values filled with the last before: wind 18 of 201 rows" in why
    assert "1 row repeats another and is left out, the first in row 202" in told(asked)
    click(qtbot, asked.use_button)
    assert ready.session.project.data.source.type == "TimeSeries"
    with qtbot.waitSignal(ready.training.ended, timeout=LONG):
        ready.actions_by_name["train.start"].trigger()
    assert [text for text in ready.messages.texts() if "failed" in text.lower()] == []
