"""Steers training from the window: checks first, starts the run, passes its events on, ends it cleanly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from studio.build.plan import Checked
from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.train.distributed.launch import ProcessesRunner
from studio.train.events import Event, Failed, Finished, Paused, Resumed
from studio.train.host_choice import Choice, choose, choose_again
from studio.train.host_process import ProcessRunner
from studio.train.job import Job
from studio.train.launch import Runner, ThreadRunner
from studio.train.left import leave, take_up
from studio.train.machine import check_device, check_learns
from studio.train.runs import create_run, data_folder, default_runs_dir, read_run, refuse_trained, run_project
from studio.ui.loading import Loading
from studio.ui.session import Session

State = Literal["idle", "waiting", "running", "paused", "stopping"]
POLL_MS = 200
JOIN_S = 30.0
CLOSE_S = 3.5
"""Seconds that a run in another process may take to stop where the window closes."""


class TrainingController(QObject):
    """At most one run at a time. The project may be edited meanwhile: the run has its own value of it."""

    state_changed = Signal(str)
    """A State."""
    began = Signal(object)
    """The folder of the run that starts now."""
    hosted = Signal(object)
    """The Choice of where it runs."""
    events = Signal(list)
    """What the run reported since the last time, at most twenty times a second."""
    ended = Signal(object, object)
    """The run's folder and its last word: Finished, Failed, or None."""
    blocked = Signal(object)
    """The Checked that keeps training from starting: it has errors, or no loss to make small."""
    refused = Signal(object)
    """A StudioError: the run could not be created."""

    def __init__(
        self, session: Session, loading: Loading, request_check: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._loading, self._request_check = session, loading, request_check
        self.state: State = "idle"
        self.run_dir: Path | None = None
        self._process = ProcessRunner()
        self._hosts: dict[str, Runner] = {
            "thread": ThreadRunner(),
            "process": self._process,
            "processes": ProcessesRunner(),
        }
        self._runner: Runner | None = None
        self._last: Event | None = None
        self._wanted: Path | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        for ready in (loading.ready, session.check_arrived):
            ready.connect(self._warm)
            ready.connect(self._go_on)

    @property
    def active(self) -> bool:
        """Whether a run is on, or about to be."""
        return self.state != "idle"

    @property
    def worker(self) -> int | None:
        """The number of the process beside the window that trains, once there is one."""
        return self._process.pid

    def start(self) -> None:
        """Train the project as it is now, as soon as torch is loaded and the drawing is checked."""
        if not self.active:
            self._wanted = None
            self._set_state("waiting")
            self._go_on()

    def resume_run(self, run_dir: Path) -> None:
        """Go on with a run that was stopped or interrupted."""
        if not self.active:
            self._wanted = run_dir
            self._set_state("waiting")
            self._go_on()

    def toggle_pause(self) -> None:
        """Pause after the current step, or go on."""
        if self._runner is not None and self.state in ("running", "paused"):
            control = self._runner.control
            (control.resume if control.paused else control.pause)()

    def stop(self) -> None:
        """End the run after the current step, with a checkpoint."""
        if self.state == "waiting":
            self._set_state("idle")
        elif self._runner is not None:
            self._runner.control.stop()
            self._set_state("stopping")

    def save_now(self) -> None:
        """Write a checkpoint after the current step."""
        if self._runner is not None:
            self._runner.control.save_now()

    def close(self) -> None:
        """Stop, and wait until both hosts have ended: a thread must never outlive the window."""
        self._timer.stop()
        if self.run_dir is not None and self.state in ("running", "paused"):
            leave(self.run_dir)
        for host in self._hosts.values():
            while not host.close(CLOSE_S):
                pass
        self._runner = None
        self.state = "idle"

    def _warm(self) -> None:
        """Have torch loaded in the other process ahead of the first run there, where that is what is set."""
        host = values_of(TRAINING, self._session.project.training.options)["host"]
        if host == "process" and self._loading.is_ready:
            self._process.warm()

    def _go_on(self) -> None:
        """Start what is wanted once nothing more is missing; called again whenever something has arrived."""
        if self.state != "waiting" or not self._loading.is_ready:
            return
        if self._wanted is not None:
            self._begin(lambda run=self._wanted: self._old_job(run), self._again)
            return
        checked = self._session.checked
        if checked is None or checked.project is not self._session.project:
            self._request_check()
        elif checked.errors or not checked.plan.losses:
            self._set_state("idle")
            self.blocked.emit(checked)
        else:
            self._begin(lambda: self._new_job(checked), lambda _job: choose(checked))

    def _begin(self, make: Callable[[], Job], host: Callable[[Job], Choice]) -> None:
        try:
            job = make()
            choice = host(job)
        except StudioError as error:
            self._set_state("idle")
            self.refused.emit(error)
            return
        self.run_dir, self._last = job.run_dir, None
        take_up(job.run_dir)
        self._runner = self._hosts[choice.host]
        self._set_state("running")
        self.began.emit(job.run_dir)
        self.hosted.emit(choice)
        self._runner.start(job)
        self._timer.start()

    def _new_job(self, checked: Checked) -> Job:
        project = checked.project
        check_device(project)
        check_learns(checked)
        folder = self._session.folder
        run_dir = create_run(project, folder, default_runs_dir(self._session.path))
        return Job(project, folder, run_dir)

    def _old_job(self, run_dir: Path) -> Job:
        refuse_trained(run_dir)
        project = run_project(run_dir)
        check_device(project)
        return Job(project, data_folder(run_dir), run_dir, resume=True)

    def _again(self, job: Job) -> Choice:
        return choose_again(read_run(job.run_dir), job.project)

    def _poll(self) -> None:
        assert self._runner is not None
        # Asked before the queue is emptied: what a run says last is in the queue when it has ended.
        running = self._runner.running
        events = self._runner.poll()
        if events:
            self._note(events)
            self.events.emit(events)
        if not running:
            self._end()

    def _note(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Finished | Failed):
                self._last = event
            elif isinstance(event, Paused) and self.state == "running":
                self._set_state("paused")
            elif isinstance(event, Resumed) and self.state == "paused":
                self._set_state("running")

    def _end(self) -> None:
        self._timer.stop()
        assert self._runner is not None
        self._runner.join(JOIN_S)
        self.run_dir = self._runner.result.run_dir if self._runner.result else self.run_dir
        self._runner = None
        self._set_state("idle")
        self.ended.emit(self.run_dir, self._last)

    def _set_state(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
