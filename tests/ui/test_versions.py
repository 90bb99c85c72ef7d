"""Versions by real events and real processes: when they are kept, their window, and what may go wrong."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.places import user_folder
from studio.project import edits
from studio.project.graph import Edge, Endpoint, Frame, Graph, Node, Sticky
from studio.project.project import Project
from studio.project.recovery import Recovery
from studio.project.storage import load, save
from studio.project.versions import Version, shelf_of
from studio.ui.canvas.thumbnail import SIZE, thumbnail
from studio.ui.session import Session
from studio.ui.versions import Versions
from studio.ui.versions_window import VersionsWindow
from studio.ui.window import MainWindow
from tests.test_killed import edited_window, kill
from tests.ui.windows import LONG, OpenWindow, choose_file, sample, when_modal

Button = QMessageBox.StandardButton
Answer = Callable[[QMessageBox.StandardButton], list[str]]
CTRL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A project file of one's own."""
    return Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))


def on_disk(window: MainWindow) -> list[Version]:
    return window.files.versions.shelf.listed()[0]


def reasons(window: MainWindow) -> list[str]:
    """Why each version was kept, the latest first."""
    return [version.about.reason for version in on_disk(window)]


def wait_for(qtbot: QtBot, window: MainWindow, *wanted: str) -> None:
    qtbot.waitUntil(lambda: reasons(window) == list(wanted), timeout=LONG)


def add(window: MainWindow, layer: str = "relu") -> None:
    """Place a layer by typing its name."""
    QTest.keyClick(window, Qt.Key.Key_L, CTRL)
    search = QApplication.focusWidget()
    QTest.keyClicks(search, layer)
    QTest.keyClick(search, Qt.Key.Key_Return)


def press_save(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_S, CTRL)


def open_versions(window: MainWindow, qtbot: QtBot, rows: int) -> VersionsWindow:
    """By the menu, with so many versions listed and read."""
    window.actions_by_name["file.versions"].trigger()
    (dialog,) = window.findChildren(VersionsWindow)
    qtbot.waitUntil(lambda: dialog.view.model().rowCount() == rows and dialog.isVisible(), timeout=LONG)
    if rows:
        qtbot.waitUntil(lambda: all("Since then" in heard(one) or "same as now" in heard(one)
                                    for one in listed(dialog)), timeout=LONG)  # fmt: skip
    return dialog


def listed(dialog: VersionsWindow) -> list[QModelIndex]:
    model = dialog.view.model()
    return [model.index(row, 0) for row in range(model.rowCount())]


def heard(index: QModelIndex) -> str:
    """What a screen reader says of a version."""
    return index.data(Qt.ItemDataRole.AccessibleTextRole)


def button(dialog: VersionsWindow, text: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == text)


def press(window: MainWindow, text: str) -> None:
    """Press a button of a message."""
    found = [one for one in window.messages.findChildren(QPushButton) if one.text() == text]
    QTest.mouseClick(found[0], LEFT)


def replace_file(path: Path, by: Path, qtbot: QtBot, window: MainWindow) -> None:
    """As another program does it; the window notices."""
    new = path.with_name("new")
    new.write_bytes(by.read_bytes())
    new.replace(path)
    qtbot.waitUntil(lambda: any("changed" in text for text in window.messages.texts()), timeout=LONG)


# ---- when versions are kept


def test_the_first_edit_keeps_what_was_opened_and_a_save_what_was_made(
    open_window: OpenWindow, qtbot: QtBot, mine: Path
) -> None:
    opened = load(mine)
    window = open_window(mine)
    assert reasons(window) == []
    add(window)
    wait_for(qtbot, window, "open")
    press_save(window)
    wait_for(qtbot, window, "save", "open")
    latest, first = on_disk(window)
    assert first.project() == opened
    assert latest.project() == window.session.project == load(mine)


