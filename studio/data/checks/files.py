"""Files that are gone, empty, cut off, or otherwise cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.data.browsing.seen import Seen
from studio.data.checks.look import Flaw, Look, counted
from studio.data.checks.pictures import are_files, decoded, summary


def absent(look: Look) -> list[Flaw]:
    """Files that are not there any more, or hold nothing; no file is opened."""
    found: list[Flaw] = []
    for column in decoded(look):
        paths: Sequence[Path] | None = getattr(column.cells, "paths", None)
        if paths is not None:
            found += _absent(look, column, paths)
    return found


def unreadable(look: Look) -> list[Flaw]:
    """Files that cannot be decoded: each is opened."""
    found: list[Flaw] = []
    for column in decoded(look):
        if not are_files(column):
            continue
        told = summary(look, column)
        if told.wrong:
            rows = tuple(told.wrong)
            first = told.wrong[rows[0]]
            found.append(
                Flaw(
                    "unreadable",
                    "error",
                    f"{counted(len(rows), 'files')} of {column.name} cannot be read"
                    f"{look.looked_at(told.looked)}: {first}",
                    "Bring whole files in their place, or leave these samples out.",
                    len(rows),
                    rows,
                    column.name,
                    (look.exclude(rows, "samples that cannot be read"),),
                )
            )
    return found


def _absent(look: Look, column: Seen, paths: Sequence[Path]) -> list[Flaw]:
    rows: list[int] = []
    for at, row in enumerate(look.rows().tolist()):
        if at % 1024 == 0:
            look.go_on()
        if not _holds_something(Path(paths[row])):
            rows.append(row)
    if not rows:
        return []
    return [
        Flaw(
            "absent",
            "error",
            f"{counted(len(rows), 'files')} of {column.name} {'is' if len(rows) == 1 else 'are'} gone or "
            f"empty, such as {look.named(rows)}.",
            "Bring the files back, or leave these samples out.",
            len(rows),
            tuple(rows),
            column.name,
            (look.exclude(rows, "samples without a file"),),
        )
    ]


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
