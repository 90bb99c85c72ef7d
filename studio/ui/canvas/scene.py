"""The scene: one item per node and wire, following the project by its changes and by its checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QGraphicsScene

from studio.build.plan import Checked, TensorType
from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.errors import Problem
from studio.project.block import block_name
from studio.project.changes import Changes, diff
from studio.project.expressions import Names
from studio.project.graph import Edge, Endpoint, Node, Position
from studio.project.project import Project
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.face import UNCHECKED, Face, Spot, State, make_face
from studio.ui.canvas.following import Following, lead_around
from studio.ui.canvas.layers import lay_under
from studio.ui.canvas.lines import NO_NAMES, has_formula
from studio.ui.canvas.look import Look
from studio.ui.canvas.marks import Marks
from studio.ui.canvas.node_item import NodeItem
from studio.ui.demands import demands
from studio.ui.port_layer import layer_in

K = TypeVar("K")
ROOM = 2000.0
"""How far around the nodes the index reaches at once."""
MANY = 500
"""More selected nodes than this are not lifted over the others: which of them would it tell apart?"""
Nodes = Mapping[str, Node]
LOOKS = attrgetter(*(one.name for one in fields(Node) if one.name != "position"))
"""All of a node that its face is made of."""
SHARES = 128
"""A node's share of all parameters is shown in so many steps: else each edit would redraw every node."""
_BOUNDS = Qt.ItemSelectionMode.IntersectsItemBoundingRect


