"""compare-frameworks: the same drawing trained in PyTorch and in TensorFlow, the losses side by side."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.overrides import with_overrides
from studio.cli.projects import checked
from studio.cli.say import FAILED, PROBLEMS, UsageError, say, say_json, table, tell, tell_problems
from studio.interchange.extras import needed
from studio.project.storage import load

if TYPE_CHECKING:
    from studio.interchange.beside.comparison import Comparison
    from studio.interchange.beside.figures import Figures, Row
    from studio.interchange.beside.told import Ended

POLL_S = 0.05
ROWS = 24
"""Epochs that are listed at most, evenly spread."""
MB = 1e6


def compare(arguments: Namespace) -> int:
    """neuroloom compare-frameworks FILE: the losses of both by epoch, their difference, speed and memory."""
    needed("tensorflow", "tensorflow", "keras")
    path = Path(arguments.file)
    epochs = _epochs(arguments.epochs)
    project = with_overrides(load(path), arguments.set)
    answer = checked(project, path.parent)
    tell_problems(answer.errors if arguments.json else answer.problems)
    if answer.errors:
        return PROBLEMS
    from studio.interchange.beside.comparison import Compared, Comparison
    from studio.interchange.beside.differences import differences
    from studio.interchange.beside.figures import Figures, summary

    for note in differences(answer, epochs):
        tell(note)
    figures, comparison = Figures(), Comparison(Compared(project, path.parent, epochs))
    ended = _watched(comparison, figures, quiet=arguments.json)
    if arguments.json:
        say_json({**summary(figures), "ended": ended.reason})
    elif figures.rows:
        _say(figures)
    if ended.reason == "failed":
        from studio.interchange.beside.comparison import told_of

        tell(told_of(ended), ended.hint)
        return FAILED
    return 0


def _epochs(given: str | None) -> int | None:
    if given is None:
        return None
    if not given.isdecimal() or int(given) < 1:
        raise UsageError(f"--epochs {given}: expected a whole number from 1")
    return int(given)


def _watched(comparison: Comparison, figures: Figures, quiet: bool) -> Ended:
    """Let it run, and show the epochs as they come. Ctrl-C stops it; what was trained until then counts."""
    from studio.interchange.beside.told import Ended, EpochOver

    ended = Ended("stopped")
    shown = 0
    comparison.start()
    try:
        while True:
            over = comparison.over
            for one in comparison.poll():
                figures.take(one)
                if isinstance(one, Ended):
                    ended = one
                elif isinstance(one, EpochOver) and not quiet and len(figures.rows) > shown:
                    shown = len(figures.rows)
                    _show(figures, figures.rows[-1])
            if over:
                return ended
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        return ended
    finally:
        comparison.close()


def _show(figures: Figures, row: Row) -> None:
    """A line for an epoch that both have trained; of many epochs only some."""
    epochs = figures.begun.epochs if figures.begun else row.epoch
    if row.epoch not in _spread(range(1, epochs + 1)):
        return
    counted = f"epoch {row.epoch:{len(str(epochs))}}/{epochs}"
    losses = f"PyTorch {row.pytorch.train:.6g}  TensorFlow {row.tensorflow.train:.6g}"
    sys.stderr.write(f"{counted}  {losses}  difference {row.difference:.1e}\n")
    sys.stderr.flush()


def _spread(epochs: Iterable[int]) -> list[int]:
    """Some of the epochs, the first and the last among them."""
    every = list(epochs)
    if len(every) <= ROWS:
        return every
    return sorted({every[round(at * (len(every) - 1) / (ROWS - 1))] for at in range(ROWS)})


def _say(figures: Figures) -> None:
    some = _spread(row.epoch for row in figures.rows)
    rows = [["epoch", "PyTorch", "TensorFlow", "difference"]]
    validated = figures.rows[0].validation_difference is not None
    rows[0] += ["validation: PyTorch", "TensorFlow", "difference"] if validated else []
    for row in (one for one in figures.rows if one.epoch in some):
        rows.append([str(row.epoch), *_compared(row.pytorch.train, row.tensorflow.train, row.difference)])
        one, other, apart = row.pytorch.validation, row.tensorflow.validation, row.validation_difference
        if one is not None and other is not None and apart is not None:
            rows[-1] += _compared(one, other, apart)
    say(table(rows, right=range(7)))
    say()
    say(table(_costs(figures), right=(1, 2)))
    say()
    if figures.begun is not None:
        versions = ", ".join(f"{name} {version}" for name, version in figures.begun.versions.items())
        threads = f"{figures.begun.threads} thread{'s' if figures.begun.threads > 1 else ''}"
        say(f"{versions}; {threads} each. Speed: {figures.measured}.")
        say("Memory of training: at most, beyond what the process held with libraries, data and network.")


def _compared(one: float, other: float, apart: float) -> list[str]:
    return [f"{one:.6g}", f"{other:.6g}", f"{apart:.1e}"]


def _costs(figures: Figures) -> list[list[str]]:
    from studio.interchange.beside.figures import in_training
    from studio.interchange.beside.told import FRAMEWORKS, TITLES

    speeds = [figures.speed(name) for name in FRAMEWORKS]
    memories = [figures.memory(name) for name in FRAMEWORKS]
    return [
        ["", *(TITLES[name] for name in FRAMEWORKS)],
        ["samples per second", *("–" if one is None else f"{one:,.0f}" for one in speeds)],
        ["memory of training", *(_megabytes(in_training(one)) for one in memories)],
        ["memory of the process", *(_megabytes(one.peak) for one in memories)],
    ]


def _megabytes(count: int | None) -> str:
    return "–" if count is None else f"{count / MB:,.0f} MB" if count >= 1e7 else f"{count / MB:.1f} MB"
