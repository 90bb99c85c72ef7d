"""Undo steps: what each changed, kept as a small delta, where one looked when it was made, and when."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Literal

from PySide6.QtGui import QUndoCommand

from studio.project.delta import delta, redone, undone
from studio.project.project import Project
from studio.ui.focus import Path as Focus

PAUSE_S = 5.0
"""Who pauses for so long begins another step, even in the same field."""
Part = Literal["drawing", "data", "training", "project"]
"""What of the project a step changed."""
Show = Callable[[Project, Focus | None], None]


class Step(QUndoCommand):
    """One undo step. `now` says what the project is, `show` makes it another one.

    Steps with the same `key` that follow each other become one; without a key none does.
    """

    def __init__(
        self,
        now: Callable[[], Project],
        show: Show,
        after: Project,
        made_at: Focus,
        label: str,
        key: str | None,
    ) -> None:
        super().__init__(label)
        self._now, self._show, self._key = now, show, key
        self._first: Project | None = after
        self._delta = delta(now(), after)
        self.made_at = made_at
        self.time = time()
        self.part = changed_part(now(), after)

    def redo(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            self._show(first, None)
        else:
            self._show(redone(self._delta, self._now()), self.made_at)

    def undo(self) -> None:
        self._show(undone(self._delta, self._now()), self.made_at)

    def id(self) -> int:
        return 1 if self._key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Step) or other._key != self._key or other.time - self.time > PAUSE_S:
            return False
        after = self._now()
        before = undone(self._delta, undone(other._delta, after))
        self._delta, self.time = delta(before, after), other.time
        if before == after:
            self.setObsolete(True)
            self._show(before, None)
        return True


def changed_part(before: Project, after: Project) -> Part:
    """What of the project differs; the drawing where several parts do."""
    if before.graph != after.graph or before.blocks != after.blocks:
        return "drawing"
    if before.data != after.data:
        return "data"
    return "training" if before.training != after.training else "project"