def test_nothing_new_is_kept_where_nothing_changed(open_window: OpenWindow, qtbot: QtBot, mine: Path) -> None:
    window = open_window(mine)
    add(window)
    for _ in range(3):
        with qtbot.waitSignal(window.files.versions.written):
            press_save(window)
    assert reasons(window) == ["save", "open"]


def test_a_training_run_keeps_what_it_trains(loaded: MainWindow, qtbot: QtBot, mine: Path) -> None:
    loaded.files.open(mine)
    project = edits.set_training(loaded.session.project, epochs=1)
    loaded.session.commit(project, "Set epochs")
    wait_for(qtbot, loaded, "open")
    QTest.keyClick(loaded, Qt.Key.Key_F5)
    wait_for(qtbot, loaded, "train", "open")
    assert on_disk(loaded)[0].project() == project
    qtbot.waitUntil(lambda: loaded.training.state == "idle", timeout=LONG)


def test_every_few_minutes_of_editing_one_is_kept(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session()
    versions = Versions(session, every_ms=150)
    kept: list[str] = []
    versions.written.connect(lambda: kept.extend(one.about.reason for one in versions.shelf.listed()[0][:1]))
    session.new(load(sample("mlp_digits")), base=tmp_path)
    qtbot.wait(400)
    assert kept == []
    for x in (10.0, 20.0):
        session.commit(edits.move(session.project, {"image": (x, 0.0)}), "Move image")
        qtbot.waitUntil(lambda: kept == ["edit"], timeout=LONG)
        qtbot.wait(400)
        assert kept == ["edit"]
        kept.clear()
    assert len(versions.shelf.listed()[0]) == 2
    versions.close()


def test_what_is_given_up_is_kept(open_window: OpenWindow, qtbot: QtBot, answer: Answer, mine: Path) -> None:
    window = open_window(mine)
    add(window)
    given_up = window.session.project
    answer(Button.Discard)
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    assert window.session.path is None
    again = open_window(mine)
    wait_for(qtbot, again, "discard", "open")
    assert on_disk(again)[0].project() == given_up


def test_closing_without_saving_keeps_it_too(open_window: OpenWindow, answer: Answer, mine: Path) -> None:
    """The window is gone only when the version is on disk."""
    window = open_window(mine)
    add(window)
    given_up = window.session.project
    answer(Button.Discard)
    window.close()
    assert not window.isVisible()
    assert on_disk(window)[0].project() == given_up


def test_the_first_save_takes_the_versions_along(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    add(window)
    with qtbot.waitSignal(window.files.versions.written):
        window.files.versions.keep("edit")
    add(window, "dropout")
    choose_file(tmp_path / "new.loom")
    press_save(window)
    wait_for(qtbot, window, "save", "edit")


def test_ours_is_kept_before_another_program_s_version_is_loaded(
    open_window: OpenWindow, qtbot: QtBot, answer: Answer, mine: Path
) -> None:
    window = open_window(mine)
    add(window)
    ours = window.session.project
    replace_file(mine, sample("cnn_digits"), qtbot, window)
    answer(Button.Discard)
    press(window, "Load it")
    assert window.session.project == load(sample("cnn_digits"))
    wait_for(qtbot, window, "foreign", "open")
    assert on_disk(window)[0].project() == ours


def test_theirs_is_kept_before_it_is_overwritten(open_window: OpenWindow, qtbot: QtBot, mine: Path) -> None:
    window = open_window(mine)
    add(window)
    replace_file(mine, sample("cnn_digits"), qtbot, window)
    when_modal(lambda box: next(one for one in box.buttons() if one.text() == "Overwrite").click())
    press_save(window)
    wait_for(qtbot, window, "save", "overwritten", "open")
    assert on_disk(window)[1].project() == load(sample("cnn_digits"))


def test_the_window_does_not_wait_for_a_version(window: MainWindow, qtbot: QtBot) -> None:
    """Text, packing and picture of a thousand nodes are made elsewhere."""
    window.session.new(large(1000))
    began = time.thread_time()
    window.files.versions.keep("edit")
    assert time.thread_time() - began < 0.005
    wait_for(qtbot, window, "edit")


# ---- the window of versions


@pytest.fixture
def filled(open_window: OpenWindow, qtbot: QtBot, mine: Path) -> MainWindow:
    """A project with three versions: as opened, with a layer, with two; and one more edit since then."""
    window = open_window(mine)
    add(window)
    press_save(window)
    wait_for(qtbot, window, "save", "open")
    add(window, "dropout")
    press_save(window)
    wait_for(qtbot, window, "save", "save", "open")
    add(window, "tanh")
    return window


def test_the_list_says_when_why_how_much_and_what_differs(filled: MainWindow, qtbot: QtBot) -> None:
    dialog = open_versions(filled, qtbot, 3)
    words = [heard(one) for one in listed(dialog)]
    assert "just now, Saved" in words[0]
    assert "As it was opened" in words[2]
    assert "Since then: +1 node" in words[0]
    assert "Since then: +3 nodes" in words[2]
    count = len(filled.session.project.graph.nodes)
    assert f"{count - 1} nodes, " in words[0]
    assert dialog.view.currentIndex().row() == 0


def test_enter_restores_as_one_step_and_undo_brings_all_back(filled: MainWindow, qtbot: QtBot) -> None:
    before, count = filled.session.project, filled.session.undo_stack.count()
    opened = on_disk(filled)[2].project()
    dialog = open_versions(filled, qtbot, 3)
    QTest.keyClick(dialog.view, Qt.Key.Key_End)
    QTest.keyClick(dialog.view, Qt.Key.Key_Return)
    assert filled.session.project == opened
    assert filled.session.undo_stack.count() == count + 1
    assert filled.session.undo_stack.undoText().startswith("Restore the version")
    wait_for(qtbot, filled, "restore", "save", "save", "open")
    assert on_disk(filled)[0].project() == before
    filled.activateWindow()
    qtbot.waitUntil(filled.isActiveWindow)
    QTest.keyClick(filled, Qt.Key.Key_Z, CTRL)
    assert filled.session.project == before


def test_a_copy_opens_after_asking_to_save(
    filled: MainWindow, qtbot: QtBot, answer: Answer, mine: Path
) -> None:
    opened = on_disk(filled)[2].project()
    dialog = open_versions(filled, qtbot, 3)
    QTest.keyClick(dialog.view, Qt.Key.Key_End)
    asked = answer(Button.Cancel)
    QTest.mouseClick(button(dialog, "Open as a copy"), LEFT)
    assert len(asked) == 1
    assert filled.session.path == mine
    answer(Button.Discard)
    QTest.mouseClick(button(dialog, "Open as a copy"), LEFT)
    assert filled.session.path is None
    assert filled.session.project == opened


def test_a_version_gets_a_name_and_is_kept_by_keys(filled: MainWindow, qtbot: QtBot) -> None:
    dialog = open_versions(filled, qtbot, 3)
    QTest.keyClick(dialog.view, Qt.Key.Key_Down)
    QTest.keyClick(dialog.view, Qt.Key.Key_F2)
    (line,) = [one for one in dialog.findChildren(QLineEdit) if one.isVisible()]
    QTest.keyClicks(line, "worked")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: heard(listed(dialog)[1]).startswith("worked"))
    assert "kept for ever" in heard(listed(dialog)[1])
    assert dialog.view.currentIndex().row() == 1
    dialog.view.setFocus()
    QTest.keyClick(dialog.view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "kept for ever" not in heard(listed(dialog)[1]))
    found = on_disk(filled)[1].about
    assert (found.name, found.kept) == ("worked", False)


def test_delete_asks_and_deletes(filled: MainWindow, qtbot: QtBot) -> None:
    dialog = open_versions(filled, qtbot, 3)
    QTest.keyClick(dialog.view, Qt.Key.Key_Delete)
    (box,) = dialog.findChildren(QMessageBox)
    QTest.mouseClick(next(one for one in box.buttons() if one.text() == "Delete"), LEFT)
    qtbot.waitUntil(lambda: dialog.view.model().rowCount() == 2, timeout=LONG)
    assert reasons(filled) == ["save", "open"]


def test_the_mouse_reaches_everything_too(filled: MainWindow, qtbot: QtBot) -> None:
    dialog = open_versions(filled, qtbot, 3)
    view = dialog.view
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(listed(dialog)[1]).center())
    QTest.mouseClick(button(dialog, "Keep for ever"), LEFT)
    qtbot.waitUntil(lambda: "kept for ever" in heard(listed(dialog)[1]))
    qtbot.waitUntil(lambda: button(dialog, "No longer keep").isEnabled())
    wanted = on_disk(filled)[1].project()
    QTest.mouseClick(button(dialog, "Restore"), LEFT)
    assert filled.session.project == wanted


