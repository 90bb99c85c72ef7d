"""Wires by keys alone: begun, led from port to port, connected, given up, walked along and cut."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.ui.canvas.search import SearchBox
from tests.ui.canvas.conftest import LEFT, Hands

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def told(hands: Hands) -> list[str]:
    """What the canvas said."""
    said: list[str] = []
    hands.canvas.status.connect(said.append)
    return said


def begin(hands: Hands, name: str) -> None:
    hands.canvas.select([name])
    hands.key(Key.Key_C)


def shown(hands: Hands) -> bool:
    """Whether a loose wire is on show."""
    path = hands.canvas.view.hand.trace()
    return path is not None and path.length() > 20


def test_keys_connect_the_selected_node(hands: Hands, told: list[str]) -> None:
    """Keyboard only: what the mouse wires, keys wire too."""
    before = hands.project
    begin(hands, "relu")
    assert shown(hands)
    assert "relu → loss.prediction" in told[-1]
    assert hands.canvas.scene.look.offers
    assert ("conv1", "in", "input", 0) in hands.canvas.scene.look.offers
    hands.key(Key.Key_Return)
    assert not shown(hands)
    assert hands.canvas.scene.look.offers is None
    assert "relu -> loss.prediction0" in hands.wires
    assert hands.last_step == "Connect relu → loss"
    assert hands.session.undo_stack.count() == 1
    hands.undo()
    assert hands.project == before


def test_arrow_keys_and_tab_lead_the_wire_from_port_to_port(hands: Hands, told: list[str]) -> None:
    begin(hands, "relu")
    hands.key(Key.Key_Up)
    hands.key(Key.Key_Left)
    ends = [text.split(";")[0] for text in told]
    assert len(set(ends)) == 3
    assert all(one.startswith("relu → ") for one in ends)
    walked = set()
    for _ in range(12):
        hands.key(Key.Key_Tab)
        walked.add(told[-1].split(";")[0].removeprefix("relu → "))
    ports = {name for name, *_ in hands.canvas.scene.look.offers or ()}
    assert {one.partition(".")[0] for one in walked} == ports == {"conv1", "conv2", "merge", "flat", "loss"}
    last = told[-1].split(";")[0]
    hands.key(Key.Key_Backtab, SHIFT)
    assert told[-1].split(";")[0] != last
    hands.key(Key.Key_Tab)
    assert told[-1].split(";")[0] == last
    assert hands.session.undo_stack.count() == 0


def test_escape_gives_the_wire_up_and_keeps_the_selection(hands: Hands) -> None:
    before = hands.project
    begin(hands, "relu")
    hands.key(Key.Key_Escape)
    assert not shown(hands)
    assert hands.project is before
    assert hands.canvas.selection == ("relu",)
    hands.key(Key.Key_Right)
    assert hands.canvas.selection != ("relu",), "the arrow keys walk again"


def test_no_port_that_would_close_a_circle_is_offered(hands: Hands, told: list[str]) -> None:
    begin(hands, "merge")
    for _ in range(10):
        hands.key(Key.Key_Tab)
        assert "conv" not in told[-1].split(";")[0]


def test_once_more_the_wire_begins_at_the_next_port(hands: Hands, told: list[str]) -> None:
    begin(hands, "relu")
    hands.key(Key.Key_C)
    assert told[-1].split(";")[0].split(",")[0].endswith("→ relu"), "from the input now"
    hands.key(Key.Key_Return)
    assert any(wire.endswith("-> relu.input0") for wire in hands.wires)


def test_a_wired_input_is_led_elsewhere_by_keys(hands: Hands, told: list[str]) -> None:
    """Rewiring by keys: the wire at the input is taken in hand."""
    begin(hands, "flat")
    hands.key(Key.Key_C)
    assert told[-1].startswith("merge → ")
    for _ in range(12):
        if "→ relu" not in told[-1]:
            hands.key(Key.Key_Tab)
    hands.key(Key.Key_Return)
    assert "merge -> relu.input0" in hands.wires
    assert "merge -> flat.input0" not in hands.wires
    assert hands.session.undo_stack.count() == 1


def test_space_lets_the_wire_go_on_to_a_new_layer(hands: Hands) -> None:
    before = hands.project
    begin(hands, "relu")
    hands.key(Key.Key_Space)
    box = hands.canvas.findChild(SearchBox)
    assert box is not None
    assert box.isVisible()
    QTest.keyClicks(box.field, "gelu")
    QTest.keyClick(box.field, Key.Key_Return)
    assert "relu -> gelu.input0" in hands.wires
    hands.undo()
    assert hands.project == before


def test_the_mouse_takes_over_from_the_keys(hands: Hands) -> None:
    begin(hands, "relu")
    hands.click(hands.at("conv1"))
    assert not shown(hands)
    assert hands.canvas.selection == ("conv1",)
    begin(hands, "relu")
    before = hands.canvas.view.hand.trace()
    QTest.mouseMove(hands.port, hands.empty())
    assert hands.canvas.view.hand.trace() == before, "moving the mouse does not lead the wire"


def test_an_edit_from_elsewhere_ends_the_wire(hands: Hands) -> None:
    begin(hands, "relu")
    hands.canvas.editor.delete(["relu"])
    assert not shown(hands)
    hands.key(Key.Key_Return)
    assert "relu" not in hands.project.graph.nodes


def test_what_would_come_of_it_is_told(hands: Hands, told: list[str], qtbot: object) -> None:
    hands.check()
    begin(hands, "relu")
    QTest.qWait(400)
    hands.key(Key.Key_Tab)
    hands.key(Key.Key_Backtab, SHIFT)
    assert "fits" in told[-1] or "→ " in told[-1].partition(",")[2] or "✕" in told[-1]


def test_w_walks_the_wires_of_a_node_and_delete_cuts(hands: Hands, told: list[str]) -> None:
    """Select a wire and Delete, by keys."""
    hands.canvas.select(["conv1"])
    seen = []
    for _ in range(3):
        hands.key(Key.Key_W)
        (edge,) = hands.canvas.scene.chosen_edges
        seen.append((edge.source.node, edge.target.node))
    assert seen == [("images", "conv1"), ("conv1", "merge"), ("images", "conv1")]
    assert told[-1].startswith("Wire images → conv1")
    hands.key(Key.Key_W, CTRL | SHIFT)
    assert hands.canvas.scene.chosen_edges[0].target.node == "merge"
    hands.key(Key.Key_Delete)
    assert "conv1 -> merge.inputs0" not in hands.wires
    assert hands.last_step == "Disconnect conv1 → merge"


def test_arrow_keys_lead_from_a_wire_to_its_ends(hands: Hands) -> None:
    for key, end in ((Key.Key_Right, "conv1"), (Key.Key_Left, "images")):
        hands.canvas.select(["conv1"])
        hands.key(Key.Key_W)
        hands.key(key)
        assert hands.canvas.selection == (end,)


def test_nothing_selected_is_told(hands: Hands, told: list[str]) -> None:
    QTest.mouseClick(hands.port, LEFT, pos=hands.empty())
    hands.key(Key.Key_C)
    assert told == ["Select a node first."]


def test_tab_on_a_selected_wire_puts_a_layer_into_it(hands: Hands) -> None:
    """Search-to-add by keys: what is chosen goes into the wire."""
    hands.canvas.select(["conv1"])
    hands.key(Key.Key_W)
    hands.key(Key.Key_Tab)
    box = hands.canvas.findChild(SearchBox)
    assert box is not None
    assert "images" in box.field.placeholderText()
    QTest.keyClicks(box.field, "gelu")
    QTest.keyClick(box.field, Key.Key_Return)
    assert {"images -> gelu.input0", "gelu -> conv1.input0"} <= set(hands.wires)
    assert "images -> conv1.input0" not in hands.wires
    assert hands.session.undo_stack.count() == 1


def test_from_afar_the_wire_ends_where_it_is_said_to(hands: Hands, told: list[str]) -> None:
    hands.canvas.zoom_to(0.08)
    begin(hands, "relu")
    for _ in range(12):
        if "loss.target" not in told[-1]:
            hands.key(Key.Key_Tab)
    hands.key(Key.Key_Return)
    assert "relu -> loss.target0" in hands.wires
