"""The status of the run: how far it is, how fast, how good, and how long it will take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

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
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.wording import clock, grouped, metric_label, metric_text, number
from studio.ui.theme import TEXT_PX

FINE = 1000
LEAST_WIDTH = 272
FACTS = ("loss", "metric", "speed", "rate", "left", "best")


class Status(QWidget):
    """Name, epoch, progress and six facts of the run that trains (or trained last)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._started: Started | None = None
        self._metric = ""
        self._validated = False
        self._name = Elided(mode=Qt.TextElideMode.ElideMiddle)  # a run's number is at its end
        self._epoch, self._state = QLabel(), QLabel()
        self._bar = QProgressBar()
        self._labels = {fact: QLabel() for fact in FACTS}
        self._values = {fact: QLabel() for fact in FACTS}
        self._failure = QLabel()
        self._empty = Empty(self.tr("Nothing trains yet"), self.tr("Press Train to see progress here."))
        self._body = QWidget()
        self._arrange()
        self._show_empty(True)

    def prepare(self, name: str) -> None:
        """A run is being made ready: data are read and the network is built."""
        self._started, self._metric, self._validated = None, "", False
        self._show_empty(False)
        self._name.setText(name)
        self._epoch.setText("")
        self._bar.setRange(0, 0)
        self._failure.hide()
        self._label_facts()
        for value in self._values.values():
            value.setText("–")
        self._say(self.tr("Preparing"))

    def begin(self, name: str, started: Started) -> None:
        """A run starts, or goes on."""
        self.prepare(name)
        self._started = started
        self._bar.setRange(0, FINE)
        self._show_place(started.epoch + 1, started.step)
        self._say(self.tr("Training"))

    def show_run(self, name: str, events: Sequence[Event]) -> None:
        """Show how a run that is on disk ended."""
        self.prepare(name)
        self._bar.setRange(0, FINE)
        self.add(events)
        if not events or not isinstance(events[-1], Finished | Failed):
            self._values["left"].setText("–")
            self._say(self.tr("Interrupted"))

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
        """Not as wide as the texts: a run that goes on must not push what is beside it."""
        return QSize(LEAST_WIDTH, super().minimumSizeHint().height())

    @property
    def state(self) -> str:
        """The word for how the run stands."""
        return self._state.text()

    @property
    def facts(self) -> dict[str, str]:
        """What is shown, label by label."""
        shown = (fact for fact in FACTS if not self._values[fact].isHidden())
        return {self._labels[fact].text(): self._values[fact].text() for fact in shown}

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
                self._values["left"].setText("–")
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
        self._values["speed"].setText(f"{grouped(speed)} /s" if speed else "–")
        self._values["rate"].setText(number(event.learning_rate, 3))
        self._values["left"].setText(clock(event.left))
        if not self._validated:
            loss = event.losses[-1] if event.losses else event.metrics.get("loss", math.nan)
            self._show_metrics({**event.metrics, "loss": loss}, validation=False)

    def _show_epoch(self, event: EpochEnded) -> None:
        self._show_place(event.epoch, event.step)
        if event.validation or not self._validated:
            self._validated = bool(event.validation)
            self._show_metrics(event.validation or event.train, validation=self._validated)
        self._values["rate"].setText(number(event.learning_rate, 3))
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
        self._label_facts("val" if validation else "train")
        self._values["loss"].setText(metric_text("loss", metrics.get("loss", math.nan)))
        if self._metric in metrics:
            self._values["metric"].setText(metric_text(self._metric, metrics[self._metric]))

    def _show_best(self, epoch: int) -> None:
        self._values["best"].setText(self.tr("epoch {epoch}").format(epoch=epoch) if epoch else "–")

    def _finish(self, event: Finished) -> None:
        words = {
            "completed": self.tr("Finished"),
            "early": self.tr("Finished early"),
            "stopped": self.tr("Stopped"),
        }
        self._show_place(event.epoch, event.step)
        self._show_best(event.best_epoch)
        self._values["left"].setText(clock(0) if event.reason != "stopped" else "–")
        if event.reason == "early":
            self._bar.setValue(FINE)
        self._say(words[event.reason], "ok" if event.reason != "stopped" else "secondary")

    def _fail(self, event: Failed) -> None:
        if self._started is None:
            self._bar.setRange(0, FINE)
            self._bar.setValue(0)
        self._values["left"].setText("–")
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
        self._labels["loss"].setText(parts[part].format(metric=metric_label("loss")))
        self._labels["metric"].setText(parts[part].format(metric=metric_label(self._metric)))
        for widget in (self._labels["metric"], self._values["metric"]):
            widget.setVisible(bool(self._metric))

    def _show_empty(self, empty: bool) -> None:
        self._empty.setVisible(empty)
        self._body.setVisible(not empty)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._empty)
        column.addWidget(self._body)
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(14, 12, 14, 12)
        inner.setSpacing(8)
        inner.addLayout(self._head())
        inner.addWidget(self._bar)
        inner.addLayout(self._grid())
        inner.addWidget(self._failure)
        inner.addStretch(1)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the run"))
        self._bar.setToolTip(self.tr("How much of the planned training is done"))
        self._failure.setWordWrap(True)
        self._failure.setProperty("role", "error")
        self._failure.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._failure.setAccessibleName(self.tr("Why the run failed"))

    def _head(self) -> QHBoxLayout:
        font = self._name.font()
        font.setWeight(font.Weight.DemiBold)
        self._name.setFont(font)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._epoch.setProperty("role", "secondary")
        self._state.setProperty("role", "secondary")
        self._state.setAccessibleName(self.tr("State of the run"))
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._name)
        row.addWidget(self._epoch)
        row.addStretch(1)
        row.addWidget(self._state)
        return row

    def _grid(self) -> QGridLayout:
        texts = {
            "speed": self.tr("speed"),
            "rate": self.tr("learning rate"),
            "left": self.tr("left"),
            "best": self.tr("best"),
        }
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        for index, fact in enumerate(FACTS):
            label, value = self._labels[fact], self._values[fact]
            label.setText(texts.get(fact, ""))
            label.setProperty("role", "small")
            label.setBuddy(value)
            value.setFont(number_font(TEXT_PX))
            value.setProperty("role", "mono")
            grid.addWidget(label, 3 * (index // 2), index % 2)
            grid.addWidget(value, 3 * (index // 2) + 1, index % 2)
            grid.setRowMinimumHeight(3 * (index // 2) + 2, 8)
        for side in (0, 1):
            grid.setColumnStretch(side, 1)
        return grid


def _place(started: Started, epoch: int) -> str:
    """Which epoch it is, and of several seeds which one."""
    tr = QCoreApplication.translate
    epoch = min(epoch, started.epochs)
    if started.members == 1:
        return tr("Status", "epoch {epoch} of {epochs}").format(epoch=epoch, epochs=started.epochs)
    text = tr("Status", "seed {seed}/{seeds} · epoch {epoch}")
    return text.format(seed=started.member + 1, seeds=started.members, epoch=epoch)
