"""The Runs panel on real run folders, by mouse and keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.places import shipped
from studio.project.edits import set_training
from studio.train.checkpoint import load_fields
from studio.train.events import EpochEnded, Event
from studio.train.fork import create_fork, plan_fork
from studio.train.history import read_events
from studio.train.runs import create_run, note_run, read_run, run_project
from studio.ui.monitor.runs import Runs
from studio.ui.monitor.runs_model import STATUS_COLUMN
from studio.ui.monitor.wording import number
from studio.ui.theme import DARK, LIGHT, Tokens
from tests.ui.monitor.conftest import train
from tests.ui.windows import LONG

Run = tuple[Path, list[Event]]


@pytest.fixture
def folder(digits: Run, diabetes: Run, two_losses: Run, tmp_path: Path) -> Path:
    """A copy of these real runs, to do with as a test likes."""
    for path, _ in (digits, diabetes, two_losses):
        shutil.copytree(path, tmp_path / "runs" / path.name)
    return tmp_path / "runs"


@pytest.fixture
def runs(qtbot: QtBot, folder: Path) -> Runs:
    panel = Runs()
    qtbot.addWidget(panel)
    panel.resize(1200, 260)
    panel.set_tokens(DARK)
    panel.show()
    panel.set_folder(folder)
    qtbot.waitUntil(lambda: len(panel.shown) == 3)
    return panel


def button(runs: Runs, text: str) -> QPushButton:
    return next(one for one in runs.findChildren(QPushButton) if one.text() == text)


def click(
    qtbot: QtBot, runs: Runs, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    place = runs.view.visualRect(runs.view.model().index(row, 0)).center()
    qtbot.mouseClick(runs.view.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def test_an_empty_folder_says_what_will_appear(qtbot: QtBot, tmp_path: Path) -> None:
    panel = Runs()
    qtbot.addWidget(panel)
    panel.show()
    panel.set_folder(tmp_path / "nowhere")
    qtbot.wait(100)
    assert any("Press Train" in label.text() for label in panel.findChildren(QLabel) if label.isVisible())
    needing = [one for one in panel.findChildren(QPushButton) if one.text() not in ("More", "Add")]
    assert not any(one.isEnabled() for one in needing)


def test_runs_are_listed_newest_first_and_sorted_by_a_click(runs: Runs, qtbot: QtBot) -> None:
    assert [run.created for run in runs.shown] == sorted((run.created for run in runs.shown), reverse=True)
    header = runs.view.header()
    for column, key in ((0, lambda run: run.name), (3, lambda run: run.epochs_done)):
        place = QPoint(header.sectionViewportPosition(column) + 12, header.height() // 2)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        once = [key(run) for run in runs.shown]
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert sorted(once) in (once, once[::-1])
        assert [key(run) for run in runs.shown] == once[::-1]


def headings(runs: Runs) -> list[str]:
    model = runs.view.model()
    return [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]


def test_what_is_not_known_comes_last_in_both_directions(runs: Runs, qtbot: QtBot, folder: Path) -> None:
    project = run_project(runs.shown[0].path)
    create_run(project, shipped("samples"), folder)
    runs.refresh()
    qtbot.waitUntil(lambda: len(runs.shown) == 4)
    header = runs.view.header()
    for heading in ("Best loss", "Loss (test)"):
        runs.view.scrollTo(runs.view.model().index(0, headings(runs).index(heading)))
        at = header.sectionViewportPosition(headings(runs).index(heading)) + 12
        place = QPoint(at, header.height() // 2)
        losses = []
        for _ in range(2):
            qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
            assert runs.shown[-1].best is None
            losses.append([run.path for run in runs.shown[:-1]])
        assert losses[0] == losses[1][::-1]


def test_the_test_part_has_columns(runs: Runs) -> None:
    info = next(run for run in runs.shown if run.project_name == "mlp_digits")
    column = headings(runs).index("Accuracy (test)")
    told = runs.view.model().index(runs.shown.index(info), column).data()
    assert told == f"{100 * info.test['accuracy']:.2f} %"


def test_a_filter_without_hits_says_so(runs: Runs, qtbot: QtBot) -> None:
    field = runs.findChild(QLineEdit)
    qtbot.keyClicks(field, "nowhere")
    assert any("No run found" in one.text() for one in runs.findChildren(QLabel) if one.isVisible())
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    assert runs.view.isVisible()


def test_a_run_that_waits_is_not_resumed(runs: Runs, qtbot: QtBot, folder: Path) -> None:
    path = create_run(run_project(runs.shown[0].path), shipped("samples"), folder)
    runs.refresh()
    qtbot.waitUntil(lambda: len(runs.shown) == 4)
    runs.select([path])
    assert button(runs, "Resume").isEnabled()
    runs.show_queue([read_run(path)], going=False)
    assert not button(runs, "Resume").isEnabled()
    runs.show_queue([], going=False)
    assert button(runs, "Resume").isEnabled()


def test_a_row_tells_how_the_run_went(runs: Runs) -> None:
    model = runs.view.model()
    row = next(i for i, run in enumerate(runs.shown) if run.project_name == "mlp_digits")
    told = [model.index(row, column).data() for column in range(model.columnCount())]
    info = runs.shown[row]
    assert told[0] == info.name
    assert told[2] == "✓ finished"
    assert told[3] == "8 / 8"
    assert told[6] == f"{100 * info.metrics['validation']['accuracy']:.2f} %"


def test_open_compare_restore_by_button_and_double_click(runs: Runs, qtbot: QtBot) -> None:
    click(qtbot, runs, 0)
    first = runs.shown[0].path
    for text, signal in (("Open", runs.opened), ("Restore project", runs.restored)):
        with qtbot.waitSignal(signal) as got:
            qtbot.mouseClick(button(runs, text), Qt.MouseButton.LeftButton)
        assert got.args == [first]
    assert not button(runs, "Compare").isEnabled()
    assert not button(runs, "Resume").isEnabled()
    place = runs.view.visualRect(runs.view.model().index(1, 0)).center()
    qtbot.mouseClick(runs.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(runs.opened) as got:
        qtbot.mouseDClick(runs.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert got.args == [runs.shown[1].path]
    click(qtbot, runs, 0)
    click(qtbot, runs, 2, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(runs.compared) as got:
        qtbot.mouseClick(button(runs, "Compare"), Qt.MouseButton.LeftButton)
    assert got.args == [[runs.shown[0].path, runs.shown[2].path]]
    assert not button(runs, "Open").isEnabled()


def test_a_run_is_renamed_in_place(runs: Runs, qtbot: QtBot) -> None:
    click(qtbot, runs, 1)
    path = runs.shown[1].path
    qtbot.keyClick(runs.view, Qt.Key.Key_F2)
    editor = runs.view.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "a better one")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: read_run(path).name == "a better one")
    qtbot.waitUntil(lambda: "a better one" in [run.name for run in runs.shown])
    assert [run.path for run in runs.selected] == [path]


def test_a_name_that_another_run_has_is_refused(runs: Runs, qtbot: QtBot) -> None:
    first, second = runs.shown[:2]
    click(qtbot, runs, 1)
    qtbot.keyClick(runs.view, Qt.Key.Key_F2)
    editor = runs.view.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, f"  {first.name} ")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: runs.findChild(QMessageBox) is not None)
    assert first.name in runs.findChild(QMessageBox).text()
    runs.findChild(QMessageBox).close()
    assert read_run(second.path).name == second.name


def test_rename_from_the_menu_while_the_name_is_edited(runs: Runs, qtbot: QtBot) -> None:
    click(qtbot, runs, 1)
    rename = next(action for action in runs.view.actions() if action.text() == "Rename")
    for _ in range(2):  # a menu leaves the editor open
        rename.trigger()
    assert runs.view.findChild(QLineEdit) is not None


def test_a_run_is_deleted_only_after_a_question(runs: Runs, qtbot: QtBot, folder: Path) -> None:
    click(qtbot, runs, 0)
    path = runs.shown[0].path
    qtbot.keyClick(runs.view, Qt.Key.Key_Delete)
    question = runs.findChild(QMessageBox)
    assert runs.shown[0].name in question.text()
    qtbot.mouseClick(question.button(QMessageBox.StandardButton.Cancel), Qt.MouseButton.LeftButton)
    assert path.exists()
    qtbot.waitUntil(lambda: runs.findChild(QMessageBox) is None)
    qtbot.mouseClick(button(runs, "Delete…"), Qt.MouseButton.LeftButton)
    question = runs.findChild(QMessageBox)
    doing = next(one for one in question.buttons() if one.text() == "Delete")
    with qtbot.waitSignal(runs.deleted) as got:
        qtbot.mouseClick(doing, Qt.MouseButton.LeftButton)
    assert got.args == [path]
    assert not path.exists()
    qtbot.waitUntil(lambda: len(runs.shown) == 2)


def test_it_refreshes_itself_and_keeps_the_selection(runs: Runs, qtbot: QtBot, folder: Path) -> None:
    click(qtbot, runs, 1)
    chosen = runs.shown[1].path
    shutil.copytree(runs.shown[0].path, folder / "another-001")
    qtbot.waitUntil(lambda: len(runs.shown) == 4, timeout=LONG)
    assert [run.path for run in runs.selected] == [chosen]


def test_a_failure_is_told(runs: Runs, qtbot: QtBot) -> None:
    click(qtbot, runs, 0)
    path = runs.shown[0].path
    shutil.rmtree(path)
    qtbot.mouseClick(button(runs, "Delete…"), Qt.MouseButton.LeftButton)
    question = runs.findChild(QMessageBox)
    doing = next(one for one in question.buttons() if one.text() == "Delete")
    qtbot.mouseClick(doing, Qt.MouseButton.LeftButton)
    told = [box for box in runs.findChildren(QMessageBox) if box.isVisible() and box is not question]
    assert "no run" in told[0].text()
    told[0].close()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_context_menu_offers_the_same(runs: Runs, qtbot: QtBot) -> None:
    click(qtbot, runs, 0)
    runs.view.customContextMenuRequested.emit(runs.view.visualRect(runs.view.model().index(0, 0)).center())
    menu = next(one for one in runs.findChildren(QMenu) if one.isVisible())
    offered = [action.text() for action in menu.actions()]
    seldom = ["Reproduce", "Save for TensorBoard…", "Open a run's folder…"]
    assert [text for text in offered if text not in seldom] == [
        one.text() for one in runs.findChildren(QPushButton) if one.text() in offered
    ]
    assert offered[-3:] == seldom
    menu.close()


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_it_looks_like_the_window(
    qtbot: QtBot, folder: Path, dressed: Callable[[Tokens], None], pictures: Path | None, tokens: Tokens
) -> None:
    dressed(tokens)
    panel = Runs()
    qtbot.addWidget(panel)
    panel.resize(1200, 240)
    panel.set_tokens(tokens)
    panel.show()
    panel.set_folder(folder)
    qtbot.waitUntil(lambda: len(panel.shown) == 3)
    QApplication.processEvents()
    picture = panel.grab().toImage()
    assert picture.pixelColor(2, 2).name() == tokens.panel
    if pictures:
        picture.save(str(pictures / f"runs_{tokens.scheme}.png"))


# ---- forks, details, the queue


@pytest.fixture
def family(qtbot: QtBot, tmp_path: Path) -> tuple[Runs, Path, Path]:
    """A run that keeps every second epoch, one that was forked from it, and one by itself."""
    parent, _ = train("mlp_digits", tmp_path / "runs", epochs=4, keep_every=2)
    project = set_training(run_project(parent), batch_size=32)
    plan = Checker().check(project, load_fields(parent)).plan
    child = create_fork(plan_fork(parent, "2", project, plan), project, shipped("samples"), tmp_path / "runs")
    train("mlp_digits", tmp_path / "runs", epochs=1)
    panel = Runs()
    qtbot.addWidget(panel)
    panel.resize(940, 260)
    panel.set_tokens(DARK)
    panel.show()
    panel.set_folder(tmp_path / "runs")
    qtbot.waitUntil(lambda: len(panel.shown) == 3)
    return panel, parent, child


def test_a_fork_lies_below_the_run_that_it_came_from(family: tuple[Runs, Path, Path], qtbot: QtBot) -> None:
    panel, parent, child = family
    assert [run.path for run in panel.shown][1:] == [parent, child]
    model = panel.view.model()
    above = model.index(1, 0)
    assert model.index(0, 0, above).data() == child.name
    assert panel.view.isExpanded(above)
    headings = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    assert {"batch_size", "epochs", "keep_every"} <= set(headings)
    column = headings.index("batch_size")
    assert [model.index(1, column).data(), model.index(0, column, above).data()] == ["64", "32"]
    qtbot.keyClicks(panel.findChild(QLineEdit), "mlp_digits-002")
    assert [run.path for run in panel.shown] == [parent, child]


def test_checkpoints_are_listed_and_used(family: tuple[Runs, Path, Path], qtbot: QtBot) -> None:
    panel, parent, _ = family
    panel.select([parent])
    listed = panel.details.checkpoints
    qtbot.waitUntil(lambda: listed.topLevelItemCount() == 4, timeout=LONG)
    rows = [listed.topLevelItem(row) for row in range(4)]
    assert {row.text(0) for row in rows} >= {"epoch 4, last", "epoch 4, kept", "epoch 2, kept"}
    row = next(row for row in rows if row.text(0) == "epoch 2, kept")
    assert row.text(1) == number(
        next(e for e in read_events(parent) if isinstance(e, EpochEnded) and e.epoch == 2).validation["loss"]
    )
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=listed.visualItemRect(row).center())
    for text, signal in (
        ("Evaluate and predict", panel.details.used),
        ("Fork from here…", panel.details.forked),
    ):
        with qtbot.waitSignal(signal) as got:
            qtbot.mouseClick(button(panel, text), Qt.MouseButton.LeftButton)
        assert got.args == [parent, "epoch-000002"]
    weights = next((parent / "checkpoints").glob("epoch-000002.*.safetensors"))
    weights.write_bytes(b"broken")
    note_run(parent, "changed, so that it is read anew")
    qtbot.waitUntil(
        lambda: any(listed.topLevelItem(at).text(0).startswith("✕") for at in range(4)), timeout=LONG
    )
    bad = next(listed.topLevelItem(at) for at in range(4) if listed.topLevelItem(at).text(0).startswith("✕"))
    assert "has changed since" in bad.toolTip(0)
    listed.setCurrentItem(bad)
    assert not button(panel, "Fork from here…").isEnabled()


def test_a_note_is_kept_as_it_is_typed_and_found_by_the_filter(
    family: tuple[Runs, Path, Path], qtbot: QtBot
) -> None:
    panel, parent, child = family
    panel.select([child])
    panel.details.setCurrentIndex(1)
    note = panel.details.currentWidget()
    qtbot.keyClicks(note, "smaller batches")
    qtbot.waitUntil(lambda: read_run(child).note == "smaller batches", timeout=LONG)
    qtbot.waitUntil(lambda: any(run.note for run in panel.shown), timeout=LONG)
    qtbot.keyClicks(panel.findChild(QLineEdit), "Smaller")
    assert [run.path for run in panel.shown] == [parent, child]


def test_the_record_tells_what_was_carried_over(family: tuple[Runs, Path, Path], qtbot: QtBot) -> None:
    panel, parent, child = family
    panel.select([child])
    panel.details.setCurrentIndex(2)
    record = panel.details.currentWidget()
    qtbot.waitUntil(lambda: "hidden.weight  128×64" in record.toPlainText(), timeout=LONG)
    assert f"{parent.name}, after epoch 2" in record.toPlainText()


def test_a_run_that_comes_after_the_word_that_it_waits_says_so_in_full(
    runs: Runs, folder: Path, qtbot: QtBot
) -> None:
    path = create_run(run_project(runs.shown[0].path), folder, folder)
    runs.show_queue([read_run(path)], going=False)
    runs.refresh()
    qtbot.waitUntil(lambda: len(runs.shown) == 4)
    view = runs.view
    assert any("queued 1" in str(view.model().index(at, STATUS_COLUMN).data()) for at in range(4))
    assert view.columnWidth(STATUS_COLUMN) >= view.sizeHintForColumn(STATUS_COLUMN)


def test_the_queue_is_put_into_order(family: tuple[Runs, Path, Path], qtbot: QtBot) -> None:
    panel, parent, child = family
    panel.show_queue([read_run(child), read_run(parent)], going=False)
    panel.details.setCurrentWidget(panel.queue)
    assert panel.details.tabText(3) == "Queue 2"
    panel.queue.view.setCurrentRow(0)
    with qtbot.waitSignal(panel.queue.ordered) as got:
        qtbot.mouseClick(button(panel, "↓"), Qt.MouseButton.LeftButton)
    assert got.args == [[parent, child]]
    panel.activateWindow()
    panel.queue.view.setFocus()
    with qtbot.waitSignal(panel.queue.ordered) as got:
        qtbot.keyClick(panel.queue.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert got.args == [[child, parent]]
    with qtbot.waitSignal(panel.queue.removed) as got:
        qtbot.mouseClick(button(panel, "Remove"), Qt.MouseButton.LeftButton)
    assert got.args == [child]
    with qtbot.waitSignal(panel.queue.started) as got:
        qtbot.mouseClick(button(panel, "Start"), Qt.MouseButton.LeftButton)
    assert got.args == [True]
    status = [run.path for run in panel.shown].index(child)
    assert status == 2
    assert panel.view.model().index(0, 2, panel.view.model().index(1, 0)).data() == "○ queued 1"
