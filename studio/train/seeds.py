"""One run with several seeds: each is a run of its own in the folder seeds/; what they come to together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Protocol

from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.project import storage
from studio.project.edits import set_training
from studio.project.files import write_atomic
from studio.project.project import Project
from studio.train.checkpoint import MODEL, load_checkpoint, save_checkpoint
from studio.train.control import Control
from studio.train.events import (
    Event,
    Failed,
    Finished,
    Limit,
    Metrics,
    Paused,
    Progress,
    Resumed,
    Saved,
    Started,
    Warned,
)
from studio.train.failures import RefusedError, TrainingError, failed
from studio.train.job import Job, Result
from studio.train.kept import START
from studio.train.report import Clock, Report
from studio.train.rescue import holder_of
from studio.train.runs import keep_project, read_json, read_run, write_run
from studio.train.seed_runs import FOLDER, best_of, member_dirs

SHARED = ("fields.json", "scales.json", "learned.json", "steps.json")
"""What a run's network needs besides its weights, to be asked."""


class Train(Protocol):
    """Trains one seed."""

    def __call__(self, job: Job, emit: Callable[[Event], None], control: Control) -> Result:
        """As the engine's run."""
        ...


@dataclass
class Group:
    """The run of all seeds, while they are trained one after the other."""

    job: Job
    report: Report
    members: int
    at: int = 0
    spent: float = 0.0

    @property
    def run_dir(self) -> Path:
        """Where the whole run lies now."""
        return self.report.run_dir

    def pass_on(self, event: Event) -> None:
        """Tell what the seed reports, as part of the whole."""
        match event:
            case Started():
                if self.job.resume:
                    keep_project(self.run_dir, self.job.project)
                self.report(replace(event, run=self.run_dir.name, member=self.at, members=self.members))
            case Progress():
                others = (self.members - 1 - self.at) * (event.time + event.left)
                self.report(replace(event, left=event.left + others))
            case Finished() | Failed():
                pass  # told once, for all of them
            case Saved() if event.name != "last":
                pass  # the whole run has only the last one's, and at the end the best of all
            case Warned(about="moved"):
                with suppress(OSError):
                    self.report.follow()  # which tells where all of them are
            case Paused() | Resumed() | _:
                self.report(event)


def seeds_of(job: Job) -> int:
    """With how many seeds a job trains."""
    found = values_of(TRAINING, job.project.training.options)["seeds"]
    return found if isinstance(found, int) else 1


def run_seeds(job: Job, emit: Callable[[Event], None], control: Control, train: Train, alone: bool) -> Result:
    """Train once with each seed. Raises nothing, as the engine's run."""
    report: Report | None = None
    try:
        report = Report(job.run_dir, emit)
        report.began()
        if not alone:
            message = "Several seeds cannot be trained by several processes at once."
            raise TrainingError(message, "Set seeds to 1, or train with one process.")
        group = Group(job, report, seeds_of(job))
        end = _train(group, control, train)
        if isinstance(end, Failed):
            report.note(status="failed", message=end.message)
        else:
            spread_out = {"test": dict(end.test), "deviation": dict(end.deviation)}
            report.note(status=end.reason, limit=end.limit, best_epoch=end.best_epoch, **spread_out)
        report(end)
        finished = end if isinstance(end, Finished) else None
        return Result(finished, end if isinstance(end, Failed) else None, report.run_dir)
    except Exception as error:
        event = failed(error, report.clock() if report else 0.0, 0, 0)
        refused = isinstance(error, RefusedError)
        if report is None:
            emit(event)
        else:
            report.failed(event, refused)
        where = report.run_dir if report else job.run_dir
        return Result(None, event, where, refused=refused)
    finally:
        if report is not None:
            report.close()


def _train(group: Group, control: Control, train: Train) -> Finished | Failed:
    """One after the other; those that are over already are not trained again."""
    last: Finished | None = None
    for at in range(group.members):
        group.at = at
        project, path = _member(group)
        info = read_run(path)
        if info.status not in ("completed", "early"):
            group.report.clock = Clock()
            again = info.status != "created"
            result = train(Job(project, group.job.folder, path, resume=again), group.pass_on, control)
            _follow(group, result)
            if result.failed is not None and result.refused:
                raise RefusedError(result.failed.message, result.failed.hint)
            _note(group)
            if result.failed is not None:
                return result.failed
            last = result.finished
        if last is not None and last.reason == "stopped":
            return replace(last, time=_seconds(group), test={})
        if control.stopping and group.at + 1 < group.members:
            break
    return _over(group)


