"""Wires the panel of layers to the canvas: selecting in one selects in the other; what is measured heats."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.project.changes import Changes
from studio.project.edits import set_training
from studio.ui.canvas.canvas import Canvas
from studio.ui.heat import Heat
from studio.ui.monitor.layers_panel import LayersPanel
from studio.ui.session import Session


class LayerDeeds(QObject):
    """What the panel of layers and the canvas do to each other."""

    def __init__(self, session: Session, canvas: Canvas, panel: LayersPanel, heat: Heat) -> None:
        super().__init__(panel)
        self._session, self._canvas, self._panel = session, canvas, panel
        panel.measured.connect(heat.show)
        panel.chosen.connect(self._select)
        panel.wanted.connect(self._switch_on)
        canvas.selection_changed.connect(lambda names: panel.show_nodes(session.focus, names))
        session.changed.connect(self._follow)

    def _select(self, nodes: tuple[tuple[str, ...], ...]) -> None:
        """Select nodes on the canvas: those that are drawn where the first is."""
        if not nodes:
            self._canvas.select(())
            return
        focus = nodes[0][:-1]
        self._session.look(focus)
        names = [one[-1] for one in nodes if one[:-1] == focus == self._session.focus]
        self._canvas.select(names)
        if self._canvas.selection:
            self._canvas.bring_into_sight(self._canvas.selection[0])

    def _switch_on(self) -> None:
        project = set_training(self._session.project, layer_statistics=True)
        self._session.commit(project, self.tr("Measure layers"))

    def _follow(self, changes: Changes) -> None:
        if changes.training:
            values = values_of(TRAINING, self._session.project.training.options)
            self._panel.show_setting(bool(values["layer_statistics"]))
