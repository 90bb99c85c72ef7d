"""How a run comes to its way: the one that was found before, or one that is measured beside its steps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from studio.train.events import Measured
from studio.train.report import Report
from studio.train.ways.measuring import make_measuring
from studio.train.ways.way import read_way, take_way, way_of

if TYPE_CHECKING:
    from studio.train.work import Work

AT_ONCE = 0.01
"""Seconds of measuring after which the run goes on: of small steps several are measured at once."""
RECORD = "way"
"""Where run.json says it. A run that goes on, or repeats another one, computes as it says."""


def begin_way(work: Work, report: Report) -> None:
    """Take the way that the run's record says; where it says none, get ready to look for one."""
    if work.options["sharding"] != "none":
        return
    known, present = report.noted(RECORD), way_of(work)
    way = present
    if isinstance(known, Mapping) and work.team.world == 1:
        way = read_way(cast(Mapping[str, Any], known), present)
    if way.compiled or way != present:
        take_way(work, way)
    work.measuring = None if known else make_measuring(work)


def look_for_way(work: Work, report: Report) -> None:
    """Measure a little; after the last time take the fastest way, tell it, and keep it in the record."""
    measuring, began = work.measuring, time.perf_counter()
    if measuring is None:
        return
    while not measuring.go_on():
        if time.perf_counter() - began > AT_ONCE:
            return
    work.measuring = None
    way = measuring.trials[measuring.chosen].way
    if measuring.chosen:
        take_way(work, way)
    report.note(**{RECORD: {**way.saved(), "measured": [one.saved() for one in measuring.trials]}})
    told = tuple(one.saved() for one in measuring.trials)
    report(Measured(report.clock(), work.place.step, measuring.chosen, told))
