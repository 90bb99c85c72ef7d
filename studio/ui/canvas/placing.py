"""Where new layers come from: the search box, a wire dropped on nothing, the palette."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, Signal

from studio.catalog.registry import Layer
from studio.project.graph import Edge, Endpoint
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.face import FIRST_PORT, LEAST_WIDTH
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.search import SearchBox
from studio.ui.canvas.view import GraphView
from studio.ui.canvas.walking import free_place, place_after, snapped

HALF = QPointF(LEAST_WIDTH / 2, FIRST_PORT)
"""From a new node's corner to where the pointer holds it."""


class Placing(QObject):
    """Places layers where they are wanted, and selects them."""

    placed = Signal(str)

    def __init__(self, scene: GraphScene, view: GraphView, editor: Editor, search: SearchBox) -> None:
        super().__init__(view)
        self._scene, self._view, self._editor, self._search = scene, view, editor, search
        self._at = QPoint()
        self._wire: tuple[Endpoint, str] | None = None
        search.chosen.connect(self._found)

    def ask(self, at: QPoint) -> None:
        """Offer every layer, to be placed at a point of the view."""
        self._at, self._wire = at, None
        self._search.open(at)

    def ask_for_wire(self, fixed: Endpoint, side: str, at: QPoint) -> None:
        """Offer the layers that a loose wire can go on to."""

        def fits(layer: Layer) -> bool:
            return bool(layer.inputs if side == "out" else layer.outputs)

        self._at, self._wire = at, (fixed, side)
        self._search.open(at, fits)

    def drop(self, type: str, at: QPointF, edge: Edge | None) -> None:
        """Place a layer that was dragged in, perhaps into a wire."""
        self._done(self._editor.place(type, snapped(at - HALF), into=edge), type)

    def follow(self, type: str, after: str | None) -> None:
        """Place a layer wired after a node, or in the middle of what is seen."""
        if after is None:
            name = self._editor.place(type, free_place(self._scene, self._view.seen().center() - HALF))
        else:
            output = self._editor.output_of(after)
            name = self._editor.place(type, place_after(self._scene, after), wire=output)
        self._done(name, type)

    def _found(self, type: str) -> None:
        at = self._view.mapToScene(self._at)
        wire, self._wire = self._wire, None
        if wire is None:
            name = self._editor.place(type, snapped(at - HALF))
        else:
            corner = at - QPointF(0 if wire[1] == "out" else LEAST_WIDTH, FIRST_PORT)
            name = self._editor.place(type, snapped(corner), wire=wire[0], end=wire[1])
        self._done(name, type)

    def _done(self, name: str, type: str) -> None:
        self._view.setFocus()
        if name:
            self._search.used(type)
            self.placed.emit(name)
