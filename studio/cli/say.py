"""What the command line prints: answers on stdout, messages on stderr, tables with aligned columns."""

from __future__ import annotations

import json
import math
import os
import select
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO, cast

from studio.errors import Problem

PROBLEMS, WRONG_USAGE, FAILED = 1, 2, 3


class UsageError(Exception):
    """The command cannot be meant so: what is wrong, and what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def program() -> str:
    """How this program is called from here."""
    installed = Path(sys.executable).with_name("neuroloom")
    if shutil.which("neuroloom") or not installed.exists():
        return "neuroloom"
    return os.path.relpath(installed)


def say(text: str = "") -> None:
    """Print a line of the answer."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(value: object, indent: int | None = 2) -> None:
    """Print the answer as one JSON value; numbers that JSON has no word for become null."""
    say(json.dumps(_plain(value), ensure_ascii=False, indent=indent, allow_nan=False))


def tell(message: str, hint: str = "") -> None:
    """Print a message on stderr, and what to do about it below."""
    sys.stderr.write(f"neuroloom: {message}\n" + (f"  {hint}\n" if hint else ""))
    sys.stderr.flush()


def let_go() -> None:
    """Write to nowhere what nobody reads any more."""
    for stream in (sys.stdout, sys.stderr):
        if _unread(stream):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _unread(stream: TextIO) -> bool:
    """Whether nobody reads a stream any more, also where nothing waits to be written to it."""
    try:
        stream.flush()
    except BrokenPipeError:
        return True
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(stream.fileno(), 0)  # errors are told in any case
    return bool(poll.poll(0))


def tell_problems(problems: Iterable[Problem], fixes: bool = False) -> None:
    """Print problems on stderr, each with its place, hint and how it came about, and its fixes if asked."""
    for problem in problems:
        place = f"{problem.field}: " if problem.node is None and problem.field else ""
        if problem.node and not problem.path and not problem.message.startswith(f"{problem.node}:"):
            place = f"{problem.node}: "
        below = [problem.hint] if problem.hint else []
        below += [f"  {line}" for line in problem.trace]
        below += [f"fix: {fix.label}" for fix in problem.fixes if fixes]
        lines = "".join(f"\n    {line}" for line in below)
        sys.stderr.write(f"{problem.severity}: {place}{problem.message}{lines}\n")
    sys.stderr.flush()


def problem_values(problem: Problem) -> dict[str, object]:
    """A problem as JSON values."""
    return {
        "severity": problem.severity,
        "node": problem.node,
        "field": problem.field,
        "message": problem.message,
        "hint": problem.hint,
        "path": list(problem.path),
        "block": problem.block,
        "trace": list(problem.trace),
        "fixes": [fix.label for fix in problem.fixes],
    }


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows as aligned columns, the first row as heading; `right` are the columns aligned to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    to_the_right = frozenset(right)

    def aligned(row: Sequence[str]) -> str:
        cells = [
            cell.rjust(widths[at]) if at in to_the_right else cell.ljust(widths[at])
            for at, cell in enumerate(row)
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([aligned(rows[0]), "  ".join("─" * width for width in widths), *map(aligned, rows[1:])])


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in cast(Mapping[object, object], value).items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast(Sequence[object], value)]
    return value
