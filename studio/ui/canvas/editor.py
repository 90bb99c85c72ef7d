"""Every edit made on the canvas: each is one undo step with a plain name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.catalog.blocks import catalog_of
from studio.catalog.plugging import fed, first_output, free_row, put_into, wired
from studio.catalog.registry import Layer, Registry
from studio.errors import StudioError
from studio.project import edits
from studio.project.block import block_name
from studio.project.graph import Edge, Endpoint, Frame, Position
from studio.project.library import brought
from studio.project.placements import rename_node
from studio.project.project import Project
from studio.ui.canvas.pasting import pasted
from studio.ui.canvas.room import with_room
from studio.ui.focus import holds
from studio.ui.session import Session
from studio.ui.words import type_title

if TYPE_CHECKING:
    from studio.ui.library import Library

BURST_MS = 900
"""Nudges that follow each other within this time are one undo step."""


class Editor(QObject):
    """Turns what was done with mouse and keys into edits of the session's project."""

    refused = Signal(str)
    """Why something could not be done."""
    file_pasted = Signal(object)
    """The path of a file or folder was pasted."""

    def __init__(self, session: Session, registry: Registry, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.library: Library | None = None
        """Blocks that can be placed here though the project does not have them yet."""
        self._known = registry
        self._bursts = count()
        self._burst = 0
        self._pause = QTimer(self, singleShot=True, interval=BURST_MS)
        self._pause.timeout.connect(self._end_burst)

    @property
    def project(self) -> Project:
        """The project as it is now, with the graph that is looked at as the main one."""
        return self.session.drawing

    @property
    def registry(self) -> Registry:
        """What can be placed in it, its own blocks included."""
        return catalog_of(self.project, self._known)

    def offered(self) -> Sequence[Layer]:
        """The layers that can be placed here, those of libraries last: all but blocks that would hold
        themselves, and those of libraries that the project has.
        """
        layers, block = self.registry.layers, self.session.block
        own = (
            layers.values()
            if block is None
            else (one for type, one in layers.items() if not self.holds_here(type))
        )
        blocks = self.project.blocks
        kept = self.library.entries() if self.library else ()
        return [*own, *(one.layer for one in kept if one.layer and blocks.get(one.title) != one.layer.block)]

    def layer(self, type: str) -> Layer | None:
        """The layer that can be placed by a type; a library's blocks have such types too."""
        entry = self.library.entry(type) if self.library else None
        return entry.layer if entry else self.registry.layer(type)

    def holds_here(self, type: str, project: Project | None = None) -> bool:
        """Whether a type is a block that holds the one that is looked at."""
        block, outer = self.session.block, block_name(type)
        return block is not None and outer is not None and holds(project or self.project, outer, block)

    # Moving

    def move(self, positions: Mapping[str, Position], *, burst: bool = False) -> None:
        """Put nodes elsewhere."""
        label = self.tr("Move {nodes}").format(nodes=self._called(positions))
        key = f"nudge {sorted(positions)}" if burst else None
        self.commit(edits.move(self.project, positions), label, key)

    def commit(self, drawing: Project, label: str, burst: str | None = None) -> None:
        """Make a drawing the present one; those of one burst that follow each other soon are one step."""
        if burst is not None:
            self._pause.start()
        self.session.commit_drawing(drawing, label, f"{burst} {self._burst}" if burst else None)

    def _end_burst(self) -> None:
        self._burst = next(self._bursts) + 1

    # Wires

    def connect_ports(self, source: Endpoint, target: Endpoint, instead_of: Edge | None = None) -> None:
        """Wire an output to an input; `instead_of` is the wire whose end was dragged here."""
        if instead_of is not None and _same_port(instead_of, source, target):
            return
        project = edits.disconnect(self.project, instead_of) if instead_of else self.project
        label = self.tr("Connect {source} → {target}").format(source=source.node, target=target.node)
        self.session.commit_drawing(edits.connect(project, source, target, self._variadic(target)), label)

    def disconnect_wires(self, wires: Sequence[Edge]) -> None:
        """Remove wires."""
        if len(wires) == 1:
            names = {"source": wires[0].source.node, "target": wires[0].target.node}
            label = self.tr("Disconnect {source} → {target}").format(**names)
        else:
            label = self.tr("Delete {count} wires").format(count=len(wires))
        self.session.commit_drawing(edits.disconnect(self.project, *wires), label)

    def move_wires(self, wires: Sequence[Edge], to: Endpoint, side: str) -> None:
        """Let all these wires start at another output (`side` "out"), or end at another input."""
        if len(wires) == 1:
            label = self.tr("Move 1 wire to {node}").format(node=to.node)
        else:
            label = self.tr("Move {count} wires to {node}").format(count=len(wires), node=to.node)
        variadic = side == "in" and self._variadic(to)
        self.session.commit_drawing(edits.move_wires(self.project, wires, to, side, variadic), label)

    def cut(self, wires: Sequence[Edge]) -> None:
        """Remove the wires that a knife went through."""
        if len(wires) == 1:
            label = self.tr("Cut {source} → {target}")
            label = label.format(source=wires[0].source.node, target=wires[0].target.node)
        else:
            label = self.tr("Cut {count} wires").format(count=len(wires))
        self.session.commit_drawing(edits.disconnect(self.project, *wires), label)

    # Nodes

    def place(
        self,
        type: str,
        at: Position,
        *,
        wire: Endpoint | None = None,
        end: str = "out",
        into: Edge | None = None,
        after: Sequence[str] = (),
    ) -> str:
        """Place a new node and say its name.

        It is wired to the port `wire` (an output or, with end="in", an input), put `into` a wire, or takes in
        what the nodes `after` which it comes give. No name is said where a block would be put into itself.
        """
        project, type = self.brought(type)
        if self.holds_here(type, project):
            self.refused.emit(self.tr("{block} cannot be put into itself.").format(block=type_title(type)))
            return ""
        project, name = edits.add_node(project, type, at)
        catalog = catalog_of(project, self._known)
        if into is not None and (row := free_row(project, catalog, (name,))) is not None:
            project = with_room(put_into(project, into, row), (name,), self.registry)
        elif wire is not None:
            project = wired(project, catalog, name, wire, end)
        elif after:
            project = fed(project, catalog, name, after, self.dtypes())
        self.session.commit_drawing(project, self.tr("Add {node}").format(node=name))
        return name

    def brought(self, type: str) -> tuple[Project, str]:
        """The project with a library's block in it, and the type that places that; others as they are."""
        piece = self.library.piece(type) if self.library else None
        return brought(self.project, piece) if piece else (self.project, type)

    def delete(self, names: Sequence[str], wires: Sequence[Edge] = (), marks: Sequence[str] = ()) -> None:
        """Remove nodes, wires, frames and notes; what lies in a frame stays."""
        if not names and not marks:
            if wires:
                self.disconnect_wires(wires)
            return
        kept = [edge for edge in wires if edge.source.node not in names and edge.target.node not in names]
        project = edits.delete(edits.disconnect(self.project, *kept), names)
        project = project.with_graph(project.graph.without_marks(marks)) if marks else project
        label = self.tr("Delete {nodes}").format(nodes=self.called(names, marks))
        self.session.commit_drawing(project, label)

    def rename(self, old: str, new: str) -> None:
        """Give a node another name. Raises ValueError that says what is wrong with it."""
        session = self.session
        project = rename_node(session.project, session.block, old, new)
        session.commit(project, self.tr("Rename {old} to {new}").format(old=old, new=new))

    def duplicate(self, names: Sequence[str], marks: Sequence[str] = ()) -> tuple[str, ...]:
        """Copy nodes, frames and notes next to themselves; says the new nodes' names."""
        project, made = edits.duplicate(self.project, names, chosen=marks)
        label = self.tr("Duplicate {nodes}").format(nodes=self.called(names, marks))
        self.session.commit_drawing(project, label)
        return made

    def set_muted(self, names: Sequence[str], muted: bool) -> None:
        """Mute nodes, or let them take part again."""
        label = self.tr("Mute {nodes}") if muted else self.tr("Unmute {nodes}")
        self.session.commit_drawing(
            edits.set_muted(self.project, names, muted), label.format(nodes=self._called(names))
        )

    def paste(self, text: str, at: Position) -> tuple[str, ...]:
        """Add copied nodes; none, with the reason told, where the text holds none."""
        try:
            session, names = self.session, self.session.names
            project, made = pasted(self.project, text, at, session.block, self.registry, names)
        except StudioError as error:
            self.refused.emit(f"{error.message} {error.hint}".strip())
            return ()
        for name in made:
            if self.holds_here(project.graph.nodes[name].type, project):
                self.refused.emit(self.tr("A block cannot be put into itself."))
                return ()
        marks = project.graph.marks.keys() - self.project.graph.marks.keys()
        label = self.tr("Paste {nodes}").format(nodes=self.called(made, sorted(marks), project))
        self.session.commit_drawing(project, label)
        return made

    def copied(self, names: Iterable[str], marks: Iterable[str] = ()) -> str:
        """Nodes and the wires between them, frames and notes, as text."""
        return edits.copy_text(self.project, names, self.session.block, marks)

    # What a new node is wired with

    def output_of(self, name: str) -> Endpoint | None:
        """Where a wire out of a node starts first."""
        return first_output(self.project, self.registry, name)

    def fits_into(self, type: str) -> bool:
        """Whether a layer can be put into a wire: it takes something and gives something."""
        layer = self.layer(type)
        return layer is not None and bool(layer.inputs and layer.outputs)

    def dtypes(self) -> dict[Endpoint, str]:
        """The kind of numbers that outputs give, as the last check says."""
        checked = self.session.checked
        types = self.session.here(checked).types if checked is not None else {}
        return {output: type.dtype for output, type in types.items()}

    def _variadic(self, target: Endpoint) -> bool:
        node = self.project.graph.nodes.get(target.node)
        layer = self.registry.layer_of(node) if node else None
        port = layer.port(target.port, "in") if layer else None
        return port is not None and port.variadic

    def called(self, names: Sequence[str], marks: Sequence[str], project: Project | None = None) -> str:
        """Nodes, frames and notes: one thing by what it is called, several by their count."""
        if not marks:
            return self._called(names)
        if len(names) + len(marks) > 1:
            return self.tr("{count} things").format(count=len(names) + len(marks))
        mark = (project or self.project).graph.marks[marks[0]]
        if not isinstance(mark, Frame):
            return self.tr("a note")
        return self.tr("frame {title}").format(title=mark.title) if mark.title else self.tr("a frame")

    def _called(self, names: Iterable[str]) -> str:
        """One node by its name, several by their count."""
        listed = list(names)
        return listed[0] if len(listed) == 1 else self.tr("{count} nodes").format(count=len(listed))


def _same_port(edge: Edge, source: Endpoint, target: Endpoint) -> bool:
    return edge.source == source and (edge.target.node, edge.target.port) == (target.node, target.port)