class GraphScene(QGraphicsScene):
    """Nodes and wires as items. It only ever shows; edits are made elsewhere and arrive as Changes."""

    selection_moved = Signal()
    """Other nodes or wires are selected, or lit up."""
    content_changed = Signal()
    """Nodes or wires came, went, moved or look otherwise."""

    def __init__(self, registry: Registry, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known = registry
        self.registry = registry
        """What can be placed in what is shown: everything known and the project's own blocks."""
        self.look = look
        self._names: Names = NO_NAMES
        self._block: str | None = None
        self.project = Project()
        """What is shown."""
        self._loose = False
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[Edge, EdgeItem] = {}
        self._following = Following(self.nodes, self.edges)
        self.marks = Marks(self, look)
        """The frames and notes."""
        self.chosen: tuple[str, ...] = ()
        self.chosen_edges: tuple[Edge, ...] = ()
        self.lit: tuple[str, ...] = ()
        self._states: Mapping[str, State] = {}
        self._types: Mapping[Endpoint, TensorType] = {}
        self._checked: Checked | None = None
        self._wrong: frozenset[tuple[str, str]] = frozenset()
        lay_under(self, look)

    # Following the project

    def show_project(
        self, project: Project, changes: Changes, names: Names = NO_NAMES, block: str | None = None
    ) -> None:
        """Bring the items from the project shown so far to this one; formulas in it can read `names`.

        `block` is the block whose graph is shown, None for the main one. A wire one of whose nodes is not
        there (a file may hold some) is no part of what is shown.
        """
        self.registry = catalog_of(project, self._known)
        whole = _without_loose_wires(project, None if self._loose else changes)
        if whole is not project or self._loose:
            changes = diff(self.project, whole)
        again = self._loose and project is self.project
        shown = self.project.graph.nodes
        self.project, self._loose = whole, again or whole is not project
        with self.look.repaints.together():
            self._follow(shown, changes, names, block)

    def _follow(self, shown: Nodes, changes: Changes, names: Names, block: str | None) -> None:
        """Make the items those of the project; `shown` are the nodes that they were made of."""
        whole, nodes = self.project, self.project.graph.nodes
        self._following.forget()
        self._remove(changes)
        touched = set(changes.added | self._affected(changes.blocks, names, block))
        touched.update(one for one in changes.modified if LOOKS(nodes[one]) != LOOKS(shown[one]))
        self._names, self._block = names, block
        for edge in changes.edges_added | changes.edges_removed:
            touched.update((edge.source.node, edge.target.node))
        moved = {name for name in touched if name in nodes and self._show_node(name)}
        for name in changes.modified - touched:
            self.nodes[name].move_to(nodes[name].position)
            moved.add(name)
        for edge in changes.edges_added:
            self._add_edge(edge)
        lead_around(whole.graph, self.nodes, self.edges, moved, changes.edges_added)
        remarked = self.marks.show(whole.graph, changes)
        self._keep_selection(changes)
        if remarked or touched or moved or changes.removed:
            self._make_room(moved)
            self.content_changed.emit()

    def show_checked(self, checked: Checked, names: Names | None = None) -> None:
        """Show shapes, shares and problems; only what differs is touched.

        `names` are those that formulas can read now: of the data, more may be known.
        """
        if names is not None and names != self._names:
            self.show_project(self.project, Changes(), names, self._block)
        old = self._states
        self._states = _states(checked)
        self._types, self._checked = checked.types, checked
        self._wrong = _wrong_fields(checked)
        with self.look.repaints.together():
            for name in old.keys() | self._states.keys():
                state = self._states.get(name, UNCHECKED)
                if name in self.nodes and old.get(name, UNCHECKED) != state:
                    self.nodes[name].show_state(state)
            for item in self.edges.values():
                self._check_edge(item)

    def problems(self, name: str) -> tuple[Problem, ...]:
        """What the last check found wrong with a node."""
        return self._states.get(name, UNCHECKED).problems

    def layer_of(self, name: str) -> Layer | None:
        """The layer of a node, as its parameters make it, or None."""
        return self.registry.layer_of(self.project.graph.nodes[name])

    def tensor(self, source: Endpoint) -> TensorType | None:
        """What an output gives, as far as it is known."""
        return self._types.get(source)

    @property
    def names(self) -> Names:
        """What formulas in what is shown can read."""
        return self._names

    def demands(self, name: str) -> str:
        """What the drawing demands of the sizes that an Input leaves open; empty where none is open."""
        found = demands(name, self._checked) if self._checked else {}
        return "\n".join(f"{sizes}: {words}" for sizes, words in found.items())

    def preview(self, positions: Mapping[str, Position]) -> None:
        """Show nodes elsewhere while they are dragged; the project stays as it is."""
        with self.look.repaints.together():
            self._following.go(self.project.graph, positions)
        self.content_changed.emit()

    # Selection

    @property
    def chosen_marks(self) -> tuple[str, ...]:
        """The selected frames and notes."""
        return self.marks.chosen

    def choose(self, names: Iterable[str], edges: Iterable[Edge] = (), marks: Iterable[str] = ()) -> None:
        """Select these nodes, wires, frames and notes, and nothing else."""
        chosen = tuple(name for name in dict.fromkeys(names) if name in self.nodes)
        chosen_edges = tuple(edge for edge in dict.fromkeys(edges) if edge in self.edges)
        remarked = self.marks.choose(marks)
        if not remarked and (chosen, chosen_edges) == (self.chosen, self.chosen_edges):
            return
        lifted, before = len(chosen) <= MANY, set(self.chosen)
        with self.look.repaints.together():
            for name in before.symmetric_difference(chosen):
                if name in self.nodes:
                    self.nodes[name].choose(name not in before, lifted=lifted)
            _show_chosen(self.edges, self.chosen_edges, chosen_edges)
        self.chosen, self.chosen_edges = chosen, chosen_edges
        self.selection_moved.emit()

    def light_up(self, names: Iterable[str]) -> None:
        """Light up the nodes that were looked for, and no others."""
        found = frozenset(names)
        for name, item in self.nodes.items():
            item.light_up(name in found)
        lit = tuple(name for name in self.nodes if name in found)
        if lit != self.lit:
            self.lit = lit
            self.selection_moved.emit()

    # What lies where

    def node_at(self, point: QPointF) -> NodeItem | None:
        """The topmost node at a point."""
        near = self.items(point, _BOUNDS)
        return next((one for one in near if isinstance(one, NodeItem) and one.body.contains(point)), None)

    def spot_at(self, point: QPointF, reach: float) -> tuple[NodeItem, Spot] | None:
        """The topmost port within reach of a point."""
        for item in self.items(_square(point, reach), _BOUNDS):
            if isinstance(item, NodeItem) and (spot := item.spot_at(point, reach)) is not None:
                return item, spot
        return None

    def edge_at(self, point: QPointF, reach: float) -> EdgeItem | None:
        """The wire nearest to a point, within reach, of those that are seen."""
        items = self.items(_square(point, reach), _BOUNDS)
        near = [one for one in items if isinstance(one, EdgeItem) and not one.detached]
        distances = [(one.distance(point), at) for at, one in enumerate(near)]
        distance, at = min(distances, default=(reach, -1))
        return near[at] if at >= 0 and distance <= reach else None

    def nodes_in(self, rect: QRectF) -> list[str]:
        """The nodes that a rectangle touches."""
        return [name for name, item in self.nodes.items() if rect.intersects(item.body)]

    def edges_in(self, rect: QRectF) -> list[Edge]:
        """The wires that pass through a rectangle."""
        return [e for e, item in self.edges.items() if rect.intersects(item.bounds) and item.crosses(rect)]

    def bounds(self, names: Iterable[str] = ()) -> QRectF:
        """The rectangle around some nodes, or around all that is drawn; null where there is nothing."""
        some = [self.nodes[name].body for name in names]
        return _around(some or [item.body for item in (*self.nodes.values(), *self.marks.items.values())])

    def _remove(self, changes: Changes) -> None:
        for edge in changes.edges_removed:
            self.edges[edge].repaint()
            self.removeItem(self.edges.pop(edge))
        for name in changes.removed:
            self.nodes[name].repaint()
            self.removeItem(self.nodes.pop(name))

    def _show_node(self, name: str) -> bool:
        """Make or refresh a node's item; says whether its ports may have moved."""
        node = self.project.graph.nodes[name]
        item = self.nodes.get(name)
        face = self._face(name)
        if item is None:
            self.nodes[name] = item = NodeItem(self.look, face, node.position)
            self.addItem(item)
            item.repaint()
            return True
        refaced = item.show_face(face)
        return item.move_to(node.position) or refaced

    def _face(self, name: str) -> Face:
        graph = self.project.graph
        node = graph.nodes[name]
        state = self._states.get(name, UNCHECKED)
        layer = layer_in(self.registry, node, self._block)
        return make_face(node, layer, graph.incoming(name), graph.outgoing(name), state, self._names)

    def _affected(self, blocks: frozenset[str], names: Names, block: str | None) -> frozenset[str]:
        """The nodes that look otherwise now although they are the same: uses of blocks, formulas, ports."""
        nodes = self.project.graph.nodes
        return frozenset(nodes) if block != self._block else _touched(nodes, blocks, names != self._names)

    def _add_edge(self, edge: Edge) -> None:
        item = EdgeItem(self.look, edge)
        self.edges[edge] = item
        self._check_edge(item)
        self.addItem(item)

    def _check_edge(self, item: EdgeItem) -> None:
        target = item.edge.target
        item.show_check(self._types.get(item.edge.source), (target.node, target.port) in self._wrong)

    def _keep_selection(self, changes: Changes) -> None:
        if changes.removed or changes.edges_removed or changes.marks_removed:
            # A wire that is bent another way by now is still the same.
            wires = (self.project.graph.current(edge) or edge for edge in self.chosen_edges)
            self.choose(self.chosen, wires, self.chosen_marks)

    def _make_room(self, moved: set[str]) -> None:
        """Keep the index's rectangle around everything; it grows in large steps, since each one costs."""
        room = self.sceneRect()
        marks = self.marks.items.values()
        if not all(room.contains(item.body) for item in (*(self.nodes[name] for name in moved), *marks)):
            self.setSceneRect(self.bounds().adjusted(-ROOM, -ROOM, ROOM, ROOM))


def _show_chosen(items: Mapping[K, Any], before: Iterable[K], now: Iterable[K]) -> None:
    """Let the items that are selected now, or were before, show it."""
    selected = set(now)
    for key in selected.symmetric_difference(before):
        if key in items:
            items[key].choose(key in selected)


def _around(rects: list[QRectF]) -> QRectF:
    """The rectangle around rectangles; null around none."""
    if not rects:
        return QRectF()
    left, top = min(one.left() for one in rects), min(one.top() for one in rects)
    right, bottom = max(one.right() for one in rects), max(one.bottom() for one in rects)
    return QRectF(left, top, right - left, bottom - top)


def _without_loose_wires(project: Project, changes: Changes | None) -> Project:
    """The project without wires that end at no node; where changes are given, it had none before them."""
    graph, nodes = project.graph, project.graph.nodes
    near: Iterable[Edge] = graph.edges
    if changes is not None:
        at_removed = (e for name in changes.removed for e in (*graph.incoming(name), *graph.outgoing(name)))
        near = (*changes.edges_added, *at_removed)
    loose = [one for one in near if one.source.node not in nodes or one.target.node not in nodes]
    return project.with_graph(project.graph.without_edges(*loose)) if loose else project


def _touched(nodes: Mapping[str, Node], blocks: frozenset[str], renamed: bool) -> frozenset[str]:
    """Uses of some blocks, and where names in formulas mean something else now, the nodes that have any."""
    uses = (node.name for node in nodes.values() if block_name(node.type) in blocks) if blocks else ()
    read = (node.name for node in nodes.values() if has_formula(node.params.values())) if renamed else ()
    return frozenset((*uses, *read))


def _states(checked: Checked) -> dict[str, State]:
    """What a check says by node; a block's node has the problems inside of it too."""
    whole = checked.total.parameters
    problems: dict[str, list[Problem]] = {}
    for problem in checked.problems:
        at = problem.path[0] if problem.path else problem.node
        if at is not None:
            problems.setdefault(at, []).append(problem)
    counted = {name for name, cost in checked.costs.items() if cost.parameters}
    return {
        name: State(
            round(checked.costs[name].parameters / whole * SHARES) / SHARES if name in counted else None,
            tuple(sorted(problems.get(name, ()), key=lambda one: (one.severity, len(one.path)))),
        )
        for name in counted | problems.keys()
    }


def _wrong_fields(checked: Checked) -> frozenset[tuple[str, str]]:
    """The parameters and ports, by node, that an error is about."""
    return frozenset(
        (problem.node, problem.field)
        for problem in checked.errors
        if problem.node is not None and problem.field is not None and not problem.path
    )


def _square(point: QPointF, reach: float) -> QRectF:
    return QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
