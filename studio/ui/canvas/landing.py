"""What dropping dragged nodes would do to wires: put them into one, or leave them out of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from studio.catalog.plugging import free_row, goes_into
from studio.project.graph import Position
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.pulling import Pulling
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.structure import Structure

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

REACH = 10.0
"""Pixels within which a wire takes what is dropped beside it."""


class Landing:
    """Lives as long as one drag. A row of nodes whose ends are free goes into the wire it is dropped on."""

    def __init__(
        self, view: GraphView, scene: GraphScene, structure: Structure, names: Sequence[str]
    ) -> None:
        self._view, self._scene, self._structure = view, scene, structure
        self._names = tuple(names)
        self._pulling = Pulling(scene, self._names)
        self._row = free_row(scene.project, scene.registry, names)
        self._target: EdgeItem | None = None

    def pull(self) -> None:
        """Take the nodes out of their wires."""
        if not self._pulling.on:
            self._pulling.begin()
            self._row = free_row(self._pulling.project, self._scene.registry, self._names)

    def aim(self, at: QPointF) -> None:
        """Light the wire at a point of the view that the nodes would be put into."""
        found = None
        if self._row is not None:
            point = self._view.mapToScene(at.toPoint())
            found = self._scene.edge_at(point, REACH / self._view.zoom)
            if found is not None and found is not self._target and not self._takes(found):
                found = None
        self._light(found)

    def land(self, positions: Mapping[str, Position]) -> None:
        """Let the nodes lie here."""
        target, pulled = self._light(None), self._pulling.on
        project = self._pulling.project if pulled else None
        self._pulling.end()
        self._structure.dropped(positions, target.edge if target else None, self._row, project)

    def cancel(self) -> None:
        """Show the wires as they are."""
        self._light(None)
        self._pulling.end()

    def trace(self) -> QPainterPath | None:
        """The wires that join the neighbours of what was pulled out."""
        return self._pulling.trace()

    def _takes(self, item: EdgeItem) -> bool:
        assert self._row is not None
        pulling = self._pulling
        project = pulling.project if pulling.on else self._scene.project
        return goes_into(project, item.edge, self._row)

    def _light(self, target: EdgeItem | None) -> EdgeItem | None:
        old, self._target = self._target, target
        if old is not target:
            if old is not None:
                old.light(False)
            if target is not None:
                target.light(True)
        return old
