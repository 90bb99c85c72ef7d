"""The inspector with real keys, on a real session."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.data.describe import describe
from studio.project import edits
from studio.project.graph import Endpoint
from studio.ui.inspector import Inspector
from studio.ui.session import Session
from tests.ui.nested import nested
from tests.ui.panels.drawing import checked, digits

CODE = 'self.conv1 = nn.Conv2d(1, 32, 3, padding="same")'


class Desk:
    """A session and its inspector, wired as the window wires them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.session = Session()
        self.session.new(digits())
        self.inspector = Inspector(self.session, registry())
        qtbot.addWidget(self.inspector)
        self.session.changed.connect(self.inspector.show_changes)
        self.session.replaced.connect(self.inspector.show_replaced)
        self.session.check_arrived.connect(self.inspector.show_checked)
        self.inspector.resize(300, 700)
        self.inspector.show()
        qtbot.waitExposed(self.inspector)
        self.inspector.activateWindow()
        self.check()

    def check(self) -> None:
        self.session.take_check(checked(self.session.project))

    def field(self, name: str) -> QLineEdit:
        found = [one for one in self.inspector.findChildren(QLineEdit) if one.accessibleName() == name]
        return next(one for one in found if one.isVisible())

    def texts(self) -> list[str]:
        return [label.text() for label in self.inspector.findChildren(QLabel) if label.isVisible()]

    def undo_labels(self) -> list[str]:
        stack = self.session.undo_stack
        return [stack.text(index) for index in range(stack.count())]


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def retype(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_of_another_project_nothing_is_told_before_its_check(desk: Desk) -> None:
    """What was known of the project before is not taken for the one that was opened."""
    desk.inspector.show_nodes(())
    assert desk.texts().count("–") == 0
    desk.session.new(digits())
    assert desk.texts().count("–") == 3
    desk.inspector.show_nodes(["conv1"])
    assert "N × C=32 × H=8 × W=8" not in desk.texts()
    desk.check()
    assert "N × C=32 × H=8 × W=8" in desk.texts()


def test_tells_all_about_a_node(desk: Desk) -> None:
    desk.inspector.show_nodes(["conv1"])
    texts = desk.texts()
    assert desk.field("Name").text() == "conv1"
    for expected in (
        "Conv2d · Convolution",
        "1 (inferred)",
        "N × C=1 × H=8 × W=8",
        "N × C=32 × H=8 × W=8",
        "320",
        "18.4 k",
        CODE,
    ):
        assert expected in texts
    assert desk.field("padding").text() == "same"


def test_typing_edits_the_project_as_one_step(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["conv1"])
    retype(qtbot, desk.field("out_channels"), "128")
    assert desk.session.project.graph.nodes["conv1"].params["out_channels"] == 128
    assert desk.undo_labels() == ["Set out_channels of conv1"]
    qtbot.keyClick(desk.field("out_channels"), Qt.Key.Key_Return)
    retype(qtbot, desk.field("out_channels"), "64")
    assert desk.session.undo_stack.count() == 2
    desk.session.undo_stack.undo()
    assert desk.field("out_channels").text() == "128"
    desk.session.undo_stack.undo()
    assert desk.field("out_channels").text() == "32"


def test_shapes_follow_the_check(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["conv1"])
    retype(qtbot, desk.field("out_channels"), "48")
    desk.check()
    assert "N × C=48 × H=8 × W=8" in desk.texts()


def test_an_input_tells_what_is_demanded_of_open_sizes(desk: Desk, qtbot: QtBot) -> None:
    desk.session.new(digits(wrong=False))
    project = edits.delete(desk.session.project, ("flat", "head", "loss"))
    for name, type_, params in (("pool", "MaxPool2d", {}), ("wide", "Conv2d", {"kernel_size": 3})):
        project, _ = edits.add_node(project, type_, (0, 0), params, name)
    project = edits.connect(project, Endpoint("act", "output"), Endpoint("pool", "input"))
    project = edits.connect(project, Endpoint("pool", "output"), Endpoint("wide", "input"))
    desk.session.commit(project, "Draw")
    desk.inspector.show_nodes(["images"])
    desk.inspector.findChild(QToolButton, "more").click()
    retype(qtbot, desk.field("shape"), "1, H, W")
    qtbot.keyClick(desk.field("shape"), Qt.Key.Key_Return)
    assert desk.session.project.graph.nodes["images"].params["shape"] == (1, "H", "W")
    desk.check()
    qtbot.waitUntil(lambda: "N × C=1 × H × W" in desk.texts())
    texts = desk.texts()
    assert texts[texts.index("H, W") + 1] == "at least 6, shown for multiples of 2"
    desk.inspector.show_nodes(["wide"])
    qtbot.waitUntil(lambda: "N × C=32 × H=H/2-2 × W=W/2-2" in desk.texts())
    assert any(text.endswith(" at H, W = 256") for text in desk.texts())


def test_renaming_with_f2(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["conv1"])
    desk.field("stride").setFocus()
    qtbot.keyClick(desk.field("stride"), Qt.Key.Key_F2)
    name = desk.field("Name")
    assert name.hasFocus()
    qtbot.keyClicks(name, "first")
    with qtbot.waitSignal(desk.inspector.node_chosen) as chosen:
        qtbot.keyClick(name, Qt.Key.Key_Return)
    assert chosen.args == ["first"]
    assert "first" in desk.session.project.graph.nodes
    assert desk.field("Name").text() == "first"
    desk.session.undo_stack.undo()
    assert "conv1" in desk.session.project.graph.nodes


def test_a_name_that_will_not_do_stays_and_says_why(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["conv1"])
    retype(qtbot, desk.field("Name"), "act")
    qtbot.keyClick(desk.field("Name"), Qt.Key.Key_Return)
    assert "there is a node act already" in desk.texts()
    assert desk.session.undo_stack.count() == 0
    assert desk.field("Name").property("invalid") is True


def test_a_free_name_is_offered_while_a_taken_one_is_typed(desk: Desk, qtbot: QtBot) -> None:
    """Rename: names stay valid and unique."""
    desk.inspector.show_nodes(["conv1"])
    retype(qtbot, desk.field("Name"), "merge")
    assert "there is a node merge already" in desk.texts()
    [offer] = [one for one in desk.inspector.findChildren(QPushButton) if one.text() == "Use merge1"]
    qtbot.mouseClick(offer, Qt.MouseButton.LeftButton)
    assert desk.undo_labels() == ["Rename conv1 to merge1"]
    assert "there is a node merge already" not in desk.texts()
    retype(qtbot, desk.field("Name"), "2 bad")
    assert any(text.startswith("a name is letters") for text in desk.texts())
    desk.field("stride").setFocus()
    assert desk.undo_labels() == ["Rename conv1 to merge1"]


def test_a_refused_text_does_not_follow_to_another_node(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["conv1"])
    retype(qtbot, desk.field("out_channels"), "many")
    desk.inspector.show_nodes(["conv2"])
    assert desk.field("out_channels").text() == "16"
    assert desk.field("out_channels").property("invalid") is False
    desk.inspector.show_nodes(["conv1"])
    assert desk.field("out_channels").text() == "32"


def test_problems_of_the_node_with_their_repairs(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["merge"])
    assert any(text.startswith("Add needs equal shapes") for text in desk.texts())
    desk.inspector.show_nodes(["act"])
    buttons = [one for one in desk.inspector.findChildren(QPushButton) if one.text() == "Remove slope"]
    with qtbot.waitSignal(desk.inspector.fix_requested) as asked:
        qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    desk.session.commit(asked.args[0].edit(desk.session.project), "Remove slope")
    desk.check()
    assert not any("slope" in text for text in desk.texts())


def test_two_of_one_type_are_edited_at_once(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["conv1", "conv2"])
    assert desk.field("Name").text() == "2 nodes"
    line = desk.field("out_channels")
    assert (line.text(), line.placeholderText()) == ("", "several")
    assert desk.field("kernel_size").text() == "3"
    retype(qtbot, line, "24")
    nodes = desk.session.project.graph.nodes
    assert nodes["conv1"].params["out_channels"] == nodes["conv2"].params["out_channels"] == 24
    desk.session.undo_stack.undo()
    assert desk.session.project.graph.nodes["conv2"].params["out_channels"] == 16


def test_uses_of_one_block_are_edited_at_once(desk: Desk, qtbot: QtBot) -> None:
    """Many selected nodes of one type at once in the inspector."""
    project, names = edits.duplicate(nested(), ["stem"])
    project = edits.set_params(project, names[0], {"channels": 12})
    desk.session.new(project)
    desk.inspector.show_nodes(["stem", *names])
    line = desk.field("channels")
    assert (line.text(), line.placeholderText()) == ("", "several")
    retype(qtbot, line, "2 * width")
    nodes = desk.session.project.graph.nodes
    assert {nodes[name].params["channels"] for name in ("stem", *names)} == {"= 2 * width"}
    assert desk.undo_labels() == ["Set channels of 2 nodes"]
    assert "16" in line.accessibleDescription()


def test_a_parameter_is_brought_up_for_editing(desk: Desk) -> None:
    desk.inspector.show_nodes(["conv1"])
    desk.inspector.edit("dilation")
    assert desk.field("dilation").hasFocus()
    desk.inspector.edit("nothing")
    assert desk.field("dilation").hasFocus()


def test_several_types_cannot_be_edited_at_once(desk: Desk) -> None:
    desk.inspector.show_nodes(["conv1", "act"])
    assert any("2 nodes of 2 types" in text for text in desk.texts())


def test_a_note(desk: Desk, qtbot: QtBot) -> None:
    desk.inspector.show_nodes(["conv1"])
    note = next(one for one in desk.inspector.findChildren(QPlainTextEdit) if one.accessibleName() == "Note")
    qtbot.keyClicks(note, "edges")
    assert desk.session.project.graph.nodes["conv1"].note == "edges"
    assert desk.undo_labels() == ["Note on conv1"]


def test_the_project_while_nothing_is_chosen(desk: Desk, qtbot: QtBot) -> None:
    assert {"8", "20.8 k"} <= set(desk.texts())
    retype(qtbot, desk.field("Project name"), "my digits")
    assert desk.session.project.name == "my digits"
    assert desk.session.undo_stack.count() == 1


def test_fields_of_the_data_are_offered(desk: Desk) -> None:
    described = describe(desk.session.project.data, Path.cwd())
    assert described.samples == 1797
    desk.inspector.show_described(described)
    desk.inspector.show_nodes(["images"])
    boxes = [one for one in desk.inspector.findChildren(QComboBox) if one.accessibleName() == "field"]
    combo = next(one for one in boxes if one.isVisible())
    assert [combo.itemText(row) for row in range(combo.count())] == ["image", "label"]


def test_a_node_that_goes_away_is_let_go(desk: Desk) -> None:
    desk.inspector.show_nodes(["conv1"])
    desk.session.commit(edits.delete(desk.session.project, ["conv1"]), "Delete conv1")
    desk.check()
    assert desk.field("Project name").text() == "digits"


def test_a_layer_that_this_version_does_not_know(desk: Desk) -> None:
    project, name = edits.add_node(desk.session.project, "Frobnicate", (0, 0), {"knob": 3})
    desk.session.commit(project, "Add")
    desk.check()
    desk.inspector.show_nodes([name])
    assert "Frobnicate · unknown here" in desk.texts()


@pytest.mark.parametrize("names", [["conv1"], ["loss"], ["merge"], ["conv1", "conv2"], []])
def test_picture(desk: Desk, photograph, names) -> None:
    desk.inspector.show_nodes(names)
    photograph(desk.inspector, f"inspector_{'_'.join(names) or 'project'}")
