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


def whole_run(run_dir: Path) -> Path:
    """The run of several seeds that this is the run of one of; else the run itself."""
    path = run_dir.resolve()
    whole = path.parent.parent
    return whole if path.parent.name == FOLDER and (whole / "run.json").exists() else path


def first_seed(run_dir: Path) -> Path | None:
    """The run of the first seed, where this is the run of a later one of several."""
    path = run_dir.resolve()
    whole = whole_run(path)
    first = next(iter(member_dirs(whole)), path) if whole != path else path
    return first if first != path else None


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
