"""Metrics that a loss node can report; train/metrics computes them on the device."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from studio.catalog.registry import Component
from studio.project.params import Value

LARGER = "larger is better"
SMALLER = "smaller is better"
UNITS = "in the units that the target has in the data, whatever steps made of it"
MACRO = "the mean over all classes"
METRICS: tuple[Component, ...] = tuple(
    Component(name, "metric", doc)
    for name, doc in (
        ("accuracy", f"Share of the samples whose class is right; {LARGER}"),
        ("topk", f"Share of the samples whose class is among the k likeliest; {LARGER}"),
        ("top5", f"Share of the samples whose class is among the five likeliest; {LARGER}"),
        ("precision", f"Share of what is said to be of a class that is, {MACRO}; {LARGER}"),
        ("recall", f"Share of what is of a class that is said to be, {MACRO}; {LARGER}"),
        ("f1", f"Harmonic mean of precision and recall, {MACRO}; {LARGER}"),
        ("auroc", f"Share of pairs of yes and no that are ranked rightly, {MACRO}; {LARGER}, 0.5 is chance"),
        ("average_precision", f"Area under the curve of precision over recall, {MACRO}; {LARGER}"),
        ("iou", f"Overlap by union of what is said and what is true, {MACRO}; {LARGER}"),
        ("dice", f"Twice the overlap by the size of both, {MACRO}; {LARGER}"),
        ("perplexity", f"How many classes it is as unsure as between; {SMALLER}, 1 is perfect"),
        ("mae", f"Mean absolute error, {UNITS}; {SMALLER}"),
        ("mse", f"Mean squared error, {UNITS}; {SMALLER}"),
        ("rmse", f"Root of the mean squared error, {UNITS}; {SMALLER}"),
        ("r2", f"Share of the variance that is explained; {LARGER}, 1 is perfect"),
    )
)
SHARES = frozenset(("accuracy", "precision", "recall", "f1", "auroc", "average_precision", "iou", "dice"))


def reported(chosen: Iterable[Value], values: Mapping[str, Value]) -> tuple[str, ...]:
    """The names under which a loss node's chosen metrics are reported: topk becomes top3, say."""
    return tuple(dict.fromkeys(f"top{values.get('k', 3)}" if one == "topk" else str(one) for one in chosen))


class Reports(Protocol):
    """A loss of a network, by its name, and the metrics that it reports."""

    @property
    def name(self) -> str: ...

    @property
    def metrics(self) -> Sequence[str]: ...


def reported_names(losses: Sequence[Reports]) -> list[str]:
    """The names of all that a run with these losses tells: where there are several, each with its node's."""
    if len(losses) == 1:
        return ["loss", *losses[0].metrics]
    return ["loss", *(f"{loss.name}.{one}" for loss in losses for one in ("loss", *loss.metrics))]


def places(name: str) -> int | None:
    """How many places a metric such as top3 looks at; None for others."""
    found = re.fullmatch(r"top(\d+)", name)
    return int(found.group(1)) if found else None


def is_share(metric: str) -> bool:
    """Whether a reported metric, perhaps with its node's name in front, lies between 0 and 1."""
    last = metric.rpartition(".")[2]
    return last in SHARES or places(last) is not None


def rises(metric: str) -> bool:
    """Whether larger is better for a reported metric, with its node's name in front or its units behind."""
    bare = metric.partition(" (")[0]
    return is_share(bare) or bare.rpartition(".")[2] == "r2"
