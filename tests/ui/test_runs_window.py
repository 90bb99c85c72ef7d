"""Runs in the window: they stay with their project, and an opened project shows its latest one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.project.edits import set_training
from studio.project.project import Data, Project, Setting
from studio.project.storage import load, save
from studio.train.runs import list_runs, read_run
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, OpenWindow, choose_file, sample


def train(window: MainWindow, qtbot: QtBot, epochs: int = 1) -> Path:
    window.session.commit(set_training(window.session.project, epochs=epochs), "Set")
    with qtbot.waitSignal(window.training.ended, timeout=LONG):
        window.training.start()
    assert window.training.run_dir is not None
    return window.training.run_dir


def test_runs_follow_the_project_to_its_first_file(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    loaded.session.new(load(sample("mlp_digits")), base=sample("mlp_digits").parent)
    before = train(loaded, qtbot)
    loaded.docks.reveal("runs")
    qtbot.waitUntil(lambda: [run.path for run in loaded.panels.runs.shown] == [before], timeout=LONG)
    choose_file(tmp_path / "mine" / "net.loom")
    (tmp_path / "mine").mkdir()
    QTest.keyClick(loaded, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    after = tmp_path / "mine" / "runs" / before.name
    assert read_run(after).status == "completed"
    assert not before.exists()
    qtbot.waitUntil(lambda: [run.path for run in loaded.panels.runs.shown] == [after], timeout=LONG)
    loaded.docks.reveal("confusion")
    words = loaded.panels.confusion.findChildren(QLabel)
    qtbot.waitUntil(lambda: any("270 samples" in word.text() for word in words), timeout=LONG)


def test_a_run_that_is_on_moves_when_it_is_over(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    loaded.session.new(load(sample("mlp_digits")), base=sample("mlp_digits").parent)
    loaded.session.commit(set_training(loaded.session.project, epochs=500), "Set")
    with qtbot.waitSignal(loaded.training.began, timeout=LONG):
        loaded.training.start()
    loaded.session.save(tmp_path / "net.loom")
    assert list_runs(tmp_path / "runs") == []
    with qtbot.waitSignal(loaded.training.ended, timeout=LONG):
        loaded.training.stop()
    assert [run.status for run in list_runs(tmp_path / "runs")] == ["stopped"]


def test_the_first_file_names_the_project(window: MainWindow, tmp_path: Path) -> None:
    window.session.new(Project(data=Data(Setting("ScikitLearn"))))
    choose_file(tmp_path / "faces.loom")
    assert window.files.save()
    assert load(tmp_path / "faces.loom").name == "faces"
    choose_file(tmp_path / "other.loom")
    assert window.files.save_as()
    assert load(tmp_path / "other.loom").name == "faces"


def test_an_opened_project_shows_its_latest_run(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "net.loom"
    save(load(sample("mlp_digits")), path)
    first = open_window(path)
    run = train(first, qtbot, epochs=2)
    first.close_unasked()
    again = open_window(path)
    qtbot.waitUntil(lambda: bool(again.panels.curves.histories), timeout=LONG)
    assert [history.name for history in again.panels.curves.histories] == [run.name]
    assert again.panels.status.state == "Finished"
    again.session.new()
    assert again.panels.curves.histories == ()


def test_an_earlier_run_comes_behind_the_one_that_trains(loaded: MainWindow, qtbot: QtBot) -> None:
    loaded.session.new(load(sample("mlp_digits")), base=sample("mlp_digits").parent)
    earlier = train(loaded, qtbot)
    loaded.session.commit(set_training(loaded.session.project, epochs=500), "Set")
    with qtbot.waitSignal(loaded.training.events, timeout=LONG):
        loaded.training.start()
    loaded.docks.reveal("runs")
    loaded.panels.runs.opened.emit(earlier)
    shown = loaded.panels.curves
    qtbot.waitUntil(lambda: len(shown.histories) == 2, timeout=LONG)
    assert loaded.training.run_dir is not None
    assert [history.name for history in shown.histories] == [loaded.training.run_dir.name, earlier.name]
    with qtbot.waitSignal(loaded.training.ended, timeout=LONG):
        loaded.training.stop()


def pick_run(window: MainWindow, qtbot: QtBot, run: Path) -> QPoint:
    """Click on a run in the list."""
    window.docks.reveal("runs")
    panel = window.panels.runs
    qtbot.waitUntil(lambda: run in [one.path for one in panel.shown], timeout=LONG)
    row = [one.path for one in panel.shown].index(run)
    place = panel.view.visualRect(panel.view.model().index(row, 0)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    return place


def test_the_keyboard_is_on_the_canvas_after_a_run_is_opened_reproduced_and_resumed(
    loaded: MainWindow, qtbot: QtBot
) -> None:
    loaded.session.new(load(sample("mlp_digits")), base=sample("mlp_digits").parent)
    run = train(loaded, qtbot)
    panel, view = loaded.panels.runs, loaded.panels.canvas.view
    place = pick_run(loaded, qtbot, run)
    qtbot.mouseDClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert view.hasFocus()
    pick_run(loaded, qtbot, run)
    more = next(one for one in panel.findChildren(QPushButton) if one.text() == "More")
    more.setFocus()
    again = next(one for one in more.menu().actions() if one.text() == "Reproduce")
    qtbot.waitUntil(again.isEnabled, timeout=LONG)
    with qtbot.waitSignal(loaded.training.ended, timeout=LONG):
        again.trigger()
    assert view.hasFocus()
    loaded.session.commit(set_training(loaded.session.project, epochs=500), "Set")
    with qtbot.waitSignal(loaded.training.events, timeout=LONG):
        loaded.training.start()
    with qtbot.waitSignal(loaded.training.ended, timeout=LONG):
        loaded.training.stop()
    assert loaded.training.run_dir is not None
    pick_run(loaded, qtbot, loaded.training.run_dir)
    resume = next(one for one in panel.findChildren(QPushButton) if one.text() == "Resume")
    qtbot.waitUntil(resume.isEnabled, timeout=LONG)
    resume.setFocus()
    with qtbot.waitSignal(loaded.training.events, timeout=LONG):
        qtbot.mouseClick(resume, Qt.MouseButton.LeftButton)
    assert view.hasFocus()
    with qtbot.waitSignal(loaded.training.ended, timeout=LONG):
        loaded.training.stop()


def delete(window: MainWindow, qtbot: QtBot, *runs: Path) -> None:
    """Delete runs in the list, and say yes."""
    panel = window.panels.runs
    pick_run(window, qtbot, runs[0])
    panel.select(list(runs))
    button = next(one for one in panel.findChildren(QPushButton) if one.text() == "Delete…")
    qtbot.waitUntil(button.isEnabled, timeout=LONG)  # the list may have it that the run goes on
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    question = panel.findChild(QMessageBox)
    doing = next(one for one in question.buttons() if one.text() == "Delete")
    qtbot.mouseClick(doing, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not any(run in [one.path for one in panel.shown] for run in runs), timeout=LONG)


def test_a_deleted_run_is_shown_no_more(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    save(load(sample("mlp_digits")), tmp_path / "net.loom")
    loaded.session.open(tmp_path / "net.loom")
    first, second, third = (train(loaded, qtbot) for _ in range(3))
    panels = loaded.panels
    delete(loaded, qtbot, third, second)
    qtbot.waitUntil(lambda: [one.name for one in panels.curves.histories] == [first.name], timeout=LONG)
    loaded.docks.reveal("confusion")
    words = panels.confusion.findChildren(QLabel)
    qtbot.waitUntil(lambda: any("270 samples" in word.text() for word in words), timeout=LONG)
    delete(loaded, qtbot, first)
    assert panels.curves.histories == ()
    told = [one.text() for one in panels.status.findChildren(QLabel) if one.isVisibleTo(panels.status)]
    assert "Nothing trains yet" in told
    assert any("No evaluation yet" in word.text() for word in panels.confusion.findChildren(QLabel))


def test_an_earlier_run_that_is_deleted_leaves_the_curves(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    save(load(sample("mlp_digits")), tmp_path / "net.loom")
    loaded.session.open(tmp_path / "net.loom")
    first, second = (train(loaded, qtbot) for _ in range(2))
    assert len(loaded.panels.curves.histories) == 2
    delete(loaded, qtbot, first)
    assert [one.name for one in loaded.panels.curves.histories] == [second.name]


def test_a_renamed_run_is_called_so_everywhere(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    save(load(sample("mlp_digits")), tmp_path / "net.loom")
    loaded.session.open(tmp_path / "net.loom")
    first, second = (train(loaded, qtbot) for _ in range(2))
    panels = loaded.panels
    for run, name in ((first, "narrow"), (second, "wide")):
        pick_run(loaded, qtbot, run)
        qtbot.keyClick(panels.runs.view, Qt.Key.Key_F2)
        editor = panels.runs.view.findChild(QLineEdit)
        editor.selectAll()
        qtbot.keyClicks(editor, name)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: panels.runs.view.findChild(QLineEdit) is None)
    assert [one.name for one in panels.curves.histories] == ["wide", "narrow"]
    shown = [one.text() for one in panels.status.findChildren(QLabel)]
    assert "wide" in shown
    assert second.name not in shown


def test_an_opened_run_of_another_project_does_not_stay_behind_a_new_one(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for name in ("mlp_digits", "dense_regression"):
        save(load(sample(name)), tmp_path / f"{name}.loom")
    loaded.session.open(tmp_path / "dense_regression.loom")
    other = train(loaded, qtbot)
    loaded.session.open(tmp_path / "mlp_digits.loom")
    curves = loaded.panels.curves
    loaded.run_views.open(other)
    qtbot.waitUntil(lambda: [one.name for one in curves.histories] == [other.name], timeout=LONG)
    first = train(loaded, qtbot)
    assert [one.name for one in curves.histories] == [first.name]
    second = train(loaded, qtbot)
    assert [one.name for one in curves.histories] == [second.name, first.name]
