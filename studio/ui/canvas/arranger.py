"""Brings nodes into order: arranged by themselves, in line with each other, or spread evenly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.project import bends, edits, marks
from studio.project.aligning import Edge, Way, aligned, distributed
from studio.project.arranging import Box, arranged
from studio.project.graph import Endpoint, Graph, Position
from studio.project.layers import Wire
from studio.ui.background import Background
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.face import Side
from studio.ui.canvas.glide import Glide
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView

FEWEST = {"arrange": 1, "align": 2, "distribute": 3}
"""How many nodes each takes."""


class Arranger(QObject):
    """Works on the selected nodes; where fewer than two are selected, all are arranged."""

    told = Signal(str)
    """What there was to say."""

    def __init__(self, scene: GraphScene, view: GraphView, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene, self._view, self._editor = scene, view, editor
        self._glide = Glide(scene, view)
        self._asked: tuple[Graph, bool] | None = None
        self._work = Background(self)
        self._work.done.connect(self._arrive)
        self._work.failed.connect(self._fail)
        for shown in (editor.session.replaced, editor.session.focus_moved):
            shown.connect(lambda *_: QTimer.singleShot(0, self, self._unpile))

    def lacking(self, deed: str) -> str:
        """Why a deed of FEWEST cannot be done now; empty where it can."""
        if deed == "arrange":
            return "" if self._scene.nodes else self.tr("There are no nodes yet.")
        if len(self._scene.chosen) >= FEWEST[deed]:
            return ""
        return self.tr("Select {count} nodes or more first.").format(count=FEWEST[deed])

    def arrange(self, *, downwards: bool = False) -> None:
        """Lay the nodes out in layers, off this thread; the places come as one undo step."""
        if reason := self.lacking("arrange"):
            self.told.emit(reason)
            return
        scene = self._scene
        chosen = scene.chosen if len(scene.chosen) > 1 else tuple(scene.nodes)
        graph = self._editor.project.graph
        boxes = boxes_of(scene, chosen)
        others = list(boxes_of(scene, scene.nodes.keys() - boxes.keys()).values())
        self._asked = (graph, not others)
        pinned = frozenset(name for name in chosen if graph.nodes[name].pinned)
        wires = wires_of(scene, chosen)
        self._work.request(partial(arranged, boxes, wires, downwards=downwards, pinned=pinned, others=others))

    def _unpile(self) -> None:
        """Arrange a drawing whose nodes all lie at one place: a file may say nothing of places."""
        nodes = self._scene.project.graph.nodes.values()
        if len(nodes) > 1 and len({node.position for node in nodes}) == 1:
            self.arrange()

    def toggle_pinned(self) -> None:
        """Let the selected nodes stay where they are when the drawing is arranged; or no longer."""
        names, nodes = self._scene.chosen, self._editor.project.graph.nodes
        pin = not all(nodes[name].pinned for name in names)
        label = self.tr("Pin {nodes}") if pin else self.tr("Unpin {nodes}")
        drawing = edits.set_pinned(self._editor.project, names, pin)
        self._editor.session.commit_drawing(drawing, label.format(nodes=self._named(names)))

    def align(self, edge: Edge) -> None:
        """Bring the selected nodes into line."""
        if self._ready("align"):
            boxes = boxes_of(self._scene, self._scene.chosen)
            self._put(aligned(boxes, edge), self.tr("Align {nodes}"))

    def distribute(self, way: Way) -> None:
        """Give the selected nodes the same gaps."""
        if self._ready("distribute"):
            boxes = boxes_of(self._scene, self._scene.chosen)
            self._put(distributed(boxes, way), self.tr("Distribute {nodes}"))

    @property
    def moving(self) -> bool:
        """Whether nodes are on their way."""
        return self._glide.moving

    def end(self) -> None:
        """Show every node where it belongs: what moves is there at once."""
        self._glide.end()

    def _ready(self, deed: str) -> bool:
        reason = self.lacking(deed)
        if reason:
            self.told.emit(reason)
        return not reason

    def _arrive(self, places: dict[str, Position]) -> None:
        """The places are found; they are of no use where the drawing has changed meanwhile."""
        asked, self._asked = self._asked, None
        if asked is None or asked[0] is not self._editor.project.graph:
            self.told.emit(self.tr("The drawing has changed meanwhile, so it was not arranged."))
            return
        straight = bends.straightened(asked[0], places) is not asked[0]
        label = self.tr("Arrange {nodes}, their wires straight") if straight else self.tr("Arrange {nodes}")
        self._put(places, label, fit=asked[1], frames=True)

    def _fail(self, error: Exception) -> None:
        self._asked = None
        self.told.emit(self.tr("The nodes could not be arranged: {error}").format(error=error))

    def _named(self, names: tuple[str, ...]) -> str:
        return names[0] if len(names) == 1 else self.tr("{count} nodes").format(count=len(names))

    def _put(
        self, places: Mapping[str, Position], label: str, *, fit: bool = False, frames: bool = False
    ) -> None:
        """Put nodes elsewhere as one undo step, and let them glide there."""
        before = {name: self._editor.project.graph.nodes[name].position for name in places}
        moved = {name: at for name, at in places.items() if at != before[name]}
        project = self._editor.project
        graph = bends.straightened(project.graph, places) if frames else project.graph
        if not moved and graph is project.graph:
            self.told.emit(self.tr("Everything is in its place already."))
            return
        named, project = self._named(tuple(places)), project.with_graph(graph)
        boxes = boxes_of(self._scene, self._scene.nodes) if frames else {}
        drawing = marks.followed(project, moved, boxes) if frames else edits.move(project, moved)
        self._editor.session.commit_drawing(drawing, label.format(nodes=named))
        if fit:
            self._view.fit(self._scene.bounds())
        self._glide.play({name: before[name] for name in moved}, moved)


def boxes_of(scene: GraphScene, names: Iterable[str]) -> dict[str, Box]:
    """Nodes as they are drawn, where the project has them."""
    wanted = set(names)
    found: dict[str, Box] = {}
    for name, node in scene.project.graph.nodes.items():  # in the same order in every session
        if name in wanted:
            face = scene.nodes[name].face
            found[name] = Box(*node.position, face.width, face.height)
    return found


def wires_of(scene: GraphScene, names: Iterable[str]) -> list[Wire]:
    """The wires between some nodes, with the heights of their ports."""
    inner = set(names)
    return [
        Wire(
            edge.source.node,
            edge.target.node,
            _height(scene, "out", edge.source),
            _height(scene, "in", edge.target),
        )
        for edge in scene.project.graph.edges
        if edge.source.node in inner and edge.target.node in inner
    ]


def _height(scene: GraphScene, side: Side, end: Endpoint) -> float:
    item = scene.nodes[end.node]
    return item.place_of(side, end.port, end.index).y() - item.body.y()
