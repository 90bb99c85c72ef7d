"""Two drawings in one picture: no node lies over another, whatever the two have in common."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.project.edits import add_node
from studio.project.graph import Graph
from studio.project.storage import load
from studio.ui.monitor.drawing_difference import HEIGHT, WIDTH, DrawingDifference
from studio.ui.theme import DARK, LIGHT, Tokens
from tests.ui.windows import sample


def places(graph: Graph) -> dict[str, QRectF]:
    return {name: QRectF(*node.position, WIDTH, HEIGHT) for name, node in graph.nodes.items()}


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_nodes_of_two_networks_lie_beside_each_other(qtbot: QtBot, tokens: Tokens) -> None:
    before, after = (load(sample(name)).graph for name in ("cnn_digits", "mlp_digits"))
    shown = DrawingDifference()
    qtbot.addWidget(shown)
    shown.set_tokens(tokens)
    shown.resize(4000, 600)  # all of it at its own size
    shown.show_graphs(before, after)
    assert shown.graph.nodes.keys() == before.nodes.keys() | after.nodes.keys()
    drawn = places(shown.graph)
    for one, other in combinations(drawn, 2):
        assert not drawn[one].intersects(drawn[other]), (one, other)
    picture, whole = shown.grab().toImage(), QRectF()
    for place in drawn.values():
        whole = whole.united(place)
    ratio = picture.devicePixelRatio()
    for name, colour in (("hidden", tokens.ok), ("conv1", tokens.error)):
        corner = drawn[name].topLeft() - whole.center() + QRectF(shown.rect()).center()
        near = [
            picture.pixelColor(int((corner.x() + right) * ratio), int((corner.y() + down) * ratio))
            for right in range(20, 40)
            for down in range(-1, 2)
        ]
        assert min(distance(one, QColor(colour)) for one in near) < 30, name


def distance(one: QColor, other: QColor) -> int:
    return max(abs(one.red() - other.red()), abs(one.green() - other.green()), abs(one.blue() - other.blue()))


def test_places_stay_where_nothing_lies_over_anything(qtbot: QtBot) -> None:
    after = load(sample("mlp_digits"))
    before, _ = add_node(after, "ReLU", (-900.0, -900.0), {}, "alone")
    shown = DrawingDifference()
    qtbot.addWidget(shown)
    shown.show_graphs(before.graph, after.graph)
    assert shown.delta.removed == ("alone",)
    assert places(shown.graph) == places(before.graph)
