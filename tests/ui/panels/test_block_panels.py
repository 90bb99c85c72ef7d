"""The inspector about blocks: their page, a use's form, promotion; constants; problems inside."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.catalog.registry import registry
from studio.errors import Problem
from studio.project import edits
from studio.project.block import within
from studio.project.params import Value
from studio.project.project import Project
from studio.ui.ask_name import AskName
from studio.ui.form import Form
from studio.ui.inspector import Inspector
from studio.ui.palette import Palette
from studio.ui.problem_row import ProblemRow
from studio.ui.repeats import Repeats
from studio.ui.session import Session
from tests.ui.canvas.conftest import FIELDS
from tests.ui.nested import nested

LEFT = Qt.MouseButton.LeftButton


class Desk:
    """A session and its inspector, wired as the window wires them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.session = Session()
        self.session.new(nested())
        self.inspector = Inspector(self.session, registry())
        qtbot.addWidget(self.inspector)
        self.session.changed.connect(self.inspector.show_changes)
        self.session.focus_moved.connect(self.inspector.show_focus)
        self.session.check_arrived.connect(self.inspector.show_checked)
        self.inspector.resize(300, 800)
        self.inspector.show()
        qtbot.waitExposed(self.inspector)
        self.inspector.activateWindow()
        self.check()

    def check(self) -> None:
        self.session.take_check(Checker().check(self.session.project, FIELDS))

    def field(self, name: str) -> QLineEdit:
        found = [one for one in self.inspector.findChildren(QLineEdit) if one.accessibleName() == name]
        return next(one for one in found if one.isVisible())

    def button(self, name: str) -> QPushButton | QToolButton:
        kinds = (*self.inspector.findChildren(QPushButton), *self.inspector.findChildren(QToolButton))
        return next(one for one in kinds if one.accessibleName() == name and one.isVisible())

    def texts(self) -> list[str]:
        return [label.text() for label in self.inspector.findChildren(QLabel) if label.isVisible()]

    @property
    def last_step(self) -> str:
        return self.session.undo_stack.undoText()

    def arguments(self, block: str) -> dict[str, Value]:
        return {one.name: one.default for one in self.session.project.blocks[block].arguments}


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def retype(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_a_use_has_its_arguments_and_its_repeats(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["layer1"])
    assert "Residual · Block" in desk.texts()
    assert "N×8×28×28" in " ".join(desk.texts()).replace(" ", "") or any(
        "28" in text for text in desk.texts()
    )
    retype(qtbot, desk.field("width"), "= 2 * width")
    assert desk.session.project.graph.nodes["layer1"].params["width"] == "= 2 * width"
    assert desk.last_step == "Set width of layer1"
    assert "16" in desk.field("width").accessibleDescription()
    retype(qtbot, desk.field("repeat"), "3")
    assert desk.session.project.graph.nodes["layer1"].params["repeat"] == 3


def test_the_repeats_are_a_chain_with_its_shapes(desk: Desk, qtbot: QtBot) -> None:
    """Blocks: repeats."""
    desk.inspector.show_nodes(["layer1"])
    chain = desk.inspector.findChild(Repeats)
    assert chain is not None
    size = "N × C=8 × H=28 × W=28"
    assert chain.accessibleName() == f"Repeats: x: {size} → 1: {size} → 2: {size} → y: {size}"
    retype(qtbot, desk.field("repeat"), "= 6 * width")
    desk.check()
    assert "→ 4: " in chain.accessibleName()
    assert "→ 5: " not in chain.accessibleName(), "of many, the first ones and the last"
    assert f"→ ⋮ → 48: {size} → y: " in chain.accessibleName()
    retype(qtbot, desk.field("repeat"), "1")
    assert not chain.isVisible()


def test_a_turn_of_the_chain_is_looked_into(desk: Desk, qtbot: QtBot) -> None:
    """Blocks: repeats."""
    desk.inspector.show_nodes(["layer1"])
    chain = desk.inspector.findChild(Repeats)
    assert chain is not None
    row = chain.height() // 4
    qtbot.mouseClick(chain, LEFT, pos=QPoint(14, 2 * row + row // 2))
    assert desk.session.focus == ("layer1.1",)
    desk.session.look(())
    desk.inspector.show_nodes(["layer1"])
    desk.check()
    chain.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(chain, key)
    assert desk.session.focus == ("layer1.0",)
    desk.session.look(())
    qtbot.mouseClick(chain, LEFT, pos=QPoint(14, row // 2))
    assert desk.session.focus == (), "an end of the chain is no turn"


def test_where_the_chain_breaks_nothing_is_known(desk: Desk) -> None:
    """Blocks: repeats. What the first turn gives does not fit into the second."""
    project = edits.set_params(desk.session.project, "stem", {"repeat": 2, "channels": 4})
    stride = within(
        project, "ConvBlock", lambda p: edits.set_params(p, "conv", {"padding": 0, "kernel_size": 20})
    )
    desk.session.commit(stride, "Break")
    desk.check()
    desk.inspector.show_nodes(["stem"])
    chain = desk.inspector.findChild(Repeats)
    assert chain is not None
    assert chain.accessibleName().endswith("1: N × C=4 × H=9 × W=9 → 2: – → y: –")


def test_the_page_of_the_block_that_is_looked_at(desk: Desk) -> None:
    desk.session.look(("layer1", "first"))
    desk.check()
    assert desk.field("Name of the block").text() == "ConvBlock"
    texts = desk.texts()
    assert any("placed 3 times" in text for text in texts)
    assert {"Arguments", "x", "y", "parameters"} <= set(texts)
    assert any("16" in text and "28" in text for text in texts), "the shape of the use that was entered"
    desk.session.look(())
    assert desk.field("Project name").text() == "nested"


def test_arguments_are_added_renamed_set_described_and_removed(desk: Desk, qtbot: QtBot) -> None:
    desk.session.look(("stem",))
    qtbot.mouseClick(desk.button("Add an argument"), LEFT)
    assert desk.arguments("ConvBlock") == {"channels": 8, "width": 1}
    name = QApplication.focusWidget()
    assert isinstance(name, QLineEdit)
    assert name.selectedText() == "width"
    qtbot.keyClicks(name, "forward")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert any("PyTorch" in text for text in desk.texts())
    name.selectAll()
    qtbot.keyClicks(name, "size")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert desk.arguments("ConvBlock") == {"channels": 8, "size": 1}
    retype(qtbot, desk.field("Default value: size"), "5")
    retype(qtbot, desk.field("What it is for: size"), "Of the kernel")
    block = desk.session.project.blocks["ConvBlock"]
    assert (block.arguments[1].default, block.arguments[1].doc) == (5, "Of the kernel")
    desk.session.undo_stack.undo()
    desk.session.undo_stack.undo()
    assert desk.arguments("ConvBlock")["size"] == 1
    retype(qtbot, desk.field("Name of the argument: channels"), "filters")
    qtbot.keyClick(desk.field("Name of the argument: channels"), Qt.Key.Key_Return)
    nodes = desk.session.project.blocks["ConvBlock"].graph.nodes
    assert nodes["conv"].params["out_channels"] == "= filters"
    assert desk.session.project.graph.nodes["stem"].params == {"filters": "= width"}
    qtbot.mouseClick(desk.button("Remove the argument filters"), LEFT)
    assert desk.session.project.blocks["ConvBlock"].graph.nodes["conv"].params["out_channels"] == 8


def test_the_name_and_the_words_about_a_block(desk: Desk, qtbot: QtBot) -> None:
    desk.session.look(("layer1",))
    retype(qtbot, desk.field("Name of the block"), "ConvBlock")
    qtbot.keyClick(desk.field("Name of the block"), Qt.Key.Key_Return)
    assert any("already" in text for text in desk.texts())
    retype(qtbot, desk.field("Name of the block"), "Basic")
    qtbot.keyClick(desk.field("Name of the block"), Qt.Key.Key_Return)
    assert set(desk.session.project.blocks) == {"ConvBlock", "Basic"}
    assert desk.session.block == "Basic"


def test_a_field_inside_becomes_an_argument(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["head"])
    form = next(one for one in desk.inspector.findChildren(Form) if one.isVisible())
    line = form.field("out_features")
    promote = [action for action in line.actions() if "argument" in action.text()]
    assert [action.isVisible() for action in promote] == [False], "there is no block around it"
    desk.session.look(("stem",))
    desk.inspector.show_nodes(["conv"])
    form = next(one for one in desk.inspector.findChildren(Form) if one.isVisible())
    promote = [action for action in form.field("kernel_size").actions() if "argument" in action.text()]
    assert promote[0].isVisible()
    promote[0].trigger()
    field = next(one for one in desk.inspector.findChildren(AskName) if one.isVisible()).field
    assert field.text() == "kernel_size"
    qtbot.keyClicks(field, "taps")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert desk.arguments("ConvBlock") == {"channels": 8, "taps": 3}
    assert form.field("kernel_size").text() == "= taps"
    assert "3" in form.field("kernel_size").accessibleDescription()
    assert desk.last_step == "Make kernel_size of conv an argument"


def test_edits_of_the_inspector_are_the_blocks(desk: Desk, qtbot: QtBot) -> None:
    desk.session.look(("stem",))
    desk.inspector.show_nodes(["norm"])
    retype(qtbot, desk.field("momentum"), "0.2")
    retype(qtbot, desk.field("Name"), "bn")
    qtbot.keyClick(desk.field("Name"), Qt.Key.Key_Return)
    graph = desk.session.project.blocks["ConvBlock"].graph
    assert graph.nodes["bn"].params["momentum"] == 0.2
    assert desk.session.project.graph == nested().graph


def test_a_port_has_a_place_and_no_field_of_the_data(desk: Desk) -> None:
    desk.session.look(("stem",))
    desk.inspector.show_nodes(["x"])
    desk.field("place")
    with pytest.raises(StopIteration):
        desk.field("dtype")
    shown = [label.text() for label in desk.inspector.findChildren(QLabel) if label.isVisible()]
    assert "field" not in shown


def test_constants_are_kept_in_a_table(desk: Desk, qtbot: QtBot) -> None:
    retype(qtbot, desk.field("Value: width"), "12")
    assert desk.session.project.constants == {"width": 12}
    retype(qtbot, desk.field("Name of the constant: width"), "base")
    qtbot.keyClick(desk.field("Name of the constant: width"), Qt.Key.Key_Return)
    assert desk.session.project.constants == {"base": 12}
    assert desk.session.project.graph.nodes["stem"].params["channels"] == "= base"
    qtbot.mouseClick(desk.button("Add a constant"), LEFT)
    assert desk.session.project.constants == {"base": 12, "width": 1}
    qtbot.mouseClick(desk.button("Remove the constant base"), LEFT)
    assert desk.session.project.constants == {"width": 1}
    assert desk.session.project.graph.nodes["stem"].params["channels"] == 12
    for _ in range(4):
        desk.session.undo_stack.undo()
    assert desk.session.project == nested()


def broken(project: Project) -> Project:
    return within(project, "ConvBlock", lambda seen: edits.set_params(seen, "norm", {"momentum": "= rate"}))


def test_problems_inside_are_told_at_the_node_and_lead_there(desk: Desk, qtbot: QtBot) -> None:
    desk.session.commit(broken(desk.session.project), "Break")
    desk.check()
    desk.inspector.show_nodes(["layer1"])
    row = next(one for one in desk.inspector.findChildren(ProblemRow) if one.isVisible())
    assert "layer1 › first › norm: " in row.accessibleName()
    with qtbot.waitSignal(desk.inspector.problem_chosen) as chosen:
        qtbot.mouseClick(row, LEFT)
    problem = chosen.args[0]
    assert isinstance(problem, Problem)
    assert (problem.path, problem.node) == (("layer1", "first"), "norm")
    desk.session.look(problem.path)
    desk.inspector.show_nodes(["norm"])
    assert desk.field("momentum").property("invalid") is True


def test_the_palette_offers_the_projects_blocks(desk: Desk, qtbot: QtBot) -> None:
    palette = Palette(registry())
    qtbot.addWidget(palette)
    palette.show_project(desk.session.project)
    tree = palette.findChild(QLineEdit, "search")
    assert tree is not None
    placed: list[str] = []
    palette.place_requested.connect(placed.append)
    qtbot.keyClicks(tree, "residual")
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert placed == ["block:Residual"]
    palette.show_project(Project())
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert "block:Residual" not in placed[1:]


@pytest.mark.parametrize(
    ("path", "names"), [(("layer1",), []), (("stem",), ["conv"]), ((), ["layer1"]), ((), [])]
)
def test_picture(desk: Desk, photograph, path, names) -> None:
    desk.session.look(path)
    desk.inspector.show_nodes(names)
    photograph(desk.inspector, f"inspector_block_{'_'.join((*path, *names)) or 'main'}")
