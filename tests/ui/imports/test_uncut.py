"""What stands in the data's lists is not cut where there is room: names of columns, values of samples."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView, QTableWidget
from pytestqt.qtbot import QtBot

from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.column_table import ColumnTable
from studio.ui.data_view import DataView
from studio.ui.samples.detail import DetailWindow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import opened
from tests.ui.windows import LONG, find

NAMES = ("number_of_the_customer", "age_of_the_customer", "state", "has_cancelled")
STATES = ("Mecklenburg-Vorpommern", "Bayern", "Hessen")
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    rows = [f"K{at:04},{20 + at % 50},{STATES[at % 3]},{'yes' if at % 4 else 'no'}" for at in range(90)]
    (tmp_path / "customers.csv").write_text("\n".join([",".join(NAMES), *rows]))
    return tmp_path / "customers.csv"


def model_of(view: QAbstractItemView) -> QAbstractItemModel:
    model = view.model()
    assert model is not None
    return model


def is_whole(view: QAbstractItemView, row: int, column: int) -> bool:
    """Whether there is room for the text of a cell."""
    index = model_of(view).index(row, column)
    room = view.visualRect(index).width()
    return view.fontMetrics().horizontalAdvance(str(index.data())) <= room


def test_names_of_columns_in_the_import(ready: MainWindow, qtbot: QtBot, customers: Path) -> None:
    ready.importing.look_at(customers)
    asked = opened(ready, qtbot)
    table = asked.findChild(ColumnTable)
    assert [model_of(table).index(row, 0).data() for row in range(4)] == list(NAMES)
    assert all(is_whole(table, row, column) for row in range(4) for column in (0, 1, 2))


def test_values_in_the_browser(qtbot: QtBot, customers: Path) -> None:
    view = DataView()
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.show()
    view.show_data(Data(Setting("CSV", {"path": customers.name})), customers.parent)
    table = find(view, QTableView, "Table of the samples")
    qtbot.waitUntil(
        lambda: table.model().rowCount() == 90 and table.model().index(0, 4).data() in STATES, timeout=LONG
    )
    parts = {table.model().index(row, 1).data() for row in range(40)}
    assert "validation" in parts
    assert all(is_whole(table, row, column) for row in range(40) for column in (1, 2, 3, 4))
    for background in view.findChildren(Background):
        background.close()


def test_values_of_one_sample(qtbot: QtBot, tmp_path: Path) -> None:
    for kind in ("cats", "dogs"):
        (tmp_path / kind).mkdir()
        for at in range(6):
            Image.new("RGB", (60 + at, 44), (20 * at, 9, 200)).save(tmp_path / kind / f"{at}.png")
    view = DataView()
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.show()
    view.show_data(Data(Setting("ImageFolder", {"folder": "."})), tmp_path)
    sheet = find(view, QTableView, "Pictures of the samples")
    qtbot.waitUntil(lambda: sheet.model().sample(0) is not None, timeout=LONG)
    sheet.setCurrentIndex(sheet.model().index(0, 0))
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.findChild(DetailWindow) is not None, timeout=LONG)
    values = view.findChild(DetailWindow).findChild(QTableWidget)
    qtbot.waitUntil(lambda: values.rowCount() == 2, timeout=LONG)
    assert values.item(0, 2).text().startswith("3×44×60 uint8")
    assert all(is_whole(values, row, column) for row in range(2) for column in range(4))
    for background in view.findChildren(Background):
        background.close()
