"""The shipped blocks, each dragged from the palette into a project: it fits, runs, equals the same by hand,
repeats with weights of its own, and becomes code.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from torch import Tensor, nn

from studio.build.network import Network
from studio.build.plan import Checked
from studio.catalog.registry import registry
from studio.catalog.shelves import read_shelf
from studio.interchange.pytorch.source import class_name, to_pytorch
from studio.project import edits
from studio.project.block import block_name
from studio.project.graph import Endpoint
from studio.project.project import Project
from studio.project.storage import save
from studio.ui.window import MainWindow
from tests.shipped_blocks import BLOCKS, Shipped
from tests.ui.palette_hands import PaletteHands
from tests.ui.windows import LONG, OpenWindow

LEFT = Qt.MouseButton.LeftButton


def test_every_shipped_block_is_tried() -> None:
    entries = read_shelf("shipped", registry())
    assert {one.title for one in entries} == BLOCKS.keys()
    assert [one.wrong for one in entries if one.wrong] == []
    for one in entries:
        assert one.piece is not None
        assert one.path.stem == one.title
        told = [(argument.name, argument.doc) for argument in one.piece.block.arguments]
        assert one.piece.block.doc
        assert [name for name, doc in told if not doc] == []


@pytest.mark.parametrize("name", BLOCKS)
def test_a_shipped_block_works_in_a_project(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Blocks: the library."""
    shipped = BLOCKS[name]
    path = tmp_path / "tried.loom"
    save(_around(shipped), path)
    window = open_window(path)
    PaletteHands(window, qtbot, monkeypatch).drag(name, _middle_of_wire(window))
    (node,) = (one for one in window.session.project.graph.nodes.values() if block_name(one.type) == name)
    _wire_the_rest(window, shipped, node.name)
    for param, value in shipped.params.items():
        _type(window, node.name, param, str(value))
    checked = _checked(window, qtbot)
    assert [one.message for one in checked.problems if not one.message.startswith("There is no loss")] == []
    inputs = {name: torch.randn(2, *shape) for name, shape in shipped.inputs.items()}
    _compare(window.session.project, checked, inputs, _stack(shipped, node.name, 1))
    if shipped.repeats:
        _type(window, node.name, "repeat", "3")
        checked = _checked(window, qtbot)
        assert not checked.errors
        _compare(window.session.project, checked, inputs, _stack(shipped, node.name, 3))
    window.session.undo_stack.setIndex(0)
    assert window.session.project == _around(shipped)


def _around(shipped: Shipped) -> Project:
    """Inputs of the right shapes; the first one is wired to a result."""
    project = Project(name="tried")
    for at, (name, shape) in enumerate(shipped.inputs.items()):
        params = {"field": name, "shape": shape}
        project, _ = edits.add_node(project, "Input", (0, 240 * at), params, name)
    project, _ = edits.add_node(project, "Output", (640, 0), {}, "result")
    return edits.connect(project, Endpoint("x", "output"), Endpoint("result", "input"))


def _middle_of_wire(window: MainWindow) -> QPoint:
    (item,) = window.panels.canvas.scene.edges.values()
    return window.panels.canvas.view.mapFromScene(item.path.pointAtPercent(0.5))


def _wire_the_rest(window: MainWindow, shipped: Shipped, node: str) -> None:
    """Drag a wire from every other input to its port."""
    canvas = window.panels.canvas
    canvas.fit()
    for name in list(shipped.inputs)[1:]:
        start, end = (
            canvas.view.mapFromScene(canvas.scene.nodes[one].place_of(side, port, 0))
            for one, side, port in ((name, "out", "output"), (node, "in", name))
        )
        port = canvas.view.viewport()
        QTest.mousePress(port, LEFT, pos=start)
        for part in (0.3, 0.7, 1.0):
            QTest.mouseMove(port, start + (end - start) * part)
        QTest.mouseRelease(port, LEFT, pos=end)
        assert any(one.source.node == name for one in window.session.project.graph.incoming(node))


