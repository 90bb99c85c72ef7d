"""What lies over the drawing: the way to it, a hint while it is empty, the minimap, the card of a problem."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtWidgets import QLabel, QWidget

from studio.ui.canvas.arguments_strip import ArgumentsStrip
from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.crumbs import Crumbs
from studio.ui.canvas.finder import Finder
from studio.ui.canvas.focus_ring import FocusRing
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.minimap import Minimap
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView
from studio.ui.session import Session

INSET = 14


class Overlays(QObject):
    """Keeps the pieces over the drawing in their places and up to date."""

    def __init__(self, session: Session, scene: GraphScene, view: GraphView, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene, self._view, self._parent = scene, view, parent
        self.card = ProblemCard(scene.look.ink, parent)
        self._minimap = Minimap(scene, view, parent)
        self._hint = QLabel(parent, alignment=Qt.AlignmentFlag.AlignCenter)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.setTextFormat(Qt.TextFormat.RichText)
        self.crumbs = Crumbs(session, scene.look.ink, view, parent)
        self.strip = ArgumentsStrip(session, scene.look.ink, parent)
        self.finder = Finder(session, scene, view, parent)
        self._ring = FocusRing(view, parent)
        self._asked: str | None = None
        self._new: tuple[str, ...] = ()
        """Nodes that have just come: nobody has looked at them yet."""
        self._held_back = False
        """Whether a problem waits until the hand is free."""
        self.card.resized.connect(self._place_card)
        self.card.wanted.connect(self.ask_problems)
        self.card.left.connect(view.setFocus)
        view.moved.connect(self._place_card)
        view.hand.moved.connect(self._hand_moved)

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self.card.set_ink(ink)
        self._minimap.content_changed()
        self.crumbs.set_ink(ink)
        self.strip.set_ink(ink)
        self.finder.bar.set_ink(ink)
        self._ring.set_colour(ink.accent)
        self._hint.setStyleSheet(f"color: {ink.tokens.secondary}; background: transparent;")
        self._hint.setText(
            "<p style='font-size: 15px'>{}</p><p style='font-size: 12px'>{}</p>".format(
                self.tr("Drag a layer here…"), self.tr("or press Space and type its name")
            )
        )

    def show_project(self) -> None:
        """Follow the project."""
        self._hint.setVisible(not self._scene.nodes and not self._scene.marks.items)
        self.crumbs.refresh()
        self._place_strip()
        self.finder.follow()
        self._place_bar()
        self._place_card()

    def show_problems(self) -> None:
        """Show the first problem of a node that is selected alone; mere warnings only where asked for.

        Not while the hand is busy: the card would cover what a gesture is to go to.
        """
        alone = self._alone()
        self._new = self._new if alone in self._new else ()
        self._held_back = self._view.hand.is_busy
        self._asked = self._asked if self._asked == alone else None
        told = self._scene.problems(alone) if alone else ()
        wrong = not self._new and any(one.severity == "error" for one in told)
        wanted = self._asked is not None or wrong
        self.card.show_problems(told if wanted and not self._held_back else ())
        self._place_card()

    def choose_new(self, names: Sequence[str], marks: Sequence[str] = ()) -> None:
        """Select what has just come; its problems wait until someone looks at it."""
        self._new = tuple(names)
        self._scene.choose(names, (), marks)

    def heed(self) -> None:
        """Someone looks at the selected node: its errors are shown though it has just come."""
        if self._new:
            self._new = ()
            self.show_problems()

    def _hand_moved(self) -> None:
        if self._view.hand.is_busy != self._held_back:
            self.show_problems()

    def ask_problems(self) -> None:
        """Show the problems of the selected node, whatever they are."""
        self._asked = self._alone()
        self.show_problems()

    def _alone(self) -> str | None:
        return self._scene.chosen[0] if len(self._scene.chosen) == 1 else None

    def show_checked(self) -> None:
        """Follow a check."""
        self._minimap.content_changed()
        self.finder.follow()
        self.show_problems()

    def arrange(self) -> None:
        """Put every piece where it belongs in the parent."""
        self.crumbs.move(INSET - 7, INSET - 7)
        self._place_strip()
        self._place_bar()
        self._hint.setGeometry(self._parent.rect())
        self._ring.surround(self._parent.rect())
        corner = self._parent.rect().bottomRight()
        self._minimap.take_room(self._parent.size())
        self._minimap.move(
            corner.x() - self._minimap.width() - INSET, corner.y() - self._minimap.height() - INSET
        )
        self._place_card()

    def _place_strip(self) -> None:
        """Below the way to the drawing, and in the order of Tab between that and the drawing."""
        self.strip.refresh()
        self.strip.fit_into(self._parent.width() - 2 * INSET)
        self.strip.move(INSET - 3, self.crumbs.geometry().bottom() + 4)
        for one, following in pairwise([*self.crumbs.buttons[-1:], *self.strip.buttons, self._view]):
            QWidget.setTabOrder(one, following)

    def _place_bar(self) -> None:
        room = self._parent.rect().adjusted(INSET, INSET, -INSET, -INSET)
        self.finder.bar.put(room, self.crumbs.geometry().right() + INSET)

    def _place_card(self) -> None:
        if not self.card.isHidden() and len(self._scene.chosen) == 1:
            body: QRectF = self._scene.nodes[self._scene.chosen[0]].body
            self.card.put_below(self._view.mapFromScene(body).boundingRect(), self._parent.rect())
