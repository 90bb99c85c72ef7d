"""Gives a node that was put into a wire room between its neighbours: what is in the way moves right."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from math import ceil

from PySide6.QtCore import QRectF

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Registry
from studio.project import edits
from studio.project.arranging import Box, arranged
from studio.project.block import graph_of, within
from studio.project.graph import Graph
from studio.project.layers import Wire
from studio.project.project import Project
from studio.ui.canvas.face import FIRST_PORT, UNCHECKED, make_face
from studio.ui.canvas.walking import GAP
from studio.ui.theme import GRID

LEAST_GAP = 40
"""A wire shorter than this shows no shape."""
STRAIGHT = 24
"""A node that is off its neighbour's line by no more than this is meant to be on it."""
ASIDE = 8
"""Nodes whose rows are closer than this are in each other's way."""


def with_room(project: Project, names: Iterable[str], registry: Registry) -> Project:
    """The project with room for these nodes, as far as each lies between two others from left to right."""
    for name in names:
        if name in project.graph.nodes:
            project = _with_room_for(project, name, registry)
    return project


def with_room_for_new(before: Project, after: Project, registry: Registry) -> Project:
    """The project with room for the nodes that an edit added, in the main graph and in every block."""
    for block in (None, *after.blocks):
        new = sorted(_come(graph_of(before, block), graph_of(after, block)))
        if new and (block is None or block in before.blocks):
            after = within(after, block, partial(with_room, names=new, registry=registry))
    return after


def laid_out(project: Project, names: Collection[str], registry: Registry) -> Project:
    """The project with nodes in layers from left to right, as their wires lead; their corner stays."""
    rects, graph = _rects(project, registry), project.graph
    boxes = {
        name: Box(one.x(), one.y(), one.width(), one.height()) for name, one in rects.items() if name in names
    }
    wires = [
        Wire(edge.source.node, edge.target.node, FIRST_PORT, FIRST_PORT)
        for edge in graph.edges
        if edge.source.node in boxes and edge.target.node in boxes
    ]
    return edits.move(project, arranged(boxes, wires))


def renamed_nodes(before: Graph, after: Graph) -> dict[str, str]:
    """Nodes that have gone where another of their type has come: they have other names now."""
    come, gone = after.nodes.keys() - before.nodes.keys(), before.nodes.keys() - after.nodes.keys()
    places = {(after.nodes[name].type, after.nodes[name].position): name for name in come}
    keys = {name: (before.nodes[name].type, before.nodes[name].position) for name in gone}
    return {name: places[key] for name, key in keys.items() if key in places}


def _come(before: Graph, after: Graph) -> set[str]:
    return set(after.nodes.keys() - before.nodes.keys()) - set(renamed_nodes(before, after).values())


def _with_room_for(project: Project, name: str, registry: Registry) -> Project:
    graph = project.graph
    source = next((edge.source.node for edge in graph.incoming(name)), None)
    target = next((edge.target.node for edge in graph.outgoing(name)), None)
    if source is None or target is None:
        return project
    rects = _rects(project, registry)
    left, right, own = rects[source], rects[target], rects[name]
    if right.left() <= left.left():
        return project  # the wire leads back to another row
    spare = right.left() - left.right() - own.width()
    own.moveLeft(_snapped(left.right() + (spare / 2 if spare >= 2 * LEAST_GAP else GAP)))
    before = {other: QRectF(rect) for other, rect in rects.items()}
    if abs(own.top() - left.top()) <= STRAIGHT:
        own.moveTop(left.top())
    if right.left() < own.right() + LEAST_GAP:
        right.moveLeft(_snapped(own.right() + GAP))
    _push(rects, before, target, fixed={source, name})
    moved = {other: (rect.x(), rect.y()) for other, rect in rects.items() if rect != before[other]}
    return edits.move(project, {**moved, name: (own.x(), own.y())})


def _push(rects: dict[str, QRectF], before: dict[str, QRectF], first: str, fixed: set[str]) -> None:
    """Let a node that moved push those at its right, as far as it comes closer to them than they were."""
    waiting = [first] if rects[first] != before[first] else []
    while waiting:
        name = waiting.pop(0)
        now, old = rects[name], before[name]
        for other, rect in rects.items():
            if other == name or other in fixed or before[other].left() < old.left():
                continue
            if now.bottom() + ASIDE <= rect.top() or rect.bottom() + ASIDE <= now.top():
                continue
            least = now.right() + min(GAP, max(0.0, before[other].left() - old.right()))
            if rect.left() < least:
                rect.moveLeft(_snapped(least))
                waiting.append(other)


def _rects(project: Project, registry: Registry) -> dict[str, QRectF]:
    """Where every node lies, as wide and as high as it is drawn."""
    graph = project.graph
    catalog = catalog_of(project, registry)
    rects: dict[str, QRectF] = {}
    for name, node in graph.nodes.items():
        layer = catalog.layer_of(node)
        face = make_face(node, layer, graph.incoming(name), graph.outgoing(name), UNCHECKED)
        rects[name] = QRectF(*node.position, face.width, face.height)
    return rects


def _snapped(length: float) -> float:
    """The next line of the grid to the right."""
    return float(ceil(length / GRID) * GRID)
