"""Transforms of dates and times; data/transforms/ carries them out."""

from __future__ import annotations

from studio.catalog.registry import Component

TRANSFORMS: tuple[Component, ...] = (
    Component("Days", "transform", "Days since the first time of the training part"),
    Component("TimeOfYear", "transform", "Where in the day, the week and the year, each as sine and cosine"),
)
