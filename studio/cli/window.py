"""Opening the window, or saying what is missing for it; with --train the terminal takes its place."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from studio.cli.doctor import QT_LIBRARIES, display_missing, qt_problem
from studio.cli.say import program, tell
from studio.errors import StudioError
from studio.train.runs import create_run, default_runs_dir


def open_window(arguments: Namespace) -> int:
    """neuroloom [FILE] [--train]."""
    path = Path(arguments.file).absolute() if arguments.file else None
    why = "there is no display here" if display_missing() else qt_problem()
    if why is None:
        from studio.ui.app import leave, run_app

        options = ["--reset"] if arguments.reset else []
        leave(run_app([*sys.argv[:1], *options], path=path, train=arguments.train))
    if not (arguments.train and path):
        raise StudioError(f"the window cannot open: {why}", _way(path))
    return _train_here(path, why)


def _train_here(path: Path, why: str) -> int:
    from studio.cli.progress import ProgressLines
    from studio.cli.projects import checked
    from studio.cli.say import PROBLEMS, tell_problems
    from studio.cli.training import draw, report, run_job
    from studio.project.storage import load
    from studio.train.job import Job

    tell(f"the window cannot open ({why}), so this trains in the terminal")
    project = load(path)
    answer = checked(project, path.parent)
    tell_problems(answer.problems)
    if answer.errors:
        return PROBLEMS
    run_dir = create_run(project, path.parent, default_runs_dir(path))
    result = run_job(Job(project, path.parent, run_dir), ProgressLines().add)
    draw(result, run_dir / "curves.png")
    code = report(result)
    tell("the window did not open", _way(path))
    return code


def _way(path: Path | None) -> str:
    """How to get to the window."""
    file = f" {os.path.relpath(path)}" if path else ""
    if display_missing():
        return (
            f"To open it: run `{program()}{file}` in a desktop session, over `ssh -X`, "
            f"or on an invisible screen with `xvfb-run -a {program()}{file}`."
        )
    return f"To open it: {QT_LIBRARIES}, then `{program()}{file}`. `{program()} doctor` says more."
