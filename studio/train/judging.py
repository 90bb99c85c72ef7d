"""What is better: the metric that says which weights are kept as best and when training stops early."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.catalog.metrics import rises
from studio.train.failures import TrainingError


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges by a metric, of which more is better where it `rises`."""

    metric: str = "loss"
    rises: bool = False
    least_gain: float = 0.0

    def of(self, metrics: Mapping[str, float]) -> float | None:
        """What is judged; None where it could not be told."""
        return metrics.get(self.metric)

    def score(self, metrics: Mapping[str, float]) -> float | None:
        """What is judged as a number of which less is better."""
        value = self.of(metrics)
        return -value if value is not None and self.rises else value

    def better(self, value: float | None, than: float | None) -> bool:
        """Whether a value is better than the best so far."""
        return value is not None and (than is None or self._gain(value, than) > 0.0)

    def gains(self, value: float | None, mark: float | None) -> bool:
        """Whether a value is so much better than the one that patience counts from that it starts anew."""
        return value is not None and (mark is None or self._gain(value, mark) > self.least_gain)

    def _gain(self, value: float, before: float) -> float:
        return value - before if self.rises else before - value


def make_judge(options: Mapping[str, Any], known: Sequence[str]) -> Judge:
    """The judge of a training whose metrics are known. Raises TrainingError for one that there is not."""
    wanted = str(options["best_by"]) or "loss"
    found = named(wanted, known)
    if found is None:
        hint = f"Choose one of {', '.join(known)} in the training settings, or add it to a loss."
        raise TrainingError(f"No loss reports {wanted}, by which epochs are to be judged.", hint)
    return Judge(found, rises(found), float(options["least_gain"]))


def named(wanted: str, known: Sequence[str]) -> str | None:
    """The metric of that name, with or without the units that it is told in."""
    if wanted in known:
        return wanted
    return next((name for name in known if name.partition(" (")[0] == wanted), None)
