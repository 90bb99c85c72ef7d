"""What the pointer means on the canvas: which gesture a press begins, tooltips, menus, layers dragged in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip

from studio.project.graph import Edge, Endpoint
from studio.ui.canvas.asking import Asking
from studio.ui.canvas.badges import badge_at
from studio.ui.canvas.band import Lasso, RubberBand
from studio.ui.canvas.dots import Dots
from studio.ui.canvas.drawing import Level
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.face import Side, Spot
from studio.ui.canvas.fitting import port_reach
from studio.ui.canvas.gestures import Gesture
from studio.ui.canvas.knife import Knife
from studio.ui.canvas.mark_deeds import MarkDeeds
from studio.ui.canvas.mark_pointer import MarkPointer
from studio.ui.canvas.moving import MoveNodes
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.structure import Structure
from studio.ui.canvas.values import Values
from studio.ui.canvas.view import GraphView
from studio.ui.canvas.wire_pointer import WirePointer
from studio.ui.canvas.wiring import DragWire, MoveWires, wires_at
from studio.ui.words import declared

MIME = "application/x-neuroloom-layer"
ADDS = Qt.KeyboardModifier.ShiftModifier
TOGGLES = Qt.KeyboardModifier.ControlModifier
LASSO = CUTS = Qt.KeyboardModifier.AltModifier


class Pointer(QObject):
    """Looks at what lies under the pointer and says what follows from it."""

    wire_dropped = Signal(Endpoint, str, QPoint)
    """A wire was dropped on empty canvas: the end that holds, its side, and where."""
    empty_double_clicked = Signal(QPoint)
    node_double_clicked = Signal(str)
    layer_dropped = Signal(str, QPointF, object)
    """A layer's type, where on the canvas, and the Edge it was dropped on or None."""
    menu_wanted = Signal(QPoint)
    node_pressed = Signal()
    """A node was pressed, which may have been selected before."""
    badge_pressed = Signal()
    """The mark of the node that is now selected alone."""

    def __init__(
        self, scene: GraphScene, editor: Editor, marks: MarkDeeds, dots: Dots, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._scene, self._editor = scene, editor
        self._marks, self._wires = MarkPointer(scene, marks), WirePointer(scene, dots)
        self._cutting = False
        self.asking = Asking(editor, self)
        self.structure = Structure(scene, editor, self)
        self._view: GraphView | None = None
        self._values: Values
        self.offering: Callable[[QMouseEvent, Callable[[], Gesture]], Gesture] = lambda _, begin: begin()
        """What a press on a node begins, which may be more than moving it."""
        self._hovered: NodeItem | None = None
        self._aimed: EdgeItem | None = None

    def watch(self, view: GraphView, values: Values) -> None:
        """Follow a view, on whose nodes values are edited."""
        self._view, self._values = view, values
        view.viewport().setAcceptDrops(True)
        view.viewport().installEventFilter(self)
        view.hand.hovered.connect(self._hover)

    @property
    def view(self) -> GraphView:
        """The view that is followed."""
        assert self._view is not None
        return self._view

    # Presses

    def start(self, event: QMouseEvent) -> Gesture | None:
        """The gesture that a press begins."""
        self._wires.hover(None)
        point = self.view.mapToScene(event.position().toPoint())
        self._cutting = event.button() == Qt.MouseButton.RightButton and bool(event.modifiers() & CUTS)
        if self._cutting:
            return Knife(self.view, self._scene, self._editor, event.position())
        if event.button() == Qt.MouseButton.RightButton:
            self._choose_under(point)
            return None
        if event.button() != Qt.MouseButton.LeftButton:
            return None
        double = event.type() == QEvent.Type.MouseButtonDblClick
        if not double:
            self._values.remember()
        if not double and (wire := self._wire_at(point, event.modifiers())) is not None:
            return wire
        node = badge_at(self._scene, point)
        if node is not None:
            self._scene.choose([node.name])
            self.badge_pressed.emit()
            return None
        node = self._scene.node_at(point)
        if node is not None:
            return self._press_node(node, event, double)
        return self._press_beside(point, event, double)

    def _press_beside(self, point: QPointF, event: QMouseEvent, double: bool) -> Gesture | None:
        """A press on no node: on a note, a frame's title, a wire, or nothing."""
        if not double and event.modifiers() & LASSO:
            return Lasso(self.view, self._scene, event.position(), event.modifiers())
        edge, mark = self._edge_at(point), self._marks.at(point)
        if mark is not None and (edge is None or mark[1] == "body"):  # notes lie on wires, frames below them
            return self._marks.press(self.view, event, mark)
        if edge is not None:
            return self._wires.press(self.view, event, edge)
        if double:
            self.empty_double_clicked.emit(event.position().toPoint())
            return None
        return RubberBand(self.view, self._scene, event.position(), event.modifiers())

    def _wire_at(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
        """What a press on a port begins: a new wire, or with Ctrl all that are there."""
        if self._scene.look.level == Level.FAR:
            return None
        found = self._scene.spot_at(point, port_reach(self.view.zoom))
        if found is None:
            return None
        if modifiers & TOGGLES and wires_at(self._scene, *found, whole_port=True):
            return MoveWires(self.view, self._scene, self.asking, self._editor, *found)
        return self.wire_from(*found)

    def wire_from(self, node: NodeItem, spot: Spot) -> Gesture:
        """A wire in hand, held at a port."""
        return DragWire(self.view, self._scene, self.asking, self._editor, node, spot, self._dropped)

    def _dropped(self, fixed: Endpoint, side: Side, at: QPoint) -> None:
        self.wire_dropped.emit(fixed, side, at)

    def _press_node(self, node: NodeItem, event: QMouseEvent, double: bool) -> Gesture | None:
        name, chosen, modifiers = node.name, self._scene.chosen, event.modifiers()
        self.node_pressed.emit()
        if double:
            if not self._values.double_click(self.view.mapToScene(event.position().toPoint())):
                self.node_double_clicked.emit(name)
            return None
        if modifiers & TOGGLES and name in chosen:
            self._scene.choose((one for one in chosen if one != name), *self._besides)
            return None
        if modifiers & (TOGGLES | ADDS):
            self._scene.choose((*chosen, name), *self._besides)
        elif name not in chosen:
            self._scene.choose([name])
        begun = self.offering(event, partial(self._drag_node, name, event.clone()))
        return self._values.press(event, begun) if name in chosen and not modifiers else begun

    def _drag_node(self, name: str, event: QMouseEvent) -> Gesture:
        if self._scene.chosen_marks:
            return self._marks.move(self.view, event, partial(self._scene.choose, [name]))
        return MoveNodes(self.view, self._scene, self.structure, name, event.position(), event.modifiers())

    @property
    def _besides(self) -> tuple[tuple[Edge, ...], tuple[str, ...]]:
        """What is selected besides nodes."""
        return self._scene.chosen_edges, self._scene.chosen_marks

    def _choose_under(self, point: QPointF) -> None:
        """A menu speaks of what is selected: select what it was opened on."""
        node = self._scene.node_at(point)
        if node is not None:
            if node.name not in self._scene.chosen:
                self._scene.choose([node.name])
            return
        edge = self._edge_at(point)
        if edge is not None or not self._marks.choose_under(point):
            self._scene.choose((), [edge.edge] if edge else ())

    def _edge_at(self, point: QPointF) -> EdgeItem | None:
        return self._wires.at(point)

    # Hovering

    def _hover(self, at: QPointF) -> None:
        inside = self.view.viewport().rect().contains(at.toPoint())
        point = self.view.mapToScene(at.toPoint())
        node = self._scene.node_at(point) if inside else None
        self._marks.hover(self.view, point if inside and node is None else None)
        self._values.hover(point if node is not None else None)
        self._wires.hover(point if inside and node is None else None)
        if node is not self._hovered:
            if self._hovered is not None:
                self._hovered.hover(False)
            if node is not None:
                node.hover(True)
            self._hovered = node

    def tip(self, at: QPoint) -> str:
        """What is said of what lies at a point of the viewport."""
        point = self.view.mapToScene(at)
        found = self._scene.spot_at(point, port_reach(self.view.zoom))
        if found is not None:
            return self._port_tip(*found)
        node = self._scene.node_at(point)
        if node is not None:
            return self._values.tip(point) or self._node_tip(node)
        edge = self._edge_at(point)
        if edge is None:
            return self._marks.tip(point)
        return self._wires.tip(edge, self._editor.project)

    def _port_tip(self, node: NodeItem, spot: Spot) -> str:
        layer = self._scene.layer_of(node.name)
        port = layer.port(spot.port, spot.side) if layer else None
        tip = f"{spot.port}: {declared(port.doc)}" if port else spot.port
        type = self._scene.tensor(Endpoint(node.name, spot.port)) if spot.side == "out" else None
        return f"{tip}\n{type.described} {type.dtype}" if type else tip

    def _node_tip(self, node: NodeItem) -> str:
        note = self._scene.project.graph.nodes[node.name].note
        return "\n\n".join(one for one in (self._node_story(node), note) if one)

    def _node_story(self, node: NodeItem) -> str:
        problems = self._scene.problems(node.name)
        if problems:
            return "\n".join(f"{one.message}. {one.hint}".strip() for one in problems)
        layer = self._scene.layer_of(node.name)
        if layer is None:
            return self.tr("No layer is called {type}; it is kept as it is.").format(type=node.face.type)
        told = f"{node.name}: {declared(layer.doc)}"
        wanted = self._scene.demands(node.name)
        return f"{told}\n{wanted}" if wanted else told

    # Events of the viewport

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip(event.pos()), self.view.viewport())
            return True
        if isinstance(event, QContextMenuEvent):
            if event.reason() != QContextMenuEvent.Reason.Mouse or not self._cutting:
                self.menu_wanted.emit(event.pos())
            return True
        return self._drag_event(event)

    def _drag_event(self, event: QEvent) -> bool:
        if isinstance(event, QDragLeaveEvent):
            self._aim(None)
            self.view.hand.carry(None)
            return True
        if not isinstance(event, QDropEvent | QDragMoveEvent | QDragEnterEvent):
            return False
        if not event.mimeData().hasFormat(MIME):
            event.ignore()  # a file, perhaps: the window may take it
            return True
        type = bytes(event.mimeData().data(MIME).data()).decode("utf-8", "replace")
        point = self.view.mapToScene(event.position().toPoint())
        target = self._edge_at(point) if self._editor.fits_into(type) else None
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self._aim(None)
            self.view.hand.carry(None)
            self.layer_dropped.emit(type, point, target.edge if target else None)
        else:
            self._aim(target)
            self.view.hand.carry(event.position().toPoint())
        return True

    def _aim(self, target: EdgeItem | None) -> None:
        """Light the wire that the dragged layer would be put into."""
        if target is not self._aimed:
            if self._aimed is not None:
                self._aimed.light(False)
            if target is not None:
                target.light(True)
            self._aimed = target
