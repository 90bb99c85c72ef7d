"""The status of the run: how far it is, how fast, how good, and how long it will take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import mean, stdev

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from studio.train.events import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    Paused,
    Progress,
    Resumed,
    Started,
    Validated,
    with_last_epoch,
)
from studio.ui.monitor.elided import Elided
from studio.ui.monitor.empty import Empty
from studio.ui.monitor.facts import NONE, Facts
from studio.ui.monitor.wording import clock, grouped, metric_label, metric_text, number, spread_text

FINE = 1000
LEAST_WIDTH, LEAST_HEIGHT = 272, 120


class Status(QWidget):
    """Name, epoch, progress and the numbers of the run that trains (or trained last).

    Of several seeds the numbers are those of the one that is named; at the end their mean and deviation.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._started: Started | None = None
        self._metric = ""
        self._validated = False
        self._name = Elided(mode=Qt.TextElideMode.ElideMiddle)  # a run's number is at its end
        self._epoch, self._state = QLabel(), QLabel()
        self._bar = QProgressBar()
        self._facts = Facts()
        self._ends: dict[int, Mapping[str, float]] = {}
        self._failure = QLabel()
        self._empty = Empty(self.tr("Nothing trains yet"), self.tr("Press Train to see progress here."))
        self._body = QScrollArea(widgetResizable=True)
        self._arrange()
        self._show_empty(True)

    def prepare(self, name: str) -> None:
        """A run is being made ready: data are read and the network is built."""
        self._started, self._metric, self._validated = None, "", False
        self._ends = self._ends if name == self._name.text() else {}  # one that goes on has had seeds before
        self._show_empty(False)
        self._name.setText(name)
        self._epoch.setText("")
        self._bar.setRange(0, 0)
        self._failure.hide()
        self._label_facts()
        self._facts.clear()
        self._say(self.tr("Preparing"))

    def begin(self, name: str, started: Started) -> None:
        """A run starts, or goes on."""
        ends = self._ends if started.member else {}
        self.prepare(name)
        self._started, self._ends = started, ends
        self._bar.setRange(0, FINE)
        self._show_place(started.epoch + 1, started.step)
        self._say(self.tr("Training"))

    def show_run(self, name: str, events: Sequence[Event]) -> None:
        """Show how a run that is on disk ended."""
        self.prepare(name)
        self._bar.setRange(0, FINE)
        self.add(events)
        if not events or not isinstance(events[-1], Finished | Failed):
            self._facts.set("left", NONE)
            self._say(self.tr("Interrupted"))

    def rename(self, name: str) -> None:
        """The run that is shown has another name now."""
        self._name.setText(name)

    def clear(self) -> None:
        """Show no run."""
        self._show_empty(True)

    def add(self, events: Sequence[Event]) -> None:
        """Take in what the run reports; of several reports of progress in a row only the last is shown."""
        latest: Progress | None = None
        for event in with_last_epoch(events):
            if isinstance(event, Progress):
                latest = event
                continue
            if latest:
                self._show_progress(latest)
                latest = None
            self._take(event)
        if latest:
            self._show_progress(latest)

    def minimumSizeHint(self) -> QSize:
        """Not as large as the texts: a run that goes on must not push what is beside it."""
        return QSize(LEAST_WIDTH, LEAST_HEIGHT)

    @property
    def state(self) -> str:
        """The word for how the run stands."""
        return self._state.text()

    @property
    def facts(self) -> dict[str, str]:
        """What is shown, label by label."""
        return dict(self._facts.shown)

    def _take(self, event: Event) -> None:
        match event:
            case Started():
                self.begin(self._name.text() or event.run, event)
            case EpochEnded():
                self._show_epoch(event)
            case Validated():
                self._validated = True
                self._show_metrics(event.validation, validation=True)
                self._show_best(event.best_epoch)
            case Paused():
                self._say(self.tr("Paused"))
                self._facts.set("left", NONE)
            case Resumed():
                self._say(self.tr("Training"))
            case Finished():
                self._finish(event)
            case Failed():
                self._fail(event)
            case _:
                pass

    def _show_progress(self, event: Progress) -> None:
        self._show_place(event.epoch, event.step)
        speed = round(event.samples_per_second)
        self._facts.set("speed", f"{grouped(speed)} /s" if speed else NONE)
        self._facts.set("rate", number(event.learning_rate, 3))
        self._facts.set("left", clock(event.left))
        if not self._validated:
            loss = event.losses[-1] if event.losses else event.metrics.get("loss", math.nan)
            self._show_metrics({**event.metrics, "loss": loss}, validation=False)

    def _show_epoch(self, event: EpochEnded) -> None:
        self._show_place(event.epoch, event.step)
        if event.validation or not self._validated:
            self._validated = bool(event.validation)
            self._show_metrics(event.validation or event.train, validation=self._validated)
        self._facts.set("rate", number(event.learning_rate, 3))
        self._show_best(event.best_epoch)

    def _show_place(self, epoch: int, step: int) -> None:
        started = self._started
        if started is None:
            return
        self._epoch.setText(_place(started, epoch))
        total = max(1, started.total or started.epochs * started.steps_per_epoch)
        share = (started.member + min(1.0, step / total)) / started.members
        self._bar.setValue(min(FINE, round(FINE * share)))

    def _show_metrics(self, metrics: Mapping[str, float], validation: bool) -> None:
        others = [name for name in metrics if name.rpartition(".")[2] != "loss"]
        self._metric = self._metric or (others[0] if others else "")
        if self._started is not None:
            self._ends[self._started.member] = metrics
        self._label_facts("val" if validation else "train")
        self._facts.set("loss", metric_text("loss", metrics.get("loss", math.nan)))
        if self._metric in metrics:
            self._facts.set("metric", metric_text(self._metric, metrics[self._metric]))

    def _show_best(self, epoch: int) -> None:
        self._facts.set("best", self.tr("epoch {epoch}").format(epoch=epoch) if epoch else NONE)

    def _finish(self, event: Finished) -> None:
        words = {
            "completed": self.tr("Finished"),
            "minutes": self.tr("Ended by max_minutes"),
            "steps": self.tr("Ended by max_steps"),
            "early": self.tr("Finished early"),
            "stopped": self.tr("Stopped"),
        }
        self._show_place(event.epoch, event.step)
        self._show_best(event.best_epoch)
        self._facts.set("left", clock(0) if event.reason != "stopped" else NONE)
        self._facts.show_test(event, self._metric)
        if event.reason != "stopped":
            self._show_means()
        if event.reason == "early" or event.limit:
            self._bar.setValue(FINE)
        self._say(words[event.limit or event.reason], "ok" if event.reason != "stopped" else "secondary")

    def _show_means(self) -> None:
        """What several seeds came to, where all of them were seen."""
        started, ends = self._started, list(self._ends.values())
        if started is None or started.members < 2 or len(ends) < started.members:
            return
        self._epoch.setText(self.tr("mean of {seeds} seeds").format(seeds=len(ends)))
        for fact, metric in (("loss", "loss"), ("metric", self._metric)):
            values = [one[metric] for one in ends if metric in one]
            if len(values) == len(ends):
                self._facts.set(fact, spread_text(metric, mean(values), stdev(values)))

    def _fail(self, event: Failed) -> None:
        if self._started is None:
            self._bar.setRange(0, FINE)
            self._bar.setValue(0)
        self._facts.set("left", NONE)
        self._failure.setText("\n".join(filter(None, (event.message, event.hint))))
        self._failure.show()
        self._say("✕ " + self.tr("Failed"), "error")

    def _say(self, word: str, role: str = "secondary") -> None:
        """Show a state; colour comes from the stylesheet by the label's role."""
        self._state.setText(word)
        if self._state.property("role") != role:
            self._state.setProperty("role", role)
            self._state.style().unpolish(self._state)
            self._state.style().polish(self._state)

    def _label_facts(self, part: str = "val") -> None:
        parts = {"val": self.tr("{metric} (val)"), "train": self.tr("{metric} (train)")}
        names = {
            "loss": parts[part].format(metric=metric_label("loss")),
            "metric": parts[part].format(metric=metric_label(self._metric)) if self._metric else "",
            "speed": self.tr("speed"),
            "rate": self.tr("learning rate"),
            "left": self.tr("left"),
            "best": self.tr("best"),
        }
        for fact, text in names.items():
            self._facts.name(fact, text)

    def _show_empty(self, empty: bool) -> None:
        self._empty.setVisible(empty)
        self._body.setVisible(not empty)

    def _arrange(self) -> None:
        self._dress()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._empty)
        column.addWidget(self._body)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(14, 10, 14, 8)
        inner.setSpacing(7)
        inner.addLayout(_row(self._name, self._state))
        inner.addLayout(_row(self._bar, self._epoch))
        inner.addWidget(self._failure)
        inner.addWidget(self._facts)
        inner.addStretch(1)
        self._body.setFrameShape(QScrollArea.Shape.NoFrame)
        self._body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._body.setWidget(inside)
        self._body.setAccessibleName(self.tr("The run"))

    def _dress(self) -> None:
        font = self._name.font()
        font.setWeight(font.Weight.DemiBold)
        self._name.setFont(font)
        self._epoch.setProperty("role", "secondary")
        self._state.setProperty("role", "secondary")
        self._state.setAccessibleName(self.tr("State of the run"))
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the run"))
        self._bar.setToolTip(self.tr("How much of the planned training is done"))
        self._failure.setWordWrap(True)
        self._failure.setProperty("role", "error")
        self._failure.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._failure.setAccessibleName(self.tr("Why the run failed"))


def _row(wide: QWidget, narrow: QWidget) -> QHBoxLayout:
    """Two beside each other; the first one takes what room the second one leaves."""
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(wide, 1)
    row.addWidget(narrow)
    return row


def _place(started: Started, epoch: int) -> str:
    """Which epoch it is, and of several seeds which one."""
    tr = QCoreApplication.translate
    epoch = min(epoch, started.epochs)
    if started.members == 1:
        return tr("Status", "epoch {epoch} of {epochs}").format(epoch=epoch, epochs=started.epochs)
    text = tr("Status", "seed {seed}/{seeds} · epoch {epoch}")
    return text.format(seed=started.member + 1, seeds=started.members, epoch=epoch)
