"""Finding the port that catches what is dragged, and telling beside the pointer what would come of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt

from studio.build.foresight import Question
from studio.project.graph import Endpoint
from studio.ui.canvas.asking import Asking
from studio.ui.canvas.face import Side, Spot
from studio.ui.canvas.fitting import Offer, port_reach
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.wire_label import WireLabel, words

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

_translate = QCoreApplication.translate
CATCH = 28
"""Pixels within which a port that fits catches a wire; one that does not fit must be hit exactly."""


class Aim:
    """From the first move of a wire to its end: lit and grey ports, the caught one, and the label.

    `open` are the ports that close no cycle. Until it is known that one of them does not fit it counts as
    fitting. `changed` is called when what is known has changed.
    """

    def __init__(
        self,
        view: GraphView,
        scene: GraphScene,
        asking: Asking,
        wanted: Side,
        open: frozenset[Offer],
        question: Callable[[Endpoint], Question],
        changed: Callable[[], None],
    ) -> None:
        self._view, self._scene, self._asking = view, scene, asking
        self._wanted, self._open, self._question, self._changed = wanted, open, question, changed
        self._asked = QRectF()
        self._point = QPointF()
        self.caught: Endpoint | None = None
        """The port that the wire would end at."""
        self.label = WireLabel(scene.look.ink, view)
        scene.look.offers = open
        view.viewport().update()
        asking.serve(self)

    def follow(self, at: QPointF) -> QPointF:
        """The pointer is there: where the wire's end goes, on the canvas."""
        self._point = point = self._view.mapToScene(at.toPoint())
        if self._view.seen() != self._asked:
            self._asking.ask_more()
        over = self._on(point) or self._near(point)
        self.caught = Endpoint(over[0].name, over[1].port, over[1].index) if over else None
        text, wrong = self._told(over, point)
        self.label.tell(text, at.toPoint(), wrong=wrong, cover=self._view.covered())
        return over[0].place_of(self._wanted, over[1].port, over[1].index) if over else point

    @property
    def refused(self) -> bool:
        """Whether the port that was hit would not work."""
        answer = self._asking.known.get(self._offer(self.caught)) if self.caught else None
        return answer is not None and bool(answer.refusal)

    def end(self) -> None:
        """Put away everything that was shown."""
        self._asking.stop(self)
        self._scene.look.offers = None
        self.label.hide()
        self.label.deleteLater()
        self._view.viewport().update()

    # What is asked

    def questions(self) -> dict[Hashable, Question]:
        """Every open port in sight."""
        self._asked = self._view.seen()
        return {
            offer: self._question(Endpoint(item.name, spot.port, spot.index))
            for item in self._scene.items(self._asked, Qt.ItemSelectionMode.IntersectsItemBoundingRect)
            if isinstance(item, NodeItem)
            for spot in item.face.spots
            if (offer := (item.name, spot.side, spot.port, spot.index)) in self._open
        }

    def distance(self, key: Hashable) -> float:
        """How far a port is from the pointer."""
        name, side, port, index = cast(Offer, key)
        place = self._scene.nodes[name].place_of("in" if side == "in" else "out", port, index) - self._point
        return QPointF.dotProduct(place, place)

    def take(self, keys: Iterable[Hashable]) -> None:
        """More is known of these ports."""
        known = self._asking.known
        refused = frozenset(key for key, answer in known.items() if answer.refusal)
        self._scene.look.offers = self._open - cast(frozenset[Offer], refused)
        for name in {cast(Offer, key)[0] for key in keys}:
            self._scene.nodes[name].repaint()
        self._changed()

    # What is under the pointer

    def _offer(self, end: Endpoint) -> Offer:
        return (end.node, self._wanted, end.port, end.index)

    def _on(self, point: QPointF) -> tuple[NodeItem, Spot] | None:
        """The port exactly under the pointer, if it is open."""
        found = self._scene.spot_at(point, port_reach(self._view.zoom))
        if found is None or (found[0].name, *found[1].key) not in self._open:
            return None
        return found

    def _near(self, point: QPointF) -> tuple[NodeItem, Spot] | None:
        """The nearest port that fits: within reach, or anywhere on the node under the pointer."""
        look = self._scene.look
        reach = CATCH / self._view.zoom
        under = self._scene.node_at(point)
        items = [under] if under is not None else _nodes_near(self._scene, point, reach)
        found = [
            (_distance(item.place_of(spot.side, spot.port, spot.index), point), item.name, spot.key)
            for item in items
            for spot in item.face.spots
            if look.offered(item.name, spot)
        ]
        distance, name, key = min(found, default=(reach + 1, "", None))
        if key is None or (under is None and distance > reach):
            return None
        spot = self._scene.nodes[name].spot(*key)
        assert spot is not None
        return self._scene.nodes[name], spot

    def _told(self, over: tuple[NodeItem, Spot] | None, point: QPointF) -> tuple[str, bool]:
        """What to say, and whether it is bad news."""
        if over is not None:
            answer = self._asking.known.get((over[0].name, *over[1].key))
            return (words(answer), bool(answer.refusal)) if answer else ("", False)
        under = self._scene.node_at(point)
        return (self._why_not(under), True) if under is not None else ("", False)

    def _why_not(self, node: NodeItem) -> str:
        """Why the node under the pointer catches nothing."""
        spots = [spot for spot in node.face.spots if spot.side == self._wanted]
        if not spots:
            takes = _translate("Canvas", "{node} takes no input")
            gives = _translate("Canvas", "{node} gives no output")
            return (takes if self._wanted == "in" else gives).format(node=node.name)
        answers = (self._asking.known.get((node.name, *spot.key)) for spot in spots)
        refusal = next((words(one) for one in answers if one and one.refusal), "")
        if refusal:
            return refusal
        if any(one[0] == node.name for one in self._open):
            return ""
        text = _translate("Canvas", "{node} is connected the other way already: this would close a cycle")
        return text.format(node=node.name)


def _distance(one: QPointF, other: QPointF) -> float:
    return ((one.x() - other.x()) ** 2 + (one.y() - other.y()) ** 2) ** 0.5


def _nodes_near(scene: GraphScene, point: QPointF, reach: float) -> list[NodeItem]:
    """The nodes within reach of a point, and perhaps a few more."""
    around = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
    near = scene.items(around, Qt.ItemSelectionMode.IntersectsItemBoundingRect)
    return [one for one in near if isinstance(one, NodeItem)]
