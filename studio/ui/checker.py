"""Describes the data and checks the drawing off the UI thread; the latest request wins.

The plain answer comes first. Then proposed fixes are tried one by one, and the answer comes again with those
that mend; a newer request ends the trials.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.catalog.paths import missing_weights
from studio.errors import Problem
from studio.project.project import Project, Setting
from studio.train.machine import this_machine
from studio.train.room import room
from studio.ui.background import Background

if TYPE_CHECKING:
    from studio.build.check import Checker
    from studio.build.plan import Checked
    from studio.data.describe import Description


class BackgroundChecker(QObject):
    """Checks one project value at a time; torch is first imported in its thread."""

    arrived = Signal(object)
    """A Checked; the one with the tried fixes comes after the plain one, whose problems have those fixes that
    mended them before."""
    described = Signal(object)
    """A Description, when it differs from the last one."""
    failed = Signal(str)
    """A bug of ours, as a traceback; later requests are served all the same."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._described: Description | None = None
        self._asked: Setting | None = None
        self._kept: tuple[Problem, ...] = ()
        self._desk = _Desk()
        self._background = Background(self)
        self._background.done.connect(self._take)
        self._background.failed.connect(self._report)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._background.busy

    def request(self, project: Project, folder: Path) -> None:
        """Check this value; `folder` is where relative paths in it start from."""
        desk = self._desk
        desk.latest += 1
        number = desk.latest
        self._asked = project.data.source
        self._background.request(lambda: (number, *desk.answer(project, folder)))

    def describe_again(self) -> None:
        """Tell the next description even if it is like the last one."""
        self._described = None

    def close(self) -> None:
        """Let the current check end and take no more."""
        self._desk.latest += 1
        self._background.close()

    def _take(self, answer: tuple[int, Description | None, Checked | None]) -> None:
        number, description, checked = answer
        if checked is None or (description is None and number != self._desk.latest):
            return
        if description is None:
            self._kept = checked.problems
            self.arrived.emit(checked)
            return
        current = checked.project.data.source == self._asked
        if current and description != self._described:
            self._described = description
            self.described.emit(description)
        if checked.problems and number == self._desk.latest:
            desk = self._desk
            self._background.request(lambda: (number, None, desk.repair(checked, number)))
        self.arrived.emit(_shown(checked, self._kept))

    def _report(self, error: Exception) -> None:
        self._desk = _Desk()
        self.failed.emit("\n".join(error.__notes__))


def _shown(checked: Checked, kept: tuple[Problem, ...]) -> Checked:
    """A plain answer with the fixes that are known to have mended the same problem before."""
    from studio.build.repair import without_fixes

    return without_fixes(checked, kept)


class _Desk:
    """What the thread keeps between checks; only one thread at a time uses it, but for the number."""

    def __init__(self) -> None:
        self.latest = 0
        self._checker: Checker | None = None

    def answer(self, project: Project, folder: Path) -> tuple[Description, Checked]:
        """Describe the data, then check the drawing against its fields."""
        # The UI thread wants the source as soon as the answer is there: it is loaded here with the rest.
        import studio.build.repair
        import studio.interchange.pytorch.source
        from studio.build.check import Checker
        from studio.data.describe import describe

        assert studio.interchange.pytorch.source
        assert studio.build.repair
        description = describe(project.data, folder)
        if self._checker is None:
            self._checker = Checker()
        told = (*description.problems, *missing_weights(project, folder))
        known = (description.fields, told, description.parts, room(project), this_machine())
        return description, self._checker.check(project, *known)

    def repair(self, checked: Checked, number: int) -> Checked | None:
        """The last answer with the fixes that mend; None once something newer is asked for."""
        from studio.build.repair import repaired

        assert self._checker is not None
        return repaired(checked, self._checker, lambda: self.latest != number)
