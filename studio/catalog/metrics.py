"""Metrics that a loss node can report; train/metrics computes them on the device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.catalog.registry import Component
from studio.project.params import Value

METRICS: tuple[Component, ...] = (
    Component("accuracy", "metric", "Share of the samples whose class is right; larger is better"),
    Component(
        "top5", "metric", "Share of the samples whose class is among the five likeliest; larger is better"
    ),
    Component("mae", "metric", "Mean absolute error; smaller is better"),
    Component("rmse", "metric", "Root of the mean squared error; smaller is better"),
    Component("r2", "metric", "Share of the variance that is explained; larger is better, 1 is perfect"),
)


def reported(chosen: Iterable[Value], values: Mapping[str, Value]) -> tuple[str, ...]:
    """The names under which a loss node's chosen metrics are reported: topk becomes top3, say."""
    return tuple(dict.fromkeys(f"top{values.get('k', 5)}" if one == "topk" else str(one) for one in chosen))
