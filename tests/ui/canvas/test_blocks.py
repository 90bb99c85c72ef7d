"""Blocks on the canvas: entered, left, edited inside, undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from studio.project import edits
from studio.project.block import within
from studio.ui.canvas.crumbs import Crumbs
from studio.ui.canvas.passage import Passage
from studio.ui.canvas.search import SearchBox
from tests.ui.canvas.conftest import LEFT, MIDDLE, Hands, enter
from tests.ui.nested import nested
from tests.ui.windows import LONG

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


def crumbs(hands: Hands) -> list[QToolButton]:
    bar = hands.canvas.findChild(Crumbs)
    assert bar is not None
    return [one for one in bar.findChildren(QToolButton) if not one.isHidden()]


def pill(hands: Hands, source: str) -> str:
    return next(item.pill for edge, item in hands.canvas.scene.edges.items() if edge.source.node == source)


def test_a_double_click_enters_a_block_and_escape_leaves_it(drawn: Hands) -> None:
    enter(drawn, "layer1")
    assert drawn.session.focus == ("layer1",)
    assert set(drawn.canvas.scene.nodes) == {"x", "first", "second", "join", "y"}
    assert drawn.canvas.selection == ()
    enter(drawn, "first")
    assert drawn.session.focus == ("layer1", "first")
    assert set(drawn.canvas.scene.nodes) == {"x", "conv", "norm", "y"}
    drawn.key(Key.Key_Escape)
    assert drawn.canvas.selection == ("first",)
    drawn.key(Key.Key_Escape)  # selects nothing
    drawn.key(Key.Key_Escape)
    assert drawn.session.focus == ()
    assert drawn.canvas.selection == ("layer1",)
    assert not drawn.session.dirty


def test_enter_and_alt_with_arrows_do_the_same(drawn: Hands) -> None:
    drawn.canvas.select(["layer1"])
    drawn.key(Key.Key_Return)
    assert drawn.session.focus == ("layer1",)
    drawn.canvas.select(["second"])
    drawn.key(Key.Key_Down, ALT)
    assert drawn.session.focus == ("layer1", "second")
    drawn.key(Key.Key_Up, ALT)
    drawn.key(Key.Key_Up, ALT)
    assert drawn.session.focus == ()
    drawn.canvas.select(["flat"])
    drawn.key(Key.Key_Return)
    assert drawn.session.focus == ()


def test_shapes_are_those_of_the_use_that_was_entered(drawn: Hands) -> None:
    enter(drawn, "layer1")
    assert pill(drawn, "first") == "16×28×28"
    enter(drawn, "first")
    assert pill(drawn, "conv") == "16×28×28"
    assert [
        row.value for row in drawn.canvas.scene.nodes["conv"].face.rows if row.label == "out_channels"
    ] == ["= 16"]
    drawn.session.look(("stem",))
    assert pill(drawn, "conv") == "8×28×28"
    assert "= 8" in [row.value for row in drawn.canvas.scene.nodes["conv"].face.rows]


def test_where_one_looked_is_kept(drawn: Hands) -> None:
    drawn.canvas.zoom_to(0.8)
    before = drawn.canvas.view.seen().center()
    enter(drawn, "layer1")
    drawn.canvas.zoom_to(1.5)
    drawn.key(Key.Key_Escape)
    assert drawn.canvas.zoom == pytest.approx(0.8)
    assert (drawn.canvas.view.seen().center() - before).manhattanLength() < 4


def test_the_way_is_shown_for_a_moment_only(drawn: Hands, qtbot) -> None:
    enter(drawn, "layer1")
    passage = drawn.canvas.findChild(Passage)
    assert passage is not None
    assert passage.isVisible()
    qtbot.waitUntil(lambda: not passage.isVisible(), timeout=LONG)


def test_crumbs_lead_back_and_offer_the_other_uses(drawn: Hands) -> None:
    enter(drawn, "layer1")
    enter(drawn, "first")
    assert [one.text() for one in crumbs(drawn)] == ["nested", "layer1", "first", "ConvBlock · 2 of 3 ▾"]
    assert all(one.accessibleName() and one.toolTip() for one in crumbs(drawn))
    uses = crumbs(drawn)[-1].menu()
    assert uses is not None
    texts = [action.text() for action in uses.actions()]
    assert texts == ["stem", "layer1 › first", "layer1 › second"]
    uses.actions()[2].trigger()
    assert drawn.session.focus == ("layer1", "second")
    QTest.mouseClick(crumbs(drawn)[1], LEFT)
    assert drawn.session.focus == ("layer1",)
    repeats = crumbs(drawn)[-1].menu()
    assert repeats is not None
    assert [action.text() for action in repeats.actions()] == ["layer1 #1", "layer1 #2"]
    repeats.actions()[1].trigger()
    assert pill(drawn, "first") == "16×28×28"
    crumbs(drawn)[0].setFocus()
    QTest.keyClick(crumbs(drawn)[0], Key.Key_Right)
    assert crumbs(drawn)[1].hasFocus()
    QTest.keyClick(crumbs(drawn)[0], Key.Key_Space)
    assert drawn.session.focus == ()


def test_the_crumbs_stand_on_a_ground_of_their_own(drawn: Hands) -> None:
    """What is panned below them does not show through."""
    bar = drawn.canvas.findChild(Crumbs)
    assert bar is not None
    inside = bar.geometry().adjusted(6, 6, -6, -6)  # but for its round corners
    alone = drawn.canvas.grab(inside).toImage()
    below = drawn.at("stem")
    drawn.drag(below, bar.geometry().center(), button=MIDDLE)
    assert drawn.canvas.scene.node_at(drawn.canvas.view.mapToScene(bar.geometry().center())) is not None
    assert drawn.canvas.grab(inside).toImage() == alone


def test_an_edit_inside_reaches_every_use_and_undo_goes_where_it_was_made(drawn: Hands) -> None:
    enter(drawn, "stem")
    main = drawn.project.graph
    drawn.drag(drawn.at("norm"), drawn.at("norm") + QPoint(0, 80))
    moved = drawn.project.blocks["ConvBlock"].graph.nodes["norm"].position
    assert moved[1] > 0
    drawn.canvas.select(["norm"])
    drawn.key(Key.Key_M)
    assert drawn.project.blocks["ConvBlock"].graph.nodes["norm"].muted
    assert drawn.project.graph is main
    drawn.session.look(())
    drawn.undo()
    assert drawn.session.focus == ("stem",)
    assert not drawn.project.blocks["ConvBlock"].graph.nodes["norm"].muted
    drawn.session.look(("layer1", "first"))
    drawn.undo()
    assert drawn.session.focus == ("layer1", "first"), "another use of the same block shows it as well"
    assert drawn.project == nested()


def test_an_undo_in_the_main_drawing_leaves_the_block(drawn: Hands) -> None:
    drawn.canvas.select(["flat"])
    drawn.key(Key.Key_M)
    enter(drawn, "layer1")
    drawn.undo()
    assert drawn.session.focus == ()
    assert not drawn.project.graph.nodes["flat"].muted


def test_a_block_whose_node_goes_is_left(drawn: Hands) -> None:
    enter(drawn, "layer1")
    drawn.session.commit(edits.delete(drawn.project, ["layer1"]), "Delete layer1")
    assert drawn.session.focus == ()
    assert "stem" in drawn.canvas.scene.nodes
    drawn.undo()
    assert "layer1" in drawn.canvas.scene.nodes


def test_wiring_and_placing_inside(drawn: Hands) -> None:
    enter(drawn, "layer1")
    box = drawn.canvas.findChild(SearchBox)
    assert box is not None
    drawn.key(Key.Key_Space)
    QTest.keyClicks(box.field, "block")
    offered = [box.list.item(row).text() for row in range(box.list.count())]
    assert "ConvBlock" in offered
    assert "Residual" not in offered, "a block cannot be put into itself"
    box.field.selectAll()
    QTest.keyClicks(box.field, "gelu")
    QTest.keyClick(box.field, Key.Key_Return)
    assert drawn.project.blocks["Residual"].graph.nodes["gelu"].type == "GELU"
    assert "gelu" not in drawn.project.graph.nodes
    drawn.canvas.editor.move({"gelu": (520.0, 240.0)})
    drawn.canvas.fit()
    drawn.drag(drawn.place("first", "out", "y"), drawn.place("gelu", "in", "input"))
    wires = [(e.source.node, e.target.node) for e in drawn.project.blocks["Residual"].graph.edges]
    assert ("first", "gelu") in wires
    told: list[str] = []
    drawn.canvas.status.connect(told.append)
    drawn.canvas.place("block:Residual")
    assert told == ["Residual cannot be put into itself."]


def test_renaming_a_port_inside_keeps_the_wires_outside(drawn: Hands) -> None:
    enter(drawn, "stem")
    drawn.canvas.select(["y"])
    drawn.key(Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "features")
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Return)
    assert "features" in drawn.canvas.scene.nodes
    ports = {e.source.port for e in drawn.project.graph.outgoing("stem")}
    assert ports == {"features"}
    drawn.key(Key.Key_Escape)
    drawn.key(Key.Key_Escape)
    assert drawn.canvas.scene.nodes["stem"].spot("out", "features", 0) is not None


def test_copies_go_between_levels_and_take_their_blocks_along(drawn: Hands) -> None:
    enter(drawn, "layer1")
    drawn.canvas.select(["first", "second"])
    drawn.key(Key.Key_C, CTRL)
    drawn.key(Key.Key_Escape)
    drawn.key(Key.Key_Escape)
    drawn.key(Key.Key_V, CTRL)
    assert set(drawn.canvas.selection) == {"first", "second"}
    assert ("first", "second") in {(e.source.node, e.target.node) for e in drawn.project.graph.edges}
    drawn.session.new(replace(nested(), graph=nested().graph.without_nodes(nested().graph.nodes), blocks={}))
    drawn.key(Key.Key_V, CTRL)
    assert set(drawn.project.blocks) == {"ConvBlock"}
    text = QGuiApplication.clipboard().text()
    drawn.canvas.select(["first"])
    drawn.key(Key.Key_Return)
    told: list[str] = []
    drawn.canvas.status.connect(told.append)
    QGuiApplication.clipboard().setText(text)
    drawn.key(Key.Key_V, CTRL)
    assert told == ["A block cannot be put into itself."]


def test_duplicate_and_delete_inside(drawn: Hands) -> None:
    enter(drawn, "stem")
    drawn.canvas.select(["norm"])
    drawn.key(Key.Key_D, CTRL)
    assert len(drawn.project.blocks["ConvBlock"].graph.nodes) == 5
    drawn.key(Key.Key_Delete)
    assert drawn.project.blocks == nested().blocks


def test_a_block_looks_like_a_stack_and_tells_its_repeats(drawn: Hands) -> None:
    face = drawn.canvas.scene.nodes["layer1"].face
    assert face.stacked
    assert face.type == "Residual"
    assert face.chain is not None
    assert (face.chain.links, face.chain.text, face.chain.shared) == (2, "×2", False)
    assert ("inside", "3 layers") in [(row.label, row.value) for row in face.rows]
    assert drawn.canvas.scene.nodes["stem"].face.chain is None
    assert not drawn.canvas.scene.nodes["flat"].face.stacked


def test_a_port_that_is_gone_leaves_its_wire_and_a_problem(drawn: Hands) -> None:
    gone = within(drawn.project, "ConvBlock", lambda seen: edits.delete(seen, ["x"]))
    drawn.session.commit(gone, "Delete x")
    checked = drawn.check()
    assert drawn.canvas.scene.nodes["stem"].spot("in", "x", 0) is not None
    edge = next(edge for edge in drawn.canvas.scene.edges if edge.target.node == "stem")
    assert drawn.canvas.scene.edges[edge].wrong
    assert any(one.node == "stem" and one.field == "x" for one in checked.errors)


def test_badges_count_what_is_wrong_inside_of_every_use(drawn: Hands) -> None:
    broken = within(
        drawn.project, "ConvBlock", lambda seen: edits.set_params(seen, "norm", {"momentum": "= rate"})
    )
    drawn.session.commit(broken, "Break")
    drawn.check()
    faces = {name: item.face for name, item in drawn.canvas.scene.nodes.items()}
    assert {name for name, face in faces.items() if face.errors} == {"stem", "layer1"}
    drawn.session.look(("layer1",))
    faces = {name: item.face for name, item in drawn.canvas.scene.nodes.items()}
    assert faces["first"].errors == 1
    drawn.session.look(("layer1", "first"))
    assert drawn.canvas.scene.nodes["norm"].face.errors == 1


def test_every_level_of_zoom_paints_blocks(drawn: Hands) -> None:
    for zoom in (1.0, 0.6, 0.3):
        drawn.canvas.zoom_to(zoom)
        drawn.canvas.view.center_at(QPointF(400, 60))
        QApplication.processEvents()
        assert not drawn.canvas.grab().isNull()


def test_undo_scrolls_to_what_it_changes(drawn: Hands) -> None:
    enter(drawn, "stem")
    drawn.canvas.select(["norm"])
    drawn.key(Key.Key_M)
    drawn.canvas.view.center_at(QPointF(9000, 9000))
    drawn.undo()
    assert drawn.canvas.view.seen().intersects(drawn.canvas.scene.nodes["norm"].body)
    drawn.canvas.view.center_at(QPointF(9000, 9000))
    drawn.session.look(())
    drawn.session.undo_stack.redo()
    assert drawn.session.focus == ("stem",)
    assert drawn.canvas.view.seen().intersects(drawn.canvas.scene.nodes["norm"].body)