def _type(window: MainWindow, node: str, param: str, text: str) -> None:
    """Select the node and type a value into the inspector."""
    canvas = window.panels.canvas
    canvas.fit()
    body = canvas.scene.nodes[node].body
    at = canvas.view.mapFromScene(QPointF(body.center().x(), body.y() + 12))
    QTest.mouseClick(canvas.view.viewport(), LEFT, pos=at)
    QApplication.processEvents()
    fields = window.panels.inspector.findChildren(QLineEdit)
    (field,) = (one for one in fields if one.accessibleName() == param and one.isVisible())
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert str(window.session.project.graph.nodes[node].params.get(param, text)) == text


def _checked(window: MainWindow, qtbot: QtBot) -> Checked:
    session = window.session
    qtbot.waitUntil(
        lambda: session.checked is not None and session.checked.project is session.project, timeout=LONG
    )
    assert session.checked is not None
    return session.checked


class _Stack(nn.Module):
    """Modules by hand one after the other, each with what came in at the other ports."""

    def __init__(self, turns: list[nn.Module]) -> None:
        super().__init__()
        self.turns = nn.ModuleList(turns)

    def forward(self, x: Tensor, *others: Tensor) -> Tensor:
        for turn in self.turns:
            x = turn(x, *others)
        return x


def _stack(shipped: Shipped, node: str, repeats: int) -> tuple[_Stack, dict[str, str]]:
    """The same by hand, and the name by hand of each beginning of a weight's name as drawn."""
    size, turns = next(iter(shipped.inputs.values())), list[nn.Module]()
    features = size[0] if len(size) == 3 else size[-1]
    for _ in range(repeats):
        turns.append(shipped.by_hand(features))
        example = [torch.zeros(2, features, *size[1:]) if len(size) == 3 else torch.zeros(2, *size)]
        example += [torch.zeros(2, *shape) for shape in list(shipped.inputs.values())[1:]]
        features = turns[-1](*example).shape[1 if len(size) == 3 else -1]
    names: dict[str, str] = {}
    for turn in range(repeats):
        drawn = f"{node}.{turn}." if repeats > 1 else f"{node}."
        names |= {f"{drawn}{key}": f"turns.{turn}.{value}" for key, value in shipped.keys.items()}
        names[drawn] = f"turns.{turn}."
    return _Stack(turns), names


def _compare(
    project: Project, checked: Checked, inputs: dict[str, Tensor], hand: tuple[_Stack, dict[str, str]]
) -> None:
    """With the same weights network, code and the same by hand give the same."""
    module, names = hand
    torch.manual_seed(3)
    network = Network(checked.plan)
    weights = network.state_dict()
    for one in weights.values():  # scales and offsets start equal everywhere, which would hide a mistake
        if one.dim() == 1 and one.is_floating_point():
            one.copy_(torch.rand(one.shape) + 0.5)
    module.load_state_dict({_renamed(key, names): one for key, one in weights.items()}, strict=True)
    space: dict[str, type[nn.Module]] = {}
    exec(compile(to_pytorch(project, checked.plan), "model.py", "exec"), space)
    written = space[class_name(project.name)]()
    written.load_state_dict(weights, strict=True)
    with torch.no_grad():
        drawn = [inputs[step.field] for step in checked.plan.model_inputs]
        found, by_code = network.eval()(*drawn), written.eval()(*drawn)
        by_hand = module.eval()(*inputs.values())
    assert isinstance(found, Tensor)
    torch.testing.assert_close(found, by_hand, rtol=1e-5, atol=1e-5)
    assert torch.equal(found, by_code)
    firsts = [
        one for key, one in weights.items() if one.dim() > 1 and key.endswith(next(iter(weights))[-12:])
    ]
    assert all(not torch.equal(one, other) for one, other in pairwise(firsts))


def _renamed(key: str, names: dict[str, str]) -> str:
    start = next(one for one in sorted(names, key=len, reverse=True) if key.startswith(one))
    return names[start] + key.removeprefix(start)
