"""What a run is asked to do and what came of it: plain values that a window makes before torch has loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.project.project import Project
from studio.train.events import Failed, Finished


@dataclass(frozen=True, slots=True)
class Job:
    """A run to do. `folder` is where relative paths of the data start, `run_dir` what `runs.create_run` made.

    With `resume` the run goes on from its last checkpoint (from the beginning where there is none yet).
    """

    project: Project
    folder: Path
    run_dir: Path
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended: one of `finished` and `failed` is there.

    Where another process of it was `lost`, nothing was told or written: the last checkpoint stands. One that
    was `refused` to go on is as it was.
    """

    finished: Finished | None
    failed: Failed | None
    run_dir: Path
    lost: bool = False
    refused: bool = False
