"""Files in the window: open, edit, save, reopen; questions before anything is lost; recovery; others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from studio.data.describe import describe
from studio.places import user_folder
from studio.project.edits import add_node
from studio.project.project import Project
from studio.project.storage import load, save
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, OpenWindow, choose_file, sample

Button = QMessageBox.StandardButton
ROOT = Path(__file__).parents[2]
Answer = Callable[[QMessageBox.StandardButton], list[str]]


def edit(window: MainWindow, name: str = "one") -> None:
    """Add a node, as the canvas does it."""
    project, _ = add_node(window.session.project, "ReLU", (0.0, 300.0), {}, name)
    window.session.commit(project, f"Add {name}")


def press(window: MainWindow, text: str) -> None:
    """Press a button of a message."""
    button = next(one for one in window.messages.findChildren(QAbstractButton) if one.text() == text)
    button.click()


def drop(target: QWidget, path: Path) -> bool:
    """Drag a file onto a widget and drop it; whether somebody took it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(target, enter)
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def crash_with_unsaved(project: Project, path: Path, folder: Path) -> None:
    """Let another process store a recovery copy and be killed."""
    text = folder / "unsaved"
    save(project, text)
    code = """if True:
        import os, sys
        from pathlib import Path
        from studio.project.recovery import Recovery
        from studio.project.storage import load
        Recovery(Path(sys.argv[3])).store(load(Path(sys.argv[1])), Path(sys.argv[2]))
        os.kill(os.getpid(), 9)"""
    command = [sys.executable, "-c", code, str(text), str(path), str(user_folder() / "recovery")]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == -9


def test_open_edit_undo_save_reopen(
    open_window: OpenWindow, qtbot: QtBot, answer: Answer, tmp_path: Path
) -> None:
    """A sample is opened by the menu, a layer is placed by typing, undone, redone, saved, and found again."""
    window = open_window()
    window.actions_by_name["sample.mlp_digits"].trigger()
    assert window.session.project == load(sample("mlp_digits"))
    assert window.session.path is None
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    search = QApplication.focusWidget()
    qtbot.keyClicks(search, "relu")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    edited = window.session.project
    assert len(edited.graph.nodes) == len(load(sample("mlp_digits")).graph.nodes) + 1
    assert window.isWindowModified()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.project == load(sample("mlp_digits"))
    assert not window.isWindowModified()
    window.actions_by_name["edit.redo"].trigger()
    path = tmp_path / "mine.loom"
    choose_file(path)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert load(path) == edited
    assert not window.isWindowModified()
    assert "mine.loom" in window.windowTitle()
    window.close()
    again = open_window(path)
    assert again.session.project == edited
    assert not again.isWindowModified()


def test_recent_files_open_again(open_window: OpenWindow, tmp_path: Path) -> None:
    path = shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom")
    first = open_window(Path(path))
    first.close()
    second = open_window()
    recent = next(
        action.menu()
        for action in second.menuBar().actions()[0].menu().actions()
        if "recent" in action.text()
    )
    recent.aboutToShow.emit()
    recent.actions()[0].trigger()
    assert second.session.path == tmp_path / "mine.loom"


def test_a_sample_keeps_its_data_wherever_it_is_saved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.files.open_sample(sample("linear_regression"))
    before = describe(window.session.project.data, window.session.folder)
    assert before.problems == ()
    path = tmp_path / "deep" / "er" / "and" / "deeper" / "line.loom"
    path.parent.mkdir(parents=True)
    choose_file(path)
    assert window.files.save()
    after = describe(load(path).data, path.parent)
    assert after.problems == ()
    assert after.samples == before.samples == 4


@pytest.mark.parametrize("button", [Button.Save, Button.Discard, Button.Cancel])
def test_it_asks_before_losing_changes(
    window: MainWindow, answer: Answer, tmp_path: Path, button: QMessageBox.StandardButton
) -> None:
    path = tmp_path / "mine.loom"
    window.session.save(path)
    edit(window)
    edited = window.session.project
    asked = answer(button)
    window.actions_by_name["file.new"].trigger()
    assert len(asked) == 1
    assert "mine.loom" in asked[0]
    assert (load(path) == edited) == (button == Button.Save)
    assert (window.session.project == edited) == (button == Button.Cancel)


def test_closing_asks_too(window: MainWindow, answer: Answer) -> None:
    edit(window)
    asked = answer(Button.Cancel)
    window.close()
    assert window.isVisible()
    answer(Button.Discard)
    window.close()
    assert not window.isVisible()
    assert len(asked) == 1
    assert list((user_folder() / "recovery").glob("*.loom")) == []


