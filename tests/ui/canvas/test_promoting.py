"""Parameters inside of a block that become its arguments: by dragging, by menu and by keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from studio.project.project import Data, Setting
from studio.project.storage import save
from studio.ui import row_label
from studio.ui.ask_name import AskName
from studio.ui.canvas.arguments_strip import ArgumentsStrip
from studio.ui.window import MainWindow
from tests.ui.nested import nested
from tests.ui.windows import LONG, OpenWindow

LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier
LINK = Qt.DropAction.LinkAction
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen, of every popup


class Inside:
    """A person who looks into the block of stem, with the mouse over panel and drawing."""

    def __init__(self, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window, self.session = window, window.session
        self.canvas = window.panels.canvas
        strip = self.canvas.findChild(ArgumentsStrip)
        assert strip is not None
        self.strip = strip
        self.while_dragged: list[list[str]] = []
        self._carried: list[QMimeData] = []
        carried, during = self._carried, self.while_dragged

        class Drag(row_label.QDrag):
            """The system's own drag runs a loop of its own that no event of a test reaches."""

            def exec(self, *_: object) -> Qt.DropAction:
                carried.append(self.mimeData())
                during.append([one.text() for one in strip.buttons])
                return LINK

        monkeypatch.setattr(row_label, "QDrag", Drag)

    def enter(self, name: str) -> None:
        QTest.mouseDClick(self.canvas.view.viewport(), LEFT, pos=self.at(name))

    def click(self, name: str) -> None:
        QTest.mouseClick(self.canvas.view.viewport(), LEFT, pos=self.at(name))
        QApplication.processEvents()

    def at(self, name: str) -> QPoint:
        body = self.canvas.scene.nodes[name].body
        return self.canvas.view.mapFromScene(QPointF(body.center().x(), body.y() + 10))

    def line(self, node: str, param: str) -> QPoint:
        """The name of a parameter on a node."""
        item = self.canvas.scene.nodes[node]
        (row,) = (one for one in item.face.rows if one.label == param)
        return self.canvas.view.mapFromScene(QPointF(item.body.x() + 24, item.body.y() + row.y))

    def body(self, node: str) -> tuple[float, float]:
        body = self.canvas.scene.nodes[node].body
        return body.x(), body.y()

    def label(self, param: str) -> QLabel:
        labels = self.window.panels.inspector.findChildren(row_label.RowLabel)
        (found,) = (one for one in labels if one.text() == param and one.isVisible())
        return found

    def drag(self, param: str, to: QWidget) -> None:
        """Press on a parameter's name, move, and drop it on a chip over the drawing."""
        label = self.label(param)
        QTest.mousePress(label, LEFT, pos=QPoint(5, 5))
        QTest.mouseMove(label, QPoint(25, 9))
        QTest.mouseMove(label, QPoint(60, 9))
        QTest.mouseRelease(label, LEFT, pos=QPoint(60, 9))
        (data,) = self._carried
        self._carried.clear()
        at = to.geometry().center()
        for event in (
            QDragEnterEvent(at, LINK, data, LEFT, NONE),
            QDragMoveEvent(at, LINK, data, LEFT, NONE),
            QDropEvent(QPointF(at), LINK, data, LEFT, NONE),
        ):
            QApplication.sendEvent(self.strip, event)
            assert event.isAccepted()

    @property
    def chips(self) -> list[str]:
        return [one.text() for one in self.strip.buttons]

    def chip(self, name: str) -> QToolButton:
        (found,) = (one for one in self.strip.buttons if one.accessibleName() == name)
        return found

    def name(self, text: str | None = None) -> None:
        """Take the proposed name, or another one."""
        asking = self.asking
        if text is not None:
            asking.field.selectAll()
            QTest.keyClicks(asking.field, text)
        QTest.keyClick(asking.field, Qt.Key.Key_Return)

    @property
    def asking(self) -> AskName:
        """The box that asks for a name."""
        (found,) = (one for one in self.window.findChildren(AskName) if one.isVisible())
        return found

    def param(self, node: str, name: str, block: str = "ConvBlock") -> object:
        return self.session.project.blocks[block].graph.nodes[node].params.get(name)


