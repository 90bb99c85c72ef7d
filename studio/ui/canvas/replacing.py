"""Giving the selected nodes another type, which the search box asks for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint

from studio.catalog.registry import Layer
from studio.catalog.replacing import Replaced, likeness, replaced
from studio.project.block import within
from studio.project.placements import PORTS
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.search import Offer, SearchBox
from studio.ui.canvas.view import GraphView
from studio.ui.words import type_title


class Replacing(QObject):
    """Asks for a type, likely ones first, and replaces."""

    def __init__(self, scene: GraphScene, view: GraphView, editor: Editor, search: SearchBox) -> None:
        super().__init__(view)
        self._scene, self._view, self._editor, self._search = scene, view, editor, search

    def ask(self) -> None:
        """Offer what the selected nodes can become."""
        names = self._scene.chosen
        if self._editor.session.block is not None and self._ports(names):
            text = self.tr("{node} is a port of the block: its type has to stay.")
            self._editor.refused.emit(text.format(node=self._ports(names)[0]))
            return
        layers = [self._scene.layer_of(name) for name in names]
        own = {self._scene.project.graph.nodes[name].type for name in names}

        def fits(layer: Layer) -> bool:
            return own != {layer.type}

        def likings(layer: Layer) -> int:
            return sum(likeness(old, layer) for old in layers)

        corner = self._view.mapFromScene(self._scene.bounds(names).bottomLeft()) + QPoint(0, 8)
        called = self._editor.called(names, ())
        title = self.tr("Replace {nodes} by…").format(nodes=called)
        self._search.open(corner, lambda type: self._replace(names, type), Offer(fits, likings, title=title))

    def _ports(self, names: Sequence[str]) -> list[str]:
        nodes = self._scene.project.graph.nodes
        return [name for name in names if nodes[name].type in PORTS]

    def _replace(self, names: Sequence[str], type: str) -> None:
        editor, session = self._editor, self._editor.session
        names = [name for name in names if name in editor.project.graph.nodes]  # some may be gone meanwhile
        if not names:
            return
        here, type = editor.brought(type)
        if editor.holds_here(type, here):
            editor.refused.emit(self.tr("{block} cannot be put into itself.").format(block=type_title(type)))
            return
        whole = within(session.project, session.block, lambda _: here)
        project, told = replaced(whole, names, type, session.block)
        label = self.tr("Replace {nodes} by {type}")
        called = editor.called(names, ())
        session.commit(project, label.format(nodes=called, type=type_title(type)))
        self._search.lately.add(type)
        self._scene.choose(told.names)
        self._view.setFocus()
        editor.refused.emit(self._said(told))

    def _said(self, told: Replaced) -> str:
        """What stayed and what had to go."""
        parts: list[str] = []
        if told.kept:
            parts.append(self.tr("kept: {names}").format(names=", ".join(told.kept)))
        if told.dropped:
            parts.append(self.tr("dropped: {names}").format(names=", ".join(told.dropped)))
        if told.wires:
            wires = ", ".join(f"{edge.source.node} → {edge.target.node}" for edge in told.wires)
            parts.append(self.tr("no port for the wire {wires}").format(wires=wires))
        listed = ", ".join(told.names)
        text = self.tr("Replaced {nodes}").format(nodes=listed)
        return f"{text}. {'; '.join(parts)}." if parts else f"{text}."
