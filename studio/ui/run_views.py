"""Shows runs: the one that trains now, live, and earlier ones that are opened, compared and evaluated."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from studio.errors import StudioError
from studio.train.events import EpochEnded, Event, Failed, Finished, Started
from studio.train.runs import RunInfo, read_events, read_run
from studio.ui.background import Background
from studio.ui.messages import Messages
from studio.ui.monitor.evaluation import Evaluator
from studio.ui.panels import Panels


class RunViews(QObject):
    """Leads what a run says to the panels that show it."""

    def __init__(self, panels: Panels, messages: Messages, parent: QObject) -> None:
        super().__init__(parent)
        self._panels, self._messages = panels, messages
        self._name = ""
        self.evaluator = Evaluator(self)
        self._reading = Background(self)
        self._reading.done.connect(self._show_run)
        self._reading.failed.connect(self._tell)

    def begin(self, run_dir: Path) -> None:
        """A run is about to start."""
        self._name = run_dir.name
        self._panels.status.prepare(self._name)
        self._panels.runs.set_folder(run_dir.parent)

    def add(self, events: list[Event]) -> None:
        """Take in what the run reports."""
        for event in events:
            if isinstance(event, Started):
                self._panels.curves.begin(event, self._name)
                self._panels.status.begin(self._name, event)
                self._panels.runs.refresh()
            self._log(event)
        self._panels.curves.add(events)
        self._panels.status.add([event for event in events if not isinstance(event, Started)])

    def end(self, run_dir: Path, last: Event | None) -> None:
        """The run is over."""
        self._panels.runs.refresh()
        if isinstance(last, Failed):
            self._messages.show_message("error", last.message, last.hint, tag="run failed")
        elif isinstance(last, Finished):
            self._panels.predict.set_run(run_dir)
            self.evaluator.request(run_dir)

    def open(self, run_dir: Path) -> None:
        """Show an earlier run."""
        self._reading.request(lambda: [_read(run_dir)])
        self._panels.predict.set_run(run_dir)
        self.evaluator.request(run_dir)

    def compare(self, run_dirs: list[Path]) -> None:
        """Show several runs at once."""
        self._reading.request(lambda: [_read(run_dir) for run_dir in run_dirs])

    def _show_run(self, runs: list[tuple[RunInfo, list[Event]]]) -> None:
        if len(runs) == 1:
            self._panels.curves.show_run(*runs[0])
        else:
            self._panels.curves.overlay(runs)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self._messages.show_error(error)
        else:
            raise error

    def _log(self, event: Event) -> None:
        log = self._panels.log.add
        if isinstance(event, Started):
            log("info", self.tr("{name}: training on {device}").format(name=self._name, device=event.device))
        elif isinstance(event, EpochEnded):
            text = self.tr("{name}: epoch {epoch}: loss {loss:.4g}")
            loss = event.validation.get("loss", event.train.get("loss", float("nan")))
            log("info", text.format(name=self._name, epoch=event.epoch, loss=loss))
        elif isinstance(event, Finished):
            log("ok", self.tr("{name}: over after epoch {epoch}").format(name=self._name, epoch=event.epoch))
        elif isinstance(event, Failed):
            log("error", event.details or f"{event.message} {event.hint}")


def _read(run_dir: Path) -> tuple[RunInfo, list[Event]]:
    return read_run(run_dir), read_events(run_dir)
