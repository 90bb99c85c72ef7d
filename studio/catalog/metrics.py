"""Metrics that a loss node can report; train/metrics.py computes them on the device."""

from __future__ import annotations

from studio.catalog.registry import Component

METRICS: tuple[Component, ...] = (
    Component("accuracy", "metric", "Share of the samples whose class is right; larger is better"),
    Component(
        "top5", "metric", "Share of the samples whose class is among the five likeliest; larger is better"
    ),
    Component("mae", "metric", "Mean absolute error; smaller is better"),
    Component("rmse", "metric", "Root of the mean squared error; smaller is better"),
    Component("r2", "metric", "Share of the variance that is explained; larger is better, 1 is perfect"),
)
