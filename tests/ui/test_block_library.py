"""Blocks: the library. Saved from a project, listed, found, placed in others, kept in order."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.catalog.shelves import folder_of
from studio.project.block import Block, ports
from studio.project.library import piece_of, read_piece, write_piece
from studio.project.project import Project
from studio.project.storage import load, save
from studio.ui import library_deeds
from studio.ui.ask_name import AskName
from studio.ui.canvas.search import SearchBox
from studio.ui.window import MainWindow
from tests.ui.nested import nested
from tests.ui.palette_hands import PaletteHands
from tests.ui.windows import LONG, OpenWindow, find

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen, of every popup
MINE, OWN = "My library", "This project's blocks"


@pytest.fixture
def hands(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PaletteHands:
    """A window with the nested project, its library read."""
    path = tmp_path / "nested.loom"
    save(nested(), path)
    return PaletteHands(open_window(path), qtbot, monkeypatch)


@pytest.fixture
def stocked(hands: PaletteHands) -> PaletteHands:
    """An empty project, and the block Residual in the library."""
    write_piece(piece_of(nested().blocks, "Residual"), folder_of("mine"))
    hands.window.session.new()
    hands.qtbot.waitUntil(lambda: hands.rows(MINE) == ["Residual"], timeout=LONG)
    return hands


def files() -> list[str]:
    return sorted(one.name for one in folder_of("mine").iterdir())


def told(window: MainWindow) -> str:
    return window.status_bar.currentMessage()


def node_menu(window: MainWindow, name: str) -> QMenu:
    """The menu that a click of the right button opens on a node."""
    canvas = window.panels.canvas
    body = canvas.scene.nodes[name].body
    at = canvas.view.mapFromScene(QPointF(body.center().x(), body.y() + 12))
    port = canvas.view.viewport()
    QTest.mouseClick(port, RIGHT, pos=at)
    QApplication.sendEvent(port, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, port.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, text: str) -> None:
    (action,) = (one for one in menu.actions() if one.text().replace("&", "").partition("\t")[0] == text)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def answer(window: MainWindow, text: str) -> str:
    """Press a button of the question; says what was asked."""
    (box,) = (one for one in window.findChildren(QMessageBox) if one.isVisible())
    asked = box.text()
    (button,) = (one for one in box.findChildren(QAbstractButton) if one.text().replace("&", "") == text)
    QTest.mouseClick(button, LEFT)
    QApplication.processEvents()
    return asked


def fill_in(window: MainWindow, text: str) -> None:
    """Type into the field that asks, and take it."""
    (asking,) = (one for one in window.panels.palette.findChildren(AskName) if one.isVisible())
    asking.field.selectAll()
    QTest.keyClicks(asking.field, text)
    QTest.keyClick(asking.field, Qt.Key.Key_Return)


def test_a_block_is_saved_from_its_nodes_menu(hands: PaletteHands) -> None:
    """Blocks: the library."""
    window = hands.window
    assert hands.rows(MINE) == ["Save a block of a project here: it is in its node's menu"]
    assert hands.rows(OWN) == ["ConvBlock", "Residual"]
    choose(node_menu(window, "layer1"), "Save to my library")
    assert files() == ["Residual.loom"]
    assert told(window) == "Residual is in your library now."
    hands.qtbot.waitUntil(lambda: hands.rows(MINE) == ["Residual"], timeout=LONG)
    kept = load(folder_of("mine") / "Residual.loom")
    assert dict(kept.blocks) == dict(nested().blocks), "with the block that it places, and its arguments"
    assert not window.session.dirty
    choose(node_menu(window, "layer1"), "Save to my library")
    assert told(window) == "Residual is in your library already."
    assert files() == ["Residual.loom"]


def test_it_is_saved_from_the_palette_and_from_the_inspector(hands: PaletteHands) -> None:
    """Blocks: the library."""
    window = hands.window
    hands.choose("ConvBlock", OWN, "Save to my library")
    assert files() == ["ConvBlock.loom"]
    window.session.look(("layer1",))
    QApplication.processEvents()
    button = find(window.panels.inspector, QPushButton, "Keep this block, to be placed in any project")
    QTest.mouseClick(button, LEFT)
    assert files() == ["ConvBlock.loom", "Residual.loom"]
    hands.qtbot.waitUntil(lambda: hands.rows(MINE) == ["ConvBlock", "Residual"], timeout=LONG)


def test_it_is_dragged_into_another_project_as_one_definition(stocked: PaletteHands) -> None:
    """Blocks: the library."""
    window, session = stocked.window, stocked.window.session
    middle = window.panels.canvas.view.viewport().rect().center()
    stocked.drag("Residual", middle, MINE)
    assert session.project.graph.nodes["residual"].type == "block:Residual"
    assert dict(session.project.blocks) == dict(nested().blocks)
    stocked.drag("Residual", middle + QPoint(0, 150), MINE)
    assert session.undo_stack.undoText() == "Add residual1"
    assert dict(session.project.blocks) == dict(nested().blocks)
    assert stocked.rows(OWN) == ["ConvBlock", "Residual"]
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert session.project == Project()
    assert stocked.rows(OWN) == []


def test_another_block_of_the_same_name_keeps_its_own(stocked: PaletteHands) -> None:
    """Blocks: the library."""
    session = stocked.window.session
    session.new(Project(blocks={"Residual": Block()}))
    stocked.double_click("Residual", MINE)
    stocked.double_click("Residual", MINE)
    types = {node.type for node in session.project.graph.nodes.values()}
    assert types == {"block:Residual1"}
    assert set(session.project.blocks) == {"Residual", "Residual1", "ConvBlock"}
    assert session.project.blocks["Residual"] == Block()


def test_it_is_found_by_typing_in_the_palette_and_on_the_canvas(stocked: PaletteHands) -> None:
    """Blocks: the library."""
    window, session = stocked.window, stocked.window.session
    window.panels.palette.focus_search()
    search = window.panels.palette.focusProxy()
    QTest.keyClicks(search, "senet")
    assert stocked.tree.currentItem().text(0) == "SqueezeExcite", "a word of its description"
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert session.project.graph.nodes["squeeze_excite"].type == "block:SqueezeExcite"
    canvas = window.panels.canvas
    canvas.select(())
    canvas.setFocus()
    QTest.keyClick(canvas.view, Qt.Key.Key_Tab)
    box = canvas.findChild(SearchBox)
    assert box is not None
    QTest.keyClicks(box.field, "residual")
    offered = [box.list.item(row).text() for row in range(box.list.count())]
    assert offered[0] == "Residual"
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert dict(session.project.blocks).keys() >= {"Residual", "ConvBlock"}
    QTest.keyClick(canvas.view, Qt.Key.Key_Tab)
    QTest.keyClicks(box.field, "squeeze")
    again = [box.list.item(row).text() for row in range(box.list.count())]
    assert again.count("SqueezeExcite") == 1, "what the project has is not offered twice"


def test_it_cannot_be_put_into_itself(stocked: PaletteHands) -> None:
    """Blocks: the library."""
    window, session = stocked.window, stocked.window.session
    session.new(nested())
    session.look(("layer1",))
    before = session.project
    stocked.double_click("Residual", MINE)
    assert told(window) == "Residual cannot be put into itself."
    assert session.project is before
    stocked.double_click("SqueezeExcite")
    assert "squeeze_excite" in session.project.blocks["Residual"].graph.nodes


def test_it_is_renamed_and_described(stocked: PaletteHands) -> None:
    """Blocks: the library."""
    window = stocked.window
    stocked.choose("Residual", MINE, "Rename in my library…")
    fill_in(window, "2nd")
    assert files() == ["Residual.loom"], "that is no name"
    fill_in(window, "ConvBlock")
    assert files() == ["Residual.loom"], "it places another block of that name"
    fill_in(window, "Skip")
    stocked.qtbot.waitUntil(lambda: stocked.rows(MINE) == ["Skip"], timeout=LONG)
    assert files() == ["Skip.loom"]
    stocked.choose("Skip", MINE, "Describe…")
    fill_in(window, "Adds what came in")
    stocked.qtbot.waitUntil(lambda: "Adds what came in" in stocked.row("Skip", MINE).toolTip(0), timeout=LONG)
    piece = read_piece(folder_of("mine") / "Skip.loom")
    assert (piece.name, piece.block.doc) == ("Skip", "Adds what came in")
    assert piece.block.graph == nested().blocks["Residual"].graph


def test_it_is_deleted_only_when_the_person_says_so(stocked: PaletteHands) -> None:
    """Blocks: the library."""
    window = stocked.window
    stocked.double_click("Residual", MINE)
    stocked.choose("Residual", MINE, "Delete from my library…")
    assert answer(window, "Cancel") == "Delete Residual from your library?"
    assert files() == ["Residual.loom"]
    stocked.choose("Residual", MINE, "Delete from my library…")
    answer(window, "Delete")
    stocked.qtbot.waitUntil(lambda: len(stocked.rows(MINE)) == 1, timeout=LONG)
    assert files() == []
    assert "Residual" in window.session.project.blocks, "the project has its own copy"


def test_keys_rename_and_delete_in_the_list(stocked: PaletteHands) -> None:
    """Blocks: the library. Shipped ones stay."""
    window = stocked.window
    for key in (Qt.Key.Key_F2, Qt.Key.Key_Delete):
        stocked.tree.setCurrentItem(stocked.row("SqueezeExcite"))
        QTest.keyClick(stocked.tree, key)
    assert not [one for one in window.findChildren(QMessageBox) if one.isVisible()]
    stocked.tree.setCurrentItem(stocked.row("Residual", MINE))
    QTest.keyClick(stocked.tree, Qt.Key.Key_F2)
    fill_in(window, "Skip")
    stocked.qtbot.waitUntil(lambda: stocked.rows(MINE) == ["Skip"], timeout=LONG)
    stocked.tree.setCurrentItem(stocked.row("Skip", MINE))
    QTest.keyClick(stocked.tree, Qt.Key.Key_Delete)
    assert answer(window, "Delete") == "Delete Skip from your library?"
    assert files() == []


def test_the_help_tells_about_a_block_in_the_list(stocked: PaletteHands) -> None:
    """Blocks: the library. What it is for, its arguments and its ports, before it is placed."""
    stocked.tree.setCurrentItem(stocked.row("SqueezeExcite"))
    stocked.window.docks.reveal("help")
    text = stocked.window.panels.help.toPlainText()
    assert "SENet" in text
    assert "How many times fewer channels" in text


@pytest.mark.parametrize(
    ("said", "kept"), [("Replace", []), ("Keep both", ["Residual1.loom"]), ("Cancel", None)]
)
def test_another_block_of_the_same_name_is_asked_about(
    stocked: PaletteHands, said: str, kept: list[str] | None
) -> None:
    """Blocks: the library."""
    session = stocked.window.session
    changed = replace(nested().blocks["Residual"], doc="Another one")
    session.new(replace(nested(), blocks={**nested().blocks, "Residual": changed}))
    stocked.choose("Residual", OWN, "Save to my library")
    assert answer(stocked.window, said) == "Your library has another block Residual already."
    there = {name: read_piece(folder_of("mine") / name).block.doc for name in files()}
    if kept is None:
        assert there == {"Residual.loom": ""}
    elif kept:
        assert there == {"Residual.loom": "", "Residual1.loom": "Another one"}
        stocked.qtbot.waitUntil(lambda: stocked.rows(MINE) == ["Residual", "Residual1"], timeout=LONG)
    else:
        assert there == {"Residual.loom": "Another one"}


def test_shipped_blocks_stay_as_they_are(hands: PaletteHands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks: the library."""
    menu = hands.menu("Residual", "Shipped blocks")
    assert [one.text() for one in menu.actions()] == ["Place it", "Show the file's folder"]
    opened: list[QUrl] = []

    class Desktop:
        @staticmethod
        def openUrl(url: QUrl) -> bool:
            opened.append(url)
            return True

    monkeypatch.setattr(library_deeds, "QDesktopServices", Desktop)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(menu.actions()[1]).center())
    assert [Path(url.toLocalFile()) for url in opened] == [folder_of("shipped")]


