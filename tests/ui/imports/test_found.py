"""What importing finds out: series, masks, listed pictures, odd files, targets that teach nothing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QListWidget,
)
from pytestqt.qtbot import QtBot

from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.ui.problem_row import ProblemRow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import TOWNS, click, columns, opened, told
from tests.ui.test_files import drop
from tests.ui.windows import LONG, find

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups


def sheets(folder: Path) -> Path:
    """Grey pictures whose left half a mask marks, and a table of their paths."""
    for name in ("images", "masks"):
        (folder / "set" / name).mkdir(parents=True)
    marked = np.zeros((12, 12), np.uint8)
    marked[:, :6] = 255
    for at in range(20):
        Image.new("L", (12, 12), 100 + at).save(folder / "set" / "images" / f"{at}.png")
        Image.fromarray(marked).save(folder / "set" / "masks" / f"{at}.png")
    rows = [f"set/images/{at}.png,set/masks/{at}.png" for at in range(20)]
    (folder / "sheets.csv").write_text("\n".join(["picture,mask", *rows]))
    return folder / "set"


@pytest.mark.parametrize("listed", [False, True], ids=["two folders", "a table of paths"])
def test_masks_lie_over_the_pictures_of_the_preview(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path, listed: bool
) -> None:
    folder = sheets(tmp_path)
    assert drop(ready, tmp_path / "sheets.csv" if listed else folder)
    asked = opened(ready, qtbot)
    assert len(asked.preview.views) == 20
    for view in asked.preview.views:
        assert view.image is not None
        left, right = view.image.pixelColor(2, 5), view.image.pixelColor(9, 5)
        assert right.red() == right.green() == right.blue() >= 100
        assert left.saturation() > 50
    assert asked.network.isChecked()


def test_pictures_that_a_table_lists_are_seen_and_a_missing_one_is_told(
    ready: MainWindow, qtbot: QtBot, pets: Path
) -> None:
    rows = [f"pets/{kind}/{at}.png,{kind}" for at in range(12) for kind in ("cats", "dogs")]
    (pets.parent / "pets.csv").write_text("\n".join(["file,kind", *rows, "pets/cats/99.png,cats"]))
    assert drop(ready, pets.parent / "pets.csv")
    asked = opened(ready, qtbot)
    shown = [view.image is not None for view in asked.preview.views]
    assert shown == [True] * 19 + [False]
    assert "99.png" in asked.preview.views[-1].accessibleName()
    assert asked.preview.views[0].accessibleName().startswith("cats: 3×16×16")


def test_a_target_of_one_class_is_told_before_training(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "cats.csv"
    path.write_text("a,b,y\n" + "".join(f"{at},{at % 7},cat\n" for at in range(60)))
    assert drop(ready, path)
    asked = opened(ready, qtbot)
    assert "y, the target, is cat in all 60 samples. There is nothing to learn" in told(asked)
    assert not asked.network.isVisible()
    click(qtbot, asked.use_button)
    session = ready.session
    session.commit(session.project.with_graph(first_lines()), "Draw")
    qtbot.waitUntil(
        lambda: session.checked is not None and session.checked.project is session.project, timeout=LONG
    )
    (error,) = [one for one in session.checked.problems if one.severity == "error"]
    assert error.field == "data.fields.y"
    rows = ready.panels.data.findChildren(ProblemRow)
    assert error in [row.problem for row in rows if row.isVisible()]
    ready.docks.reveal("problems")
    listed = ready.panels.problems.findChildren(ProblemRow)
    assert error in [row.problem for row in listed if row.isVisible()]
    with qtbot.waitSignal(ready.training.blocked, timeout=LONG):
        ready.actions_by_name["train.start"].trigger()
    assert ready.messages.texts() == ["Training starts once the problems below are solved"]
    assert ready.training.state == "idle"


def first_lines() -> Graph:
    """A network that says one class of two numbers."""
    nodes = (
        Node("x", "Input", {"field": "features"}),
        Node("scores", "Linear", {"out_features": 1}),
        Node("loss", "CrossEntropy", {"target": "y"}),
    )
    wires = (("x", "scores", "input"), ("scores", "loss", "prediction"))
    edges = [Edge(Endpoint(one, "output"), Endpoint(other, port)) for one, other, port in wires]
    return Graph().with_nodes(*nodes).with_edges(*edges)


def test_dates_one_day_apart_are_taken_as_a_series_and_trained_on(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "load.csv"
    days = np.datetime64("2024-01-01") + np.arange(150)
    path.write_text("day,load\n" + "".join(f"{day},{at % 7}\n" for at, day in enumerate(days)))
    assert drop(ready, path)
    asked = opened(ready, qtbot)
    kinds = find(asked, QListWidget, "What it may be")
    assert kinds.currentItem().text().startswith("TimeSeries\nDates one day apart in day, in order")
    assert kinds.item(1).text().startswith("CSV\n")
    assert columns(asked)["next"] == ("number", "target", "")
    counts = r"(\d+) of (\d+) samples · Training (\d+) · Validation (\d+) · Test (\d+)"
    summary = re.search(counts, told(asked), re.IGNORECASE)
    assert summary is not None  # windows that cover moments of two parts are in none
    used, _, *parts = map(int, summary.groups())
    assert used == sum(parts)
    assert asked.network.isChecked()
    click(qtbot, asked.use_button)
    assert ready.session.project.data.source.type == "TimeSeries"
    with qtbot.waitSignal(ready.training.ended, timeout=LONG):
        ready.actions_by_name["train.start"].trigger()
    assert [text for text in ready.messages.texts() if "failed" in text.lower()] == []


def test_pictures_that_cannot_be_read_are_left_out_and_counted(
    ready: MainWindow, qtbot: QtBot, pets: Path
) -> None:
    whole = (pets / "cats" / "0.png").read_bytes()
    (pets / "cats" / "half.png").write_bytes(whole[: len(whole) // 2])
    (pets / "dogs" / "empty.png").write_bytes(b"")
    assert drop(ready, pets)
    asked = opened(ready, qtbot)
    assert len(asked.preview.views) == 20
    assert asked.network.isChecked()
    assert asked.kinds.setting is not None
    assert asked.kinds.setting.params["broken"] == "skip"
    assert "2 of 26 pictures cannot be read and are left out" in told(asked)
    broken = asked.kinds.field("broken")
    assert isinstance(broken, QComboBox)
    assert broken.currentText() == "skip"
    broken.setFocus()
    qtbot.keyClick(broken, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: "Replace these files, or set broken" in told(asked), timeout=LONG)
    assert not asked.use_button.isEnabled()
    assert not asked.network.isVisible()
    qtbot.keyClick(broken, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: asked.network.isVisible(), timeout=LONG)
    click(qtbot, asked.use_button)
    assert dict(ready.session.project.data.source.params) == {"folder": "pets", "broken": "skip"}


def test_a_table_from_a_german_spreadsheet_is_taken_as_it_is(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = "".join(f"{at % 9 + 1},5;{TOWNS[at % 3]}ü;{'ja' if at % 2 else 'nein'}\n" for at in range(60))
    path = tmp_path / "kunden.csv"
    path.write_bytes(("größe;ort;gekauft\n" + rows).encode("cp1252"))
    assert drop(ready, path)
    asked = opened(ready, qtbot)
    assert columns(asked) == {
        "größe": ("number", "input", ""),
        "ort": ("category", "input", ""),
        "gekauft": ("category", "target", ""),
    }
    kinds = find(asked, QListWidget, "What it may be")
    assert "letters seem to be written as CP1252" in kinds.currentItem().text()
    assert asked.network.isChecked()


def test_an_empty_column_is_left_out_also_where_it_comes_last(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "ends.csv"
    path.write_text("a;b;y;z\n" + "".join(f"{at};;{'xy'[at % 2]};\n" for at in range(60)))
    assert drop(ready, path)
    asked = opened(ready, qtbot)
    assert {name: role for name, (_, role, _) in columns(asked).items()} == {
        "a": "input",
        "b": "left out",
        "y": "target",
        "z": "left out",
    }
    assert asked.network.isChecked()
    click(qtbot, asked.use_button)
    qtbot.waitUntil(lambda: ready.session.checked is not None, timeout=LONG)
    assert [one for one in ready.session.checked.problems if one.severity == "error"] == []


def test_a_look_that_fails_leaves_nothing_of_the_file_before(
    ready: MainWindow, qtbot: QtBot, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drop(ready, people)
    asked = opened(ready, qtbot)

    def fails(*_: object) -> None:
        raise ValueError("an odd file")

    monkeypatch.setattr("studio.data.recognise.recognise", fails)
    asked.look_at(people.with_name("other.csv"))
    qtbot.waitUntil(lambda: "an odd file" in told(asked), timeout=LONG)
    assert asked.kinds.setting is None
    assert asked.kinds.list.count() == 0
    assert not asked.use_button.isEnabled()
