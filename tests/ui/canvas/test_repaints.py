"""What is painted in its place only, is what a repaint of all would show: nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.project import edits
from studio.project.graph import Endpoint
from studio.ui.canvas.far_tiles import TILE, tiles_of
from studio.ui.canvas.repaints import FEW
from tests.ui.canvas.conftest import Hands

Picture = npt.NDArray[np.int_]
ROUNDING = 3
"""What a smooth edge may differ where it is painted in two halves."""
ZOOMS = (1.0, 0.6, 0.3)
Step = Callable[[Hands], object]
STEPS: dict[str, Step] = {
    "a node is under the pointer": lambda hands: QTest.mouseMove(hands.port, hands.at("conv1")),
    "a wire is under the pointer": lambda hands: QTest.mouseMove(hands.port, _middle(hands)),
    "a node is selected": lambda hands: hands.click(hands.at("merge")),
    "a node is being dragged": lambda hands: _drag(hands, "conv2"),
    "a drag is given up": lambda hands: (_drag(hands, "conv2"), hands.key(Qt.Key.Key_Escape)),
    "all nodes are being dragged": lambda hands: (hands.canvas.select_all(), _drag(hands, "conv1")),
    "a wire is being dragged": lambda hands: hands.drag(
        hands.place("relu", "out", "output"), hands.at("merge") + QPoint(50, 140), release=False
    ),
    "a node is deleted": lambda hands: (hands.click(hands.at("conv2")), hands.key(Qt.Key.Key_Delete)),
    "a node is deleted and comes back": lambda hands: (
        hands.click(hands.at("conv2")),
        hands.key(Qt.Key.Key_Delete),
        hands.undo(),
    ),
    "a wire is selected": lambda hands: hands.click(_middle(hands)),
    "a node is renamed to something longer": lambda hands: hands.session.commit(
        edits.rename(hands.project, "relu", "a_much_longer_name_than_before"), "Rename"
    ),
    "a check arrives": lambda hands: hands.check(),
    "a node is looked for": lambda hands: hands.canvas.scene.light_up(["flat"]),
    "a node is muted": lambda hands: (hands.click(hands.at("relu")), hands.key(Qt.Key.Key_M)),
}


@pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen, of every tooltip
@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_nothing_is_left_behind_when(
    step: Step, zoom: float, hands: Hands, request: pytest.FixtureRequest
) -> None:
    hands.canvas.zoom_to(zoom)
    QTest.qWait(150)
    before = _seen(hands)
    step(hands)
    QTest.qWait(100)  # the minimap follows a little later
    in_its_place = _seen(hands)
    hands.port.repaint()
    assert _farthest(in_its_place, _seen(hands)) <= ROUNDING
    if zoom > 0.5 or "under the pointer" not in request.node.callspec.id:  # from afar nothing tells that
        assert _farthest(in_its_place, before) > 10 * ROUNDING


def test_many_changes_at_once_are_one_repaint_of_all(hands: Hands) -> None:
    asked: list[object] = []
    repaints = hands.canvas.scene.look.repaints
    rect = hands.canvas.scene.nodes["conv1"].bounds
    hands.canvas.scene.changed.connect(asked.append)
    with repaints.together():
        for _ in range(10 * FEW):
            repaints.ask(rect)
    QApplication.processEvents()
    assert 1 <= len(asked) <= FEW + 1


def test_from_afar_each_tile_holds_what_lies_in_it(hands: Hands) -> None:
    project, _ = edits.add_node(hands.project, "ReLU", (3 * TILE, 0), {}, "far")
    project = edits.connect(project, Endpoint("relu", "output"), Endpoint("far", "input"), False)
    hands.session.commit(project, "Far away")
    tiles = tiles_of(hands.canvas.scene)
    homes = {node.name: number for number, tile in enumerate(tiles) for node in tile.nodes}
    assert len({homes[name] for name in ("images", "merge", "relu")}) == 1 != homes["far"]
    long = hands.canvas.scene.edges[project.graph.incoming("far")[0]]
    assert [tile.wires.elementCount() for tile in tiles if tile.bounds.contains(long.bounds)] == [
        long.path.elementCount()
    ]


def _drag(hands: Hands, name: str) -> None:
    hands.drag(hands.at(name), hands.at(name) + QPoint(44, 38), release=False)


def _middle(hands: Hands) -> QPoint:
    """On the curved wire, where it has no pill."""
    wire = next(item for edge, item in hands.canvas.scene.edges.items() if edge.source.node == "conv2")
    return hands.pixel(wire.path.pointAtPercent(0.3))


def _seen(hands: Hands) -> Picture:
    """What is on the screen, as it was painted last."""
    window = hands.canvas.window()
    image = window.screen().grabWindow(window.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)


def _farthest(one: Picture, other: Picture) -> int:
    """By how much the two differ at most in a pixel's red, green or blue."""
    return int(np.abs(one - other)[..., :3].max())
