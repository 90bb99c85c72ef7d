"""Wiring by keys: a wire begins at the selected node, arrow keys lead it from port to port, Enter connects.

It is the wire that the mouse drags, led by keys: the same ports light up, the same label says what would come
of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent

from studio.project.graph import Edge, Endpoint
from studio.ui.canvas.deed import Deed, chosen
from studio.ui.canvas.face import Side, Spot
from studio.ui.canvas.fitting import Offer
from studio.ui.canvas.gestures import Gesture
from studio.ui.canvas.spoken import port_title, wire_title
from studio.ui.canvas.walking import DIRECTIONS
from studio.ui.canvas.wire_label import words
from studio.ui.canvas.wiring import wires_at

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas
    from studio.ui.canvas.pointer import Pointer

Key = Qt.Key
WIRES = ("wire.begin", "wire.next", "wire.previous")
"""The menu, by name."""
LEAST_ZOOM = 0.5
"""Seen from further away a node's ports lie on the same pixel."""
AWAY = 40.0
"""Pixels from its port where a wire in hand is shown first."""
SELDOM = 120.0
"""Pixels that a port which is seldom meant counts as further away."""
_translate = QCoreApplication.translate
ENTER, ON, BACK = (Key.Key_Return, Key.Key_Enter), Key.Key_Tab, Key.Key_Backtab
LED = (*DIRECTIONS, *ENTER, ON, BACK, Key.Key_Space, Key.Key_Escape)


