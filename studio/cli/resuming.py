"""train --resume: what a run takes with which it goes on, and whether it has anything left to train."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.cli.overrides import with_overrides
from studio.cli.say import UsageError, program, tell
from studio.project import edits
from studio.project.project import Project
from studio.train.host_lost import last_checkpoint
from studio.train.kept import resume_point
from studio.train.run_settings import differing, settings_of
from studio.train.runs import RunInfo, read_run, run_project
from studio.train.seed_runs import member_dirs, member_infos

LONGER = ("epochs", "max_steps", "max_minutes", "patience", "least_gain")
"""Settings of the training that say how long it goes on."""
ELSEWHERE = ("device", "host", "threads", "processes", "keep_best", "keep_every", "layer_statistics")
"""Those that say where and what is kept: the losses stay what they are."""
BATCH = "training.batch_size"
TAKEN = (*(f"training.{name}" for name in (*LONGER, *ELSEWHERE)), BATCH, "data.workers")
OVER = ("completed", "early")
Options = dict[str, Any]


def resumed_project(run: Path, assignments: Sequence[str]) -> Project | None:
    """The project with which a run goes on; None where that is told to have nothing left to train.

    Raises UsageError for what a run that goes on cannot take; nothing is written.
    """
    before, info = run_project(run), read_run(run)
    changed = _changed(run, before, assignments)
    after = _same_steps(run, before, with_overrides(before, assignments))
    options = _options(after)
    reason, hint = _nothing_left(run, info, _options(before), options)
    if reason and changed:
        raise UsageError(f"{run.name}: {reason}", hint)
    if reason:
        tell(f"{run.name}: {reason}", hint)
        return None
    if info.status not in OVER:
        _refuse_seeds(run, changed, options)
        _refuse_less(run, info, changed, options)
    return after


def tell_beginning_anew(run: Path) -> None:
    """Say so where a run ended before its first checkpoint."""
    there = (run, *member_dirs(run))
    if read_run(run).status == "created" or any(map(_begun, there)):
        return
    tell(f"{run.name} ended before its first checkpoint: it begins anew.")


def _begun(run: Path) -> bool:
    return last_checkpoint(run) is not None or resume_point(run) is not None


def _changed(run: Path, project: Project, assignments: Sequence[str]) -> list[str]:
    """The names of what is set to another value. Raises UsageError where that cannot be taken."""
    settings = settings_of(project)
    changes = {
        one: one.partition("=")[0].strip()
        for one in assignments
        if differing([settings, settings_of(with_overrides(project, [one]))])
    }
    if refused := {one: name for one, name in changes.items() if name not in TAKEN}:
        kept = "this setting" if len(refused) == 1 else "these settings"
        message = f"{', '.join(refused.values())}: a run that goes on keeps {kept}"
        raise _forked_instead(run, message, refused)
    return list(changes.values())


def _forked_instead(run: Path, message: str, assignments: Sequence[str] | dict[str, str]) -> UsageError:
    sets = " ".join(f"--set {shlex.quote(one)}" for one in assignments)
    return UsageError(
        f"{message}.", f"Begin a new run with its weights instead: {program()} train --from {run} {sets}"
    )


def _same_steps(run: Path, before: Project, after: Project) -> Project:
    """With a smaller batch, as many to a step as make it as large as before. Raises UsageError."""
    old, new = _options(before), _options(after)
    if old["batch_size"] == new["batch_size"]:
        return after
    together, rest = divmod(int(old["batch_size"]), int(new["batch_size"]))
    if rest or old["accumulate"] != 1:
        message = f"{BATCH}: a run that goes on keeps its steps of {old['batch_size'] * old['accumulate']}"
        message += " samples, which cannot be made of such batches"
        raise _forked_instead(run, message, [f"{BATCH}={new['batch_size']}"])
    return edits.set_training(after, accumulate=together)


def _refuse_seeds(run: Path, changed: Sequence[str], options: Options) -> None:
    """All seeds are trained alike, by one process. Raises UsageError."""
    if options["seeds"] > 1 and options["processes"] > 1:
        message = "training.processes: several seeds cannot be trained by several processes at once."
        raise UsageError(message, "Leave it out.")
    longer = [name for name in changed if name.removeprefix("training.") in LONGER or name == BATCH]
    if longer and any(one.status in OVER for one in member_infos(run)):
        message = f"{', '.join(longer)}: a seed of {run.name} is over already, and all are trained alike."
        raise UsageError(message, "Leave it out, or train anew with it.")


def _nothing_left(run: Path, info: RunInfo, old: Options, new: Options) -> tuple[str, str]:
    """Why there is nothing left to train, and what would be; empty where there is."""
    if info.status not in OVER:
        return "", ""
    more, epochs = f"To go on: {program()} train --resume {run} ", info.epochs_done
    if member_dirs(run):
        return "all of its seeds are over: nothing is left to train.", "Begin a new run to train more."
    if new["epochs"] <= epochs:
        return f"all {epochs} epochs are done: nothing is left to train.", f"{more}--epochs {2 * epochs}"
    if new["max_steps"] is not None and info.step >= new["max_steps"]:
        steps = f"--set training.max_steps={2 * info.step}"
        return f"{info.step} steps are done, as max_steps says: nothing is left to train.", more + steps
    if new["max_minutes"] is not None and info.seconds >= 60 * new["max_minutes"]:
        minutes = f"--set training.max_minutes={info.seconds / 30:.3g}"
        return "the time of max_minutes is over: nothing is left to train.", more + minutes
    waited = old["patience"] if info.status == "early" else None
    if waited is not None and new["patience"] is not None and new["patience"] <= waited:
        patience = f"--set training.patience={2 * waited}"
        return f"stopped early, after {waited} validations without a better one.", more + patience
    return "", ""


def _refuse_less(run: Path, info: RunInfo, changed: Sequence[str], options: Options) -> None:
    """Raises UsageError where a run is to end before the place where it stands."""
    members = member_infos(run)
    info = members[-1] if members else info
    for name, done in (
        ("epochs", info.epochs_done),
        ("max_steps", info.step),
        ("max_minutes", info.seconds / 60),
    ):
        most = options[name]
        if f"training.{name}" in changed and most is not None and most < done:
            message = f"training.{name}={most:g}: {run.name} has trained {done:.6g} already."
            hint = f"Give more, or begin a new run at an earlier epoch: {program()} train --from {run}:EPOCH"
            raise UsageError(message, hint)


def _options(project: Project) -> Options:
    return dict(values_of(TRAINING, project.training.options))
