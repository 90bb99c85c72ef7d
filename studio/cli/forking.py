"""train --from and reproduce: runs that begin where another one stood, or that repeat one."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.projects import run_folder
from studio.cli.say import FAILED, say, say_json, table, tell

if TYPE_CHECKING:
    from studio.build.plan import Plan
    from studio.project.project import Project
    from studio.train.drift import Drift
    from studio.train.fork import Weight

MOST_NAMED = 6


def start_of(given: str) -> tuple[Path, str]:
    """The run and the checkpoint that RUN or RUN:EPOCH means; without one, the best. Raises StudioError."""
    path, colon, which = given.rpartition(":")
    if colon and path and not Path(given).exists():
        return run_folder(path), which
    return run_folder(given), "best"


def fork_run(given: str, project: Project, plan: Plan, folder: Path, runs: Path) -> Path:
    """Make the run, and say what is carried over. Raises StudioError."""
    from studio.train.fork import create_fork, plan_fork

    run, which = start_of(given)
    fork = plan_fork(run, which, project, plan)
    path = create_fork(fork, project, folder, runs)
    tell(f"from {run.name}, epoch {fork.epoch}, to epoch {fork.epochs}{', exactly' if fork.whole else ''}")
    for word, weights in (
        ("kept", fork.kept),
        ("initialised afresh", fork.fresh),
        ("dropped", fork.dropped),
    ):
        if weights:
            tell(f"{word}: {_named(weights)}")
    if fork.other_parts:
        tell(
            f"The samples are others than those of {run.name}, or parted in another way: its weights may "
            "have been trained on some that now validate or test."
        )
    return path


def _named(weights: Sequence[Weight]) -> str:
    shown = [
        f"{one.name} {'×'.join(map(str, one.shape)) or '1'}"
        + (f" (was {'×'.join(map(str, one.before)) or '1'})" if one.before is not None else "")
        for one in weights[:MOST_NAMED]
    ]
    more = len(weights) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def reproduce(arguments: Namespace) -> int:
    """neuroloom reproduce RUN: train it again, and say which digits of which curves differ."""
    from studio.cli.progress import ProgressLines
    from studio.cli.training import train_job
    from studio.train.drift import drift, repeat
    from studio.train.job import Job

    original = run_folder(arguments.run)
    project, folder, path = repeat(original, Path(arguments.runs) if arguments.runs else None)
    result = train_job(Job(project, folder, path), ProgressLines().add)
    if result.failed is not None:
        tell(result.failed.message, result.failed.hint)
        return FAILED
    found = drift(path, original)
    if arguments.json:
        say_json(_values(found))
        return 0
    say(f"run: {path}")
    say("\n".join(lines(found)))
    return 0


def lines(found: Drift) -> list[str]:
    """What came of repeating a run, in words."""
    if found.common_equal:
        points, both = sum(curve.points for curve in found.curves), " that both have" if found.missing else ""
        told = [f"all {points:,} values of {len(found.curves)} curves{both} are equal to the last digit"]
    else:
        rows = [["curve", "equal", "first differs at", "digits in common", "largest difference"]]
        for one in found.curves:
            equal = f"{one.equal:,} of {one.points:,}"
            if one.first is None:
                rows.append([one.name, equal, "", "all", ""])
            else:
                at = "the end" if one.by == "end" else f"{one.by} {one.first}"
                rows.append([one.name, equal, at, str(one.digits), f"{one.largest:.2g}"])
        told = [table(rows, right=(1, 3, 4))]
    if found.missing:
        told.append(f"{found.missing:,} values are there in one of both runs only")
    told += [f"{one.what}: {one.before} → {one.after}" for one in found.changes]
    return told if found.changes else [*told, "nothing else has changed: versions, machine, data, git"]


def _values(found: Drift) -> dict[str, object]:
    return {
        "run": found.run,
        "original": found.original,
        "equal": found.none,
        "missing": found.missing,
        "curves": [
            {
                "name": one.name,
                "points": one.points,
                "equal": one.equal,
                "first": one.first,
                "digits": one.digits,
                "largest": one.largest,
            }
            for one in found.curves
        ],
        "changes": [{"what": one.what, "before": one.before, "after": one.after} for one in found.changes],
    }
