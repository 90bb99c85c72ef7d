"""The session: the open project, its undo history, its file and its latest check; only it changes them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from studio.build.plan import Checked
from studio.project.block import Block, graph_of, inside, within
from studio.project.changes import Changes, diff_graphs
from studio.project.expressions import Names
from studio.project.graph import Graph
from studio.project.project import Project
from studio.project.storage import load, save
from studio.ui.focus import Fields, block_at, names_at, valid, way_to
from studio.ui.focus import Path as Focus
from studio.ui.here import here
from studio.ui.steps import Step, changed_part


class Session(QObject):
    """One open project. Views read `project` and `checked`, follow the signals, and call `commit`.

    `focus` says which graph is looked at: the main graph, or the graph of a block that was entered by its
    nodes. What draws or edits nodes uses `drawing` and `commit_drawing`, which stand for that graph.
    """

    changed = Signal(object)
    """Changes between the value shown before and the one now: the same path for edit, undo, open and new.

    Their nodes and edges are those of the graph that is looked at.
    """
    focus_moved = Signal(object)
    """Another graph is looked at: the Changes from the one before (none of them where `changed` told)."""
    stepped_back = Signal(object, object)
    """Undo steps were undone, or done again: the Changes in the graph that is looked at now, and that graph
    as it was before.
    """
    steps_changed = Signal()
    """Undo steps came, went, were done or undone, or another one is the saved one."""
    replaced = Signal()
    """Another project was opened (emitted after `changed`): the view may fit itself to it."""
    check_arrived = Signal(object)
    """The Checked of the current project value; stale answers never arrive here."""
    file_changed = Signal()
    """Path or dirty state changed: the window's title follows."""
    saved = Signal()
    """The project was written to its file, perhaps its first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = Project()
        self._drawing = self._project
        self._focus: Focus = ()
        self._saved: Project | None = self._project
        self.path: Path | None = None
        self.base: Path = Path.home()
        self.checked: Checked | None = None
        self.fields: Fields = None
        """The fields of the data as of the latest check; None where they are not known."""
        self.undo_stack = QUndoStack(self)
        self.undo_stack.indexChanged.connect(self.steps_changed)
        self.undo_stack.cleanChanged.connect(self.steps_changed)
        self._turns = 0
        self._made_at: Focus = ()
        self._reached: Project | None = None

    @property
    def project(self) -> Project:
        """The project as it is now."""
        return self._project

    @property
    def focus(self) -> Focus:
        """The block nodes that lead to the graph that is looked at; () for the main graph."""
        return self._focus

    @property
    def block(self) -> str | None:
        """The block whose graph is looked at, None for the main graph."""
        return block_at(self._project, self._focus)

    @property
    def drawing(self) -> Project:
        """The project as an edit of the graph that is looked at sees it: with that graph as the main one."""
        return self._drawing

    @property
    def names(self) -> Names:
        """What formulas in the graph that is looked at can read."""
        return names_at(self._project, self._focus, self.fields)

    def here(self, checked: Checked) -> Checked:
        """What a check says of the graph that is looked at."""
        return here(checked, self._focus, self._drawing)

    @property
    def folder(self) -> Path:
        """The folder that relative paths in the project start from."""
        return self.path.parent if self.path else self.base

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return self._project != self._saved

    def commit(self, project: Project, label: str, merge_key: str | None = None) -> None:
        """Make `project` the current value as one undo step; steps with the same merge key become one.

        `label` is the step's plain name in the menu ("Move conv1"). Nothing happens if nothing changed.
        """
        if project != self._project:
            key = f"{merge_key} in {self.block} after {self._turns}" if merge_key else None
            self.undo_stack.push(Step(self._now, self._show_step, project, self._focus, label, key))

    def commit_drawing(self, drawing: Project, label: str, merge_key: str | None = None) -> None:
        """Make `drawing`, an edited `self.drawing`, part of the project as one undo step."""
        self.commit(within(self._project, self.block, lambda _: drawing), label, merge_key)

    def go_to(self, steps: int) -> None:
        """Undo or redo until so many steps are done; the views follow once, at the end."""
        if steps == self.undo_stack.index():
            return
        self._reached = self._project
        try:
            self.undo_stack.setIndex(steps)
        finally:
            reached, self._reached = self._reached, None
        self._show_step(reached, self._made_at)

    def look(self, focus: Focus) -> None:
        """Look at the graph that these block nodes lead to, or as far towards it as there is a way."""
        focus = valid(self._project, focus)
        if focus != self._focus:
            before = self._drawing.graph
            self._set(self._project, focus)
            self.focus_moved.emit(diff_graphs(before, self._drawing.graph, self._project, self._project))

    def new(self, project: Project | None = None, base: Path | None = None) -> None:
        """Start over with a project that has no file yet; relative paths in it start from `base`."""
        project = project or Project()
        self._replace(project, path=None, base=base or Path.home(), saved=project)

    def open(self, path: Path) -> None:
        """Open a file. Raises StudioError, and then leaves everything as it was."""
        project = load(path)
        self._replace(project, path=path, base=self.base, saved=project)

    def recover(self, project: Project, path: Path | None, base: Path) -> None:
        """Take up a project whose changes were never saved to `path`, the file it came from."""
        self._replace(project, path=path, base=base, saved=None)

    def save(self, path: Path | None = None) -> None:
        """Save to `path`, or to where the project came from. Raises StudioError, and then stays dirty."""
        target = path or self.path
        assert target is not None
        save(self._project, target)
        self.path = target
        self._saved = self._project
        self.undo_stack.setClean()
        self.file_changed.emit()
        self.saved.emit()

    def lose_file(self) -> None:
        """The file is gone or holds something else: what is on screen counts as unsaved."""
        self._saved = None
        self.undo_stack.resetClean()
        self.file_changed.emit()

    def take_check(self, checked: Checked) -> None:
        """Publish a check's answer, unless the project has changed since it was asked for."""
        if checked.project is self._project:
            self.checked, self.fields = checked, checked.fields
            self.check_arrived.emit(checked)

    def _replace(self, project: Project, *, path: Path | None, base: Path, saved: Project | None) -> None:
        self.undo_stack.clear()
        if saved is None:
            self.undo_stack.resetClean()
        self.checked, self.fields = None, None
        self.path, self.base, self._saved = path, base, saved
        self._apply(project, ())
        self.replaced.emit()

    def _now(self) -> Project:
        """The project as the undo steps see it: on the way of `go_to` it is ahead of what is shown."""
        return self._project if self._reached is None else self._reached

    def _show_step(self, project: Project, made_at: Focus | None) -> None:
        """Take the value of an undo step; one that is undone or done again is looked at where it was made."""
        if made_at is None:
            self._apply(project, self._focus)
            return
        self._turns += 1
        if self._reached is not None:
            self._reached, self._made_at = project, made_at
            return
        old, graph, looked = self._project, self._drawing.graph, self._focus
        changes = self._apply(project, _focus_for(old, project, looked, made_at))
        if self._focus != looked:
            there = valid(old, self._focus) == self._focus
            graph = graph_of(old, self.block) if there else self._drawing.graph
            changes = diff_graphs(graph, self._drawing.graph, old, project)
        self.stepped_back.emit(changes, graph)

    def _apply(self, project: Project, focus: Focus) -> Changes:
        old, graph, looked = self._project, self._drawing.graph, self._focus
        self._set(project, valid(project, focus))
        changes = diff_graphs(graph, self._drawing.graph, old, project)
        self.changed.emit(changes)
        if self._focus != looked:
            self.focus_moved.emit(Changes())
        self.file_changed.emit()
        return changes

    def _set(self, project: Project, focus: Focus) -> None:
        self._project, self._focus = project, focus
        self._drawing = inside(project, block_at(project, focus))


def _focus_for(old: Project, new: Project, looked: Focus, made_at: Focus) -> Focus:
    """Where to look after a step: where one looks already if that shows it, else where it was made."""
    for focus in (looked, made_at):
        if _seen_at(old, focus) != _seen_at(new, focus):
            return focus
    if old.graph != new.graph or changed_part(old, new) == "project":
        return ()
    changed = {name for name, block in new.blocks.items() if old.blocks.get(name) != block}
    return (way_to(new, changed) if changed else None) or looked


def _seen_at(project: Project, focus: Focus) -> Graph | Block | None:
    """What a path leads to, None where there is no such way."""
    if valid(project, focus) != focus:
        return None
    block = block_at(project, focus)
    return project.graph if block is None else project.blocks[block]
