"""The window under abuse: random use, disks that refuse, files that change, kills and signals."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.data.describe import describe
from studio.places import user_folder
from studio.project import edits
from studio.project.project import Project, Setting
from studio.project.storage import dumps, load, loads
from studio.ui.crash import ReportDialog
from studio.ui.window import MainWindow
from tests.ui.monkey import Monkey
from tests.ui.test_files import Answer, Button, choose_file, edit
from tests.ui.windows import LONG, OpenWindow, sample

OFFSCREEN = pytest.mark.qt_log_ignore("This plugin does not support")
"""The offscreen platform says so of each menu that grabs mouse or keyboard."""


def open_copy(window: MainWindow, name: str, folder: Path) -> Path:
    """Open a copy of a sample, its data at hand."""
    path = Path(shutil.copy(sample(name), folder / "mine.loom"))
    shutil.copytree(sample(name).parent / "data", folder / "data")
    assert window.files.open(path)
    return path


def random_use(window: MainWindow, qtbot: QtBot, seed: int, events: int) -> None:
    """Let a monkey play, then undo all: nothing failed, and the project is what it was at first."""
    session, firsts = window.session, [window.session.project]
    session.replaced.connect(lambda: firsts.append(session.project))
    window.actions_by_name["file.quit"].setEnabled(False)
    monkey = Monkey(window, seed)
    monkey.play(events)
    monkey.leave()
    window.training.stop()
    qtbot.waitUntil(lambda: not window.training.active, timeout=LONG)
    monkey.leave()
    did = "\n".join(monkey.log)
    assert monkey.reports == [], f"seed {seed}:\n{did}\n{monkey.reports[0]}"
    assert window.isVisible(), f"seed {seed}:\n{did}"
    assert loads(dumps(session.project)) == session.project
    Checker().check(session.project, describe(session.project.data, session.folder).fields)
    while session.undo_stack.canUndo():
        session.undo_stack.undo()
    assert session.project == firsts[-1], f"seed {seed}"
    shown = window.panels.canvas.scene
    drawn = session.drawing.graph  # of the block that it was left in
    assert shown.nodes.keys() == drawn.nodes.keys()
    assert shown.edges.keys() == set(drawn.edges)


def test_random_use_never_breaks_it() -> None:
    """In a process of its own, as the program is: nothing that other tests left behind takes part, and where
    it ended in the middle, that is told.
    """
    options = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-m", "torture")
    call = [sys.executable, "-m", "pytest", *options, f"{__file__}::test_random_use_once"]
    done = subprocess.run(call, check=False, capture_output=True, text=True, timeout=LONG / 100)
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "1 passed" in done.stdout


@OFFSCREEN
@pytest.mark.torture
def test_random_use_once(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda _: True)
    open_copy(loaded, "mlp_digits", tmp_path)
    random_use(loaded, qtbot, seed=5, events=1500)


@OFFSCREEN
@pytest.mark.torture
@pytest.mark.parametrize("name", ["mlp_digits", "residual_digits", "two_inputs", "dense_regression"])
@pytest.mark.parametrize("seed", range(100, 110))
def test_random_use_for_long(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, name: str
) -> None:
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda _: True)
    open_copy(loaded, name, tmp_path)
    random_use(loaded, qtbot, seed, events=25_000)


def test_a_node_is_shown_after_the_data_has_changed(loaded: MainWindow, qtbot: QtBot) -> None:
    """The inspector's forms depend on the fields of the data, and outlive nothing they are made of."""
    assert loaded.files.open_sample(sample("mlp_digits"))
    canvas = loaded.panels.canvas
    canvas.select(["hidden"])
    canvas.select([])
    other = edits.set_source(loaded.session.project, Setting("ScikitLearn", {"dataset": "wine"}))
    with qtbot.waitSignal(loaded.checker.described, timeout=LONG):
        loaded.session.commit(other, "Choose wine")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    canvas.select(["hidden"])
    qtbot.wait(300)  # a failure in a slot is shown as a report
    assert loaded.findChildren(ReportDialog) == []


# ---- disks that refuse


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """The system refuses to write files larger than this, as a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB; skipped where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("mounting is not permitted")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(filler: Path) -> None:
    """Write until nothing more fits."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def refused(window: MainWindow, path: Path, before: bytes, edited: Project, reason: str) -> None:
    """Saving fails with a message, the project stays as it is and unsaved, the file as it was."""
    assert not window.files.save()
    assert f"{path}: cannot be saved: {reason}" in window.messages.texts()[-1]
    assert window.session.project == edited
    assert window.session.dirty
    assert window.isWindowModified()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir() if one.suffix == ".tmp"] == []


def test_a_full_disk_refuses_a_save(window: MainWindow, small_disk: Path) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), small_disk / "mine.loom"))
    assert window.files.open(path)
    edit(window)
    filler = small_disk / "filler"
    fill(filler)
    refused(window, path, path.read_bytes(), window.session.project, "No space left on device")
    filler.unlink()
    assert window.files.save()
    assert load(path) == window.session.project


