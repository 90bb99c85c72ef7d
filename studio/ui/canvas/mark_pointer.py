"""What the pointer means on frames and notes: presses, tooltips, and the shape of the cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt, QUrl
from PySide6.QtGui import QMouseEvent

from studio.project.graph import Frame
from studio.ui.canvas.gestures import Gesture
from studio.ui.canvas.mark_deeds import MarkDeeds
from studio.ui.canvas.mark_gestures import MoveMarks, ResizeMark
from studio.ui.canvas.mark_item import MarkItem, Part
from studio.ui.canvas.mark_menu import open_link
from studio.ui.canvas.markdown import SAFE
from studio.ui.canvas.scene import GraphScene

if TYPE_CHECKING:
    from studio.ui.canvas.view import GraphView

_translate = QCoreApplication.translate
REACH = 5.0
"""Pixels around an edge within which it can be caught."""
Found = tuple[MarkItem, Part]
_SHAPES = {
    "n": Qt.CursorShape.SizeVerCursor,
    "s": Qt.CursorShape.SizeVerCursor,
    "w": Qt.CursorShape.SizeHorCursor,
    "e": Qt.CursorShape.SizeHorCursor,
    "nw": Qt.CursorShape.SizeFDiagCursor,
    "se": Qt.CursorShape.SizeFDiagCursor,
    "ne": Qt.CursorShape.SizeBDiagCursor,
    "sw": Qt.CursorShape.SizeBDiagCursor,
    "title": Qt.CursorShape.SizeAllCursor,
}
_OWN = {*_SHAPES.values(), Qt.CursorShape.ArrowCursor}


class MarkPointer:
    """Answers for frames and notes what Pointer asks."""

    def __init__(self, scene: GraphScene, deeds: MarkDeeds) -> None:
        self._scene, self._deeds = scene, deeds

    def at(self, point: QPointF) -> Found | None:
        """The frame or note that can be caught at a point, and what of it."""
        return self._scene.marks.at(point, REACH / self._scene.look.zoom)

    def press(self, view: GraphView, event: QMouseEvent, found: Found) -> Gesture | None:
        """The gesture that a press on a frame or note begins."""
        item, part = found
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self._deeds.write(item.name)
            return None
        keys = event.modifiers()
        ctrl, shift = keys & Qt.KeyboardModifier.ControlModifier, keys & Qt.KeyboardModifier.ShiftModifier
        link = item.link_at(view.mapToScene(event.position().toPoint()))
        if ctrl and link and QUrl(link).scheme() in SAFE:
            open_link(link)
            return None
        if not self._chosen_by(item.name, bool(ctrl), bool(shift)):
            return None
        if part in ("title", "body"):
            return self.move(view, event, partial(self._scene.choose, (), (), [item.name]))
        return ResizeMark(view, self._scene, self._deeds, item, part, event.position())

    def move(self, view: GraphView, event: QMouseEvent, alone: Callable[[], None]) -> Gesture:
        """Drag all that is selected; `alone` selects what a mere press was on."""
        return MoveMarks(view, self._scene, self._deeds, event.position(), alone)

    def _chosen_by(self, name: str, ctrl: bool, shift: bool) -> bool:
        """Select as a press with these keys does; says whether it is selected then."""
        scene = self._scene
        chosen = scene.chosen_marks
        if ctrl and name in chosen:
            scene.choose(scene.chosen, scene.chosen_edges, (one for one in chosen if one != name))
            return False
        if ctrl or shift:
            scene.choose(scene.chosen, scene.chosen_edges, (*chosen, name))
        elif name not in chosen:
            scene.choose((), (), [name])
        return True

    def choose_under(self, point: QPointF) -> bool:
        """Select what a menu is opened on; says whether there is a frame or note."""
        found = self.at(point)
        if found is not None and found[0].name not in self._scene.chosen_marks:
            self._scene.choose((), (), [found[0].name])
        return found is not None

    def hover(self, view: GraphView, point: QPointF | None) -> None:
        """Show by the cursor what can be dragged at a point."""
        found = self.at(point) if point is not None else None
        shape = _SHAPES.get(found[1], Qt.CursorShape.ArrowCursor) if found else Qt.CursorShape.ArrowCursor
        if view.viewport().cursor().shape() in _OWN and view.viewport().cursor().shape() != shape:
            view.viewport().setCursor(shape)

    def tip(self, point: QPointF) -> str:
        """What is said of the frame or note at a point."""
        found = self.at(point)
        if found is None:
            return ""
        item = found[0]
        if isinstance(item.mark, Frame):
            return _translate("Canvas", "Drag the title to move the frame with what lies in it")
        link = item.link_at(point)
        if link:
            return _translate("Canvas", "{link}\nCtrl+click opens it").format(link=link)
        return _translate("Canvas", "Double-click to write this note")