class WireKeys(QObject):
    """Leads a wire by keys, and walks along the wires of a node."""

    told = Signal(str)
    """Where the wire would end now, and what would come of it."""

    def __init__(self, canvas: Canvas, pointer: Pointer) -> None:
        super().__init__(canvas)
        self._scene, self._view, self._pointer = canvas.scene, canvas.view, pointer
        self._gesture: Gesture | None = None
        self._held: tuple[str, int] = ("", 0)
        """The node that the wire begins at, and which of its ports."""
        self._end: Offer | None = None
        self._around = ""
        canvas.view.installEventFilter(self)

    @property
    def active(self) -> bool:
        """Whether a wire is led by keys just now."""
        return self._gesture is not None and self._view.hand.gesture is self._gesture

    def begin(self) -> None:
        """Take a wire in hand at the selected node's output; once more, at its next port."""
        name = self._held[0] if self.active else self._scene.chosen[-1]
        spots = self._ports(name)
        at = (self._held[1] + 1) % len(spots) if self.active else 0
        if not spots:
            self.told.emit(self.tr("{node} has no ports.").format(node=name))
            return
        if self._view.zoom < LEAST_ZOOM:
            self._view.zoom_to(LEAST_ZOOM)
            self._view.reveal(self._scene.nodes[name].body)
        self._held, self._end = (name, at), None
        self._gesture = self._pointer.wire_from(self._scene.nodes[name], spots[at])
        self._view.hand.take(self._gesture)
        out = spots[at].side == "out"
        self._lead(self._place(name, spots[at].key) + QPointF(AWAY if out else -AWAY, 0))
        self._go_to(self._nearest(Key.Key_Right if out else Key.Key_Left) or self._any())

    def step_wire(self, by: int) -> None:
        """Select the next wire of the node that was selected last."""
        scene = self._scene
        if scene.chosen:
            self._around = scene.chosen[-1]
        here = scene.chosen_edges[-1] if scene.chosen_edges and not scene.chosen else None
        if here and self._around not in (here.source.node, here.target.node):
            self._around = here.target.node
        wires = self._wires(self._around)
        if not wires:
            self.told.emit(self.tr("{node} has no wires.").format(node=self._around))
            return
        at = wires.index(here) + by if here in wires else (0 if by > 0 else -1)
        wire = wires[at % len(wires)]
        scene.choose((), [wire])
        self._view.reveal(scene.edges[wire].bounds)
        self.told.emit(wire_title(scene, wire))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys that lead a wire come before any shortcuts and before Tab."""
        if not self.active:
            return False
        if event.type() == QEvent.Type.FocusOut:
            self._view.hand.cancel()
        elif isinstance(event, QKeyEvent) and event.key() in LED:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._press(Key(event.key()))
                return True
        return False

    # ---- while a wire is led

    def _press(self, key: Key) -> None:
        if key == Key.Key_Escape:
            self._view.hand.cancel()
            self.told.emit(self.tr("No wire was drawn."))
        elif key in ENTER:
            self._connect()
        elif key == Key.Key_Space:
            self._ask()
        else:
            self._go_to(self._nearest(key) if key in DIRECTIONS else self._beside(1 if key == ON else -1))

    def _connect(self) -> None:
        if self._end is None:
            self.told.emit(self.tr("No port takes this wire; Space offers new layers, Escape gives up."))
            return
        node, side, port, index = self._end
        self._view.hand.put(QPointF(self._pixel(self._place(node, (_side(side), port, index)))))

    def _ask(self) -> None:
        """Let the wire go on to a new layer beside the node."""
        fixed, side = self._fixed()
        away = QPointF(64 if side == "out" else -64, 0)
        place = self._place(fixed.node, (side, fixed.port, fixed.index)) + away
        self._view.hand.cancel()
        self._pointer.wire_dropped.emit(fixed, side, self._pixel(place))

    def _go_to(self, end: Offer | None) -> None:
        """Lead the wire to a port, in sight, and say so."""
        if end is None:
            if self._end is None:
                self.told.emit(self.tr("No port takes this wire; Space offers new layers, Escape gives up."))
            return
        self._end = end
        node, side, port, index = end
        self._view.reveal(self._scene.nodes[node].body)
        self._lead(self._place(node, (_side(side), port, index)))
        self.told.emit(self._story(end))

    def _story(self, end: Offer) -> str:
        fixed, side = self._fixed()
        near = port_title(self._scene, fixed, side)
        far = port_title(self._scene, Endpoint(end[0], end[2], end[3]), end[1])
        source, target = (near, far) if side == "out" else (far, near)
        known = self._pointer.asking.known.get(end)
        told = [f"{source} → {target}", *([words(known)] if known else [])]
        return self.tr("{wire}; Enter connects, arrow keys lead on, Escape gives up").format(
            wire=", ".join(told)
        )

    def _fixed(self) -> tuple[Endpoint, Side]:
        """The end that holds: where the wire in hand comes from, or the port that it began at."""
        name, at = self._held
        spot = self._ports(name)[at]
        old = wires_at(self._scene, self._scene.nodes[name], spot) if spot.side == "in" else []
        return (old[0].source, "out") if old else (Endpoint(name, spot.port, spot.index), spot.side)

    def _lead(self, point: QPointF) -> None:
        self._view.hand.lead(QPointF(self._pixel(point)))

    # ---- which ports and wires there are

    def _ports(self, name: str) -> list[Spot]:
        """The outputs, then the inputs."""
        return sorted(self._scene.nodes[name].face.spots, key=lambda spot: spot.side == "in")

    def _offers(self) -> Iterator[tuple[QPointF, Offer]]:
        for offer in self._scene.look.offers or ():
            if offer[0] in self._scene.nodes:
                yield self._place(offer[0], (_side(offer[1]), offer[2], offer[3])), offer

    def _from(self) -> QPointF:
        if self._end is not None and self._end[0] in self._scene.nodes:
            return self._place(self._end[0], (_side(self._end[1]), self._end[2], self._end[3]))
        name, at = self._held
        return self._place(name, self._ports(name)[at].key)

    def _nearest(self, key: Key) -> Offer | None:
        """The port that an arrow key leads to."""
        here, direction = self._from(), DIRECTIONS[key]
        found: list[tuple[float, Offer]] = []
        for place, offer in self._offers():
            way = place - here
            along = QPointF.dotProduct(way, direction)
            aside = abs(way.x() * direction.y()) + abs(way.y() * direction.x())
            if offer != self._end and along > aside / 4:
                found.append((along + 2 * aside + self._rareness(offer), offer))
        return min(found, default=(0.0, None))[1]

    def _rareness(self, offer: Offer) -> float:
        """Ports that have a value of their own already are seldom meant."""
        spot = self._scene.nodes[offer[0]].spot(_side(offer[1]), offer[2], offer[3])
        return SELDOM if spot is not None and spot.small and not spot.variadic else 0.0

    def _any(self) -> Offer | None:
        """The nearest port, wherever it is."""
        here = self._from()
        found = ((QPointF.dotProduct(at - here, at - here), offer) for at, offer in self._offers())
        return min(found, default=(0.0, None))[1]

    def _beside(self, by: int) -> Offer | None:
        """The next port, from left to right and from top to bottom, round and round."""
        listed = [offer for _, offer in sorted((at.toTuple(), offer) for at, offer in self._offers())]
        if not listed:
            return None
        return listed[(listed.index(self._end) + by) % len(listed) if self._end in listed else 0]

    def _wires(self, name: str) -> list[Edge]:
        graph = self._scene.project.graph
        return [*graph.incoming(name), *graph.outgoing(name)]

    def _place(self, name: str, key: tuple[Side, str, int]) -> QPointF:
        return self._scene.nodes[name].place_of(*key)

    def _pixel(self, point: QPointF) -> QPoint:
        return self._view.mapFromScene(point)


def wire_deeds(canvas: Canvas) -> Iterator[Deed]:
    """What keys do with wires."""
    keys, scene = canvas.wire_keys, canvas.scene

    def something() -> str:
        return "" if scene.chosen_edges else chosen(scene)()

    text = _translate("Canvas", "&Connect from here")
    tip = _translate(
        "Canvas", "Lead a wire from the node's port with the arrow keys; again: from its next port"
    )
    yield Deed("wire.begin", text, tip, ("C",), keys.begin, chosen(scene))
    text, tip = (
        _translate("Canvas", "Next &wire"),
        _translate("Canvas", "Select the node's next wire; Delete cuts it"),
    )
    yield Deed("wire.next", text, tip, ("W",), lambda: keys.step_wire(1), something)
    text, tip = (
        _translate("Canvas", "Previous wi&re"),
        _translate("Canvas", "Select the node's wire before; Delete cuts it"),
    )
    yield Deed("wire.previous", text, tip, ("Ctrl+Shift+W",), lambda: keys.step_wire(-1), something)


def _side(text: str) -> Side:
    return "in" if text == "in" else "out"