def test_an_empty_window_says_what_will_be_there(window: MainWindow, qtbot: QtBot) -> None:
    dialog = open_versions(window, qtbot, 0)
    qtbot.waitUntil(lambda: any(one.text() == "No versions yet" for one in dialog.findChildren(QLabel)))
    assert not button(dialog, "Restore").isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_versions_of_a_file_that_is_gone_open_as_a_copy(
    open_window: OpenWindow, qtbot: QtBot, mine: Path
) -> None:
    window = open_window(mine)
    add(window)
    press_save(window)
    wait_for(qtbot, window, "save", "open")
    lost = window.session.project
    window.close()
    mine.unlink()
    again = open_window()
    dialog = open_versions(again, qtbot, 0)
    (owner,) = dialog.findChildren(QComboBox)
    qtbot.waitUntil(owner.isVisible)
    assert [owner.itemText(at) for at in range(2)] == ["This project", f"mine.loom – {mine.parent}"]
    owner.setFocus()
    QTest.keyClick(owner, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: dialog.view.model().rowCount() == 2)
    qtbot.waitUntil(button(dialog, "Open as a copy").isEnabled)
    assert not button(dialog, "Restore").isEnabled()
    QTest.mouseClick(button(dialog, "Open as a copy"), LEFT)
    assert again.session.project == lost
    assert again.session.path is None
    assert again.session.folder == mine.parent


