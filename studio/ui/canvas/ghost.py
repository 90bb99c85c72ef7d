"""A fix seen before it is applied: what it would change is drawn over the drawing as a ghost."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.catalog.registry import Registry
from studio.errors import Fix
from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.ghost_item import GhostItem
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView
from studio.ui.canvas.vision import Vision, foresee
from studio.ui.session import Session

NOTHING = Vision()


class Ghost(QObject):
    """Shows on the canvas what a fix would do. The project is left alone, and so is what is drawn of it."""

    def __init__(
        self,
        session: Session,
        scene: GraphScene,
        view: GraphView,
        card: ProblemCard,
        known: Registry,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.card = card
        """Where the fixes of the selected node are."""
        card.fix_aimed.connect(self.show)
        self._session, self._scene, self._view, self._known = session, scene, view, known
        self._item: GhostItem | None = None

    @property
    def vision(self) -> Vision:
        """What is shown."""
        return self._item.vision if self._item is not None else NOTHING

    def show(self, fix: Fix | None) -> None:
        """Show what a fix would do, in place of what was shown; None: nothing any more."""
        self.clear()
        vision = foresee(self._session, fix, self._known) if fix is not None else NOTHING
        if vision:
            self._item = GhostItem(self._scene, vision)
            self._scene.addItem(self._item)
            self._view.ghost = self._item
            self._view.viewport().update()

    def clear(self) -> None:
        """Leave the drawing as it is."""
        item, self._item = self._item, None
        if item is not None:
            self._view.ghost = None
            self._scene.removeItem(item)
            self._view.viewport().update()
