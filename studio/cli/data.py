"""data: what the data of a project holds, and what is wrong with it."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.reading import telling_reading
from studio.cli.say import PROBLEMS, say, say_json, table, tell_problems
from studio.errors import StudioError
from studio.project.project import Data
from studio.project.storage import load

if TYPE_CHECKING:
    from studio.data.checks import Flaw, Report
    from studio.data.describe import Description

SIGNS = {"error": "✕", "warning": "!", "note": "·"}


def show_data(arguments: Namespace) -> int:
    """neuroloom data FILE [--check]: the columns and parts, or a list of all that is wrong with them."""
    path = Path(arguments.file)
    data = load(path).data
    if data.source.type == "None":
        raise StudioError(f"{path} has no data yet.", "Choose a source in the window, Data panel.")
    return _check(data, path, arguments) if arguments.check else _describe(data, path, arguments)


def _check(data: Data, path: Path, arguments: Namespace) -> int:
    from studio.data.checks import check_data

    quiet = arguments.json or not sys.stderr.isatty()
    report = check_data(data, path.parent, arguments.quick, moved=_silent if quiet else _progress)
    if not quiet:
        sys.stderr.write("\r\x1b[K")
    if arguments.json:
        flaws = [_values(one) for one in report.flaws]
        say_json({"file": str(path), "samples": report.samples, "checks": list(report.done), "found": flaws})
    else:
        for one in report.flaws:
            say(_lines(one))
        say(_verdict(report))
    return PROBLEMS if report.errors else 0


def _lines(one: Flaw) -> str:
    below = [one.hint, *(f"fix: {fix.label}" for fix in one.fixes)]
    return "\n".join(
        [f"{SIGNS[one.level]} {one.level}: {one.sentence}", *(f"    {line}" for line in below if line)]
    )


def _verdict(report: Report) -> str:
    counts = [
        f"{count} {word}{'s' if count > 1 else ''}"
        for word in SIGNS
        if (count := sum(one.level == word for one in report.flaws))
    ]
    return f"{report.samples:,} samples, {len(report.done)} checks: {', '.join(counts) or 'nothing found'}"


def _values(one: Flaw) -> dict[str, object]:
    return {
        "check": one.check,
        "severity": one.level,
        "message": one.sentence,
        "hint": one.hint,
        "column": one.column,
        "count": one.count,
        "rows": list(one.rows),
        "fixes": [fix.label for fix in one.fixes],
    }


def _silent(share: float, title: str) -> None:
    return


def _progress(share: float, title: str) -> None:
    sys.stderr.write(f"\r\x1b[K{share:4.0%}  {title}")
    sys.stderr.flush()


def _describe(data: Data, path: Path, arguments: Namespace) -> int:
    from studio.data.describe import describe

    with telling_reading():
        found = describe(data, path.parent)
    errors = any(one.severity == "error" for one in found.problems)
    if arguments.json:
        columns = [{"name": one.name, "kind": one.kind, "role": one.role} for one in found.facts]
        say_json(
            {"file": str(path), "samples": found.samples, "parts": dict(found.parts), "columns": columns}
        )
    else:
        say(_table(found))
        parts = ", ".join(f"{name} {count:,}" for name, count in found.parts.items())
        say(f"{found.samples:,} samples: {parts}" if parts else f"{found.samples:,} samples")
    tell_problems(found.problems)
    return PROBLEMS if errors else 0


def _table(found: Description) -> str:
    rows = [["column", "kind", "role", "why", "missing"]]
    rows += [[one.name, one.kind, one.role, one.evidence, f"{one.missing:,}"] for one in found.facts]
    return table(rows, right=(4,))
