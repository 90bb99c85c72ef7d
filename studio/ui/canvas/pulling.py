"""Pulling nodes out of their wires while they are dragged: noticed by a shake, shown before it is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from studio.catalog.plugging import inputs_in
from studio.project.chains import pulled_out
from studio.project.graph import Edge
from studio.project.project import Project
from studio.ui.canvas.edge_item import LooseWire
from studio.ui.canvas.scene import GraphScene

TURNS = 3
WITHIN = 0.6
"""So many turns within so many seconds are a shake."""
LEAST = 10.0
"""Pixels between two turns of a hand that means it."""


class Shake:
    """Notices that the pointer goes quickly back and forth."""

    def __init__(self, at: QPointF, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._axes = (_Axis(at.x()), _Axis(at.y()))

    def seen(self, at: QPointF) -> bool:
        """Whether this move completes a shake."""
        now = self._clock()
        x, y = self._axes
        return bool(x.shaken(at.x(), now) | y.shaken(at.y(), now))


class _Axis:
    """The turns along one direction."""

    def __init__(self, start: float) -> None:
        self._extreme, self._way = start, 0
        self._turns: deque[float] = deque(maxlen=TURNS)

    def shaken(self, place: float, now: float) -> bool:
        """Whether there were enough turns just now."""
        by = place - self._extreme
        if by * self._way > 0 or (not self._way and abs(by) >= LEAST):
            self._extreme, self._way = place, 1 if by > 0 else -1
            return False
        if not self._way or abs(by) < LEAST:
            return False
        self._extreme, self._way = place, -self._way
        self._turns.append(now)
        return len(self._turns) == TURNS and now - self._turns[0] <= WITHIN


class Pulling:
    """Shows nodes without their wires, and their neighbours joined, until it is done or given up."""

    def __init__(self, scene: GraphScene, names: Sequence[str]) -> None:
        self._scene = scene
        project = scene.project
        pulled = pulled_out(project, names, inputs_in(project, scene.registry))
        before, after = set(project.graph.edges), set(pulled.graph.edges)
        self.project: Project = pulled
        """The drawing with the nodes out of their wires."""
        self.possible = before != after
        self.on = False
        self._gone: set[Edge] = before - after
        self._new: set[Edge] = after - before
        self._loose: list[LooseWire] = []

    def begin(self) -> None:
        """Show it."""
        if self.on or not self.possible:
            return
        self.on = True
        scene = self._scene
        for edge in self._gone:
            scene.edges[edge].detach(True)
        for edge in self._new:
            source, target = edge.source, edge.target
            wire = LooseWire(scene.look)
            wire.route(
                scene.nodes[source.node].place_of("out", source.port, source.index),
                scene.nodes[target.node].place_of("in", target.port, target.index),
            )
            scene.addItem(wire)
            self._loose.append(wire)

    def end(self) -> None:
        """Show the wires as they are."""
        self.on = False
        for wire in self._loose:
            self._scene.removeItem(wire)
        self._loose.clear()
        for edge in self._gone & self._scene.edges.keys():
            self._scene.edges[edge].detach(False)

    def trace(self) -> QPainterPath | None:
        """The wires that would be there."""
        path = QPainterPath()
        for wire in self._loose:
            path.addPath(wire.path())
        return path if self._loose else None
