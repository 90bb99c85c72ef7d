"""Lets nodes glide to where they were put; the project has them there from the beginning."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QVariantAnimation
from PySide6.QtWidgets import QStyle

from studio.project.graph import Position
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView

MILLISECONDS = 240
MOST = 250
"""Nodes that glide: each of them and its wires are drawn anew for every picture of the way."""
INTERRUPTING = {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.KeyPress}


class Glide(QObject):
    """Moves nodes on screen from old places to new ones. Whoever takes up mouse or keys ends it at once.

    Nothing glides where the desktop asks for no animation, nor what is not seen.
    """

    def __init__(self, scene: GraphScene, view: GraphView) -> None:
        super().__init__(view)
        self._scene, self._view = scene, view
        self._before: Mapping[str, Position] = {}
        self._after: Mapping[str, Position] = {}
        self._motion = QVariantAnimation(self)
        self._motion.setDuration(MILLISECONDS)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(self._move)
        self._motion.finished.connect(self.end)
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)

    def play(self, before: Mapping[str, Position], after: Mapping[str, Position]) -> None:
        """Let nodes that are at `after` come from `before`."""
        self.end()
        if self._wanted and len(after) <= MOST:
            self._before, self._after = before, after
            self._move(0.0)
            self._motion.start()

    def end(self) -> None:
        """Every node is where it was put."""
        self._motion.stop()
        if self._after:
            after, self._before, self._after = self._after, {}, {}
            self._scene.preview(after)

    @property
    def moving(self) -> bool:
        """Whether nodes are on their way."""
        return bool(self._after)

    @property
    def _wanted(self) -> bool:
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        return self._view.isVisible() and self._view.style().styleHint(hint, None, self._view) > 0

    def _move(self, part: float) -> None:
        if self._after:
            self._scene.preview(
                {name: _between(self._before[name], at, part) for name, at in self._after.items()}
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._after and event.type() in INTERRUPTING:
            self.end()
        return super().eventFilter(watched, event)


def _between(before: Position, after: Position, part: float) -> Position:
    return (before[0] + (after[0] - before[0]) * part, before[1] + (after[1] - before[1]) * part)
