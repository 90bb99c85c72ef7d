"""train: run a project in the terminal, with a progress bar or JSON lines; Ctrl-C stops with a checkpoint."""

from __future__ import annotations

import signal
from argparse import Namespace
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from studio.cli.forking import fork_run, start_of
from studio.cli.overrides import with_overrides
from studio.cli.progress import ProgressLines, ended_lines, json_lines
from studio.cli.projects import checked, run_folder
from studio.cli.reading import telling_reading
from studio.cli.resuming import resumed_project, tell_beginning_anew
from studio.cli.say import FAILED, PROBLEMS, UsageError, let_go, program, say, tell, tell_problems
from studio.cli.together import begun_before, job_again, note_launch, run_processes, run_rank
from studio.project.storage import load
from studio.train.control import Control
from studio.train.distributed.launch import processes_of
from studio.train.distributed.place import LOST, RankPlace, rank_place
from studio.train.events import Event, Warned
from studio.train.host_lost import keep_word, last_checkpoint
from studio.train.job import Job, Result
from studio.train.machine import check_device, check_learns
from studio.train.runs import create_run, data_folder, default_runs_dir, read_run, refuse_trained, run_project
from studio.train.seed_runs import member_infos

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.project.project import Project

SHORT = ("epochs", "batch_size", "device", "seed", "processes")


def train(arguments: Namespace) -> int:
    """neuroloom train FILE: check, train, and say what came of it."""
    if arguments.resume is None and arguments.file is None and arguments.start is None:
        raise UsageError("train needs a FILE, or --resume or --from with a RUN", "neuroloom train mine.loom")
    if arguments.resume is not None and (arguments.file is not None or arguments.start is not None):
        given = f"FILE ({arguments.file})" if arguments.file is not None else f"--from {arguments.start}"
        message = f"--resume goes on with the run's own project: {given} cannot be given with it"
        raise UsageError(message, f"{program()} train --resume {arguments.resume}")
    place, emit = rank_place(), _while_read(json_lines if arguments.json else ProgressLines().add)
    if place is not None:
        from studio.train.distributed.joining import end

        end(_train_as(place, arguments, emit))
    job = _job(arguments)
    if isinstance(job, int):
        return job
    return _told(arguments, train_job(job, emit))


def _while_read(emit: Callable[[Event], None]) -> Callable[[Event], None]:
    """The same; where nobody reads it any more (`| head`), the run is stopped, with a checkpoint."""

    def tell_event(event: Event) -> None:
        try:
            emit(event)
        except BrokenPipeError:
            let_go()
            signal.raise_signal(signal.SIGTERM)

    return tell_event


def _train_as(place: RankPlace, arguments: Namespace, emit: Callable[[Event], None]) -> int:
    """Train as one of the processes that torchrun has started."""
    result = run_rank(arguments, place, lambda own: _first_job(arguments, own), emit, _stopping)
    if isinstance(result, int):
        return result
    if result.lost and result.failed is not None:
        tell(result.failed.message, result.failed.hint)
        return LOST
    if not place.rank:
        return _told(arguments, result)
    if result.failed is not None and not result.failed.message.startswith("Process "):
        tell(f"{place.told}: {result.failed.message}", result.failed.hint)
    return 0 if result.failed is None else FAILED


def _first_job(arguments: Namespace, place: RankPlace) -> Job | int:
    """The job of several processes: after a restart the one that they had."""
    before = None if arguments.resume is not None else begun_before(place, _runs(arguments))
    if before is None:
        job = _job(arguments)
        if isinstance(job, Job):
            note_launch(place, job.run_dir)
        return job
    again = job_again(before)
    if isinstance(again, str):
        tell(again, "It would fail again: correct it, then start anew.")
        return FAILED
    where = "from the last checkpoint" if last_checkpoint(again.run_dir) else "as there was no checkpoint yet"
    message = f"A process of the run was lost; all of them began anew, {where}."
    keep_word(again.run_dir, Warned(0.0, message, f"This is restart {place.restarts}."))
    return again


