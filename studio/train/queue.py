"""Runs that wait for their turn, in order: a list of their folders that outlives the window. No torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from studio.errors import StudioError
from studio.places import user_folder
from studio.project.files import write_atomic
from studio.train.runs import RunInfo, read_run

NAME = "queue.json"


def read_queue() -> list[RunInfo]:
    """The runs that wait, the next first. Those that are gone, have begun or cannot be read are left out."""
    found: list[RunInfo] = []
    for path in dict.fromkeys(_paths()):
        try:
            run = read_run(path)
        except StudioError:
            continue
        if run.status == "created":
            found.append(run)
    return found


def write_queue(paths: Sequence[Path]) -> None:
    """Keep this order. Raises StudioError."""
    text = json.dumps([str(path.absolute()) for path in paths], indent=1, ensure_ascii=False)
    try:
        user_folder().mkdir(parents=True, exist_ok=True)
        write_atomic(user_folder() / NAME, f"{text}\n".encode())
    except OSError as error:
        raise StudioError(f"The queue of runs cannot be kept: {error.strerror or error}") from error


def _paths() -> list[Path]:
    try:
        raw: object = json.loads((user_folder() / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    values = cast(list[object], raw) if isinstance(raw, list) else []
    return [Path(one) for one in values if isinstance(one, str)]
