"""The browser of samples: pictures, tables, filter, order, what can be done with samples, one in detail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QTableWidget,
)
from pytestqt.qtbot import QtBot

from studio.data.pipeline import read_data
from studio.errors import Fix
from studio.project.project import Data, Project, SampleChanges, Setting
from studio.ui.background import Background
from studio.ui.count_bars import CountBars
from studio.ui.data_view import DataView
from studio.ui.samples.detail import DetailWindow

HOUSES = "rooms,kind,price\n" + "".join(f"{n},{'ab'[n % 2]},{n * 1.5}\n" for n in range(1, 301))
DIGITS = Data(Setting("ScikitLearn"))
IRIS = Data(Setting("ScikitLearn", {"dataset": "iris"}))
LONG = 60_000
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups
NO_KEYS = Qt.KeyboardModifier(0)


@pytest.fixture
def view(qtbot: QtBot):
    made = DataView()
    qtbot.addWidget(made)
    made.resize(1000, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for background in made.findChildren(Background):
        background.close()


def list_of(view: DataView, name: str) -> QTableView:
    return next(one for one in view.findChildren(QTableView) if one.accessibleName().startswith(name))


def sheet(view: DataView) -> QTableView:
    return list_of(view, "Pictures")


def table(view: DataView) -> QTableView:
    return list_of(view, "Table of")


def texts(view: DataView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def button(view: DataView, text: str) -> QPushButton:
    return next(one for one in view.findChildren(QPushButton) if one.text() == text)


def column(view: DataView, title: str) -> int:
    model = table(view).model()
    titles = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    return titles.index(title)


def cells(view: DataView, title: str, count: int) -> list[str]:
    model, at = table(view).model(), column(view, title)
    return [model.index(row, at).data() for row in range(count)]


def open_table(view: DataView, qtbot: QtBot, data: Data, folder: Path) -> None:
    view.show_data(data, folder)
    qtbot.waitUntil(lambda: table(view).isVisible() and table(view).model().rowCount() > 0, timeout=LONG)
    qtbot.waitUntil(lambda: table(view).model().index(0, 1).data() != "…", timeout=LONG)


def open_digits(view: DataView, qtbot: QtBot, folder: Path, data: Data = DIGITS) -> None:
    view.show_data(data, folder)
    qtbot.waitUntil(lambda: sheet(view).isVisible() and sheet(view).model().rowCount() > 0, timeout=LONG)
    qtbot.waitUntil(lambda: sheet(view).model().index(0, 0).data() is not None, timeout=LONG)


def type_filter(view: DataView, qtbot: QtBot, text: str) -> None:
    line = view.findChild(QLineEdit)
    line.setFocus()
    line.clear()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def click_sample(view: DataView, qtbot: QtBot, place: int, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    sheet_ = sheet(view)
    index = sheet_.model().index(place // sheet_.model().columnCount(), place % sheet_.model().columnCount())
    sheet_.scrollTo(index)
    where = sheet_.visualRect(index).center()
    qtbot.mouseClick(sheet_.viewport(), Qt.MouseButton.LeftButton, keys, where)


def popped(view: DataView, qtbot: QtBot) -> QMenu:
    """The menu of what is selected, by the right mouse button."""
    chosen = sheet(view) if sheet(view).isVisible() else table(view)
    where = chosen.visualRect(chosen.selectionModel().selectedIndexes()[0]).center()
    chosen.customContextMenuRequested.emit(where)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, *words: str) -> None:
    """Choose an entry, of the menu below it where two are named."""
    for word in words[:-1]:
        menu = next(one.menu() for one in menu.actions() if one.text().startswith(word))
    next(one for one in menu.actions() if one.text().startswith(words[-1])).trigger()
    if (popup := QApplication.activePopupWidget()) is not None:
        popup.close()


def test_pictures_with_labels(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_digits(view, qtbot, tmp_path)
    model = sheet(view).model()
    across = model.columnCount()
    assert across > 5
    assert model.rowCount() == -(-1797 // across)
    assert [model.index(0, at).data() for at in range(5)] == ["0", "1", "2", "3", "4"]
    picture = model.sample(0).picture
    assert picture.shape == (8, 8, 1)
    assert int(picture[0, 3, 0]) == int(13 / 16 * 255)
    assert any("1,797 samples · training 1,257" in text for text in texts(view))


def test_the_sheet_has_as_many_in_a_line_as_there_is_room(
    view: DataView, qtbot: QtBot, tmp_path: Path
) -> None:
    open_digits(view, qtbot, tmp_path)
    before = sheet(view).model().columnCount()
    view.resize(700, 300)
    qtbot.waitUntil(lambda: sheet(view).model().columnCount() < before)
    across = sheet(view).model().columnCount()
    assert across * sheet(view).columnWidth(0) <= sheet(view).viewport().width()


def test_arrow_keys_go_on_in_the_next_line(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_digits(view, qtbot, tmp_path)
    across = sheet(view).model().columnCount()
    click_sample(view, qtbot, across - 1)
    qtbot.keyClick(sheet(view), Qt.Key.Key_Right)
    here = sheet(view).currentIndex()
    assert (here.row(), here.column()) == (1, 0)
    qtbot.keyClick(sheet(view), Qt.Key.Key_Left)
    assert sheet(view).currentIndex().row() == 0


def test_class_counts(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_digits(view, qtbot, tmp_path)
    assert view.findChild(CountBars).accessibleName().startswith("0 178, 1 182, 2 177")


def test_a_table_of_columns(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES)
    open_table(view, qtbot, Data(Setting("CSV", {"path": "houses.csv"})), tmp_path)
    assert table(view).model().rowCount() == 300
    assert cells(view, "rooms", 3) == ["1", "2", "3"]
    assert cells(view, "kind", 3) == ["b", "a", "b"]
    assert cells(view, "price", 2) == ["1.5", "3"]
    assert set(cells(view, "part", 20)) <= {"training", "validation", "test"}
    assert table(view).model().headerData(299, Qt.Orientation.Vertical) == "300"


def test_named_columns_of_a_set_that_ships(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, IRIS, tmp_path)
    assert cells(view, "sepal length (cm)", 2) == ["5.1", "4.9"]
    assert cells(view, "label", 1) == ["setosa"]


def test_numbers_to_predict_are_counted_by_range(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, Data(Setting("ScikitLearn", {"dataset": "diabetes"})), tmp_path)
    counted = view.findChild(CountBars).accessibleName().split(", ")
    assert len(counted) == 10
    assert sum(int(one.rpartition(" ")[2]) for one in counted) == 442


def test_a_missing_file_is_told(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_data(Data(Setting("CSV", {"path": "nowhere.csv"})), tmp_path)
    qtbot.waitUntil(lambda: any("nowhere.csv" in text for text in texts(view)), timeout=LONG)


def test_without_data_it_says_what_to_do(view: DataView, tmp_path: Path) -> None:
    view.show_data(Data(), tmp_path)
    assert "No data yet" in texts(view)


def test_nothing_is_read_while_nobody_looks(qtbot: QtBot, tmp_path: Path) -> None:
    hidden = DataView()
    qtbot.addWidget(hidden)
    hidden.show_data(DIGITS, tmp_path)
    qtbot.wait(100)
    assert sheet(hidden).model().rowCount() == 0
    hidden.show()
    qtbot.waitUntil(lambda: sheet(hidden).model().rowCount() > 0, timeout=LONG)
    for background in hidden.findChildren(Background):
        background.close()


# ---- filter and order


def test_a_filter_by_class_and_number(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, IRIS, tmp_path)
    type_filter(view, qtbot, "label = virginica and petal width (cm) > 2.3")
    qtbot.waitUntil(lambda: table(view).model().rowCount() == 6, timeout=LONG)
    qtbot.waitUntil(lambda: cells(view, "label", 6) == ["virginica"] * 6, timeout=LONG)
    assert "6 of 150" in texts(view)


def test_a_filter_by_part_and_by_any_word(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, IRIS, tmp_path)
    tested = len(read_data(IRIS, tmp_path).rows["test"])
    type_filter(view, qtbot, "part = test")
    qtbot.waitUntil(lambda: table(view).model().rowCount() == tested, timeout=LONG)
    type_filter(view, qtbot, "VERSI")
    qtbot.waitUntil(lambda: table(view).model().rowCount() == 50, timeout=LONG)


def test_a_filter_that_cannot_be_says_why(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, IRIS, tmp_path)
    type_filter(view, qtbot, "colour = red")
    qtbot.waitUntil(lambda: any("no column colour" in text for text in texts(view)), timeout=LONG)
    assert table(view).model().rowCount() == 150
    assert view.findChild(QLineEdit).property("invalid")


def test_order_by_a_heading_and_back(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, IRIS, tmp_path)
    header = table(view).horizontalHeader()
    at = column(view, "petal length (cm)")
    table(view).scrollTo(table(view).model().index(0, at))

    def press() -> None:
        where = QPoint(header.sectionViewportPosition(at) + 20, header.height() // 2)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)

    press()
    qtbot.waitUntil(lambda: cells(view, "petal length (cm)", 2) == ["1", "1.1"], timeout=LONG)
    assert table(view).model().headerData(0, Qt.Orientation.Vertical) == "23"
    press()
    qtbot.waitUntil(lambda: cells(view, "petal length (cm)", 2) == ["6.9", "6.7"], timeout=LONG)
    order = next(one for one in view.findChildren(QComboBox) if one.accessibleName().startswith("Order"))
    order.setCurrentIndex(0)
    qtbot.waitUntil(lambda: cells(view, "petal length (cm)", 2) == ["1.4", "1.4"], timeout=LONG)


def test_a_list_given_by_somebody_else(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, IRIS, tmp_path)
    view.show_only((3, 70, 149), "three of them")
    qtbot.waitUntil(lambda: table(view).model().rowCount() == 3, timeout=LONG)
    qtbot.mouseClick(button(view, "✕ three of them"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: table(view).model().rowCount() == 150, timeout=LONG)


# ---- what can be done with samples


def test_selected_samples_are_excluded_by_a_key(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_digits(view, qtbot, tmp_path)
    fixes: list[Fix] = []
    view.fix_requested.connect(fixes.append)
    click_sample(view, qtbot, 3)
    click_sample(view, qtbot, 5, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(sheet(view), Qt.Key.Key_Delete)
    assert [fix.label for fix in fixes] == ["Exclude 2 samples"]
    data = fixes[0].edit(Project(data=DIGITS)).data
    assert data.changes.excluded == ("3", "5")
    view.show_data(data, tmp_path)
    qtbot.waitUntil(lambda: any("1,795 samples" in text for text in texts(view)), timeout=LONG)
    qtbot.waitUntil(lambda: sheet(view).model().sample(3) is not None, timeout=LONG)
    assert sheet(view).model().sample(3).excluded
    qtbot.keyClick(sheet(view), Qt.Key.Key_Delete)
    assert fixes[1].label == "Take in 2 samples"
    assert fixes[1].edit(Project(data=data)).data.changes == SampleChanges()


def test_relabel_and_weight_by_the_menu(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_digits(view, qtbot, tmp_path)
    fixes: list[Fix] = []
    view.fix_requested.connect(fixes.append)
    click_sample(view, qtbot, 7)
    choose(popped(view, qtbot), "Relabel label as", "2")
    choose(popped(view, qtbot), "Seen in an epoch", "5")
    project = Project(data=DIGITS)
    for fix in fixes:
        project = fix.edit(project)
    assert project.data.changes == SampleChanges((), {"label": {"7": "2"}}, {"7": 5.0})
    open_digits(view, qtbot, tmp_path, project.data)
    qtbot.waitUntil(lambda: sheet(view).model().index(0, 7).data() == "2", timeout=LONG)
    choose(popped(view, qtbot), "Take all changes back")
    assert fixes[-1].edit(project).data.changes == SampleChanges()


def test_all_of_a_list_are_selected_and_counted(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_table(view, qtbot, IRIS, tmp_path)
    table(view).setFocus()
    qtbot.keyClick(table(view), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert any(text.startswith("150 selected") for text in texts(view))
    assert button(view, "Selected").isEnabled()


def test_excluded_samples_are_found_again(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    changes = SampleChanges(("3", "9"), {}, {"12": 2.0})
    open_table(view, qtbot, replace(IRIS, changes=changes), tmp_path)
    type_filter(view, qtbot, "excluded")
    qtbot.waitUntil(lambda: table(view).model().rowCount() == 2, timeout=LONG)
    qtbot.waitUntil(lambda: cells(view, "changed", 2) == ["excluded"] * 2, timeout=LONG)
    type_filter(view, qtbot, "changed")
    qtbot.waitUntil(lambda: table(view).model().rowCount() == 3, timeout=LONG)


# ---- one sample


def test_one_sample_in_detail_and_its_neighbours(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    open_digits(view, qtbot, tmp_path)
    click_sample(view, qtbot, 4)
    qtbot.keyClick(sheet(view), Qt.Key.Key_Return)
    detail = view.findChild(DetailWindow)
    qtbot.waitUntil(
        lambda: any("Row 5" in label.text() for label in detail.findChildren(QLabel)), timeout=LONG
    )
    values = detail.findChild(QTableWidget)
    assert [values.item(1, at).text() for at in range(4)] == ["label", "category · target", "4", "4"]
    assert values.item(0, 2).text() == "1×8×8 float32, 0 to 16"
    values.setFocus()
    qtbot.keyClick(values, Qt.Key.Key_Right)
    qtbot.waitUntil(
        lambda: any("Row 6" in label.text() for label in detail.findChildren(QLabel)), timeout=LONG
    )
    back = next(one for one in detail.findChildren(QPushButton) if one.text().startswith("‹"))
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: any("Row 5" in label.text() for label in detail.findChildren(QLabel)), timeout=LONG
    )
    detail.close()


def test_a_file_that_is_cut_off_is_marked(view: DataView, qtbot: QtBot, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    for name in "ab":
        (tmp_path / "shots" / name).mkdir(parents=True)
        for at in range(4):
            Image.fromarray(pixels // (at + 1)).save(tmp_path / "shots" / name / f"{at}.png")
    data = Data(Setting("ImageFolder", {"folder": "shots"}))
    open_digits(view, qtbot, tmp_path, data)
    broken = tmp_path / "shots" / "b" / "3.png"
    broken.write_bytes(broken.read_bytes()[:200])
    type_filter(view, qtbot, "label = b")
    qtbot.waitUntil(lambda: "4 of 8" in texts(view), timeout=LONG)
    qtbot.waitUntil(lambda: sheet(view).model().sample(3) is not None, timeout=LONG)
    samples = [sheet(view).model().sample(at) for at in range(4)]
    assert [bool(one.wrong) for one in samples] == [False] * 3 + [True]
    assert "3.png" in samples[3].wrong
    assert samples[0].picture.shape == (24, 24, 3)
    view.show_data(data, tmp_path)
    qtbot.waitUntil(
        lambda: any("1 of 8 pictures cannot be read" in text for text in texts(view)), timeout=LONG
    )


# ---- a million


def test_a_million_rows_are_read_where_they_are_looked_at(
    view: DataView, qtbot: QtBot, tmp_path: Path
) -> None:
    np.savez(tmp_path / "many.npz", x=np.arange(1_000_000, dtype=np.float64), y=np.arange(1_000_000) % 3)
    open_table(view, qtbot, Data(Setting("Arrays", {"path": "many.npz", "target": "y"})), tmp_path)
    assert table(view).model().rowCount() == 1_000_000
    table(view).scrollTo(table(view).model().index(777_000, 0), QTableView.ScrollHint.PositionAtTop)
    at = column(view, "x[0]") if "x[0]" in table(view).model().titles else column(view, "x")
    qtbot.waitUntil(lambda: table(view).model().index(777_000, at).data() == "777000", timeout=LONG)
    table(view).selectionModel().select(
        table(view).model().index(777_000, 0),
        QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
    )
    type_filter(view, qtbot, "y = 2 and row > 999990")
    qtbot.waitUntil(lambda: table(view).model().rowCount() == 3, timeout=LONG)


def test_pictures(view: DataView, qtbot: QtBot, tmp_path: Path, photograph) -> None:
    photograph(view, "samples_none")
    open_digits(view, qtbot, tmp_path)
    photograph(view, "samples_pictures")
    open_table(view, qtbot, IRIS, tmp_path)
    photograph(view, "samples_table")