@pytest.fixture
def inside(open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inside:
    path = tmp_path / "nested.loom"
    save(replace(nested(), data=Data(Setting("ScikitLearn", {"dataset": "digits"}))), path)
    found = Inside(open_window(path), monkeypatch)
    found.enter("stem")
    return found


def test_the_arguments_stand_over_the_drawing_of_a_block_only(inside: Inside) -> None:
    """Blocks: promoting."""
    assert inside.strip.isVisible()
    assert inside.chips == ["channels  8", "+"]
    QTest.keyClick(inside.canvas.view, Qt.Key.Key_Escape)
    assert not inside.strip.isVisible()
    inside.enter("layer1")
    assert inside.chips == ["width  8", "expand  2", "+"]
    inside.enter("first")
    assert inside.chips == ["channels  16", "+"], "what it is in this use"
    assert "8 where a use sets nothing" in inside.chip("Argument channels").toolTip()


def test_a_parameter_is_dragged_from_the_panel_to_be_an_argument(inside: Inside) -> None:
    """Blocks: promoting."""
    before = inside.session.project
    inside.click("conv")
    inside.drag("kernel_size", inside.chip("Make an argument"))
    assert inside.while_dragged == [["channels  8", "+ Drop it here for a new one"]]
    assert inside.chips == ["channels  8", "+"]
    inside.name()
    block = inside.session.project.blocks["ConvBlock"]
    assert [(one.name, one.default) for one in block.arguments] == [("channels", 8), ("kernel_size", 3)]
    assert inside.param("conv", "kernel_size") == "= kernel_size"
    assert inside.chips == ["channels  8", "kernel_size  3", "+"]
    assert inside.session.undo_stack.undoText() == "Make kernel_size of conv an argument"
    inside.session.undo_stack.undo()
    assert inside.session.project == before
    assert inside.chips == ["channels  8", "+"]


def test_it_is_dropped_on_an_argument_that_there_is(inside: Inside) -> None:
    """Blocks: promoting."""
    inside.click("conv")
    inside.drag("kernel_size", inside.chip("Argument channels"))
    assert inside.param("conv", "kernel_size") == "= channels"
    assert inside.session.undo_stack.undoText() == "Let kernel_size of conv read channels"
    inside.session.undo_stack.undo()
    assert inside.param("conv", "kernel_size") is None


def test_a_parameter_is_dragged_from_its_line_on_the_node(inside: Inside) -> None:
    """Blocks: promoting. Over the arguments the node is where it was; beside them it just moves."""
    before = inside.session.project
    start = inside.line("conv", "padding")
    port = inside.canvas.view.viewport()
    aim = inside.strip.mapTo(inside.canvas, inside.chip("Make an argument").geometry().center())
    QTest.mousePress(port, LEFT, pos=start)
    QTest.mouseMove(port, start - QPoint(0, 30))
    assert inside.chips == ["channels  8", "+ Drop it here for a new one"]
    assert inside.body("conv") != before.blocks["ConvBlock"].graph.nodes["conv"].position
    QTest.mouseMove(port, aim)
    assert inside.body("conv") == before.blocks["ConvBlock"].graph.nodes["conv"].position
    QTest.mouseRelease(port, LEFT, pos=aim)
    inside.name("border")
    assert inside.param("conv", "padding") == "= border"
    assert inside.chips == ["channels  8", "border  same", "+"]
    inside.session.undo_stack.undo()
    assert inside.session.project == before


def test_a_drag_that_only_passes_the_arguments_moves_the_node(inside: Inside) -> None:
    """Blocks: promoting."""
    start, port = inside.line("conv", "padding"), inside.canvas.view.viewport()
    over = inside.strip.mapTo(inside.canvas, inside.chip("Argument channels").geometry().center())
    QTest.mousePress(port, LEFT, pos=start)
    for at in (start - QPoint(0, 30), over, start + QPoint(0, 90)):
        QTest.mouseMove(port, at)
    QTest.mouseRelease(port, LEFT, pos=start + QPoint(0, 90))
    assert inside.session.project.blocks["ConvBlock"].graph.nodes["conv"].position[1] > 0
    assert inside.param("conv", "padding") == "same"
    assert inside.chips == ["channels  8", "+"]
    QTest.mousePress(port, LEFT, pos=inside.line("conv", "padding"))
    QTest.mouseMove(port, over)
    before = inside.session.project
    QTest.keyClick(inside.canvas.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(port, LEFT, pos=over)
    assert inside.session.project is before
    assert inside.chips == ["channels  8", "+"]


def test_what_is_no_parameter_is_not_taken(inside: Inside) -> None:
    """Blocks: promoting."""
    data = QMimeData()
    data.setText("kernel_size")
    event = QDragEnterEvent(QPoint(5, 5), LINK, data, LEFT, NONE)
    event.setAccepted(False)
    QApplication.sendEvent(inside.strip, event)
    assert not event.isAccepted()
    before = inside.session.project
    data.setData(row_label.PARAMETER, b"kernel_size")
    for dragged in (QDragEnterEvent(QPoint(5, 5), LINK, data, LEFT, NONE), QDragLeaveEvent()):
        QApplication.sendEvent(inside.strip, dragged)
    assert inside.session.project is before


def test_in_the_main_drawing_a_name_cannot_be_dragged(inside: Inside) -> None:
    """Blocks: promoting."""
    inside.session.look(())
    inside.click("head")
    label = inside.label("out_features")
    QTest.mousePress(label, LEFT, pos=QPoint(5, 5))
    QTest.mouseMove(label, QPoint(60, 9))
    QTest.mouseRelease(label, LEFT, pos=QPoint(60, 9))
    assert inside.while_dragged == []


def test_several_nodes_read_the_one_argument(inside: Inside) -> None:
    """Blocks: promoting."""
    inside.click("conv")
    QTest.keyClick(inside.canvas.view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    inside.canvas.select(["conv", "conv1"])
    QApplication.processEvents()
    inside.drag("stride", inside.chip("Make an argument"))
    inside.name("step")
    assert inside.param("conv", "stride") == inside.param("conv1", "stride") == "= step"
    assert inside.session.undo_stack.undoText() == "Make stride of 2 nodes an argument"


def test_a_key_and_a_menu_do_the_same(inside: Inside) -> None:
    """Blocks: promoting."""
    inside.click("conv")
    QTest.keyClick(inside.canvas.view, Qt.Key.Key_A)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for _ in range(2):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    inside.name("size")
    assert inside.param("conv", "kernel_size") == "= size"
    QTest.mouseClick(inside.canvas.view.viewport(), RIGHT, pos=inside.at("conv"))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, inside.at("conv"), QPoint(200, 200))
    QApplication.sendEvent(inside.canvas.view.viewport(), event)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    (inner,) = (one.menu() for one in popup.actions() if one.text().startswith("Make an &argument"))
    assert isinstance(inner, QMenu)
    (action,) = (one for one in inner.actions() if one.text() == "stride")
    inner.popup(QPoint(300, 200))
    QTest.mouseClick(inner, LEFT, pos=inner.actionGeometry(action).center())
    inside.name()
    assert inside.param("conv", "stride") == "= stride"
    assert inside.chips == ["channels  8", "size  3", "stride  1", "+"]


def test_what_cannot_be_an_argument_is_told_where_its_name_is_asked(inside: Inside) -> None:
    """Blocks: promoting."""
    inside.click("conv")
    field = inside.window.panels.inspector.findChildren(QLineEdit)
    (kernel,) = (one for one in field if one.accessibleName() == "kernel_size" and one.isVisible())
    kernel.setFocus()
    kernel.selectAll()
    QTest.keyClicks(kernel, "= 3 + 2 * index")
    QTest.keyClick(kernel, Qt.Key.Key_Return)
    before = inside.session.project
    inside.drag("kernel_size", inside.chip("Make an argument"))
    inside.name()
    assert inside.asking.findChild(QLabel, "reason").text().startswith("Kernel_size differs from repeat to")
    QTest.keyClick(inside.asking.field, Qt.Key.Key_Escape)
    assert inside.session.project is before
    inside.drag("stride", inside.chip("Make an argument"))
    inside.session.undo_stack.undo()
    inside.session.new()
    assert not [one for one in inside.window.findChildren(AskName) if one.isVisible()], (
        "it went with its block"
    )


def test_the_chips_are_for_the_keyboard_too(inside: Inside) -> None:
    """Blocks: promoting."""
    told: list[str] = []
    inside.canvas.status.connect(told.append)
    chip = inside.chip("Argument channels")
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert inside.canvas.selection == ("conv",), "who reads it is selected"
    QTest.keyClick(chip, Qt.Key.Key_Tab)
    assert inside.window.focusWidget() is inside.chip("Make an argument")
    inside.canvas.select([])
    QTest.keyClick(inside.window.focusWidget(), Qt.Key.Key_Space)
    assert told == ["Select one node that has parameters."]


def test_each_use_sets_its_own_value(inside: Inside, qtbot: QtBot) -> None:
    """Blocks: promoting."""
    session = inside.session
    inside.click("conv")
    inside.drag("kernel_size", inside.chip("Make an argument"))
    inside.name("size")
    QTest.keyClick(inside.canvas.view, Qt.Key.Key_Escape)
    QTest.keyClick(inside.canvas.view, Qt.Key.Key_Escape)
    inside.click("stem")
    fields = inside.window.panels.inspector.findChildren(QLineEdit)
    (field,) = (one for one in fields if one.accessibleName() == "size" and one.isVisible())
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.project.graph.nodes["stem"].params["size"] == 5
    qtbot.waitUntil(
        lambda: session.checked is not None and session.checked.project is session.project, timeout=LONG
    )
    checked = session.checked
    assert checked is not None
    assert not checked.errors
    kernels = {
        path: checked.inside(path).steps["conv"].kwargs["kernel_size"]
        for path in (("stem",), ("layer1", "first"))
    }
    assert kernels == {("stem",): 5, ("layer1", "first"): 3}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_picture(open_window, qtbot, tmp_path: Path, monkeypatch, pictures, theme: str) -> None:
    path = tmp_path / "nested.loom"
    save(nested(), path)
    inside = Inside(open_window(path, theme), monkeypatch)
    inside.enter("layer1")
    inside.click("first")
    qtbot.wait(400)
    inside.strip.show_target(True)
    shot = inside.window.grab()
    assert not shot.isNull()
    if pictures:
        shot.save(str(pictures / f"promoting_{theme}.png"))
