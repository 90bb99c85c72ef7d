"""What is done with frames and notes: laid, moved, resized, written, coloured. Each is one undo step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from PySide6.QtCore import QObject, QPointF, QRectF, Signal

from studio.project import edits, marks
from studio.project.arranging import Box
from studio.project.graph import Frame, Position
from studio.project.marks import Carried
from studio.ui.canvas.arranger import boxes_of
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.hues import hue_name
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.walking import snapped
from studio.ui.session import Session
from studio.ui.theme import GRID

NEW_FRAME = (320.0, 240.0)


class MarkDeeds(QObject):
    """Works on the selection; `pointed` says where on the canvas something new is to go."""

    writing_wanted = Signal(str, str)
    """A frame's title or a note's text is to be written: its name, and the key of the step it belongs to."""

    about_wanted = Signal(tuple, str)
    """Something is to be written about nodes: their names, and the key of the step."""

    def __init__(
        self, scene: GraphScene, editor: Editor, pointed: Callable[[], QPointF], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._scene, self._editor, self._pointed = scene, editor, pointed
        self._number = count()

    @property
    def session(self) -> Session:
        """Whose project is edited."""
        return self._editor.session

    # New ones

    def add_frame(self) -> None:
        """Lay a frame around what is selected, or an empty one, and ask for its title."""
        around = self._scene.bounds(self._scene.chosen) if self._scene.chosen else QRectF()
        around = around.united(self._scene.marks.bounds(self._scene.chosen_marks))
        body = framed(around) if not around.isNull() else QRectF(*snapped(self._pointed()), *NEW_FRAME)
        key = f"new frame {next(self._number)}"
        place, size = (body.x(), body.y()), (body.width(), body.height())
        project, name = marks.add_frame(self._editor.project, "", place, size, "blue")
        self._editor.session.commit_drawing(project, self.tr("Add a frame"), key)
        self._begin(name, key)

    def add_note(self) -> None:
        """Lay a note at the pointer and let it be written."""
        key = f"new note {next(self._number)}"
        project, name = marks.add_note(self._editor.project, "", snapped(self._pointed()))
        self._editor.session.commit_drawing(project, self.tr("Add a note"), key)
        self._begin(name, key)

    def _begin(self, name: str, key: str) -> None:
        self._scene.choose((), (), [name])
        self.writing_wanted.emit(name, key)

    # Words

    def write_selected(self) -> None:
        """Write the title or the text of the frame or note that is selected last."""
        if self._scene.chosen_marks:
            self.write(self._scene.chosen_marks[-1])

    def write(self, name: str) -> None:
        """Let a frame's title or a note's text be written."""
        self._scene.choose((), (), [name])
        self.writing_wanted.emit(name, f"words {next(self._number)}")

    def take(self, name: str, text: str, key: str) -> None:
        """A title or text was written; steps with one key become one."""
        mark = self._editor.project.graph.marks.get(name)
        if mark is None:
            return
        project = marks.write(self._editor.project, name, text)
        label = self.tr("Name a frame") if isinstance(mark, Frame) else self.tr("Write a note")
        self._editor.session.commit_drawing(project, label, key)

    def done(self, name: str, key: str) -> None:
        """Writing has ended: a note that stayed empty goes."""
        note = self._editor.project.graph.notes.get(name)
        if note is not None and not note.text.strip():
            project = marks.delete(self._editor.project, [name])
            self._editor.session.commit_drawing(project, self.tr("Delete a note"), key)

    def write_about(self) -> None:
        """Let something be written about the selected nodes."""
        if self._scene.chosen:
            self.about_wanted.emit(self._scene.chosen, f"about {next(self._number)}")

    def write_note(self, names: tuple[str, ...], text: str, key: str) -> None:
        """What was written about nodes; steps with one key become one."""
        label = self.tr("Write about {nodes}").format(nodes=self._editor.called(names, ()))
        project = edits.set_note(self._editor.project, names, text)
        self._editor.session.commit_drawing(project, label, key)

    # Places and sizes

    def carried(self) -> Carried:
        """What moves along when the selection does: what is selected, and what lies in its frames."""
        scene = self._scene
        graph = scene.project.graph
        frames = [name for name in scene.chosen_marks if name in graph.frames]
        found = marks.carried(graph, frames, boxes_of(scene, scene.nodes) if frames else None)
        return Carried(found.nodes | set(scene.chosen), found.marks | set(scene.chosen_marks))

    def shift(self, moved: Carried, by: Position, *, burst: bool = False) -> None:
        """Move things by an offset."""
        project = marks.shift(self._editor.project, moved.nodes, moved.marks, by)
        label = self.tr("Move {things}").format(things=self._called())
        key = f"move {sorted(moved.nodes)} {sorted(moved.marks)}" if burst else None
        self._editor.commit(project, label, key)

    def nudge(self, by: QPointF) -> None:
        """Move the selection, and what lies in its frames, by an offset; nudges that follow are one step."""
        self.shift(self.carried(), (by.x(), by.y()), burst=True)

    def resize(self, name: str, body: QRectF) -> None:
        """Give a frame or note another place and size."""
        place, size = (body.x(), body.y()), (body.width(), body.height())
        project = marks.resize(self._editor.project, name, place, size)
        label = self.tr("Resize {thing}").format(thing=self._called([name]))
        self._editor.session.commit_drawing(project, label)

    def grow(self, wider: int, higher: int) -> None:
        """Make the selected frames and notes larger or smaller by steps of the grid."""
        project = self._editor.project
        for name in self._scene.chosen_marks:
            mark = project.graph.marks[name]
            size = (mark.size[0] + 2 * GRID * wider, mark.size[1] + 2 * GRID * higher)
            project = marks.resize(project, name, mark.position, size)
        label = self.tr("Resize {thing}").format(thing=self._called())
        self._editor.commit(project, label, f"resize {sorted(self._scene.chosen_marks)}")

    def fit(self) -> None:
        """Draw the selected frames around what lies in them."""
        project = self._editor.project
        graph, boxes = project.graph, boxes_of(self._scene, self._scene.nodes)
        for name in (one for one in self._scene.chosen_marks if one in graph.frames):
            inside = marks.carried(graph, [name], boxes)
            whole = self._scene.bounds(inside.nodes) if inside.nodes else QRectF()
            whole = whole.united(self._scene.marks.bounds(inside.marks))
            if not whole.isNull():
                body = framed(whole)
                project = marks.resize(project, name, (body.x(), body.y()), (body.width(), body.height()))
        self._editor.session.commit_drawing(project, self.tr("Fit {thing}").format(thing=self._called()))

    # Colours, selection

    def paint(self, colour: str) -> None:
        """Give all that is selected a colour, or none."""
        scene = self._scene
        project = marks.paint(self._editor.project, colour, scene.chosen, scene.chosen_marks)
        words = self.tr("Colour {things} {colour}") if colour else self.tr("Remove the colour of {things}")
        label = words.format(things=self._called(), colour=hue_name(colour).lower())
        self._editor.session.commit_drawing(project, label)

    def choose_inside(self) -> None:
        """Select what lies in the selected frames, in place of them."""
        scene = self._scene
        frames = [name for name in scene.chosen_marks if name in scene.project.graph.frames]
        inside = marks.carried(scene.project.graph, frames, boxes_of(scene, scene.nodes))
        scene.choose(
            (name for name in scene.nodes if name in inside.nodes),
            (),
            (name for name in scene.marks.items if name in inside.marks),
        )

    def next_one(self) -> str | None:
        """Select the frame or note after the selected one, in the order of reading; says which."""
        order = self._scene.marks.in_order()
        if not order:
            return None
        last = self._scene.chosen_marks[-1:]
        name = order[(order.index(last[0]) + 1) % len(order)] if last else order[0]
        self._scene.choose((), (), [name])
        return name

    def _called(self, names: Iterable[str] | None = None) -> str:
        """What is selected, in words."""
        if names is None:
            return self._editor.called(self._scene.chosen, self._scene.chosen_marks)
        return self._editor.called((), tuple(names))


def framed(inner: QRectF) -> QRectF:
    """The frame around a rectangle, on the grid."""
    box = marks.framed(Box(inner.x(), inner.y(), inner.width(), inner.height()))
    return QRectF(box.x, box.y, box.width, box.height)
