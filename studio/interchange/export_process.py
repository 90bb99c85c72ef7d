"""Runs an export in a process of its own: what it loads, prints or breaks does not concern the program."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from studio.errors import StudioError
from studio.interchange.exported import Exported
from studio.project.project import Project
from studio.project.storage import dumps

LOOK_S = 0.05
BEGIN = """import sys, json
sys.path[:] = json.loads(sys.argv.pop(1))
from studio.interchange.export_child import main
main()"""
GROUPS = os.name != "nt"


class Cancelled(Exception):  # noqa: N818
    """The user stopped it; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to write: a project's network (relative paths from `folder`), or a run's as it was trained.

    `card` asks for a model card beside it, with the `picture` of the drawing where there is one.
    """

    form: str
    path: Path
    project: Project
    folder: Path
    run: Path | None = None
    checkpoint: str = "best"
    card: bool = False
    picture: Path | None = None


def run_export(request: Request, progress: Callable[[str], None], stopped: Callable[[], bool]) -> Exported:
    """Write it, and wait for the end. Raises StudioError, and Cancelled once `stopped` says so."""
    from studio.interchange.writers import room_for

    with room_for(request.form, request.path) as held, tempfile.TemporaryFile() as errors:
        process = _started(errors)
        try:
            return _answer(process, _line(request, held), progress, stopped, errors)
        finally:
            _end(process)


def _line(request: Request, held: Path) -> str:
    values: dict[str, Any] = {
        "form": request.form,
        "path": str(request.path.absolute()),
        "project": dumps(request.project),
        "folder": str(request.folder),
        "run": str(request.run) if request.run is not None else "",
        "checkpoint": request.checkpoint,
        "card": request.card,
        "picture": str(request.picture) if request.picture is not None else "",
        "held": str(held),
    }
    return json.dumps(values) + "\n"


def _started(errors: IO[bytes]) -> subprocess.Popen[str]:
    """A process that finds the same modules as this one."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", BEGIN, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
        start_new_session=GROUPS,
    )


def _answer(
    process: subprocess.Popen[str],
    line: str,
    progress: Callable[[str], None],
    stopped: Callable[[], bool],
    errors: IO[bytes],
) -> Exported:
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_collect, args=(process, line, lines), name="export", daemon=True).start()
    while True:
        if stopped():
            raise Cancelled
        try:
            told: dict[str, Any] = json.loads(lines.get(timeout=LOOK_S) or "{}")
        except queue.Empty:
            continue
        if "progress" in told:
            progress(str(told["progress"]))
        elif "error" in told:
            raise StudioError(told["error"], told["hint"])
        elif "done" in told:
            done = told["done"]
            paths = tuple(Path(one) for one in done["paths"])
            return Exported(paths, done["largest_difference"], tuple(done["notes"]), done["samples"])
        else:
            raise _lost(process, errors)


def _collect(process: subprocess.Popen[str], line: str, lines: queue.SimpleQueue[str]) -> None:
    """Give the request, and pass on what comes back; an empty line is the end."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError, ValueError):
        process.stdin.write(line)
        process.stdin.flush()
        for one in process.stdout:
            lines.put(one)
    lines.put("")


def _lost(process: subprocess.Popen[str], errors: IO[bytes]) -> StudioError:
    code = process.wait()
    errors.seek(0)
    last = errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()[-1:]
    told = f": {last[0]}" if last else "."
    return StudioError(f"The export ended without a word (code {code}){told}", "Is there enough memory?")


def _end(process: subprocess.Popen[str]) -> None:
    """End it, and what it has started."""
    if GROUPS:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
