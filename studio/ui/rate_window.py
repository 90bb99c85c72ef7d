"""The window that finds a learning rate: rates are tried in the background, one of them can be used."""

from __future__ import annotations

from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.errors import StudioError
from studio.project import edits
from studio.project.params import Float
from studio.project.project import Project, Setting
from studio.ui.background import Background
from studio.ui.card import label
from studio.ui.rate_plot import RatePlot
from studio.ui.session import Session
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.train.find_rate import Found, Tried

SIZE = (640, 460)
POLL_MS = 100
RATE = Float("lr", 0.0, "", low=1e-12, high=1e6)


class RateWindow(QDialog):
    """Over the window until it is closed, so that no run starts meanwhile; using a rate is one undo step."""

    def __init__(self, session: Session, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._project = session, session.project
        self._stop = Event()
        self._queue: SimpleQueue[Tried] = SimpleQueue()
        self._tried: list[Tried] = []
        self._plot = RatePlot(tokens)
        self._rate = QLineEdit()
        self._said = label("", wrapped=True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Find a learning rate"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.resize(*SIZE)
        self._arrange()
        self._plot.marked.connect(lambda rate: self._rate.setText(f"{rate:.2g}"))
        self._rate.textChanged.connect(self._follow)
        self._background = Background(self)
        self._background.done.connect(self._show_found)
        self._background.failed.connect(self._show_failure)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.finished.connect(self._end)
        self._begin(session.folder)

    def _arrange(self) -> None:
        told = self.tr(
            "The rate grows from step to step, from fresh weights. Where the loss falls fastest, learning is "
            "fast and still safe. Nothing of this is kept."
        )
        self._rate.setEnabled(False)
        self._rate.setMaximumWidth(120)
        self._rate.setAccessibleName(self.tr("Learning rate"))
        self._rate.setToolTip(self.tr("The rate to use; the line in the plot marks it"))
        self._use = QPushButton(self.tr("Use this rate"))
        self._use.setToolTip(self.tr("Set it as the optimizer's learning rate"))
        self._use.setAccessibleName(self._use.text())
        self._use.setEnabled(False)
        self._use.setDefault(True)
        self._use.clicked.connect(self._apply)
        close = QPushButton(self.tr("Close"))
        close.setToolTip(self.tr("Stop trying, and leave the rate as it is"))
        close.setAccessibleName(close.text())
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        name = label(self.tr("Learning rate"))
        name.setBuddy(self._rate)
        for widget in (name, self._rate, self._use):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(label(told, "secondary", wrapped=True))
        column.addWidget(self._plot, 1)
        column.addWidget(self._said)
        column.addLayout(row)

    def _begin(self, folder: Path) -> None:
        project, queue, stop, background = self._project, self._queue, self._stop, self._background

        def job() -> Found:
            from studio.train.find_rate import find_rate

            return find_rate(project, folder, queue.put, lambda: stop.is_set() or background.closed)

        self._said.setText(self.tr("Reading the data …"))
        background.request(job)
        self._timer.start()

    def _poll(self) -> None:
        count = len(self._tried)
        try:
            while True:
                self._tried.append(self._queue.get_nowait())
        except Empty:
            pass
        if len(self._tried) > count:
            self._plot.show_losses([one.rate for one in self._tried], [one.loss for one in self._tried])
            tried = self.tr("Trying {rate} (step {step}) …")
            self._said.setText(tried.format(rate=f"{self._tried[-1].rate:.2g}", step=len(self._tried)))

    def _show_found(self, found: Found) -> None:
        self._timer.stop()
        self._poll()
        self._plot.show_smoothed([one.rate for one in found.tried], found.smoothed)
        self._rate.setEnabled(True)
        if found.rate is None or found.steepest is None:
            self._said.setText(
                self.tr("The loss fell at no rate: look at the drawing, the data and the loss.")
            )
            return
        said = self.tr("The loss falls fastest at {steepest}; {rate} is proposed.")
        self._said.setText(said.format(steepest=f"{found.steepest:.2g}", rate=f"{found.rate:g}"))
        self._rate.setText(f"{found.rate:g}")
        self._rate.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_failure(self, error: Exception) -> None:
        self._timer.stop()
        told = error if isinstance(error, StudioError) else StudioError(str(error))
        self._said.setText(f"{told.message} {told.hint}".strip())
        self._said.setProperty("role", "error")
        self._said.style().polish(self._said)

    def _typed(self) -> float | None:
        try:
            value: Any = RATE.check(float(self._rate.text().replace(",", ".")))
        except ValueError:
            return None
        return value

    def _follow(self) -> None:
        rate = self._typed()
        self._use.setEnabled(rate is not None)
        if rate is not None:
            self._plot.mark(rate)

    def _apply(self) -> None:
        rate = self._typed()
        if rate is None:
            return
        text = self.tr("Use the learning rate {rate}").format(rate=f"{rate:g}")
        self._session.commit(with_rate(self._session.project, rate), text)
        self.accept()

    def _end(self) -> None:
        """Stop after the step, and wait for it: a run may start right behind."""
        self._stop.set()
        self._timer.stop()
        self._background.close()


def with_rate(project: Project, rate: float) -> Project:
    """The project whose optimizer has this rate."""
    old = project.training.optimizer
    return edits.set_optimizer(project, Setting(old.type, {**old.params, "lr": rate}, old.extra))
