"""What is done inside of a block reaches every use of it: muting, problems, fixes, blocks made in blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProxyStyle, QPushButton, QStyle
from pytestqt.qtbot import QtBot
from torch import nn

from studio.build.network import Network
from studio.interchange.pytorch.source import class_name, to_pytorch
from studio.project.block import ports
from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.passage import Passage
from tests.ui.canvas.conftest import LEFT, Hands, asking, enter
from tests.ui.nested import nested
from tests.ui.windows import LONG

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def passage(hands: Hands) -> Passage:
    found = hands.canvas.findChild(Passage)
    assert found is not None
    return found


def test_a_node_muted_inside_is_left_out_of_every_use(drawn: Hands) -> None:
    """Muting, blocks: entered. In the check, the network and the code alike."""
    enter(drawn, "layer1")
    enter(drawn, "second")
    drawn.click(drawn.at("norm"))
    drawn.key(Key.Key_M)
    checked = drawn.check()
    assert not checked.errors
    for way in (("stem",), ("layer1.0", "first"), ("layer1.1", "second")):
        assert "norm" not in checked.inside(way).steps
        assert "conv" in checked.inside(way).steps
    network = Network(checked.plan).eval()
    weights = network.state_dict()
    assert not [name for name in weights if "norm" in name]
    text = to_pytorch(drawn.project, checked.plan)
    assert "BatchNorm2d" not in text
    space: dict[str, type[nn.Module]] = {}
    exec(compile(text, "model.py", "exec"), space)
    written = space[class_name(drawn.project.name)]()
    written.load_state_dict(weights, strict=True)
    image = torch.randn(2, 1, 28, 28)
    with torch.no_grad():
        assert torch.equal(network(image), written.eval()(image))
    drawn.undo()
    assert [name for name in Network(drawn.check().plan).state_dict() if "norm" in name]


def test_a_muted_use_inside_passes_on_what_comes(drawn: Hands) -> None:
    """Muting, blocks: entered."""
    enter(drawn, "layer1")
    drawn.click(drawn.at("first"))
    drawn.key(Key.Key_M)
    drawn.key(Key.Key_Escape)
    drawn.key(Key.Key_Escape)
    names = Network(drawn.check().plan).state_dict()
    assert not [name for name in names if ".first." in name]
    assert [name for name in names if ".second." in name]


def test_ports_come_from_the_cut_wires_and_are_called_after_the_nodes(drawn: Hands) -> None:
    """Blocks: made."""
    drawn.click(drawn.at("layer1"))
    drawn.click(drawn.at("flat"), SHIFT)
    assert set(drawn.canvas.selection) == {"layer1", "flat"}
    drawn.key(Key.Key_G, CTRL)
    QTest.keyClicks(asking(drawn).field, "Middle")
    QTest.keyClick(asking(drawn).field, Key.Key_Return)
    block = drawn.project.blocks["Middle"]
    assert [one.name for one in ports(block, "Input")] == ["stem"]
    assert [one.name for one in ports(block, "Output")] == ["flat_out"]
    assert drawn.project.graph.nodes["middle"].type == "block:Middle"
    assert {"stem -> middle.stem0", "middle -> head.input0"} <= set(drawn.wires)
    assert not drawn.check().errors
    assert drawn.canvas.selection == ("middle",)
    drawn.undo()
    assert drawn.project == nested()
    assert "layer1" in drawn.canvas.scene.nodes
    drawn.session.undo_stack.redo()
    enter(drawn, "middle")
    assert set(drawn.canvas.scene.nodes) == {"stem", "layer1", "flat", "flat_out"}
    drawn.undo()
    assert drawn.session.focus == (), "the block that was looked at is gone"
    assert drawn.project == nested()


def test_a_block_is_made_and_unpacked_inside_of_another(drawn: Hands) -> None:
    """Blocks: made, entered, unpacked. Undo takes back each step where it was made."""
    enter(drawn, "layer1")
    drawn.click(drawn.at("first"))
    drawn.click(drawn.at("second"), SHIFT)
    drawn.key(Key.Key_G, CTRL)
    QTest.keyClicks(asking(drawn).field, "Pair")
    QTest.keyClick(asking(drawn).field, Key.Key_Return)
    assert set(drawn.canvas.scene.nodes) == {"x", "pair", "join", "y"}
    assert not drawn.check().errors
    arguments = [one.name for one in drawn.project.blocks["Pair"].arguments]
    assert arguments == ["expand", "width"], "what its formulas read"
    drawn.key(Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert drawn.session.focus == ("layer1", "pair")
    drawn.key(Key.Key_Escape)
    drawn.key(Key.Key_G, CTRL | SHIFT)
    assert set(drawn.canvas.scene.nodes) == {"x", "first", "second", "join", "y"}
    assert not drawn.check().errors
    drawn.session.look(())
    drawn.undo()
    assert drawn.session.focus == ("layer1",)
    assert "pair" in drawn.canvas.scene.nodes
    drawn.undo()
    assert drawn.project == nested()


def test_a_fix_of_a_mistake_inside_mends_every_use(drawn: Hands) -> None:
    """Problems, blocks: entered. The card under the node offers it."""
    project = drawn.project
    graph = project.blocks["ConvBlock"].graph
    wrong = graph.with_nodes(graph.nodes["norm"].with_params(momentum="= rate"))
    blocks = {**project.blocks, "ConvBlock": replace(project.blocks["ConvBlock"], graph=wrong)}
    drawn.session.commit(replace(project, blocks=blocks), "Break")
    checked = drawn.check()
    told = [one for one in checked.errors if one.node == "norm"]
    assert len(told) == 1, "once for all uses"
    assert drawn.canvas.scene.nodes["stem"].face.errors == 1
    enter(drawn, "stem")
    drawn.click(drawn.at("norm"))
    card = drawn.canvas.findChild(ProblemCard)
    assert card is not None
    assert card.isVisible()
    fixes: list[object] = []
    drawn.canvas.fix_requested.connect(fixes.append)
    button = card.findChildren(QPushButton)[0]
    QTest.mouseClick(button, LEFT)
    (fix,) = fixes
    drawn.session.commit(fix.edit(drawn.project), fix.label)  # type: ignore[attr-defined]
    assert not drawn.check().errors
    assert "momentum" not in drawn.project.blocks["ConvBlock"].graph.nodes["norm"].params


def test_nothing_grows_where_the_desktop_asks_for_no_animation(drawn: Hands, qtbot: QtBot) -> None:
    """Blocks: entered."""

    class Still(QProxyStyle):
        def styleHint(self, hint: QStyle.StyleHint, *rest: object) -> int:
            if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
                return 0
            return super().styleHint(hint, *rest)

    style = Still("Fusion")
    passage(drawn).setStyle(style)
    enter(drawn, "layer1")
    assert drawn.session.focus == ("layer1",)
    assert not passage(drawn).isVisible()
    passage(drawn).setStyle(None)


@pytest.mark.parametrize("size", [(1280, 800), (2560, 1440)])
def test_the_way_in_and_out_is_shown(drawn: Hands, qtbot: QtBot, size: tuple[int, int]) -> None:
    """Blocks: entered, and left."""
    drawn.canvas.resize(*size)
    drawn.canvas.fit()
    enter(drawn, "layer1")
    over = passage(drawn)
    assert over.isVisible()
    assert over.geometry() == drawn.canvas.view.geometry()
    qtbot.waitUntil(lambda: not over.isVisible(), timeout=LONG)
    drawn.key(Key.Key_Escape)
    assert over.isVisible()
    qtbot.waitUntil(lambda: not over.isVisible(), timeout=LONG)
    assert drawn.canvas.selection == ("layer1",)


def test_mouse_and_keys_work_while_it_still_grows(drawn: Hands) -> None:
    """Blocks: entered. Nobody waits for a picture."""
    enter(drawn, "stem")
    assert passage(drawn).isVisible()
    drawn.drag(drawn.at("norm"), drawn.at("norm") + QPoint(0, 60))
    assert drawn.project.blocks["ConvBlock"].graph.nodes["norm"].position[1] > 0
    drawn.key(Key.Key_Escape)
    drawn.key(Key.Key_Escape)
    drawn.key(Key.Key_Escape)
    assert drawn.session.focus == ()
