"""How a run shows in the terminal: a line that moves, one line that stays for each epoch, or JSON lines."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from studio.catalog.metrics import is_share
from studio.cli.say import say_json
from studio.train.events import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    Measured,
    Progress,
    Started,
    Unmeasured,
    Validated,
    Warned,
    to_dict,
)
from studio.train.runs import RunInfo
from studio.train.seed_runs import best_of
from studio.train.ways.words import measured_text, unmeasured_text

ENDS = {
    "completed": "finished",
    "minutes": "ended by max_minutes",
    "steps": "ended by max_steps",
    "early": "stopped early, no longer getting better",
    "stopped": "stopped",
}
NO_BEST = "no best epoch, as it ended before the first validation"
BAR = 20
PERIOD = 0.1


def json_lines(event: Event) -> None:
    """Print an event as one line of JSON."""
    say_json(to_dict(event), indent=None)


class ProgressLines:
    """Shows events on a stream: on a terminal the last line moves, elsewhere each epoch has its line."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._moves = self._stream.isatty()
        self._started: Started | None = None
        self._left = 0.0
        self._shown = 0.0

    def add(self, event: Event) -> None:
        """Show what the event says."""
        if isinstance(event, Started):
            self._begin(event)
        elif isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, EpochEnded):
            self._epoch(event)
        elif isinstance(event, Validated):
            self._validated(event)
        elif isinstance(event, Warned | Measured | Unmeasured):
            self._write(_said(event) + "\n")
        elif isinstance(event, Finished | Failed):
            self._write("")

    def _begin(self, event: Started) -> None:
        self._started = event
        parts = ", ".join(f"{count:,} {part}" for part, count in event.samples.items() if count)
        again = f", going on after epoch {event.epoch}" if event.step else ""
        seed = f", seed {event.member + 1} of {event.members}," if event.members > 1 else ""
        self._write(
            f"{event.run}{seed} on {event.device}: {parts} samples, {event.parameters:,} parameters{again}\n"
        )

    def _progress(self, event: Progress) -> None:
        self._left = event.left
        now = time.monotonic()
        if not self._moves or now - self._shown < PERIOD or self._started is None:
            return
        self._shown = now
        per_epoch = max(self._started.steps_per_epoch, 1)
        share = min(1.0, event.step / (self._started.total or per_epoch * max(self._started.epochs, 1)))
        loss = event.losses[-1] if event.losses else float("nan")
        self._moving(
            f"epoch {event.epoch}/{self._started.epochs} {_bar(share)} {share:4.0%}  loss {loss:.4g}  "
            f"{metrics_text(event.metrics)}  {event.samples_per_second:,.0f}/s  {clock(event.left)} left"
        )

    def _epoch(self, event: EpochEnded) -> None:
        epochs = self._started.epochs if self._started else event.epoch
        share = event.epoch / max(epochs, 1)
        digits = len(str(epochs))
        validation = f"  │ validation {metrics_text(event.validation)}" if event.validation else ""
        best = "  best" if event.best else ""
        left = "" if self._moves else f"  {clock(self._left)} left"
        counted = f"epoch {event.epoch:{digits}}/{epochs} {_bar(share)}"
        self._write(f"{counted} {metrics_text(event.train)}{validation}{best}{left}\n")

    def _validated(self, event: Validated) -> None:
        best = "  best" if event.best else ""
        self._write(f"step {event.step}  │ validation {metrics_text(event.validation)}{best}\n")

    def _moving(self, text: str) -> None:
        width = shutil.get_terminal_size((100, 24)).columns - 1
        self._stream.write(f"\r\x1b[K{text[:width]}")
        self._stream.flush()

    def _write(self, text: str) -> None:
        self._stream.write(("\r\x1b[K" if self._moves else "") + text)
        self._stream.flush()


def _said(event: Warned | Measured | Unmeasured) -> str:
    """What stays on a line of its own."""
    if isinstance(event, Warned):
        return f"{event.message} {event.hint}".strip()
    if isinstance(event, Unmeasured):
        return unmeasured_text(event)
    return f"step {event.step}  │ {measured_text(event)}"


def ended_lines(finished: Finished, seeds: Sequence[RunInfo]) -> list[str]:
    """How a run ended and what its test part came to; `seeds` are those of a run of several."""
    how = ENDS[finished.limit or finished.reason]
    mean = f", mean of {len(seeds)} seeds" if seeds else ""
    if seeds and finished.reason != "stopped":
        lines = [f"{how}, {_of_seeds(seeds)}"]
    else:
        place = f" in seed {len(seeds)}" if seeds else ""
        best = f"best epoch {finished.best_epoch}" if finished.best_epoch else NO_BEST
        lines = [f"{how}{place} at epoch {finished.epoch}; {best}"]
    if finished.test:
        lines.append(f"test part{mean}: {metrics_text(finished.test)}")
    if finished.deviation:
        lines.append(f"deviation: {metrics_text(finished.deviation)}")
    return lines


def _of_seeds(seeds: Sequence[RunInfo]) -> str:
    early, best = sum(info.status == "early" for info in seeds), best_of(seeds)
    some = f", {early} of them stopped early" if 0 < early < len(seeds) else ""
    return f"{len(seeds)} seeds{some}; best epoch {best.best_epoch}, of seed {best.seed}"


def metrics_text(metrics: Mapping[str, float]) -> str:
    """Metrics in words, the loss first: loss 0.1234  accuracy 96.1 %."""
    named = sorted(metrics.items(), key=lambda one: one[0] != "loss")
    return "  ".join(f"{name} {_number(name, value)}" for name, value in named)


def clock(seconds: float) -> str:
    """0:01:05; a question mark where it is not known yet."""
    if not 0 <= seconds < 1e7:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _number(name: str, value: float) -> str:
    return f"{value:.2%}".replace("%", " %") if is_share(name) else f"{value:.4g}"


def _bar(share: float) -> str:
    full = round(share * BAR)
    return "█" * full + "░" * (BAR - full)
