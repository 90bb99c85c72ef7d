"""Metrics of a loss node: summed on the device, some steps at a time, and read only when they are shown."""

from __future__ import annotations

from studio.train.metrics.tracker import STEPS, Tracker, tracker_of

__all__ = ["STEPS", "Tracker", "tracker_of"]
