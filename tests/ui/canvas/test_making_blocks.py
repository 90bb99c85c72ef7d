"""Blocks made of nodes, unpacked, begun, renamed and deleted on the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from studio.project import edits
from studio.project.storage import load
from tests.ui.canvas.conftest import LEFT, Hands, asking, enter
from tests.ui.nested import nested
from tests.ui.windows import sample

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def test_ctrl_g_makes_a_block_of_the_selection_under_a_name(drawn: Hands) -> None:
    drawn.canvas.select(["flat", "head"])
    drawn.key(Key.Key_G, CTRL)
    field = asking(drawn).field
    assert field.text() == "FlattenBlock"
    for wrong in ("Residual", "2nd"):
        field.selectAll()
        QTest.keyClicks(field, wrong)
        QTest.keyClick(field, Key.Key_Return)
        assert asking(drawn).isVisible()
    field.selectAll()
    QTest.keyClicks(field, "Head")
    QTest.keyClick(field, Key.Key_Return)
    assert drawn.last_step == "Make the block Head"
    assert set(drawn.project.blocks["Head"].graph.nodes) >= {"flat", "head"}
    (name,) = drawn.canvas.selection
    assert drawn.project.graph.nodes[name].type == "block:Head"
    assert drawn.canvas.view.hasFocus()
    drawn.undo()
    assert drawn.project == nested()


def test_escape_makes_no_block(drawn: Hands) -> None:
    drawn.canvas.select(["flat"])
    drawn.key(Key.Key_G, CTRL)
    QTest.keyClick(asking(drawn).field, Key.Key_Escape)
    assert drawn.project == nested()
    assert drawn.canvas.view.hasFocus()


def test_what_cannot_be_a_block_is_told(drawn: Hands) -> None:
    told: list[str] = []
    drawn.canvas.status.connect(told.append)
    drawn.canvas.select(["images"])
    drawn.key(Key.Key_G, CTRL)
    drawn.canvas.select(["flat"])
    drawn.key(Key.Key_G, CTRL | SHIFT)
    assert told[0].startswith("Choose some nodes")
    assert told[1] == "Select a block first."
    assert drawn.session.undo_stack.count() == 0


def test_ctrl_shift_g_unpacks(drawn: Hands) -> None:
    drawn.canvas.select(["stem"])
    drawn.key(Key.Key_G, CTRL | SHIFT)
    assert {"conv", "norm"} <= set(drawn.project.graph.nodes)
    assert "stem" not in drawn.project.graph.nodes
    assert set(drawn.canvas.selection) == {"conv", "norm"}
    assert drawn.last_step == "Unpack stem"
    assert not drawn.check().errors
    drawn.undo()
    assert drawn.project == nested()


def test_a_new_block_is_entered(drawn: Hands) -> None:
    drawn.canvas.blocks.begin()
    QTest.keyClicks(asking(drawn).field, "Fresh")
    QTest.keyClick(asking(drawn).field, Key.Key_Return)
    assert drawn.session.block == "Fresh"
    assert set(drawn.canvas.scene.nodes) == {"x", "y"}
    drawn.undo()
    assert drawn.session.focus == ()
    assert "Fresh" not in drawn.project.blocks


def test_a_block_is_renamed_everywhere(drawn: Hands) -> None:
    enter(drawn, "layer1")
    drawn.canvas.select(["first"])
    drawn.canvas.blocks.rename()
    QTest.keyClicks(asking(drawn).field, "Unit")
    QTest.keyClick(asking(drawn).field, Key.Key_Return)
    assert {"Unit", "Residual"} == set(drawn.project.blocks)
    assert drawn.project.graph.nodes["stem"].type == "block:Unit"
    assert drawn.session.focus == ("layer1",)
    assert drawn.canvas.scene.nodes["first"].face.type == "Unit"


def test_a_block_in_use_is_deleted_with_its_uses_only_when_the_person_says_so(drawn: Hands) -> None:
    drawn.canvas.select(["stem"])
    drawn.canvas.blocks.delete()
    box = drawn.canvas.window().findChild(QMessageBox)
    assert box is not None
    assert "3 nodes" in box.text()
    QTest.mouseClick(next(one for one in box.buttons() if one.text() == "Delete"), LEFT)
    assert set(drawn.project.blocks) == {"Residual"}
    assert "stem" not in drawn.project.graph.nodes
    drawn.undo()
    assert drawn.project == nested()


def test_an_unused_block_is_deleted_at_once(drawn: Hands) -> None:
    drawn.session.commit(edits.delete(drawn.project, ["layer1"]), "Delete layer1")
    drawn.canvas.blocks.delete("Residual")
    assert set(drawn.project.blocks) == {"ConvBlock"}


def test_a_wire_that_passes_over_the_new_block_s_nodes_can_be_seen(hands: Hands) -> None:
    hands.session.new(load(sample("residual_digits")))
    hands.canvas.setFocus()
    hands.canvas.select(["conv1", "norm1", "relu1", "conv2", "norm2", "add1"])
    hands.key(Key.Key_G, CTRL)
    QTest.keyClick(asking(hands).field, Key.Key_Return)
    hands.canvas.entrance.enter(hands.canvas.selection[0])
    scene = hands.canvas.scene
    (source,) = [name for name, node in hands.session.drawing.graph.nodes.items() if node.type == "Input"]
    passing = next(
        item for edge, item in scene.edges.items() if (edge.source.node, edge.target.node) == (source, "add1")
    )
    assert scene.nodes[source].body.bottom() < scene.nodes["conv1"].body.top()
    assert not any(passing.crosses(scene.nodes[name].body) for name in ("conv1", "norm1", "relu1", "conv2"))