def test_a_file_that_may_not_grow_refuses_a_save(window: MainWindow, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))
    assert window.files.open(path)
    edit(window)
    before, edited = path.read_bytes(), window.session.project
    with at_most(200):
        refused(window, path, before, edited, "File too large")
    assert window.files.save()
    assert load(path) == edited


def test_a_read_only_disk_refuses_a_save(window: MainWindow, small_disk: Path) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), small_disk / "mine.loom"))
    assert window.files.open(path)
    edit(window)
    before, edited = path.read_bytes(), window.session.project
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    refused(window, path, before, edited, "Read-only file system")
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert window.files.save()


def test_a_vanished_folder_refuses_a_save(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """It is told, and saving elsewhere works."""
    folder = tmp_path / "stick"
    folder.mkdir()
    path = Path(shutil.copy(sample("mlp_digits"), folder / "mine.loom"))
    assert window.files.open(path)
    edit(window)
    edited = window.session.project
    folder.rename(tmp_path / "unplugged")
    assert not window.files.save()
    assert any(f"{path}: cannot be saved: No such file" in text for text in window.messages.texts())
    assert window.session.project == edited
    assert window.session.dirty
    choose_file(tmp_path / "elsewhere.loom")
    assert window.files.save_as()
    assert load(tmp_path / "elsewhere.loom") == edited
    assert not window.session.dirty


def test_closing_with_a_save_that_fails_keeps_the_window(
    window: MainWindow, answer: Answer, tmp_path: Path
) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))
    assert window.files.open(path)
    edit(window)
    answer(Button.Save)
    with at_most(200):
        window.close()
        assert window.isVisible()
    assert window.session.dirty
    answer(Button.Discard)
    window.close()
    assert not window.isVisible()


def test_a_full_disk_for_recovery_copies_is_told_once(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.files.open_sample(sample("mlp_digits"))
    with at_most(200):
        edit(window, "one")
        window.files.autosave.store()
        qtbot.waitUntil(lambda: any("cannot be saved" in text for text in window.messages.texts()))
        count = len(window.messages.texts())
        edit(window, "two")
        window.files.autosave.store()
        qtbot.wait(200)
        assert len(window.messages.texts()) == count
    window.files.autosave.store()
    copies = user_folder() / "recovery"
    qtbot.waitUntil(lambda: len(list(copies.glob("*.loom"))) == 1)
    assert "two" in load(next(copies.glob("*.loom"))).graph.nodes


# ---- files that change behind our back


@pytest.mark.parametrize("how", ["replaced", "written in place", "garbled", "deleted and made anew"])
def test_a_changed_file_is_never_overwritten_unasked(
    open_window: OpenWindow, qtbot: QtBot, answer: Answer, tmp_path: Path, how: str
) -> None:
    """Also where the change is so fresh that no watcher has told of it yet."""
    path = Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))
    window = open_window(path)
    edit(window)
    edited = window.session.project
    theirs = b"{ half" if how == "garbled" else sample("cnn_digits").read_bytes()
    if how == "replaced":
        (tmp_path / "new").write_bytes(theirs)
        (tmp_path / "new").replace(path)
    else:
        if how == "deleted and made anew":
            path.unlink()
        path.write_bytes(theirs)
    asked = answer(QMessageBox.StandardButton.Cancel)
    assert not window.files.save()
    assert len(asked) == 1
    assert "mine.loom" in asked[0]
    assert path.read_bytes() == theirs
    assert window.session.project == edited
    qtbot.waitUntil(lambda: any("changed" in text for text in window.messages.texts()), timeout=LONG)
    assert window.session.dirty
    choose_file(tmp_path / "both.loom")
    assert window.files.save_as()
    assert load(tmp_path / "both.loom") == edited
    assert path.read_bytes() == theirs


def test_two_windows_on_one_file(
    open_window: OpenWindow, qtbot: QtBot, answer: Answer, tmp_path: Path
) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))
    first, second = open_window(path), open_window(path)
    edit(first, "mine")
    edit(second, "theirs")
    assert first.files.save()
    asked = answer(QMessageBox.StandardButton.Cancel)
    assert not second.files.save()
    assert len(asked) == 1
    assert "mine" in load(path).graph.nodes
    assert "theirs" in second.session.project.graph.nodes


def test_save_as_onto_another_file_watches_that_one(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = Path(shutil.copy(sample("mlp_digits"), tmp_path / "mine.loom"))
    window = open_window(path)
    choose_file(tmp_path / "other.loom")
    assert window.files.save_as()
    path.write_text("gone wild")
    qtbot.wait(500)
    assert window.messages.texts() == []
    (tmp_path / "other.loom").write_text("gone wild")
    qtbot.waitUntil(lambda: any("other.loom" in text for text in window.messages.texts()), timeout=LONG)