def test_files_that_come_and_go_are_noticed(stocked: PaletteHands, tmp_path: Path) -> None:
    """Blocks: the library. A project with one block that its drawing places will do as well."""
    save(nested().with_graph(nested().graph.without_nodes(("stem",))), tmp_path / "given.loom")
    shutil.copy(tmp_path / "given.loom", folder_of("mine") / "given.loom")
    stocked.qtbot.waitUntil(lambda: stocked.rows(MINE) == ["Residual", "Residual"], timeout=LONG)
    (folder_of("mine") / "given.loom").unlink()
    stocked.qtbot.waitUntil(lambda: stocked.rows(MINE) == ["Residual"], timeout=LONG)
    other = piece_of({"Fresh": nested().blocks["ConvBlock"]}, "Fresh")
    (folder_of("mine") / "Residual.loom").write_bytes(
        write_piece(other, tmp_path / "elsewhere").read_bytes()  # in its place, as some programs write
    )
    stocked.qtbot.waitUntil(lambda: stocked.rows(MINE) == ["Fresh"], timeout=LONG)


BROKEN = {
    "garbage.loom": (b"\x00\xff no project", "given text"),
    "cut.loom": (b'{"format": 1, "name": "x"', "expected"),
    "future.loom": (b'{"format": 99, "name": "x", "graph": 3}', "newer"),
    "empty.loom": (b'{"format": 1, "name": "x", "graph": {"nodes": [], "edges": []}}', "expected one block"),
}


