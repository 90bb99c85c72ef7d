"""Shows where an undo or redo changed something: on the canvas, or in the panel that holds the setting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.project.changes import Changes
from studio.project.graph import Graph

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class StepView(QObject):
    """Follows the session's `stepped_back`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def show_step(self, changes: Changes, before: Graph) -> None:
        """Look at what undo steps changed; `before` is the graph that is looked at as it was."""
        canvas = self._window.panels.canvas
        canvas.entrance.show_step(changes, before)
        panel = self._panel(changes, before)
        if panel == "project":
            canvas.select(())
            panel = "node"
        if panel:
            dock = self._window.docks[panel]
            dock.show()
            dock.raise_()

    def _panel(self, changes: Changes, before: Graph) -> str:
        """The panel that shows what changed; "project" for the inspector's page where no node is chosen."""
        if changes.data:
            return "data"
        if changes.training:
            return "training"
        now = self._window.session.drawing.graph.nodes
        if any(_set_otherwise(before, name, now[name].params) for name in changes.modified & now.keys()):
            return "node"
        drawn = replace(changes, notes=False, blocks=frozenset()) != Changes()
        return "" if drawn else "project"


def _set_otherwise(before: Graph, name: str, params: object) -> bool:
    return name in before.nodes and before.nodes[name].params != params
