"""Where new layers come from: the search box, a wire dropped on nothing, the palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Signal

from studio.catalog.registry import Layer
from studio.project.graph import Edge, Endpoint, Position
from studio.ui.canvas.asking import Asking
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.face import FIRST_PORT, LEAST_WIDTH
from studio.ui.canvas.layer_fits import LayerFits
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.search import Offer, SearchBox
from studio.ui.canvas.view import GraphView
from studio.ui.canvas.walking import GAP, NEW_HEIGHT, NEW_WIDTH, free_place, place_after, snapped

HALF = QPointF(LEAST_WIDTH / 2, FIRST_PORT)
"""From a new node's corner to where the pointer holds it."""


class Placing(QObject):
    """Places layers where they are wanted, and selects them."""

    placed = Signal(tuple)
    """The name of the new node, alone."""

    def __init__(
        self, scene: GraphScene, view: GraphView, editor: Editor, search: SearchBox, asking: Asking
    ) -> None:
        super().__init__(view)
        self._scene, self._view, self._editor, self._search = scene, view, editor, search
        self._fits = LayerFits(asking, search)

    def ask(self, at: QPoint) -> None:
        """Offer every layer, to be placed at a point of the view."""
        point = self._view.mapToScene(at)
        self._search.open(at, lambda type: self._put(type, snapped(point - HALF)))

    def ask_here(self, at: QPoint) -> None:
        """Offer every layer: to be wired after the node that is selected, or put into the wire that is."""
        chosen, wires = self._scene.chosen, self._scene.chosen_edges
        if not chosen and len(wires) == 1:
            self._ask_into(wires[0], at)
            return
        if len(chosen) != 1:
            self.ask(at)
            return
        after, point = chosen[0], self._view.mapToScene(at)

        def take(type: str) -> None:
            if self._search.wires and after in self._scene.nodes:
                self._put(type, self._beside(type, chosen, point), after=chosen)
            else:
                self._put(type, snapped(point - HALF))

        self._search.open(at, take, Offer(likings=self._usual(after), after=after))
        output = self._editor.output_of(after)
        if output is not None:
            self._fits.begin(output, "out")

    def _ask_into(self, wire: Edge, at: QPoint) -> None:
        """Offer the layers that can be put into a wire."""

        def fits(layer: Layer) -> bool:
            return bool(layer.inputs and layer.outputs)

        corner = snapped(self._scene.edges[wire].bounds.center() - HALF)
        ends = {"source": wire.source.node, "target": wire.target.node}
        title = self.tr("Insert between {source} and {target}").format(**ends)
        offer = Offer(fits, self._usual(wire.source.node), title=title)
        self._search.open(at, lambda type: self._put(type, corner, into=wire), offer)

    def ask_for_wire(self, fixed: Endpoint, side: str, at: QPoint) -> None:
        """Offer the layers that a loose wire can go on to."""

        def fits(layer: Layer) -> bool:
            return bool(layer.inputs if side == "out" else layer.outputs)

        point = self._view.mapToScene(at)
        corner = snapped(point - QPointF(0 if side == "out" else LEAST_WIDTH, FIRST_PORT))
        likings = self._usual(fixed.node) if side == "out" else self._usual_before(fixed.node)
        offer = Offer(fits, likings)
        self._search.open(at, lambda type: self._put(type, corner, wire=fixed, end=side), offer)
        self._fits.begin(fixed, side)

    def drop(self, type: str, at: QPointF, edge: Edge | None) -> None:
        """Place a layer that was dragged in, perhaps into a wire."""
        self._put(type, snapped(at - HALF), into=edge)

    def follow(self, type: str, after: Sequence[str]) -> None:
        """Place a layer wired after nodes, or in the middle of what is seen.

        The keyboard stays where it is, so that the next one can follow.
        """
        self._put(type, self._beside(type, after), after=after, focus=False)

    def _beside(self, type: str, after: Sequence[str], at: QPointF | None = None) -> Position:
        """At a point if that is free and behind the nodes, else beside them (before them what only gives)."""
        if not after:
            return free_place(self._scene, self._view.seen().center() - HALF)
        body = self._scene.bounds(after)
        layer = self._editor.layer(type)
        if layer is not None and not layer.inputs:
            return free_place(self._scene, QPointF(body.left() - GAP - NEW_WIDTH, body.top()))
        if at is not None:
            place = QRectF(at - HALF, at - HALF + QPointF(NEW_WIDTH, NEW_HEIGHT))
            if place.left() >= body.right() + GAP / 2 and not self._scene.nodes_in(place):
                return snapped(at - HALF)
        if len(after) == 1 or (layer and len(layer.inputs) == 1 and not layer.inputs[0].variadic):
            return place_after(self._scene, after[-1])
        return free_place(self._scene, QPointF(body.right() + GAP, body.center().y() - NEW_HEIGHT / 2))

    def _usual(self, after: str) -> Callable[[Layer], int]:
        """What usually comes next is the likeliest."""
        layer = self._scene.layer_of(after)
        follows = layer.follows if layer else ()
        return lambda one: 0 if one.type in follows else 1 if one.inputs else 2

    def _usual_before(self, node: str) -> Callable[[Layer], int]:
        type = self._scene.project.graph.nodes[node].type
        return lambda one: 0 if type in one.follows else 1

    def _put(
        self,
        type: str,
        at: Position,
        *,
        wire: Endpoint | None = None,
        end: str = "out",
        into: Edge | None = None,
        after: Sequence[str] = (),
        focus: bool = True,
    ) -> None:
        name = self._editor.place(type, at, wire=wire, end=end, into=into, after=after)
        if focus:
            self._view.setFocus()
        if name:
            self._search.lately.add(type)
            self.placed.emit((name,))
            if after:
                self._view.reveal(self._scene.nodes[name].body)
