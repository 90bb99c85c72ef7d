"""Shows runs: the one that trains now, live, and earlier ones that are opened, compared and evaluated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.errors import StudioError
from studio.train.events import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    Measured,
    Saved,
    Started,
    Unmeasured,
    Warned,
    with_last_epoch,
)
from studio.train.history import NAME as EVENTS
from studio.train.history import Tail, read_before
from studio.train.runs import RunInfo, default_runs_dir, list_runs, read_run
from studio.train.ways.words import measured_text, unmeasured_text
from studio.ui.background import Background
from studio.ui.live_run import LiveRun
from studio.ui.loading import Loading
from studio.ui.messages import Messages
from studio.ui.monitor.evaluation import Evaluator
from studio.ui.monitor.wording import metric_label, spread_text
from studio.ui.panels import Panels

Read = tuple[RunInfo, list[Event], Tail]
NO_ROOM = "no room for a run"
"""The message that the disk takes nothing, which is over with the next checkpoint."""
LOG_EVERY = 1.0
"""Seconds of training at least between two epochs that the log tells of."""


class RunViews(QObject):
    """Leads what a run says to the panels that show it."""

    found = Signal(object)
    """The RunInfo of the latest run of a project that was opened."""

    def __init__(self, panels: Panels, messages: Messages, loading: Loading, parent: QObject) -> None:
        super().__init__(parent)
        self._panels, self._messages, self._loading = panels, messages, loading
        self._wanted: tuple[str, Path] | None = None
        self._shown: RunInfo | None = None
        self._asked: Path | None = None
        self._name = ""
        self._logged = 0.0
        self._live = False
        self._held: list[Event] | None = None
        self.evaluator = Evaluator(self)
        for panel in (panels.confusion, panels.examples):
            self.evaluator.watch(panel)
            self.evaluator.started.connect(panel.expect)
            self.evaluator.arrived.connect(panel.show_evaluation)
            self.evaluator.failed.connect(panel.show_failure)
        self._reading, self._searching, self._recalling = (Background(self) for _ in range(3))
        self._watch = LiveRun(self)
        self._watch.arrived.connect(self._add_watched)
        self._watch.over.connect(self.open)
        self._recalling.done.connect(self._show_recalled)
        self._recalling.failed.connect(self._tell)
        self._recalling.failed.connect(lambda _error: self._let_go())
        self._reading.done.connect(self._show_runs)
        self._reading.failed.connect(self._tell)
        self._searching.done.connect(self._take_latest)
        self._searching.failed.connect(self._tell)
        loading.ready.connect(self._search)

    def begin(self, run_dir: Path) -> None:
        """A run is about to start, or to go on: then its curves so far are read before the new ones come."""
        self._live = True
        self._watch.stop()
        self._show_begun(read_run(run_dir))
        goes_on = (run_dir / EVENTS).exists() and not self._panels.curves.shows(run_dir.name)
        self._held = [] if goes_on else None
        self._recall(run_dir, goes_on)
        self._name = run_dir.name
        self._panels.status.prepare(self._name)
        self._panels.runs.set_folder(run_dir.parent)

    def add(self, events: list[Event]) -> None:
        """Take in what the run reports."""
        if self._held is not None:
            self._held += events
            return
        for event in events:
            if isinstance(event, Started):
                if not event.member:  # another seed of the same run begins where it stands among the others
                    self._panels.curves.begin(event, self._name)
                    self._panels.layers.begin(event, self._name)
                self._panels.runs.refresh()
        for event in with_last_epoch(events):
            self._banner(event)
            self._log(event)
        self._panels.curves.add(events)
        self._panels.layers.add(events)
        self._panels.status.add(events)

    def end(self, run_dir: Path, last: Event | None) -> None:
        """The run is over."""
        self._live = False
        self._panels.runs.refresh()
        if isinstance(last, Finished):
            self._ask_about(run_dir)

    def open(self, run_dir: Path) -> None:
        """Show an earlier run, or one that another process trains; while one trains here, behind that."""
        self._watch.stop()
        self._recall(run_dir)
        self._reading.request(lambda: [_read(run_dir)])
        self._ask_about(run_dir)

    def use(self, run_dir: Path, checkpoint: str) -> None:
        """Evaluate and predict with a checkpoint of a run."""
        self._asked = run_dir
        self._panels.predict.set_run(run_dir, checkpoint)
        self.evaluator.request(run_dir, checkpoint=checkpoint)

    def compare(self, run_dirs: list[Path]) -> None:
        """Show several runs at once."""
        self._reading.request(lambda: [_read(run_dir) for run_dir in run_dirs])

    def show_project(self, name: str, path: Path | None) -> None:
        """Another project is open: show the latest run that it has, or none."""
        if self._live:
            return
        self._watch.stop()
        self._shown = None
        for panel in (self._panels.curves, self._panels.layers, self._panels.status):
            panel.clear()
        self._ask_no_more()
        self._wanted = (name, path) if path else None
        self._search()

    def drop(self, run_dir: Path, name: str, path: Path | None) -> None:
        """A run was deleted: where it was shown, the latest one that the project has left takes its place."""
        self._panels.curves.drop(run_dir.name)
        if self._shown is not None and self._shown.path == run_dir:
            self.show_project(name, path)
        elif self._asked == run_dir:
            self._ask_no_more()
            if self._shown is not None and not self._live:
                self._ask_about(self._shown.path)

    def rename(self, run_dir: Path, name: str) -> None:
        """A run has another name now."""
        self._panels.curves.rename(run_dir.name, name)
        if self._shown is not None and self._shown.path == run_dir:
            self._panels.status.rename(name)

    def follow(self, old: Path, new: Path) -> None:
        """A run's folder is elsewhere now."""
        if self._shown is not None and self._shown.path == old:
            self._shown = replace(self._shown, path=new)
        self._asked = new if self._asked == old else self._asked
        self.evaluator.run_moved(old, new)
        self._panels.predict.run_moved(old, new)

    def _show_begun(self, run: RunInfo) -> None:
        """A run of another project does not stay behind this one."""
        if self._shown is not None and self._shown.project_name != run.project_name:
            self._panels.curves.clear()
        self._shown = run

    def _ask_no_more(self) -> None:
        """Evaluate and predict with no run."""
        self._asked = None
        self.evaluator.forget()
        for panel in (self._panels.confusion, self._panels.examples, self._panels.predict):
            panel.clear()

    def _ask_about(self, run_dir: Path) -> None:
        self._asked = run_dir
        self._panels.predict.set_run(run_dir)
        self.evaluator.request(run_dir)

    def _search(self) -> None:
        """Look for the project's latest run, once what draws curves is loaded."""
        if self._wanted is not None and self._loading.is_ready:
            wanted, self._wanted = self._wanted, None
            self._searching.request(lambda: _latest(*wanted))

    def _take_latest(self, run: RunInfo | None) -> None:
        if run is not None and not self._live:
            self._recall(run.path)
            self._reading.request(lambda: [_read(run.path)])
            if run.epochs_done:
                self._ask_about(run.path)
            self.found.emit(run)

    def _recall(self, run_dir: Path, goes_on: bool = False) -> None:
        """Read what the ancestors of a forked run did until it began, and of one that goes on its own."""
        self._recalling.request(
            lambda: (run_dir.name, read_before(run_dir), _read(run_dir)[:2] if goes_on else None)
        )

    def _show_recalled(self, answer: tuple[str, list[Event], tuple[RunInfo, list[Event]] | None]) -> None:
        run, before, own = answer
        if own is not None and self._held is not None and self._name == run:
            self._panels.curves.show_run(*own)
            self._panels.layers.show_events(run, own[1])
        self._panels.curves.show_before(run, before)
        self._let_go()

    def _let_go(self) -> None:
        """Show what was reported while the curves before it were read."""
        if self._held is not None:
            held, self._held = self._held, None
            self.add(held)

    def _show_runs(self, runs: list[Read]) -> None:
        if self._shown is None or (len(runs) == 1 and not self._live):
            self._shown = runs[0][0]
        if len(runs) > 1 or self._live:
            self._panels.curves.overlay([(info, events) for info, events, _ in runs])
            return
        info, events, tail = runs[0]
        self._panels.curves.show_run(info, events)
        self._panels.layers.show_events(info.id, events)
        if info.status != "running":
            self._panels.status.show_run(info.name, events)
            return
        self._panels.status.prepare(info.name)
        self._panels.status.add(events)
        self._watch.follow(info.path, tail)

    def _add_watched(self, events: list[Event]) -> None:
        """What a run of another process has reported since."""
        for panel in (self._panels.curves, self._panels.layers, self._panels.status):
            panel.add(events)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self._messages.show_error(error)
        else:
            raise error

    def _banner(self, event: Event) -> None:
        """Show warnings until they are closed; that of a full disk until a checkpoint is written again."""
        if isinstance(event, Warned):
            text, tag = f"{self._name}: {event.message}", NO_ROOM if event.about == "disk" else ""
            self._messages.show_message("warning", text, event.hint, tag=tag)
        elif isinstance(event, Saved) and event.name == "last":
            self._messages.close_message(NO_ROOM)

    def _log(self, event: Event) -> None:
        log = self._panels.log.add
        if isinstance(event, Started):
            self._logged = event.time
            log("info", self.tr("{name}: training on {device}").format(name=self._name, device=event.device))
        elif isinstance(event, EpochEnded) and event.time - self._logged >= LOG_EVERY:
            self._logged = event.time
            text = self.tr("{name}: epoch {epoch}: loss {loss:.4g}")
            loss = event.validation.get("loss", event.train.get("loss", float("nan")))
            log("info", text.format(name=self._name, epoch=event.epoch, loss=loss))
        elif isinstance(event, Measured):
            log("info", f"{self._name}: {measured_text(event)}")
        elif isinstance(event, Unmeasured):
            log("info", f"{self._name}: {unmeasured_text(event)}")
        elif isinstance(event, Finished):
            log("ok", self._ended(event))
        elif isinstance(event, Failed):
            log("error", event.details or f"{event.message} {event.hint}")

    def _ended(self, event: Finished) -> str:
        words = {
            "completed": self.tr("{name}: finished all {epoch} epochs"),
            "minutes": self.tr("{name}: ended by max_minutes in epoch {epoch}"),
            "steps": self.tr("{name}: ended by max_steps in epoch {epoch}"),
            "early": self.tr("{name}: stopped early in epoch {epoch}: no more progress"),
            "stopped": self.tr("{name}: stopped by you in epoch {epoch}"),
        }
        text = words[event.limit or event.reason].format(name=self._name, epoch=event.epoch)
        test = ", ".join(
            f"{metric_label(one)} {spread_text(one, value, event.deviation.get(one))}"
            for one, value in event.test.items()
        )
        return text + (self.tr(" · test: {metrics}").format(metrics=test) if test else "")


def _read(run_dir: Path) -> Read:
    """A run and all its events; those that are trained anew after a resume are cut where they are drawn."""
    tail, info = Tail(run_dir), read_run(run_dir)
    return info, tail.take(), tail


def _latest(project_name: str, path: Path) -> RunInfo | None:
    """The latest run of a project; beside several projects, those that bear its name are its own."""
    runs = list_runs(default_runs_dir(path))
    if len(list(path.parent.glob("*.loom"))) > 1:
        runs = [run for run in runs if run.project_name == project_name]
    return next((run for run in runs if run.status not in ("created", "running")), None)
