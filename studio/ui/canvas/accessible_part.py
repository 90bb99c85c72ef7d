"""One part of the drawing in the accessibility tree. Qt asks from C++: nothing in here may raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QWindow

from studio.ui.canvas.spoken import Part, is_frame, is_there, place, story, title, value

if TYPE_CHECKING:
    from studio.ui.canvas.accessible import SpokenDrawing

Role, Text, State = QAccessible.Role, QAccessible.Text, QAccessible.State
NOTHING = shiboken6.VoidPtr(0)
ROLES = {"node": Role.ListItem, "wire": Role.Link, "value": Role.StaticText, "mark": Role.Note}


class SpokenPart(QAccessibleInterface):
    """What a screen reader has of a part of the drawing."""

    def __init__(self, drawing: SpokenDrawing, key: Part) -> None:
        super().__init__()
        self._drawing, self.key = drawing, key
        self._press = _Press(self)
        self._pressed = shiboken6.VoidPtr(self._press)

    def isValid(self) -> bool:
        drawing = self._drawing
        return shiboken6.isValid(drawing) and shiboken6.isValid(drawing.view) and self._is_there()

    def object(self) -> QObject | None:
        return None

    def window(self) -> QWindow | None:
        return self._drawing.view.window().windowHandle() if self.isValid() else None

    def parent(self) -> QAccessibleInterface | None:
        if not self.isValid():
            return None
        if self.key.kind in ("node", "mark"):
            return QAccessible.queryAccessibleInterface(self._drawing.view)
        return self._drawing.part(Part("node", self.key.name))

    def childCount(self) -> int:
        return len(self._inside())

    def child(self, index: int) -> QAccessibleInterface | None:
        inside = self._inside()
        return self._drawing.part(inside[index]) if 0 <= index < len(inside) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        inside = self._inside()
        return inside.index(child.key) if isinstance(child, SpokenPart) and child.key in inside else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        return None

    def role(self) -> QAccessible.Role:
        if self.isValid() and is_frame(self._drawing.scene, self.key):
            return Role.Grouping
        return ROLES[self.key.kind]

    def text(self, t: QAccessible.Text) -> str:
        read = {Text.Name: title, Text.Description: story, Text.Value: value}.get(t)
        return read(self._drawing.scene, self.key) if read and self.isValid() else ""

    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Names and values are changed by the canvas's own means."""

    def state(self) -> QAccessible.State:
        state = State()
        if not self.isValid():
            state.invalid = True
        elif self.key.kind != "value":
            drawing = self._drawing
            state.selectable = state.focusable = True
            state.selected = self._chosen()
            state.focused = drawing.view.hasFocus() and drawing.current == self.key
            state.offscreen = not drawing.view.viewport().rect().intersects(self._rect())
        return state

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        rect = self._rect()
        return QRect(self._drawing.view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def interface_cast(self, kind: QAccessible.InterfaceType) -> shiboken6.VoidPtr:
        # Anything else than a VoidPtr, None and 0 included, reaches Qt as a pointer to nowhere.
        return self._pressed if kind == QAccessible.InterfaceType.ActionInterface else NOTHING

    def press(self) -> None:
        """Select the part, or the node that it belongs to, with the keyboard on the drawing."""
        if self.isValid():
            view, scene, key = self._drawing.view, self._drawing.scene, self.key
            view.setFocus()
            edges, marks = [key.edge] if key.edge else [], [key.name] if key.kind == "mark" else []
            scene.choose([] if edges or marks else [key.name], edges, marks)
            view.reveal(place(scene, key))

    def _chosen(self) -> bool:
        scene, key = self._drawing.scene, self.key
        if key.edge is not None:
            return key.edge in scene.chosen_edges
        return key.name in (scene.chosen_marks if key.kind == "mark" else scene.chosen)

    def _is_there(self) -> bool:
        return is_there(self._drawing.scene, self.key)

    def _inside(self) -> list[Part]:
        return self._drawing.inside(self.key) if self.isValid() else []

    def _rect(self) -> QRect:
        return self._drawing.view.mapFromScene(place(self._drawing.scene, self.key)).boundingRect()


class _Press(QAccessibleActionInterface):
    """What a screen reader can do with a part: press it, which selects it."""

    def __init__(self, part: SpokenPart) -> None:
        super().__init__()
        self._part = part

    def actionNames(self) -> list[str]:
        return [QAccessibleActionInterface.pressAction()]

    def doAction(self, name: str) -> None:
        if name == QAccessibleActionInterface.pressAction():
            self._part.press()

    def keyBindingsForAction(self, name: str) -> list[str]:
        return []
