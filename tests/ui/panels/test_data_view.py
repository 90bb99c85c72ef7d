"""The preview of real data: pictures, tables, counts, failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QLabel, QListView, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from studio.data.describe import describe
from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.count_bars import CountBars
from studio.ui.data_view import PAGE, DataView

HOUSES = "rooms,kind,price\n" + "".join(f"{n},{'ab'[n % 2]},{n * 1.5}\n" for n in range(1, 301))


@pytest.fixture
def view(qtbot: QtBot):
    made = DataView()
    qtbot.addWidget(made)
    made.resize(1000, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.findChild(Background).close()


def show(view: DataView, source: Setting, folder: Path) -> None:
    view.show_data(source, folder, describe(Data(source), folder))


def grid(view: DataView) -> QListView:
    return next(one for one in view.findChildren(QListView) if one.accessibleName().startswith("Pictures"))


def table(view: DataView) -> QTableView:
    return view.findChild(QTableView)


def texts(view: DataView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def button(view: DataView, text: str) -> QPushButton:
    return next(one for one in view.findChildren(QPushButton) if one.text() == text)


def test_pictures_with_labels_page_by_page(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    show(view, Setting("ScikitLearn"), tmp_path)
    qtbot.waitUntil(lambda: grid(view).isVisible(), timeout=20_000)
    model = grid(view).model()
    assert model.rowCount() == PAGE
    assert [model.index(row, 0).data() for row in range(5)] == ["0", "1", "2", "3", "4"]
    image: QImage = model.index(0, 0).data(Qt.ItemDataRole.DecorationRole)
    assert (image.width(), image.height()) == (8, 8)
    assert image.pixelColor(3, 0).lightness() == round(13 / 16 * 255)
    assert "1 – 60" in texts(view)
    qtbot.mouseClick(button(view, "›"), Qt.MouseButton.LeftButton)
    assert "61 – 120" in texts(view)
    assert button(view, "‹").isEnabled()
    qtbot.mouseClick(button(view, "Random"), Qt.MouseButton.LeftButton)
    assert "at random" in texts(view)
    assert any("1\u2009797 samples · training 1\u2009257" in text for text in texts(view))


def test_class_counts(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    show(view, Setting("ScikitLearn"), tmp_path)
    qtbot.waitUntil(lambda: grid(view).isVisible(), timeout=20_000)
    bars = view.findChild(CountBars)
    assert bars.accessibleName().startswith("0 178, 1 182, 2 177")


def test_a_table_of_columns(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES)
    show(view, Setting("CSV", {"path": "houses.csv"}), tmp_path)
    qtbot.waitUntil(lambda: table(view).isVisible(), timeout=20_000)
    model = table(view).model()
    titles = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    assert sorted(titles) == ["kind", "price", "rooms"]
    first = {title: model.index(0, at).data() for at, title in enumerate(titles)}
    assert first == {"rooms": "1", "kind": "b", "price": "1.5"}
    assert model.rowCount() == 200
    assert not grid(view).isVisible()


def test_named_columns_of_a_set_that_ships(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    show(view, Setting("ScikitLearn", {"dataset": "iris"}), tmp_path)
    qtbot.waitUntil(lambda: table(view).isVisible(), timeout=20_000)
    model = table(view).model()
    assert model.headerData(0, Qt.Orientation.Horizontal) == "sepal length (cm)"
    assert model.index(0, model.columnCount() - 1).data() == "setosa"


def test_numbers_to_predict_are_counted_by_range(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    show(view, Setting("ScikitLearn", {"dataset": "diabetes"}), tmp_path)
    qtbot.waitUntil(lambda: table(view).isVisible(), timeout=20_000)
    counted = view.findChild(CountBars).accessibleName().split(", ")
    assert len(counted) == 10
    assert sum(int(one.rpartition(" ")[2]) for one in counted) == 442
    assert not view.findChild(QComboBox).isVisible()


def test_a_missing_file_is_told(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    show(view, Setting("CSV", {"path": "nowhere.csv"}), tmp_path)
    qtbot.waitUntil(lambda: any("nowhere.csv" in text for text in texts(view)), timeout=20_000)


def test_without_data_it_says_what_to_do(view: DataView, tmp_path: Path) -> None:
    show(view, Setting("None"), tmp_path)
    assert "No data yet" in texts(view)


def test_nothing_is_read_while_nobody_looks(qtbot: QtBot, tmp_path: Path) -> None:
    hidden = DataView()
    qtbot.addWidget(hidden)
    show(hidden, Setting("ScikitLearn"), tmp_path)
    qtbot.wait(100)
    assert grid(hidden).model().rowCount() == 0
    hidden.show()
    qtbot.waitUntil(lambda: grid(hidden).model().rowCount() == PAGE, timeout=20_000)
    hidden.findChild(Background).close()


def test_pictures(view: DataView, qtbot: QtBot, tmp_path: Path, photograph) -> None:
    photograph(view, "samples_none")
    show(view, Setting("ScikitLearn"), tmp_path)
    qtbot.waitUntil(lambda: grid(view).isVisible(), timeout=20_000)
    photograph(view, "samples_pictures")
    show(view, Setting("ScikitLearn", {"dataset": "iris"}), tmp_path)
    qtbot.waitUntil(lambda: table(view).isVisible(), timeout=20_000)
    photograph(view, "samples_table")
