"""The marks of nodes that have problems: which of them lies at a point."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from studio.ui.canvas.drawing import Level
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene

_BOUNDS = Qt.ItemSelectionMode.IntersectsItemBoundingRect


def badge_at(scene: GraphScene, point: QPointF) -> NodeItem | None:
    """The node whose mark lies at a point; from afar there are none."""
    near = scene.items(point, _BOUNDS) if scene.look.level != Level.FAR else []
    return next((one for one in near if isinstance(one, NodeItem) and one.on_badge(point)), None)
