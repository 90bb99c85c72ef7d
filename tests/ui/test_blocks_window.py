"""Blocks in the whole window: problems lead inside, repairs reach there, every control has a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.block import within
from studio.project.project import Data, Setting
from studio.project.storage import save
from studio.ui.canvas.crumbs import Crumbs
from studio.ui.problem_row import ProblemRow
from studio.ui.window import MainWindow
from tests.ui.nested import nested
from tests.ui.windows import LONG, OpenWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def blocks(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window with the nested project and real data, checked."""
    from dataclasses import replace

    path = tmp_path / "nested.loom"
    save(replace(nested(), data=Data(Setting("ScikitLearn", {"dataset": "digits"}))), path)
    window = open_window(path)
    checked(window, qtbot)
    return window


def checked(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    qtbot.waitUntil(
        lambda: session.checked is not None and session.checked.project is session.project, timeout=LONG
    )


def rows(window: MainWindow) -> list[ProblemRow]:
    """The errors that are listed."""
    found = window.panels.problems.findChildren(ProblemRow)
    return [row for row in found if row.isVisible() and row.problem.severity == "error"]


def enter(window: MainWindow, name: str) -> None:
    view = window.panels.canvas.view
    body = window.panels.canvas.scene.nodes[name].body
    at = view.mapFromScene(body.center().x(), body.y() + 10)
    QTest.mouseDClick(view.viewport(), LEFT, pos=QPoint(at))


def test_a_problem_inside_names_the_way_and_a_click_goes_there(blocks: MainWindow, qtbot: QtBot) -> None:
    session = blocks.session
    wrong = within(
        session.project, "ConvBlock", lambda p: edits.set_params(p, "norm", {"momentum": "= rate"})
    )
    session.commit(wrong, "Break")
    checked(blocks, qtbot)
    blocks.docks.reveal("problems")
    QApplication.processEvents()
    row = rows(blocks)[0]
    shown = [label.text() for label in row.findChildren(QLabel)]
    way = row.problem.path
    assert [text for text in shown if text.startswith(f"{' › '.join(way)} › norm: ")], shown
    QTest.mouseClick(row, LEFT, pos=QPoint(40, 8))
    assert session.focus == way
    assert session.block == "ConvBlock"
    assert blocks.panels.canvas.selection == ("norm",)
    field = next(
        one
        for one in blocks.panels.inspector.findChildren(QLineEdit)
        if one.accessibleName() == "momentum" and one.isVisible()
    )
    assert field.property("invalid") is True
    qtbot.waitUntil(lambda: bool(rows(blocks)[0].findChildren(QAbstractButton)), timeout=LONG)
    button = rows(blocks)[0].findChildren(QAbstractButton)[0]
    QTest.mouseClick(button, LEFT)
    assert "momentum" not in session.project.blocks["ConvBlock"].graph.nodes["norm"].params
    assert session.focus == way
    checked(blocks, qtbot)
    assert not session.checked.errors


def test_edit_menu_and_palette_work_inside(blocks: MainWindow) -> None:
    enter(blocks, "layer1")
    assert blocks.session.focus == ("layer1",)
    blocks.panels.palette.place_requested.emit("GELU")
    assert "gelu" in blocks.session.project.blocks["Residual"].graph.nodes
    blocks.actions_by_name["edit.delete"].trigger()
    assert "gelu" not in blocks.session.project.blocks["Residual"].graph.nodes
    blocks.actions_by_name["block.leave"].trigger()
    assert blocks.session.focus == ()
    blocks.actions_by_name["block.enter"].trigger()
    assert blocks.session.focus == ("layer1",)
    blocks.actions_by_name["edit.undo"].trigger()
    assert "gelu" in blocks.panels.canvas.scene.nodes


def test_the_whole_network_is_counted_while_one_looks_inside(blocks: MainWindow) -> None:
    before = blocks.toolbar.parameters.text()
    enter(blocks, "layer1")
    assert blocks.toolbar.parameters.text() == before
    texts = [one.text() for one in blocks.panels.inspector.findChildren(QLabel) if one.isVisible()]
    assert {"Arguments", "Ports of this use"} <= set(texts)


class Windows(QObject):
    """Notes every window that comes up."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


@pytest.mark.parametrize("path", [("layer1",), ("layer1", "first")])
def test_entering_and_selecting_shows_no_window_of_its_own(blocks: MainWindow, path: tuple[str, ...]) -> None:
    windows = Windows()
    QApplication.instance().installEventFilter(windows)
    for where in (path, ()):
        blocks.session.look(where)
        QApplication.processEvents()
        for item in list(blocks.panels.canvas.scene.nodes.values()):
            item.setSelected(True)
            QApplication.processEvents()
            item.setSelected(False)
    QApplication.instance().removeEventFilter(windows)
    assert windows.shown == []


def test_another_project_is_looked_at_from_outside(blocks: MainWindow) -> None:
    enter(blocks, "layer1")
    blocks.session.new()
    assert blocks.session.focus == ()
    assert not blocks.panels.canvas.scene.nodes


@pytest.mark.parametrize("path", [(), ("layer1",), ("layer1", "first")])
def test_every_control_has_a_name_inside_and_outside(blocks: MainWindow, path: tuple[str, ...]) -> None:
    blocks.session.look(path)
    QApplication.processEvents()
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit)
    views = (blocks.panels.canvas, blocks.panels.inspector)
    controls = [one for view in views for kind in kinds for one in view.findChildren(kind) if one.isVisible()]
    assert [one for one in controls if not one.accessibleName() and not getattr(one, "text", str)()] == []
    assert [one.accessibleName() for one in controls if not one.toolTip() and not _told_by_parent(one)] == []


def _told_by_parent(control: QAbstractButton) -> bool:
    parent = control.parentWidget()
    return parent is not None and bool(parent.toolTip())


def test_the_keyboard_reaches_the_crumbs(blocks: MainWindow, qtbot: QtBot) -> None:
    blocks.session.look(("layer1", "first"))
    canvas = blocks.panels.canvas
    bar = canvas.findChild(Crumbs)
    assert bar is not None
    blocks.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.view.hasFocus)
    reached = []
    for _ in range(5):
        QTest.keyClick(blocks.focusWidget(), Qt.Key.Key_Backtab)
        reached.append(blocks.focusWidget().accessibleName())
    assert reached == [
        "Make an argument",
        "Argument channels",
        "Use of the block ConvBlock that is looked at",
        "first, the block ConvBlock",
        "layer1, the block Residual",
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_pictures(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, pictures, theme: str) -> None:
    path = tmp_path / "nested.loom"
    save(nested(), path)
    window = open_window(path, theme)
    checked(window, qtbot)
    for at in ((), ("layer1",), ("layer1", "first")):
        window.session.look(at)
        qtbot.wait(300)
        shot = window.grab()
        assert not shot.isNull()
        if pictures:
            shot.save(str(pictures / f"blocks_{len(at)}_{theme}.png"))
