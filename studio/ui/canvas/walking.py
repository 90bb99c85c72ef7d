"""Where the arrow keys lead from a node, and where a new node finds a free place."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt

from studio.project.graph import Position
from studio.ui.canvas.scene import GraphScene
from studio.ui.theme import GRID

GAP = 64
NEW_WIDTH, NEW_HEIGHT = 168, 96
DIRECTIONS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}


def neighbour(scene: GraphScene, name: str, direction: QPointF) -> str | None:
    """The node that an arrow key leads to: sideways along a wire where there is one, else the nearest."""
    graph = scene.project.graph
    wired: list[str] = []
    if direction.x() > 0:
        wired = [edge.target.node for edge in graph.outgoing(name)]
    elif direction.x() < 0:
        wired = [edge.source.node for edge in graph.incoming(name)]
    here = scene.nodes[name].body.center()
    others = [other for other in scene.nodes if other != name]
    joined = [other for other in wired if other != name]
    return _nearest(scene, here, direction, joined) or _nearest(scene, here, direction, others, ahead=True)


def nearest(scene: GraphScene, here: QPointF, direction: QPointF) -> str | None:
    """The node that lies nearest to a point in a direction."""
    return _nearest(scene, here, direction, scene.nodes, ahead=True)


def free_place(scene: GraphScene, at: QPointF) -> Position:
    """A place for a new node at a point, or further down where others are in the way."""
    rect = QRectF(at.x(), at.y(), NEW_WIDTH, NEW_HEIGHT)
    while hit := scene.nodes_in(rect.adjusted(-8, -8, 8, 8)):
        rect.moveTop(max(scene.nodes[name].body.bottom() for name in hit) + 24)
    return snapped(rect.topLeft())


def place_after(scene: GraphScene, name: str) -> Position:
    """A place for a new node at the right of another."""
    body = scene.nodes[name].body
    return free_place(scene, QPointF(body.right() + GAP, body.top()))


def snapped(point: QPointF) -> Position:
    """The nearest point of the grid."""
    return round(point.x() / GRID) * GRID, round(point.y() / GRID) * GRID


def _nearest(
    scene: GraphScene, here: QPointF, direction: QPointF, among: Iterable[str], *, ahead: bool = False
) -> str | None:
    found: list[tuple[float, str]] = []
    for other in among:
        way = scene.nodes[other].body.center() - here
        along = QPointF.dotProduct(way, direction)
        aside = abs(way.x() * direction.y()) + abs(way.y() * direction.x())
        if not ahead or along > aside / 2:
            found.append((abs(along) + 2 * aside, other))
    return min(found, default=(0.0, None))[1]
