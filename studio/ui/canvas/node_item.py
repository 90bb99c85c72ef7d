"""A node on the canvas: where it lies, how it looks, and where its ports are."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsRectItem

from studio.project.graph import Position
from studio.ui.canvas.drawing import MARGIN, Level, on_badge
from studio.ui.canvas.face import Face, Side, Spot, State, with_state
from studio.ui.canvas.look import Look

ORDER, LIFTED_ORDER = 1.0, 2.0


class NodeItem(QGraphicsRectItem):
    """One node. The rectangle of the item includes MARGIN for ports, badge and shadow; `body` does not.

    It is painted with all others, by NodeLayer.
    """

    def __init__(self, look: Look, face: Face, position: Position) -> None:
        super().__init__(-MARGIN, -MARGIN, face.width + 2 * MARGIN, face.height + 2 * MARGIN)
        self._look = look
        self.face = face
        self.lifted = False
        """Whether it lies over the others."""
        self.chosen = False
        self.hovered = False
        self.lit = False
        self.body = QRectF(*position, face.width, face.height)
        self._at = position
        self.corner = position[0] - MARGIN, position[1] - MARGIN
        """Where its picture begins."""
        self._spots = {spot.key: spot for spot in face.spots}
        self.setFlag(self.GraphicsItemFlag.ItemHasNoContents)
        self.setPos(*position)
        self.setZValue(ORDER)

    @property
    def name(self) -> str:
        """The node's name."""
        return self.face.name

    def show_face(self, face: Face) -> bool:
        """Show another face; says whether ports may have moved."""
        if face == self.face:
            return False
        moved = (face.width, face.height, face.spots) != (self.face.width, self.face.height, self.face.spots)
        self.face = face
        if moved:
            self.repaint()
            self._spots = {spot.key: spot for spot in face.spots}
            self.setRect(-MARGIN, -MARGIN, face.width + 2 * MARGIN, face.height + 2 * MARGIN)
            self.body = QRectF(self.body.x(), self.body.y(), face.width, face.height)
        self.repaint()
        return moved

    def show_state(self, state: State) -> None:
        """Show what the last check said."""
        face = with_state(self.face, state)
        if face != self.face:
            self.face = face
            self.repaint()

    def move_to(self, position: Position) -> bool:
        """Move; says whether anything changed."""
        if position == self._at:
            return False
        self.repaint()
        self._at = position
        self.body.moveTo(*position)
        self.corner = position[0] - MARGIN, position[1] - MARGIN
        self.setPos(*position)
        self.repaint()
        return True

    def choose(self, chosen: bool, *, lifted: bool = True) -> None:
        """Show whether the node is selected; lifted, it lies over the others."""
        if chosen != self.chosen:
            self.chosen = chosen
            if lifted or not chosen:
                self.lifted = chosen
                self.setZValue(LIFTED_ORDER if chosen else ORDER)
            if self._look.level != Level.FAR:  # from afar the view draws it, and is told so itself
                self.repaint()

    def hover(self, hovered: bool) -> None:
        """Show whether the pointer is on the node."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.repaint()

    def light_up(self, lit: bool) -> None:
        """Show whether the node is one that was looked for."""
        if lit != self.lit:
            self.lit = lit
            self.repaint()

    def repaint(self) -> None:
        """Where it lies, the view is painted anew."""
        self._look.repaints.ask(self.bounds)

    @property
    def bounds(self) -> QRectF:
        """Around all that is painted of it."""
        return self.body.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def spot(self, side: Side, port: str, index: int) -> Spot | None:
        """A port's place on the node."""
        return self._spots.get((side, port, index))

    def place_of(self, side: Side, port: str, index: int) -> QPointF:
        """Where a wire meets the port, on the canvas."""
        spot = self._spots.get((side, port, index))
        x, y = self._at
        if spot is None:
            return QPointF(x + (self.face.width if side == "out" else 0), self.body.center().y())
        return QPointF(x + spot.x, y + spot.y)

    def spot_at(self, point: QPointF, reach: float) -> Spot | None:
        """The port nearest to a point on the canvas, no further than `reach`."""
        x, y = point.x() - self.body.x(), point.y() - self.body.y()
        if not (-reach <= x <= self.face.width + reach and -reach <= y <= self.face.height + reach):
            return None
        near = [((spot.x - x) ** 2 + (spot.y - y) ** 2, at) for at, spot in enumerate(self.face.spots)]
        distance, at = min(near, default=(reach * reach + 1, 0))
        return self.face.spots[at] if distance <= reach * reach else None

    def on_badge(self, point: QPointF) -> bool:
        """Whether a point on the canvas lies on the mark of the node's problems."""
        return on_badge(self.face, point.x() - self.body.x(), point.y() - self.body.y())
