"""Why what the settings leave to the program is not measured in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.train.events import Unmeasured
from studio.train.report import Report
from studio.train.ways import measuring
from studio.train.ways.deciding import RECORD

if TYPE_CHECKING:
    from studio.train.work import Work

KEPT = "unmeasured"
"""Where run.json says it."""


def tell_unmeasured(work: Work, report: Report) -> None:
    """Tell what is taken for each setting on auto that is not measured, and keep it in the record."""
    kept = {} if report.noted(RECORD) else unmeasured(work)
    if kept:
        report.note(**{KEPT: kept})
        report(Unmeasured(report.clock(), kept))


def unmeasured(work: Work) -> dict[str, str]:
    """What is taken for a setting on auto that is not among the trials, and why."""
    wanted, _ = measuring.ways_tried(work)
    tried, left = wanted if work.measuring else [], work.total_steps - work.place.step
    found: dict[str, str] = {}
    if work.options["compile"] == "auto" and not any(way.compiled for way in tried):
        why = f"{left:,} steps are too few to gain what compiling takes"
        if left >= measuring.COMPILING:
            why = _why(left, any(way.compiled for way in wanted))
        found["compile"] = f"not compiled: {_never(work) or why}"
    if work.options["precision"] == "auto" and not any(way.precision == "bfloat16" for way in tried):
        why = _never(work) or _why(left, any(way.precision == "bfloat16" for way in wanted))
        found["precision"] = f"stays with float32, bfloat16 is not measured: {why}"
    return found


def _never(work: Work) -> str:
    """Why this run measures nothing, however long it is."""
    if work.options["sharding"] != "none":
        return "with sharding there is nothing to choose"
    return "several processes would each find something else" if work.team.world > 1 else ""


def _why(left: int, wanted: bool) -> str:
    """Why a trial is not made in the steps that are left; `wanted` says that they are enough for it."""
    if wanted:
        return "there is too little memory for a copy of the network"
    return f"{left:,} steps are too few for that"
