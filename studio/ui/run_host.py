"""Says where a run is trained, and what can be done where it failed: go on from its last checkpoint, with a
smaller batch where memory did not suffice.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.errors import Problem, StudioError
from studio.train.events import Event, Failed
from studio.train.host_choice import Choice
from studio.train.host_lost import last_checkpoint
from studio.train.left import was_left
from studio.train.runs import RunInfo, read_run
from studio.train.shortage import shrink
from studio.ui.messages import Choice as Button
from studio.ui.numbers import memory

if TYPE_CHECKING:
    from studio.ui.window import MainWindow

MINUTE, HOUR = 60, 3600
TAG, LEFT = "run failed", "run left"


class RunHost(QObject):
    """Follows the training of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.training.hosted.connect(self._tell_host)
        window.training.ended.connect(self._tell_failure)
        window.session.replaced.connect(lambda: window.messages.close_message(LEFT))

    def words(self, choice: Choice) -> str:
        """Where a run is trained and why, if there is something to say."""
        if choice.reason == "large":
            text = self.tr("Trains in a process of its own: about {} of memory will be needed")
            return text.format(memory(choice.amount))
        if choice.reason == "long":
            text = self.tr("Trains in a process of its own: it may take about {}")
            return text.format(self._span(choice.amount))
        if choice.host == "processes":
            return self.tr("Trains in {} processes of their own").format(round(choice.amount))
        return self.tr("Trains in a process of its own") if choice.host == "process" else ""

    def offer(self, run: RunInfo) -> None:
        """Offer to go on with a run that ended with the program, when its project is opened again."""
        if was_left(run):
            text = self.tr("{run} ended with the program, before it was done").format(run=run.name)
            choice = (self.tr("Go on from the last checkpoint"), lambda: self._go_on(run.path))
            self._window.messages.show_message("info", text, choices=[choice], tag=LEFT)

    def _tell_host(self, choice: Choice) -> None:
        text = self.words(choice)
        if text:
            self._window.tell(text)
            self._window.panels.log.add("info", text)

    def _span(self, seconds: float) -> str:
        """A time to the order of magnitude."""
        if seconds < 2 * HOUR:
            return self.tr("{} minutes").format(round(seconds / MINUTE))
        if seconds < 48 * HOUR:
            return self.tr("{} hours").format(round(seconds / HOUR))
        return self.tr("{} days").format(round(seconds / (24 * HOUR)))

    def _tell_failure(self, run_dir: Path, last: Event | None) -> None:
        if isinstance(last, Failed):
            self._mark(last)
            queue = self._window.run_deeds.queue
            held = (last.lost or last.fitting is not None) and queue.hold()
            if queue.going and queue.runs:  # the next one begins at once
                text = f"{run_dir.name}: {last.message}"
                self._window.messages.show_message("error", text, last.hint)
                return
            choices, hint = self._choices(run_dir, last, held), last.hint
            if held:
                choices.append((self.tr("Go on with the queue"), lambda: queue.go(True)))
                hint = f"{hint} {self.tr('The queue waits.')}".strip()
            self._window.messages.show_message("error", last.message, hint, choices, TAG)

    def _choices(self, run_dir: Path, failed: Failed, held: bool) -> list[Button]:
        try:
            resumable = read_run(run_dir).resumable
        except StudioError:
            return []
        found: list[Button] = []
        size = failed.fitting
        if (size is None or failed.guessed) and resumable and last_checkpoint(run_dir) is not None:
            text = self.tr("Go on from the last checkpoint")
            found.append((text, lambda: self._go_on(run_dir, held=held)))
        if size is not None:
            text = self.tr("Go on with a batch size of {}").format(size)
            found.append((text, lambda: self._go_on(run_dir, size, held)))
        return found

    def _mark(self, failed: Failed) -> None:
        """Show at the node where a run failed, until the drawing is checked again."""
        session = self._window.session
        checked = session.checked
        if failed.node is None or checked is None or checked.project is not session.project:
            return
        *path, node = (part for part in failed.node.split(".") if not part.isdecimal())
        if [*path, node][0] in session.project.graph.nodes:
            problem = Problem("warning", failed.message, failed.hint, node, path=tuple(path))
            session.take_check(replace(checked, problems=(*checked.problems, problem)))

    def _go_on(self, run_dir: Path, size: int | None = None, held: bool = False) -> None:
        """Train on from the last checkpoint; a queue that was held for it follows."""
        if self._window.training.active:
            return
        try:
            if size is not None:
                shrink(run_dir, size)
        except StudioError as error:
            self._window.messages.show_error(error)
            return
        self._window.training.resume_run(run_dir)
        if held and self._window.training.active:
            self._window.run_deeds.queue.go(True)
