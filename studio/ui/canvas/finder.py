"""Find on the canvas: keeps the hits of what is typed up to date, lights them up, and walks through them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtWidgets import QWidget

from studio.build.plan import Checked
from studio.project.project import Project
from studio.ui.canvas.find_bar import FindBar
from studio.ui.canvas.finding import Entry, Hit, entries_of, hits_of
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView
from studio.ui.focus import part_title
from studio.ui.session import Session

LATER_MS = 120


class Finder(QObject):
    """Finds nodes, frames and notes of the whole project, inside blocks too, and goes there."""

    def __init__(self, session: Session, scene: GraphScene, view: GraphView, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._scene, self._view = session, scene, view
        self._known = scene.registry
        self._entries: list[Entry] = []
        self._project: Project | None = None
        self._checked: Checked | None = None
        self._hits: list[Hit] = []
        self._now: Hit | None = None
        """The hit that is looked at."""
        self.bar = FindBar(scene.look.ink, parent)
        self.bar.typed.connect(self._look_up)
        self.bar.stepped.connect(self.step)
        self.bar.closed.connect(self._closed)
        self._later = QTimer(self, singleShot=True, interval=LATER_MS)
        self._later.timeout.connect(self._refresh)

    def open(self) -> None:
        """Show the bar and look for what was looked for last."""
        self._now = None
        self.bar.open()
        self._refresh()

    def close(self) -> bool:
        """Put the bar away; says whether it was there."""
        return self.bar.close_bar()

    def step(self, by: int) -> None:
        """Go so many hits on, round and round; from where nothing was chosen yet to the first one here."""
        if not self.bar.isVisible():
            self.open()
        self._refresh()
        if not self._hits:
            return
        if self._now in self._hits:
            at = self._hits.index(self._now) + by
        else:
            here = [at for at, hit in enumerate(self._hits) if hit.block == self._session.block]
            at = (here or [0])[0 if by > 0 else -1]
        self._go(self._hits[at % len(self._hits)])

    def follow(self) -> None:
        """The drawing, the check or the graph that is looked at is another."""
        if self.bar.isVisible():
            self._light_up()
            self._later.start()

    def _refresh(self) -> None:
        """Read the project again where it changed."""
        self._later.stop()
        self._look_up(self.bar.field.text())

    def _look_up(self, query: str) -> None:
        if not self.bar.isVisible():
            return
        project, checked = self._session.project, self._session.checked
        if self._project is not project or self._checked is not checked or not self._entries:
            self._project, self._checked = project, checked
            self._entries = entries_of(project, checked, self._known)
        self._hits = hits_of(self._entries, query)
        if self._now is not None:
            place = self._now.place
            self._now = next((hit for hit in self._hits if hit.place == place), None)
        self._show()

    def _go(self, hit: Hit) -> None:
        self._now = hit
        if hit.block != self._session.block:
            self._session.look(hit.path)
        items = self._scene.marks.items if hit.mark else self._scene.nodes
        if hit.node in items:
            self._scene.choose(*(((), (), [hit.node]) if hit.mark else ([hit.node],)))
            self._reveal(items[hit.node].body)
        self._show()

    def _reveal(self, body: QRectF) -> None:
        """Bring what was found into sight, and out from under the bar."""
        self._view.reveal(body)
        if self._view.mapFromScene(body).boundingRect().intersects(self.bar.geometry()):
            self._view.center_at(body.center())

    def _show(self) -> None:
        self._light_up()
        hit = self._now
        why = ""
        if hit is not None:
            names = (*map(part_title, hit.path), *(() if hit.mark else (hit.node,)))
            why = " · ".join(one for one in (" › ".join(names), hit.why) if one)
        at = self._hits.index(hit) if hit in self._hits else None
        self.bar.show_found(at, len(self._hits), why)

    def _light_up(self) -> None:
        here = self._session.block
        self._scene.light_up(hit.node for hit in self._hits if hit.block == here and not hit.mark)
        self._scene.marks.light_up(hit.node for hit in self._hits if hit.block == here and hit.mark)

    def _closed(self) -> None:
        self._later.stop()
        self._hits, self._now, self._entries = [], None, []
        self._project = self._checked = None
        self._scene.light_up(())
        self._scene.marks.light_up(())
        self._view.setFocus()