def _follow(group: Group, result: Result) -> None:
    """Go on where the run's folder was moved to. Raises TrainingError where it is gone."""
    try:
        group.report.follow()
    except OSError as error:
        message = f"The run's folder {group.run_dir} is gone, with the seeds that were over."
        kept = f"What seed {group.at + 1} of {group.members} trained is a run of its own: {result.run_dir}."
        raise TrainingError(message, kept) from error


def _over(group: Group) -> Finished:
    """What all seeds come to; the best one's weights are the run's."""
    infos = [read_run(path) for path in member_dirs(group.run_dir)]
    if len(infos) < group.members:
        place = infos[-1]
        return Finished(_seconds(group), "stopped", place.epochs_done, place.step, place.best_epoch)
    best = best_of(infos)
    _adopt(group.run_dir, best.path)
    early = all(info.status == "early" for info in infos)
    test, deviation = spread([info.test for info in infos])
    done = max(info.epochs_done for info in infos)
    step = max(info.step for info in infos)
    reason = "early" if early else "completed"
    limits: list[Limit] = [info.limit for info in infos if info.limit and not early]
    return Finished(_seconds(group), reason, done, step, best.best_epoch, test, deviation, *limits[:1])


def spread(values: Sequence[Metrics]) -> tuple[dict[str, float], dict[str, float]]:
    """The mean and the deviation (over n - 1) of each metric that all have."""
    names = [name for name in values[0] if all(name in one for one in values)] if values else []
    columns = {name: [one[name] for one in values] for name in names}
    means = {name: mean(column) for name, column in columns.items()}
    return means, {name: stdev(column) if len(column) > 1 else 0.0 for name, column in columns.items()}


def _note(group: Group) -> None:
    """How far the whole run has come: the current seed's epochs, and the means of those that are over."""
    infos = [read_run(path) for path in member_dirs(group.run_dir)]
    current = infos[-1]
    over = [info for info in infos if info.status in ("completed", "early")] or infos
    parts = {
        name: spread([info.metrics.get(name, {}) for info in over])[0] for name in ("train", "validation")
    }
    bests = [info.best for info in over if info.best is not None]
    group.report.note(
        device=current.device,
        epochs=current.epochs,
        epochs_done=current.epochs_done if len(infos) == group.members else 0,
        step=current.step,
        best=mean(bests) if bests else None,
        best_epoch=current.best_epoch,
        metrics=parts,
        seconds=round(sum(info.seconds for info in infos), 3),
        environment=dict(current.environment),
        data=dict(current.data),
        git=dict(current.git),
        seeds=[info.seed for info in infos],
    )


def _seconds(group: Group) -> float:
    return sum(read_run(path).seconds for path in member_dirs(group.run_dir))


def _member(group: Group) -> tuple[Project, Path]:
    """The project and the folder of a seed's own run, which is made where it is not there yet."""
    run_dir, options = group.run_dir, values_of(TRAINING, group.job.project.training.options)
    seed = int(str(options["seed"])) + group.at
    project = set_training(group.job.project, seed=seed, seeds=1)
    path = run_dir / FOLDER / f"{group.at:03d}"
    if not (path / "run.json").exists():
        _make(run_dir, path, project, {"seed": seed, "epochs": options["epochs"]})
    return project, path


def _make(run_dir: Path, path: Path, project: Project, values: Mapping[str, Any]) -> None:
    (path / "checkpoints").mkdir(parents=True, exist_ok=True)
    write_atomic(path / "project.loom", storage.dumps(project).encode())
    for file in (run_dir / "checkpoints").glob(f"{START}.*"):
        shutil.copyfile(file, path / "checkpoints" / file.name)
    if (run_dir / "fork.json").exists():
        shutil.copyfile(run_dir / "fork.json", path / "fork.json")
    whole = read_json(run_dir)
    known = {key: whole[key] for key in ("format", "project_name", "created", "folder")}
    name = f"{whole['id']}, seed {values['seed']}"
    write_run(path, {**known, "id": name, "status": "created", **values})


def _adopt(run_dir: Path, best: Path) -> None:
    """Let the run be asked as any other: with the best and the last weights of its best seed."""
    source, target = holder_of(best, "best") / "checkpoints", run_dir / "checkpoints"
    for name in SHARED:
        if (best / name).exists():
            shutil.copyfile(best / name, run_dir / name)
    for file in sorted(source.glob("best.*"), key=lambda one: one.suffix == ".json"):
        write_atomic(target / file.name, file.read_bytes())
    with suppress(StudioError, OSError):  # the best ones are what counts
        tensors, content = load_checkpoint(best, "last")
        weights = {name: one for name, one in tensors.items() if name.startswith(MODEL)}
        told = {key: content[key] for key in ("epoch", "step", "metrics") if key in content}
        save_checkpoint(run_dir, "last", weights, told)