def _job(arguments: Namespace) -> Job | int:
    """What is to be trained; the exit code where the project has errors, or nothing is left to train."""
    project, folder = _project(arguments)
    if project is None:
        return 0
    with telling_reading():
        answer = checked(project, folder)
    tell_problems(answer.problems)
    if answer.errors:
        return PROBLEMS
    check_device(project)
    check_learns(answer)
    run_dir = _run_dir(arguments, answer, folder)
    if arguments.resume is not None:
        tell_beginning_anew(run_dir)
    else:
        project = run_project(run_dir)  # of a fork the epochs count from the beginning of the other run
    return Job(project, folder, run_dir, resume=arguments.resume is not None)


def _told(arguments: Namespace, result: Result) -> int:
    if arguments.curves:
        draw(result, Path(arguments.curves))
    return report(result, quiet=arguments.json)


def _project(arguments: Namespace) -> tuple[Project | None, Path]:
    """The project with the changes asked for, and the folder its paths start from; None where a run to go on
    with has nothing left to train.
    """
    short = [f"training.{name}={value}" for name in SHORT if (value := getattr(arguments, name)) is not None]
    if arguments.resume is not None:
        run = run_folder(arguments.resume)
        refuse_trained(run)
        return resumed_project(run, [*short, *arguments.set]), data_folder(run)
    if arguments.file is None:
        run, _ = start_of(arguments.start)
        return with_overrides(run_project(run), [*short, *arguments.set]), data_folder(run)
    path = Path(arguments.file)
    return with_overrides(load(path), [*short, *arguments.set]), path.parent


def _run_dir(arguments: Namespace, answer: Checked, folder: Path) -> Path:
    if arguments.resume is not None:
        return Path(arguments.resume)
    runs = _runs(arguments)
    if arguments.start is not None:
        return fork_run(arguments.start, answer.project, answer.plan, folder, runs)
    return create_run(answer.project, folder, runs)


def _runs(arguments: Namespace) -> Path:
    """Where the folder of a new run goes."""
    if arguments.runs:
        return Path(arguments.runs)
    given = arguments.file
    return default_runs_dir(Path(given)) if given is not None else start_of(arguments.start)[0].parent


def train_job(job: Job, emit: Callable[[Event], None]) -> Result:
    """Train by as many processes as the settings ask for."""
    number = processes_of(job.project)
    return run_processes(job, number, emit, _stopping) if number > 1 else run_job(job, emit)


def run_job(job: Job, emit: Callable[[Event], None]) -> Result:
    """Train in this thread; Ctrl-C and SIGTERM end it after the current step, with a checkpoint."""
    control = Control()
    with _stopping(control):
        from studio.train.engine import run

        return run(job, emit, control)


@contextmanager
def _stopping(control: Control) -> Generator[None]:
    """Turn signals into a stop; a second Ctrl-C interrupts at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        tell("stopping after this step, with a checkpoint (Ctrl-C again to give up at once)")
        control.stop()

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def report(result: Result, quiet: bool = False) -> int:
    """Say how a run ended and where it lies; the exit code."""
    failed, finished = result.failed, result.finished
    if failed is not None:
        where = f"{failed.node}: " if failed.node and not failed.message.startswith(failed.node) else ""
        tell(f"{where}{failed.message}", failed.hint)
    if not quiet and finished is not None:
        for line in ended_lines(finished, member_infos(result.run_dir)):
            say(line)
    if not quiet:
        say(f"run: {result.run_dir}")
        if read_run(result.run_dir).resumable:
            say(f"go on:    {program()} train --resume {result.run_dir}")
        if finished is not None and finished.best_epoch:
            say(f"evaluate: {program()} evaluate {result.run_dir}")
    return 0 if failed is None else FAILED


def draw(result: Result, picture: Path) -> None:
    """Draw the run's curves to a picture and say where it is."""
    from studio.cli.curves import draw_curves
    from studio.train.history import read_events

    draw_curves(read_events(result.run_dir), picture, result.run_dir.name)
    tell(f"curves: {picture}")