def test_paths_of_the_data_stay_right(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """A version of a project that was never saved names its data from where it was opened."""
    window = open_window()
    window.files.open_sample(sample("linear_regression"))
    add(window)
    with qtbot.waitSignal(window.files.versions.written):
        window.files.versions.keep("edit")
    add(window)
    (tmp_path / "deep").mkdir()
    choose_file(tmp_path / "deep" / "line.loom")
    press_save(window)
    wait_for(qtbot, window, "save", "edit")
    dialog = open_versions(window, qtbot, 2)
    source = window.session.project.data.source
    QTest.keyClick(dialog.view, Qt.Key.Key_End)
    QTest.keyClick(dialog.view, Qt.Key.Key_Return)
    assert window.session.project.data.source == source


# ---- what may go wrong


def test_a_broken_version_is_named_and_the_others_are_there(filled: MainWindow, qtbot: QtBot) -> None:
    broken, flipped = on_disk(filled)[0].file, on_disk(filled)[1].file
    broken.write_bytes(broken.read_bytes()[:-9])
    data = bytearray(flipped.read_bytes())
    data[600] ^= 255
    flipped.write_bytes(data)
    window = filled
    window.actions_by_name["file.versions"].trigger()
    (dialog,) = window.findChildren(VersionsWindow)
    qtbot.waitUntil(lambda: dialog.view.model().rowCount() == 2)
    told = [one.text() for one in dialog.findChildren(QLabel) if one.isVisible()]
    assert any(broken.name in text and "left out" in text for text in told)
    qtbot.waitUntil(lambda: "damaged" in heard(listed(dialog)[0]))
    before = window.session.project
    QTest.keyClick(dialog.view, Qt.Key.Key_Return)
    (complaint,) = dialog.findChildren(QMessageBox)
    assert "damaged" in complaint.text()
    QTest.keyClick(complaint, Qt.Key.Key_Return)
    assert not complaint.isVisible()
    assert window.session.project == before


def test_a_disk_that_refuses_is_told_once_and_editing_goes_on(
    open_window: OpenWindow, qtbot: QtBot, mine: Path
) -> None:
    folder = user_folder() / "versions"
    folder.write_text("not a folder")
    window = open_window(mine)
    add(window)
    qtbot.waitUntil(lambda: len(window.messages.texts()) == 1, timeout=LONG)
    assert "versions cannot be kept" in window.messages.texts()[0]
    window.messages.close_message(window.messages.texts()[0])
    for layer in ("dropout", "tanh"):
        add(window, layer)
        press_save(window)
    qtbot.wait(300)
    assert window.messages.texts() == []
    assert load(mine) == window.session.project
    folder.unlink()
    add(window)
    press_save(window)
    wait_for(qtbot, window, "save")


def test_a_killed_window_leaves_its_work_with_frames_and_notes_and_its_versions(mine: Path) -> None:
    """A real process, edited as by a person and killed: the copy has everything, and so has the version."""
    project = load(mine)
    marks = (Frame("f", "Encoder", "red"), Sticky("n", "# why\n\nbecause"))
    marked = project.with_graph(project.graph.with_marks(*marks))
    save(marked, mine)
    child, names = edited_window(mine, 3)
    kill(child)
    assert child.returncode == -signal.SIGKILL
    (copy,) = Recovery(user_folder() / "recovery").pending()
    assert set(copy.project.graph.nodes) == names
    assert list(copy.project.graph.marks.values()) == list(marks)
    versions, broken = shelf_of(user_folder() / "versions", mine).listed()
    assert broken == []
    assert versions[-1].project() == marked


def test_two_windows_of_one_project_keep_both_their_versions(
    open_window: OpenWindow, qtbot: QtBot, mine: Path
) -> None:
    first, second = open_window(mine), open_window(mine)
    for window, layer in ((first, "relu"), (second, "tanh")):
        window.activateWindow()
        project, _ = edits.add_node(window.session.project, "ReLU", (0.0, 0.0), {}, layer)
        window.session.commit(project, f"Add {layer}")
        with qtbot.waitSignal(window.files.versions.written):
            window.files.versions.keep("edit")
    kept = [set(one.project().graph.nodes) for one in on_disk(first)]
    assert any("relu" in names for names in kept)
    assert any("tanh" in names for names in kept)


# ---- the picture


def test_the_picture_shows_nodes_frames_and_nothing_else() -> None:
    from PySide6.QtGui import QImage

    assert thumbnail(Project()) == b""
    project = large(2)
    framed = project.with_graph(project.graph.with_marks(Frame("f", "", "red", (-500.0, -500.0))))
    image, other = QImage.fromData(thumbnail(project)), QImage.fromData(thumbnail(framed))
    assert image.size() == SIZE
    assert image.pixelColor(QPoint(1, 1)).alpha() == 0
    painted = {image.pixelColor(x, y).name() for x in range(240) for y in range(144)}
    assert "#6f8cff" in painted
    assert image != other


def large(count: int) -> Project:
    nodes = {
        f"n{at}": Node(f"n{at}", "Linear", {"out_features": 8}, (240.0 * (at % 40), 120.0 * (at // 40)))
        for at in range(count)
    }
    wires = (Edge(Endpoint(f"n{at}", "output"), Endpoint(f"n{at + 1}", "input")) for at in range(count - 1))
    return Project(name="large", graph=Graph(nodes, tuple(wires)))
