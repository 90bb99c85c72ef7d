"""Entering blocks and leaving them, and going where an undo changes something; the way is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSizeF
from PySide6.QtWidgets import QWidget

from studio.project.block import block_name
from studio.project.changes import Changes
from studio.project.graph import Graph, Node
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.passage import Passage
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView
from studio.ui.focus import Path, node_in
from studio.ui.session import Session

GONE = QSizeF(160, 60)
"""About as large as a node that is no longer there was."""


class Entrance(QObject):
    """Leads the session into blocks and out of them, and the view with it."""

    def __init__(
        self, session: Session, scene: GraphScene, view: GraphView, ink: Ink, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._scene, self._view = session, scene, view
        self._passage = Passage(ink, parent)
        self._looked: Path = ()
        self._places: dict[Path, tuple[float, QPointF]] = {}
        self._chosen: tuple[str, ...] = ()
        self._chosen_before: tuple[str, ...] = ()
        scene.selection_moved.connect(self._note_selection)

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._passage.set_ink(ink)

    def enter(self, name: str) -> bool:
        """Look into a block's node; says whether it is one."""
        node = self._scene.project.graph.nodes[name]
        block = block_name(node.type)
        if block is None or block not in self._session.project.blocks:
            return False
        self._session.look((*self._session.focus, name))
        return True

    def enter_selected(self) -> None:
        """Look into the block that is selected alone."""
        if len(self._scene.chosen) == 1:
            self.enter(self._scene.chosen[0])

    def leave(self) -> None:
        """Look at the graph that the block was entered from."""
        if self._session.focus:
            self._session.look(self._session.focus[:-1])

    def show_step(self, changes: Changes, before: Graph) -> None:
        """Undo steps were taken back or done again: look where they changed something, and select it.

        `before` is the graph as it was, which knows where the nodes lay that are gone now.
        """
        place = self._place_of_change(changes, before)
        seen = self._view.seen()
        if place.isNull() or place.intersects(seen):
            pass
        elif place.width() > seen.width() or place.height() > seen.height():
            self._view.fit(place)
        else:
            self._view.reveal(place)
        nodes = self._scene.project.graph.nodes
        told = [name for name in nodes if name in changes.added or _says_else(before, nodes, name, changes)]
        if told and not set(told) & set(self._scene.chosen):
            self._scene.choose(told)
        elif (
            changes.removed and not self._scene.chosen
        ):  # what was selected came with the step that is undone
            self._scene.choose(self._chosen_before)

    def _note_selection(self) -> None:
        if self._scene.chosen and self._scene.chosen != self._chosen:
            self._chosen_before, self._chosen = self._chosen, self._scene.chosen

    def _place_of_change(self, changes: Changes, before: Graph) -> QRectF:
        """Around all that came, went or differs; where it is wires only, around their ends."""
        there, marks = self._scene.nodes, self._scene.project.graph.marks
        nodes = (changes.added | changes.modified) & there.keys()
        place = self._scene.bounds(nodes) if nodes else QRectF()
        for name in changes.removed & before.nodes.keys():
            place = place.united(QRectF(QPointF(*before.nodes[name].position), GONE))
        for name in changes.marks_added | changes.marks_modified | changes.marks_removed:
            mark = marks.get(name) or before.marks[name]
            place = place.united(QRectF(QPointF(*mark.position), QSizeF(*mark.size)))
        if place.isNull():
            wires = changes.edges_added | changes.edges_removed
            ends = {end.node for edge in wires for end in (edge.source, edge.target)} & there.keys()
            place = self._scene.bounds(ends) if ends else place
        return place

    def forget(self) -> None:
        """Another project: nothing was looked at yet."""
        self._passage.end()
        self._places.clear()
        self._chosen = self._chosen_before = ()
        self._looked = self._session.focus

    def pass_through(self, turn: Callable[[], None]) -> None:
        """Show another graph, which `turn` puts in the place of the one before, and the way there."""
        old, new = self._looked, self._session.focus
        self._looked = new
        self._places[old] = (self._view.zoom, self._view.seen().center())
        inwards, outwards = new[: len(old)] == old, old[: len(new)] == new
        moving = (inwards or outwards) and self._passage.wanted
        before = self._view.viewport().grab() if moving else None
        node = self._place_of(node_in(new[len(old)])) if inwards and moving else QRect()
        turn()
        self._find_place(new)
        if outwards and not inwards:
            self._return_to(node_in(old[len(new)]))
            node = self._place_of(node_in(old[len(new)]))
        if before is not None and not node.isEmpty():
            after = self._view.viewport().grab()
            pictures = (before, after) if inwards else (after, before)
            self._passage.play(self._view.geometry(), *pictures, node, inwards=inwards)

    def _find_place(self, focus: Path) -> None:
        """Look at a graph from where one did before; the first time at all of it."""
        if focus in self._places:
            zoom, centre = self._places[focus]
            self._view.zoom_to(zoom)
            self._view.center_at(centre)
        else:
            self._view.fit(self._scene.bounds())

    def _return_to(self, name: str) -> None:
        if name in self._scene.nodes:
            self._scene.choose([name])
            self._view.reveal(self._scene.nodes[name].body)

    def _place_of(self, name: str) -> QRect:
        """Where a node lies in the view; nothing where it is not shown."""
        item = self._scene.nodes.get(name)
        return self._view.mapFromScene(item.body).boundingRect() if item else QRect()


def _says_else(before: Graph, nodes: Mapping[str, Node], name: str, changes: Changes) -> bool:
    """Whether a node differs in more than its place."""
    if name not in changes.modified or name not in before.nodes:
        return False
    return before.nodes[name] != replace(nodes[name], position=before.nodes[name].position)
