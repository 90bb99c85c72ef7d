"""The columns of the data in the Data panel: kinds, roles and missing values by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.project.project import Data, Project, Setting
from studio.ui.background import Background
from studio.ui.card import Column
from studio.ui.checker import BackgroundChecker
from studio.ui.column_table import ColumnTable
from studio.ui.count_bars import CountBars
from studio.ui.described import PartsBar
from studio.ui.session import Session
from studio.ui.settings import DataSettings
from tests.ui.windows import LONG

TOWNS = ("Rom", "Ulm", "Bern")
PEOPLE = "id,age,town,when,pays\n" + "".join(
    f"p{n:03d},{'' if n % 10 == 3 else n % 40},{TOWNS[n % 3]},2024-{n % 12 + 1:02d}-01,{n * 1.5}\n"
    for n in range(120)
)
NAME, KIND, ROLE = range(3)
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups


class Desk:
    """A session with a table, the Data panel, and the checker that describes the data."""

    def __init__(self, qtbot: QtBot, folder: Path, data: Data) -> None:
        self._qtbot = qtbot
        self.session = Session()
        self.session.new(Project(data=data), folder)
        self.panel = DataSettings(self.session, registry())
        self.checker = BackgroundChecker()
        self.checker.described.connect(self.panel.show_described)
        self.session.changed.connect(self.panel.show_changes)
        self.session.changed.connect(lambda _: self.check())
        qtbot.addWidget(self.panel)
        self.panel.resize(300, 1400)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.panel.activateWindow()
        self.check()
        self.until(lambda: self.table.model().rowCount() > 0)

    @property
    def table(self) -> ColumnTable:
        return self.panel.findChild(ColumnTable)

    def check(self) -> None:
        self.checker.request(self.session.project, self.session.folder)

    def until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=LONG)

    def rows(self) -> dict[str, tuple[str, str]]:
        model = self.table.model()
        texts = [[model.index(row, at).data() for at in range(3)] for row in range(model.rowCount())]
        return {name: (kind.removesuffix(" ▾"), role.removesuffix(" ▾")) for name, kind, role in texts}

    def cell(self, name: str, column: int) -> QPoint:
        index = self.table.model().index(list(self.rows()).index(name), column)
        return self.table.visualRect(index).center()

    def click(
        self, name: str, column: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        left = Qt.MouseButton.LeftButton
        self._qtbot.mouseClick(self.table.viewport(), left, keys, self.cell(name, column))

    def choose(self, word: str) -> None:
        """Click the entry of the menu that is open."""
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        entry = next(action for action in menu.actions() if action.text().partition("\t")[0] == word)
        where = menu.actionGeometry(entry).center()
        self._qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=where)

    def texts(self) -> str:
        return "\n".join(one.text() for one in self.panel.findChildren(QLabel) if one.isVisible())


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path):
    (tmp_path / "people.csv").write_text(PEOPLE)
    made = Desk(qtbot, tmp_path, Data(Setting("CSV", {"path": "people.csv"})))
    yield made
    made.checker.close()
    for background in made.panel.findChildren(Background):
        background.close()


FOUND = {
    "id": ("identifier", "left out"),
    "age": ("number", "input"),
    "town": ("category", "input"),
    "when": ("time", "input"),
    "pays": ("number", "target"),
}


def test_columns_are_listed_with_what_they_were_found_to_be(desk: Desk) -> None:
    assert desk.rows() == FOUND
    model = desk.table.model()
    tip = model.index(0, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "every value once" in tip
    assert "It is kept out" in tip


def test_what_is_told_of_a_selected_column_comes_into_sight_in_a_low_panel(desk: Desk, qtbot: QtBot) -> None:
    desk.panel.resize(300, 420)
    card, column = desk.panel.fields.card, desk.panel.findChild(Column)
    qtbot.waitUntil(lambda: column.viewport().height() <= 420, timeout=LONG)
    column.ensureWidgetVisible(desk.table)
    desk.click("town", NAME)
    qtbot.waitUntil(card.isVisible, timeout=LONG)
    qtbot.waitUntil(lambda: card.visibleRegion().boundingRect().height() > 150, timeout=LONG)
    assert desk.table.viewport().visibleRegion().contains(desk.cell("town", NAME))


def test_a_kind_is_changed_with_one_click_as_one_step(desk: Desk) -> None:
    desk.click("age", KIND)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions()]
    assert texts[0].startswith("Found to be number: numbers from 0 to 39")
    assert any(text.startswith("category\t") and "classes" in text for text in texts)
    desk.choose("category")
    assert desk.session.undo_stack.undoText() == "Take age as a category"
    assert desk.session.project.data.fields["age"].kind == "category"
    desk.until(lambda: desk.rows()["age"] == ("category", "input"))
    desk.session.undo_stack.undo()
    desk.until(lambda: desk.rows() == FOUND)
    assert dict(desk.session.project.data.fields) == {}


def test_back_to_what_was_found(desk: Desk) -> None:
    desk.click("age", KIND)
    desk.choose("category")
    desk.until(lambda: desk.rows()["age"][0] == "category")
    desk.click("age", KIND)
    desk.choose("as found")
    assert desk.session.undo_stack.undoText() == "Take age as it was found"
    desk.until(lambda: desk.rows() == FOUND)


def test_predicting_another_column_makes_the_guess_an_input(desk: Desk) -> None:
    desk.click("town", ROLE)
    desk.choose("target")
    assert desk.session.undo_stack.undoText() == "Predict town"
    desk.until(lambda: desk.rows()["town"][1] == "target")
    assert desk.rows()["pays"] == ("number", "input")


def test_several_at_once_by_keys(desk: Desk, qtbot: QtBot) -> None:
    desk.click("town", NAME)
    desk.click("when", NAME, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(desk.table, Qt.Key.Key_R)
    desk.choose("left out")
    assert desk.session.undo_stack.undoText() == "Leave out 2 columns"
    desk.until(lambda: [role for _, role in desk.rows().values()].count("left out") == 3)
    assert desk.session.undo_stack.count() == 1


def test_a_click_on_one_of_several_changes_all_of_them(desk: Desk) -> None:
    desk.click("age", NAME)
    desk.click("town", NAME, Qt.KeyboardModifier.ControlModifier)
    desk.click("town", KIND)
    desk.choose("identifier")
    assert desk.session.undo_stack.undoText() == "Take 2 columns as an identifier"


def test_the_menu_by_the_keyboard_alone(desk: Desk, qtbot: QtBot) -> None:
    desk.table.setFocus()
    qtbot.keyClick(desk.table, Qt.Key.Key_Home)
    qtbot.keyClick(desk.table, Qt.Key.Key_Down)
    qtbot.keyClick(desk.table, Qt.Key.Key_Space)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert desk.session.undo_stack.undoText() == "Take age as a category"


def test_missing_values_are_counted_and_filled(desk: Desk, qtbot: QtBot) -> None:
    desk.click("age", NAME)
    desk.until(lambda: desk.panel.fields.card.isVisible())
    button = next(one for one in desk.panel.findChildren(QPushButton) if one.text().startswith("12 missing"))
    assert button.text() == "12 missing: stop and tell ▾"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.choose("median")
    assert desk.session.undo_stack.undoText() == "Missing values of age"
    desk.until(lambda: button.text() == "12 missing: median ▾")
    assert desk.session.project.data.fields["age"].missing == "median"


def test_columns_stay_to_be_mended_where_no_samples_can_be_made(desk: Desk) -> None:
    assert desk.rows() == FOUND  # age lacks values and nothing was said of it: no samples, yet the columns
    assert desk.panel.fields.holds


def test_classes_are_counted(desk: Desk, qtbot: QtBot) -> None:
    desk.click("age", ROLE)
    desk.choose("left out")
    desk.until(lambda: desk.rows()["age"][1] == "left out")
    desk.click("town", NAME)
    desk.until(lambda: "3 classes: Bern, Rom, Ulm" in desk.texts())
    bars = desk.panel.fields.card.findChild(CountBars)
    assert sorted(bars.accessibleName().split(", ")) == ["Bern 40", "Rom 40", "Ulm 40"]


def test_split_settings_offer_the_columns(desk: Desk, qtbot: QtBot) -> None:
    desk.click("age", ROLE)
    desk.choose("left out")
    desk.until(lambda: desk.rows()["age"][1] == "left out")
    boxes = {one.accessibleName(): one for one in desk.panel.findChildren(QComboBox)}
    split = boxes["split"]
    split.setFocus()
    qtbot.wait(QApplication.keyboardInputInterval() + 20)
    qtbot.keyClicks(split, "time")
    column = boxes["split_column"]
    desk.until(column.isVisible)
    offered = [column.itemText(row) for row in range(column.count())]
    assert offered == ["id", "age", "town", "when", "pays"]
    column.setFocus()
    column.lineEdit().selectAll()
    qtbot.keyClicks(column, "when")
    assert desk.session.project.data.options["split_column"] == "when"
    bar = desk.panel.findChild(PartsBar)
    desk.until(lambda: bar.accessibleName().startswith("training "))


def test_a_fold_is_chosen(desk: Desk, qtbot: QtBot) -> None:
    desk.click("age", ROLE)
    desk.choose("left out")
    boxes = {one.accessibleName(): one for one in desk.panel.findChildren(QComboBox)}
    boxes["split"].setFocus()
    qtbot.wait(QApplication.keyboardInputInterval() + 20)
    qtbot.keyClicks(boxes["split"], "folds")
    assert desk.session.project.data.options["split"] == "folds"
    bar = desk.panel.findChild(PartsBar)
    desk.until(lambda: bar.accessibleName() == "training 80, validation 30, test 10")
    lines = {one.accessibleName(): one for one in desk.panel.findChildren(QLineEdit)}
    lines["fold"].setFocus()
    lines["fold"].selectAll()
    qtbot.keyClicks(lines["fold"], "5")
    desk.until(lambda: bar.accessibleName() == "training 90, validation 20, test 10")


def test_pictures(desk: Desk, qtbot: QtBot, photograph) -> None:
    desk.click("age", NAME)
    desk.until(lambda: desk.panel.fields.card.isVisible())
    photograph(desk.panel, "fields_number")
    desk.click("age", KIND)
    desk.choose("category")
    desk.until(lambda: desk.rows()["age"][0] == "category")
    photograph(desk.panel, "fields_category")


def test_long_names_of_columns_do_not_widen_the_panel(qtbot: QtBot, tmp_path: Path) -> None:
    names = "all_the_nonflavanoid_phenols_of_wines_from_the_north,it"
    (tmp_path / "t.csv").write_text(f"{names}\n" + "".join(f"{at},{at % 2}\n" for at in range(40)))
    desk = Desk(qtbot, tmp_path, Data(Setting("CSV", {"path": "t.csv"})))
    try:
        desk.until(lambda: any(one.isVisible() for one in desk.panel.findChildren(PartsBar)))
        column = desk.panel.findChild(Column)
        assert column.widget().minimumSizeHint().width() <= column.viewport().width()
    finally:
        desk.checker.close()
        for background in desk.panel.findChildren(Background):
            background.close()
