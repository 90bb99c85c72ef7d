"""The folders of the seeds of a run that has several. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from studio.errors import StudioError
from studio.train.runs import RunInfo, read_run

FOLDER = "seeds"


def member_dirs(run_dir: Path) -> list[Path]:
    """The folders of the seeds' own runs, in order; none where a run has one seed."""
    return sorted(one.parent for one in (run_dir / FOLDER).glob("*/run.json"))


def member_infos(run_dir: Path) -> list[RunInfo]:
    """How each seed stands; those that cannot be read are left out."""
    found: list[RunInfo] = []
    for path in member_dirs(run_dir):
        try:
            found.append(read_run(path))
        except StudioError:
            continue
    return found


def best_of(infos: Sequence[RunInfo]) -> RunInfo:
    """The seed whose best weights are the run's."""
    return min(infos, key=lambda info: math.inf if info.best is None else info.best)