def test_nothing_is_asked_where_nothing_is_lost(window: MainWindow) -> None:
    window.files.open_sample(sample("mlp_digits"))
    window.actions_by_name["file.new"].trigger()
    window.close()
    assert not window.isVisible()


def test_a_dropped_project_opens(window: MainWindow, qtbot: QtBot) -> None:
    assert drop(window, sample("cnn_digits"))
    qtbot.waitUntil(lambda: window.session.project.name == "cnn_digits")


def test_a_project_dropped_on_the_canvas_opens(window: MainWindow, qtbot: QtBot) -> None:
    canvas = window.panels.canvas
    target = window.childAt(canvas.mapTo(window, canvas.rect().center()))
    assert target is not None
    assert drop(target, sample("cnn_digits"))
    qtbot.waitUntil(lambda: window.session.project.name == "cnn_digits")


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"format": 1, "graph": 3}', "\x00\xff"])
def test_a_broken_file_is_told_and_loses_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, text: str
) -> None:
    edit(window)
    before, path = window.session.project, tmp_path / "broken.loom"
    path.write_text(text, encoding="latin-1")
    assert drop(window, path)
    qtbot.waitUntil(lambda: len(window.messages.texts()) == 1)
    assert "broken.loom" in window.messages.texts()[0]
    assert window.session.project is before
    assert window.session.undo_stack.canUndo()


def test_a_crash_loses_nothing(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """A copy that another process left behind is offered and taken up, with its path, as unsaved."""
    path = Path(shutil.copy(sample("linear_regression"), tmp_path / "mine.loom"))
    changed, _ = add_node(load(path), "ReLU", (0.0, 0.0), {}, "kept")
    crash_with_unsaved(changed, path, tmp_path)
    window = open_window()
    assert any("mine.loom" in text for text in window.messages.texts())
    press(window, "Recover")
    assert window.session.project == changed
    assert window.session.path == path
    assert window.session.dirty
    window.session.save()
    assert load(path) == changed


def test_unsaved_work_is_copied_soon(window: MainWindow, qtbot: QtBot) -> None:
    edit(window)
    folder = user_folder() / "recovery"
    qtbot.waitUntil(lambda: len(list(folder.glob("*.loom"))) == 1, timeout=LONG)
    assert "one" in load(next(folder.glob("*.loom"))).graph.nodes


def test_a_copy_of_a_sample_finds_its_data(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    window.files.open_sample(sample("linear_regression"))
    edit(window)
    window.close_unasked()
    again = open_window()
    press(again, "Recover")
    assert describe(again.session.project.data, again.session.folder).problems == ()


def test_another_program_is_noticed_and_never_overwritten(
    open_window: OpenWindow, qtbot: QtBot, answer: Answer, tmp_path: Path
) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))
    window = open_window(path)
    theirs = sample("cnn_digits").read_bytes()
    (tmp_path / "new").write_bytes(theirs)
    (tmp_path / "new").replace(path)
    qtbot.waitUntil(lambda: any("changed" in text for text in window.messages.texts()), timeout=LONG)
    answer(Button.Cancel)
    assert not window.files.save()
    assert path.read_bytes() == theirs
    press(window, "Load it")
    assert window.session.project == load(path)
    assert not window.session.dirty


def test_our_own_save_is_no_change_by_others(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_window(Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom")))
    for name in ("one", "two", "three"):
        edit(window, name)
        assert window.files.save()
    qtbot.wait(500)
    assert window.messages.texts() == []


def test_a_deleted_file_is_noticed(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))
    window = open_window(path)
    path.unlink()
    qtbot.waitUntil(lambda: any("deleted" in text for text in window.messages.texts()), timeout=LONG)
    assert window.session.dirty
    press(window, "Save again")
    assert load(path) == window.session.project


def test_a_save_that_fails_is_told(window: MainWindow, tmp_path: Path) -> None:
    edit(window)
    (tmp_path / "folder.loom").mkdir()
    choose_file(tmp_path / "folder.loom" / "deeper" / "one.loom")
    assert not window.files.save_as() or window.session.dirty
    assert window.session.dirty


def test_data_from_the_menu(window: MainWindow, tmp_path: Path) -> None:
    window.session.save(tmp_path / "mine.loom")
    window.actions_by_name["data.set.iris"].trigger()
    assert window.session.project.data.source.params["dataset"] == "iris"
    assert window.session.undo_stack.count() == 1
