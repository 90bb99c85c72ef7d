"""Work off the UI thread: one job at a time, the latest wins, and the answer arrives on the UI thread."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.data.progress import progress

POLL_MS = 8
Job = Callable[[], Any]
Answers = SimpleQueue[tuple[bool, Any]]


class Background(QObject):
    """Runs jobs in a plain thread that lives only while there is work.

    The thread never touches Qt: answers come through a queue that a timer empties while a job runs, so it
    does not matter if this object dies first.
    """

    done = Signal(object)
    """What a job returned."""
    failed = Signal(object)
    """The exception that a job raised; its `__notes__` end with the traceback as text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: Job | None = None
        self._thread: Thread | None = None
        self._answers: Answers = SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self._thread is not None

    @property
    def closed(self) -> bool:
        """Whether it takes no more jobs; a long one looks at this, and ends."""
        return self._closed

    def request(self, job: Job) -> None:
        """Run a job as soon as the current one ends, in place of any that still waits."""
        if not self._closed:
            self._wanted = job
            if self._thread is None:
                self._start()

    def give_up(self) -> None:
        """Let the current job end early, where it is one that reads for long."""
        if self._thread is not None:
            progress.stop(self._thread)

    def close(self) -> None:
        """Forget what waits, let the current job end, and take no more."""
        self._closed = True
        self._wanted = None
        self._timer.stop()
        if self._thread is not None:
            self.give_up()
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        job, self._wanted = self._wanted, None
        if job is not None:
            self._thread = Thread(target=_work, args=(job, self._answers), name="background")
            self._thread.start()
            self._timer.start()

    def _poll(self) -> None:
        try:
            fine, answer = self._answers.get_nowait()
        except Empty:
            return
        self._timer.stop()
        self._thread = None
        self._start()
        (self.done if fine else self.failed).emit(answer)


def _work(job: Job, answers: Answers) -> None:
    try:
        answers.put((True, job()))
    except Exception as error:
        error.add_note(traceback.format_exc())
        answers.put((False, error.with_traceback(None)))
