"""Data of one's own: dropped, pasted or chosen, recognised, shown, taken as one step, and trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QTableWidget,
)
from pytestqt.qtbot import QtBot

from studio.project.project import Project
from studio.ui.column_table import ColumnTable
from studio.ui.import_window import ImportWindow
from studio.ui.problem_row import ProblemRow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import click, columns, opened, told
from tests.ui.test_accessible import unnamed
from tests.ui.test_files import drop
from tests.ui.walk_spoken import spoken
from tests.ui.windows import LONG, choose_file, find

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups


def test_a_dropped_folder_is_recognised_shown_and_trained_on(
    ready: MainWindow, qtbot: QtBot, pets: Path
) -> None:
    assert drop(ready, pets)
    asked = opened(ready, qtbot)
    kinds = find(asked, QListWidget, "What it may be")
    assert kinds.currentItem().text() == "ImageFolder\n24 pictures in 2 folders, one a class: cats, dogs"
    assert len(asked.preview.views) == 20
    assert all(view.image is not None and view.image.width() == 16 for view in asked.preview.views)
    assert columns(asked) == {"image": ("image", "input", ""), "label": ("category", "target", "")}
    assert asked.network.isChecked()
    before = ready.session.project
    click(qtbot, asked.use_button)
    assert ready.session.undo_stack.count() == 1
    assert ready.session.undo_stack.undoText() == "Import data and draw a network"
    assert dict(ready.session.project.data.source.params) == {"folder": "pets"}
    qtbot.waitUntil(lambda: ready.session.checked is not None, timeout=LONG)
    assert ready.session.checked.problems == ()
    with qtbot.waitSignal(ready.training.ended, timeout=LONG):
        ready.actions_by_name["train.start"].trigger()
    assert [text for text in ready.messages.texts() if "failed" in text.lower()] == []
    ready.session.undo_stack.undo()
    assert ready.session.project == before


def test_missing_values_get_a_proposal_and_the_table_trains(
    ready: MainWindow, qtbot: QtBot, people: Path
) -> None:
    assert drop(ready.panels.canvas.view.viewport(), people)
    asked = opened(ready, qtbot)
    assert columns(asked) == {
        "id": ("identifier", "left out", ""),
        "age": ("number", "input", "12 · median"),
        "town": ("category", "input", ""),
        "pays": ("category", "target", ""),
    }
    rows = asked.findChild(QTableWidget)
    assert rows.horizontalHeaderItem(1).text() == "age"
    assert rows.rowCount() == 40
    click(qtbot, asked.use_button)
    data = ready.session.project.data
    assert data.fields["age"].missing == "median"
    qtbot.waitUntil(lambda: ready.session.checked is not None, timeout=LONG)
    assert [one for one in ready.session.checked.problems if one.severity == "error"] == []
    types = {node.type for node in ready.session.project.graph.nodes.values()}
    assert types == {"Input", "Linear", "ReLU", "CrossEntropy"}


def test_a_column_is_changed_before_the_data_are_taken(ready: MainWindow, qtbot: QtBot, people: Path) -> None:
    ready.importing.look_at(people)
    asked = opened(ready, qtbot)
    table = asked.findChild(ColumnTable)
    index = table.model().index(1, 2)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    target = next(action for action in menu.actions() if action.text().startswith("target"))
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(target).center())
    qtbot.waitUntil(lambda: columns(asked)["age"][1] == "target", timeout=LONG)
    qtbot.waitUntil(lambda: asked.use_button.isEnabled(), timeout=LONG)
    assert columns(asked)["pays"][1] == "input"
    assert not ready.session.dirty
    click(qtbot, asked.use_button)
    assert ready.session.project.graph.nodes["loss"].type == "MSE"
    assert ready.session.project.graph.nodes["loss"].params["target"] == "age"


def test_what_is_drawn_already_stays_unless_asked(ready: MainWindow, qtbot: QtBot, people: Path) -> None:
    ready.panels.canvas.place("Linear")
    graph = ready.session.project.graph
    ready.importing.look_at(people)
    asked = opened(ready, qtbot)
    assert asked.network.isVisible()
    assert not asked.network.isChecked()
    click(qtbot, asked.use_button)
    assert ready.session.project.graph == graph
    assert ready.session.project.data.source.type == "CSV"


def test_a_path_is_pasted_on_the_canvas_and_from_the_menu(
    ready: MainWindow, qtbot: QtBot, people: Path
) -> None:
    clipboard = QApplication.clipboard()
    canvas = ready.panels.canvas
    clipboard.setText(str(people))
    canvas.view.setFocus()
    qtbot.keyClick(canvas.view.viewport(), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    if not ready.findChildren(ImportWindow):  # offscreen, keys of actions need the window's own focus
        ready.actions_by_name["edit.paste"].trigger()
    asked = opened(ready, qtbot)
    assert asked.kinds.setting is not None
    assert asked.kinds.setting.type == "CSV"
    asked.reject()
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(people))])
    clipboard.setMimeData(copied)
    ready.actions_by_name["data.paste"].trigger()
    assert opened(ready, qtbot).kinds.setting is not None
    assert not ready.session.dirty


def test_a_file_is_chosen_in_the_window(ready: MainWindow, qtbot: QtBot, people: Path) -> None:
    ready.actions_by_name["data.import"].trigger()
    asked = ready.findChild(ImportWindow)
    assert asked is not None
    assert not asked.use_button.isEnabled()
    choose_file(people)
    asked.ask_file()
    qtbot.waitUntil(lambda: asked.use_button.isEnabled(), timeout=LONG)
    line = find(asked, QLineEdit, "What is imported")
    assert line.text() == str(people)


def test_enter_in_the_line_looks_and_does_not_take(
    ready: MainWindow, qtbot: QtBot, people: Path, pets: Path
) -> None:
    ready.importing.look_at(people)
    asked = opened(ready, qtbot)
    line = find(asked, QLineEdit, "What is imported")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "pets")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(asked.preview.views) > 0, timeout=LONG)
    assert asked.isVisible()
    assert not ready.session.dirty


def test_another_kind_and_its_mistake(ready: MainWindow, qtbot: QtBot, people: Path) -> None:
    ready.importing.look_at(people)
    asked = opened(ready, qtbot)
    asked.kinds.others.setFocus()
    qtbot.keyClicks(asked.kinds.others, "Arrays")
    qtbot.keyClick(asked.kinds.others, Qt.Key.Key_Return)
    asked.kinds.others.activated.emit(asked.kinds.others.currentIndex())
    qtbot.waitUntil(lambda: asked.kinds.setting is not None and asked.kinds.setting.type == "Arrays")
    qtbot.waitUntil(lambda: "nothing can be read with these settings" in told(asked), timeout=LONG)
    assert not asked.use_button.isEnabled()
    assert not asked.network.isVisible()


def test_nothing_known_is_told_and_nothing_can_be_taken(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "all.zip").write_bytes(b"PK\3\4")
    assert drop(ready, tmp_path / "all.zip")
    qtbot.waitUntil(lambda: bool(ready.findChildren(ImportWindow)))
    asked = ready.findChildren(ImportWindow)[-1]
    qtbot.waitUntil(lambda: "Unpack it first" in told(asked), timeout=LONG)
    assert not asked.use_button.isEnabled()
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not asked.isVisible() if asked in ready.findChildren(ImportWindow) else True)


def test_a_second_file_is_shown_in_the_same_window(
    ready: MainWindow, qtbot: QtBot, people: Path, pets: Path
) -> None:
    ready.importing.look_at(people)
    asked = opened(ready, qtbot)
    assert drop(asked, pets)
    qtbot.waitUntil(lambda: len(asked.preview.views) > 0, timeout=LONG)
    assert len(ready.findChildren(ImportWindow)) == 1


def test_projects_dropped_are_opened_as_before(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ready.session.save(tmp_path / "mine.loom")
    ready.session.new(Project(), tmp_path)
    assert drop(ready, tmp_path / "mine.loom")
    qtbot.waitUntil(lambda: ready.session.path == tmp_path / "mine.loom")
    assert ready.findChildren(ImportWindow) == []


def test_every_control_has_a_name_and_a_tip(ready: MainWindow, qtbot: QtBot, people: Path) -> None:
    ready.importing.look_at(people)
    asked = opened(ready, qtbot)
    for button in asked.findChildren(QPushButton):
        assert button.toolTip(), button.text()
    assert unnamed(spoken(asked)) == []


def test_closing_while_it_is_read_leaves_everything_as_it_was(
    ready: MainWindow, qtbot: QtBot, people: Path
) -> None:
    before = ready.session.project
    ready.importing.look_at(people)
    asked = ready.findChild(ImportWindow)
    assert asked is not None
    assert not asked.use_button.isEnabled()
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not ready.findChildren(ImportWindow), timeout=LONG)
    assert ready.session.project is before
    ready.importing.look_at(people)
    assert opened(ready, qtbot).kinds.setting is not None


def test_a_warning_is_a_row_and_marks_no_setting_as_wrong(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("x,note,y\n" + "".join(f"{at},only {at} once,{at % 2}\n" for at in range(80)))
    ready.importing.look_at(path)
    asked = opened(ready, qtbot)
    click(qtbot, asked.use_button)
    session = ready.session
    qtbot.waitUntil(lambda: session.checked is not None and bool(session.checked.problems), timeout=LONG)
    warnings = [one for one in session.checked.problems if one.field]
    assert warnings
    assert {one.severity for one in warnings} == {"warning"}
    data = ready.panels.data
    assert [row.problem for row in data.findChildren(ProblemRow) if row.isVisible()] == warnings
    at_fields = [one for one in data.findChildren(QLabel) if one.objectName() == "problem" and one.text()]
    assert [one.text() for one in at_fields if one.isVisible()] == []


def test_pictures_without_classes_get_a_network_that_draws_them_again(
    ready: MainWindow, qtbot: QtBot, pets: Path
) -> None:
    assert drop(ready, pets / "cats")
    asked = opened(ready, qtbot)
    assert asked.network.text() == (
        "Draw a first network for it: one that makes its input again, since nothing is the target"
    )
    assert asked.network.isVisible()
    assert asked.network.isChecked()
    click(qtbot, asked.use_button)
    qtbot.waitUntil(lambda: ready.session.checked is not None, timeout=LONG)
    assert ready.session.checked.problems == ()
    with qtbot.waitSignal(ready.training.ended, timeout=LONG):
        ready.actions_by_name["train.start"].trigger()
    assert [text for text in ready.messages.texts() if "failed" in text.lower()] == []


def test_texts_without_classes_say_why_there_is_no_network(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    for at in range(12):
        (tmp_path / "notes" / f"{at}.txt").write_text(f"what was said on day {at}")
    assert drop(ready, tmp_path / "notes")
    asked = opened(ready, qtbot)
    assert asked.network.text() == "There is no first network: nothing is the target"
    assert asked.network.isVisible()
    assert not asked.network.isEnabled()
    assert not asked.network.isChecked()