def test_broken_files_are_listed_with_the_reason_and_do_no_harm(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks: the library."""
    folder = folder_of("mine")
    folder.mkdir(parents=True)
    for name, (data, _) in BROKEN.items():
        (folder / name).write_bytes(data)
    (folder / "folder.loom").mkdir()
    (folder / "nowhere.loom").symlink_to(folder / "gone")
    (folder / "notes.txt").write_text("not a block")
    write_piece(piece_of(nested().blocks, "Residual"), folder)
    hands = PaletteHands(open_window(), qtbot, monkeypatch)
    assert sorted(hands.rows(MINE)) == sorted([*BROKEN, "folder.loom", "Residual"])
    hands.double_click("empty.loom", MINE)
    assert "expected one block that nothing else in the file places, got none" in told(hands.window)
    assert not hands.window.session.project.graph.nodes
    assert "newer Neuroloom" in hands.row("future.loom", MINE).toolTip(0)
    texts = [one.text().partition("\t")[0] for one in hands.menu("cut.loom", MINE).actions()]
    assert texts == ["Delete from my library…", "Show the file's folder"]
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Escape)
    hands.double_click("Residual", MINE)
    assert "Residual" in hands.window.session.project.blocks


def test_a_library_that_cannot_be_written_is_told(hands: PaletteHands) -> None:
    """Blocks: the library."""
    folder = folder_of("mine")
    folder.rmdir()
    folder.write_text("a file in its place")
    hands.choose("ConvBlock", OWN, "Save to my library")
    assert "cannot be made" in told(hands.window)


def test_a_saved_block_opens_as_a_project_and_is_taken_as_it_is_saved_there(stocked: PaletteHands) -> None:
    """Blocks: the library. Editing one is editing its file."""
    window = stocked.window
    path = folder_of("mine") / "Residual.loom"
    window.files.open(path)
    assert window.session.project.graph.nodes["residual"].type == "block:Residual"
    window.session.look(("residual",))
    canvas = window.panels.canvas
    canvas.select(["join"])
    canvas.setFocus()
    QTest.keyClick(canvas.view, Qt.Key.Key_Delete)
    window.files.save()
    stocked.qtbot.waitUntil(
        lambda: "join" not in stocked.window.panels.library.on("mine")[0].piece.block.graph.nodes,
        timeout=LONG,
    )
    assert len(ports(read_piece(path).block, "Input")) == 1


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_picture(open_window, qtbot, monkeypatch, tmp_path: Path, pictures, theme: str) -> None:
    path = tmp_path / "nested.loom"
    save(nested(), path)
    write_piece(piece_of(nested().blocks, "Residual"), folder_of("mine"))
    (folder_of("mine") / "cut.loom").write_text("{")
    hands = PaletteHands(open_window(path, theme), qtbot, monkeypatch)
    hands.row("Residual")
    qtbot.wait(300)
    shot = hands.window.grab()
    assert not shot.isNull()
    if pictures:
        shot.save(str(pictures / f"library_{theme}.png"))
