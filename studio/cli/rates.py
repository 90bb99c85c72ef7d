"""find-rate: try growing learning rates on a project, and say which one to train with."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.overrides import with_overrides
from studio.cli.projects import checked
from studio.cli.say import FAILED, PROBLEMS, program, say, say_json, table, tell, tell_problems
from studio.project.storage import load

if TYPE_CHECKING:
    from studio.train.find_rate import Found

ROWS = 20
BAR = 40


def find(arguments: Namespace) -> int:
    """neuroloom find-rate FILE: the loss by rate, the steepest point, and a proposal."""
    path = Path(arguments.file)
    project = with_overrides(load(path), arguments.set)
    answer = checked(project, path.parent)
    tell_problems(answer.problems)
    if answer.errors:
        return PROBLEMS
    from studio.train.find_rate import find_rate

    found = find_rate(project, path.parent)
    if arguments.json:
        say_json(_values(found))
    else:
        _say(found, path)
    if found.rate is None:
        tell("the loss fell at no rate", "Look at the drawing, the data and the loss, or take more samples.")
        return FAILED
    return 0


def _values(found: Found) -> dict[str, object]:
    tried = [
        {"rate": one.rate, "loss": one.loss, "smoothed": mean}
        for one, mean in zip(found.tried, found.smoothed, strict=True)
    ]
    return {"rate": found.rate, "steepest": found.steepest, "tried": tried}


def _say(found: Found, path: Path) -> None:
    most, least = max(found.smoothed, default=1.0), min(found.smoothed, default=0.0)
    every = max(1, len(found.tried) // ROWS)
    rows = [["rate", "loss", ""]]
    for one, mean in list(zip(found.tried, found.smoothed, strict=True))[::every]:
        share = (mean - least) / (most - least) if most > least else 0.0
        rows.append([f"{one.rate:.2g}", f"{mean:.4g}", "█" * round(share * BAR)])
    say(table(rows, right=(0, 1)))
    if found.rate is not None:
        say(f"falls fastest at {found.steepest:.2g}")
        say(f"use {found.rate:g}: {program()} train {path} --set optimizer.lr={found.rate:g}")
