"""Asks what would come of wires and layers that are not there yet, off the UI thread, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Protocol

from PySide6.QtCore import QObject

from studio.build.foresight import Basis, Foreseen, Foresight, Question
from studio.build.plan import Checked
from studio.project.graph import Graph
from studio.ui.background import Background
from studio.ui.canvas.editor import Editor
from studio.ui.focus import Path, scope_at

AT_ONCE, SECONDS = 32, 0.02
"""Questions that one job answers at most, and how long it takes for that: then those that are nearest by now
come next."""


class Asker(Protocol):
    """Who wants to know."""

    def questions(self) -> Mapping[Hashable, Question]:
        """All that is of interest now; what is known already is not asked again."""

    def distance(self, key: Hashable) -> float:
        """How urgent a question is; the least comes first."""

    def take(self, keys: Iterable[Hashable]) -> None:
        """The answers for these are `known` now, or not any more."""


class Asking(QObject):
    """Serves one asker at a time. Questions are answered in the drawing as it was checked last.

    While the drawing as it is now has not been checked nothing is known; the answers come with the check.
    """

    def __init__(self, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.known: dict[Hashable, Foreseen] = {}
        """The answers so far, by the asker's keys."""
        self._asker: Asker | None = None
        self._basis: tuple[Checked, Path, Basis] | None = None
        self._serial = 0
        self._desk = Foresight()
        self._work = Background(self)
        self._work.done.connect(self._arrive)
        self._work.failed.connect(self._fail)
        editor.session.check_arrived.connect(self._checked)

    def serve(self, asker: Asker) -> None:
        """Answer this one's questions, and no one else's any more."""
        self._asker = asker
        self._forget()
        self.ask_more()

    def known_to(self, asker: Asker) -> dict[Hashable, Foreseen]:
        """What is known to this one; nothing if another is served."""
        return self.known if self._asker is asker else {}

    @property
    def graph(self) -> Graph:
        """The graph that is looked at."""
        return self._editor.project.graph

    def ask_more(self) -> None:
        """There may be other questions now."""
        if self._asker is not None and not self._work.busy:
            self._next()

    def stop(self, asker: Asker) -> None:
        """This one has nothing to ask any more."""
        if self._asker is asker:
            self._asker = None
            self._forget()

    def basis(self) -> Basis | None:
        """What questions are asked in; None while the drawing as it is now is not checked."""
        session = self._editor.session
        checked = session.checked
        if checked is None or checked.project is not session.project:
            return None
        if self._basis is None or self._basis[:2] != (checked, session.focus):
            self._basis = (checked, session.focus, self._made(checked, session.focus))
        return self._basis[2]

    def _made(self, checked: Checked, focus: Path) -> Basis:
        session = self._editor.session
        scope = scope_at(session.project, focus, checked.fields)
        if focus:
            scope = replace(scope, bound={}, block=session.block)
        known, fields = session.here(checked), None if focus else checked.fields
        return Basis(session.drawing.graph, known, scope, fields, self._editor.registry)

    def _next(self) -> None:
        basis = self.basis()
        if self._asker is None or basis is None:
            return
        open_ones = {key: one for key, one in self._asker.questions().items() if key not in self.known}
        keys = sorted(open_ones, key=self._asker.distance)[:AT_ONCE]
        if keys:
            questions = [open_ones[key] for key in keys]
            self._work.request(_job(self._desk, basis, self._serial, keys, questions))

    def _arrive(self, answer: tuple[int, list[Hashable], list[Foreseen]]) -> None:
        serial, keys, found = answer
        if serial == self._serial and self._asker is not None:
            self.known.update(zip(keys, found, strict=True))
            self._asker.take(keys)
        self.ask_more()

    def _checked(self) -> None:
        """The drawing is known better now: ask anew."""
        if self._asker is not None:
            before = list(self.known)
            self._forget()
            self._asker.take(before)
            self.ask_more()

    def _forget(self) -> None:
        self._serial += 1
        self.known.clear()

    def _fail(self, error: Exception) -> None:
        """A bug of ours: the desk may be left in a muddle."""
        self._desk = Foresight()
        self._asker = None
        raise error


def _job(
    desk: Foresight, basis: Basis, serial: int, keys: list[Hashable], questions: list[Question]
) -> Callable[[], tuple[int, list[Hashable], list[Foreseen]]]:
    """Answers as many questions as there is time for, one at least; the others are asked again."""

    def work() -> tuple[int, list[Hashable], list[Foreseen]]:
        began = monotonic()
        found: list[Foreseen] = []
        for answer in desk.answers(basis, questions):
            found.append(answer)
            if monotonic() - began > SECONDS:
                break
        return serial, keys[: len(found)], found

    return work
