"""What changes how nodes hang together: they are joined, pulled out, put into wires, deleted and joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, QPointF

from studio.catalog.plugging import (
    Row,
    Stuck,
    chained,
    free_row,
    goes_into,
    inputs_in,
    put_into,
)
from studio.project import chains, edits
from studio.project.graph import Edge, Position
from studio.project.project import Project
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.room import with_room
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.walking import free_place

BELOW = 32.0
"""How far below its old place comes what is pulled out by a key."""


class Structure(QObject):
    """Works on what is selected; each deed is one undo step."""

    def __init__(self, scene: GraphScene, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self._scene, self._editor = scene, editor

    # Dropped by the mouse

    def dropped(
        self, positions: Mapping[str, Position], into: Edge | None, row: Row | None, pulled: Project | None
    ) -> None:
        """Let dragged nodes lie: perhaps in a wire, perhaps `pulled` out of their wires before."""
        editor = self._editor
        if into is not None and row is not None:
            project = edits.move(pulled or editor.project, positions)
            self._put(project, into, row, moved=pulled is not None)
        elif pulled is not None:
            label = self.tr("Pull out {nodes}").format(nodes=editor.called(tuple(positions), ()))
            editor.commit(edits.move(pulled, positions), label)
        else:
            editor.move(positions)

    def _put(self, project: Project, into: Edge, row: Row, *, moved: bool) -> None:
        called = self._editor.called(row.names, ())
        label = self.tr("Move {nodes} into another wire") if moved else self.tr("Insert {nodes}")
        registry = self._editor.registry
        self._editor.commit(
            with_room(put_into(project, into, row), row.names, registry), label.format(nodes=called)
        )

    # By keys and menus

    def join(self) -> None:
        """Wire the selected nodes one after another; with a wire selected too, put them into that."""
        scene, editor = self._scene, self._editor
        if len(scene.chosen_edges) == 1:
            self._insert(scene.chosen_edges[0])
            return
        names = in_a_row(scene, scene.chosen)
        project, stuck = chained(editor.project, editor.registry, names, editor.dtypes())
        cycle = next((one for one in stuck if one.why == "cycle"), None)
        if cycle is not None or project is editor.project:
            self._editor.refused.emit(
                self._why(cycle or stuck[0]) if stuck else self.tr("They are joined already.")
            )
            return
        label = self.tr("Join {first} → {last}") if len(names) == 2 else self.tr("Chain {first} … {last}")
        editor.commit(project, label.format(first=names[0], last=names[-1]))
        if stuck:
            self._editor.refused.emit(self._why(stuck[0]))

    def _insert(self, edge: Edge) -> None:
        editor, names = self._editor, self._scene.chosen
        row = free_row(editor.project, editor.registry, names)
        if row is None or not goes_into(editor.project, edge, row):
            self._editor.refused.emit(
                self.tr("Only nodes in a row whose ends are free can be put into a wire.")
            )
        else:
            self._put(editor.project, edge, row, moved=False)

    def pull_out(self) -> None:
        """Take the selected nodes out of their wires and put them aside; their neighbours are joined."""
        scene, editor, names = self._scene, self._editor, self._scene.chosen
        project = editor.project
        pulled = chains.pulled_out(project, names, self._inputs())
        if pulled.graph.edges == project.graph.edges:
            self._editor.refused.emit(self.tr("No wire leads to the selected nodes from outside."))
            return
        body = scene.bounds(names)
        left, top = free_place(scene, QPointF(body.left(), body.bottom() + BELOW))
        by = left - body.left(), top - body.top()
        nodes = project.graph.nodes
        places = {name: (nodes[name].position[0] + by[0], nodes[name].position[1] + by[1]) for name in names}
        label = self.tr("Pull out {nodes}").format(nodes=editor.called(names, ()))
        editor.commit(edits.move(pulled, places), label)

    def delete_joined(self) -> None:
        """Delete the selected nodes; what came to them goes to all that they fed."""
        names = self._scene.chosen
        project = chains.without_joined(self._editor.project, names, self._inputs())
        label = self.tr("Delete {nodes} and join").format(nodes=self._editor.called(names, ()))
        self._editor.commit(project, label)

    def cut(self) -> None:
        """Remove the selected nodes, frames and notes, which were copied; around a row the rest is joined."""
        editor, names, marks = self._editor, self._scene.chosen, self._scene.chosen_marks
        project = editor.project
        if chains.row(project.graph, names):
            project = chains.without_joined(project, names, self._inputs())
        else:
            project = edits.delete(project, names)
        if marks:
            project = project.with_graph(project.graph.without_marks(marks))
        editor.commit(project, self.tr("Cut {nodes}").format(nodes=editor.called(names, marks)))

    def duplicate_with_wires(self) -> tuple[str, ...]:
        """Copy the selected nodes; the copies take in what the nodes take in."""
        editor, names, marks = self._editor, self._scene.chosen, self._scene.chosen_marks
        project, made = chains.duplicated_with_wires(editor.project, names, chosen=marks)
        label = self.tr("Duplicate {nodes} with wires").format(nodes=editor.called(names, marks))
        editor.commit(project, label)
        return made

    def _inputs(self) -> Callable[[str], Sequence[str]]:
        return inputs_in(self._editor.project, self._editor.registry)

    def _why(self, stuck: Stuck) -> str:
        if stuck.why == "cycle":
            text = self.tr("{second} leads to {first} already: a wire back would close a cycle.")
        elif stuck.why == "output":
            text = self.tr("{first} gives no output.")
        else:
            text = self.tr("{second} has no free input.")
        return text.format(first=stuck.first, second=stuck.second)


def in_a_row(scene: GraphScene, names: Sequence[str]) -> Sequence[str]:
    """Two nodes as they were selected; more of them from left to right, or from the top down."""
    if len(names) <= 2:
        return names
    middles = {name: scene.nodes[name].body.center() for name in names}
    wide = max(at.x() for at in middles.values()) - min(at.x() for at in middles.values())
    high = max(at.y() for at in middles.values()) - min(at.y() for at in middles.values())
    if wide >= high:
        return sorted(names, key=lambda name: (middles[name].x(), middles[name].y()))
    return sorted(names, key=lambda name: (middles[name].y(), middles[name].x()))
