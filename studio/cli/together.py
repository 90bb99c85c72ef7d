"""train by several processes: those of this machine that --processes asks for, or as one of torchrun's."""

from __future__ import annotations

import json
import os
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.catalog.trust import trust
from studio.errors import StudioError
from studio.project import storage
from studio.train.control import Control
from studio.train.distributed.launch import ProcessesRunner
from studio.train.distributed.place import RankPlace
from studio.train.events import Event, Failed
from studio.train.job import Job, Result
from studio.train.runs import data_folder, list_runs, read_json, read_run, run_project, write_run

SHOWN_S = 0.05
GIVE_UP_S = 10.0


@dataclass(frozen=True, slots=True)
class Shared:
    """What the first process tells the others of the job; `code` where there is none, and with which exit
    code they end.
    """

    project: str = ""
    folder: str = ""
    run_dir: str = ""
    resume: bool = False
    trusted: tuple[str, ...] = ()
    code: int = 0


def run_processes(
    job: Job, number: int, emit: Callable[[Event], None], stopping: Callable[[Control], Any]
) -> Result:
    """Train by processes of this machine; `stopping` turns signals into a stop while it lasts."""
    runner = ProcessesRunner(number)
    runner.start(job)
    try:
        with stopping(runner.control):
            over = False
            while not over:
                over = runner.join(SHOWN_S)
                for event in runner.poll():
                    emit(event)
    finally:
        runner.close(GIVE_UP_S)
    assert runner.result is not None
    return runner.result


def run_rank(
    arguments: Namespace,
    place: RankPlace,
    first_job: Callable[[RankPlace], Job | int],
    emit: Callable[[Event], None],
    stopping: Callable[[Control], Any],
) -> Result | int:
    """Train as one of the processes that torchrun has started; the first makes the job, or an exit code."""
    from studio.train.distributed.joining import join
    from studio.train.engine import run

    team = join(place)
    try:
        shared: Shared = team.shared(lambda: _shared(first_job(team.place)))
    except BaseException:
        team.leave()
        raise
    if shared.code or not shared.project:
        team.leave()
        return shared.code
    control = Control()
    with stopping(control):
        result = run(_job(shared, arguments, place), emit, control, team)
    if result.failed is not None:
        _tell_torchrun(result.failed)
    return result


def begun_before(place: RankPlace, runs: Path) -> Path | None:
    """The run that these processes trained until they were started anew; None where they begin."""
    if not place.restarts:
        return None
    for info in list_runs(runs):
        if read_json(info.path).get("launch") == place.launch:
            return info.path
    return None


def note_launch(place: RankPlace, run_dir: Path) -> None:
    """Keep in a run's folder who trains it, to find it again after a restart. Raises StudioError."""
    try:
        write_run(run_dir, {**read_json(run_dir), "launch": place.launch})
    except OSError as error:
        raise StudioError(f"{run_dir}: cannot be written: {error.strerror or error}") from error


def job_again(run_dir: Path) -> Job | str:
    """The job that goes on with a run; the message of one that had failed for good."""
    info = read_run(run_dir)
    if info.status == "failed":
        return info.message
    return Job(run_project(run_dir), data_folder(run_dir), run_dir, resume=True)


def _shared(job: Job | int) -> Shared:
    if isinstance(job, int):
        return Shared(code=job)
    text, folder, run_dir = (
        storage.dumps(job.project),
        str(job.folder.absolute()),
        str(job.run_dir.absolute()),
    )
    return Shared(text, folder, run_dir, job.resume, tuple(trust().digests()))


def _job(shared: Shared, arguments: Namespace, place: RankPlace) -> Job:
    """The first process's job, with the data of this machine: beside the file that was named here."""
    folder = Path(shared.folder)
    if place.rank:
        trust().take(shared.trusted)
        if arguments.file is not None:
            folder = Path(arguments.file).absolute().parent
    return Job(storage.loads(shared.project), folder, Path(shared.run_dir), shared.resume)


def _tell_torchrun(failed: Failed) -> None:
    """Where torchrun asks for it, leave the reason for its own report."""
    file = os.environ.get("TORCHELASTIC_ERROR_FILE")
    if file:
        info = {"py_callstack": failed.details, "timestamp": str(int(time.time()))}
        told = {"message": {"message": f"{failed.message} {failed.hint}", "extraInfo": info}}
        Path(file).write_text(json.dumps(told), "utf-8")
