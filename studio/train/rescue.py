"""What a run's folder had no room for lies in the program's own folder until it can be brought back.

Such a rescue holds run.json as it should be, events that are missing, and checkpoints newer than those of the
run. No torch. It is found by what never changes about a run, so that the run may be moved meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, cast

from studio.places import user_folder
from studio.project.files import new_file, put, write_atomic
from studio.train.hold import Hold

RUN, EVENTS, CHECKPOINTS = "run.json", "events.jsonl", "checkpoints"


def rescue_folder(values: Mapping[str, Any]) -> Path:
    """Where what a run had no room for lies, if it does; `values` are those of its run.json."""
    name = str(values.get("project_name", ""))
    known = [str(values.get("created")), name, str(values.get("id")).partition(", seed ")[2]]
    digest = hashlib.sha256(json.dumps(known).encode()).hexdigest()[:12]
    stem = re.sub(r"[^\w.-]+", "-", name)[:60]
    return user_folder() / "rescued" / f"{stem}-{digest}"


def rescued(values: Mapping[str, Any]) -> dict[str, Any]:
    """What run.json should say, of a run whose folder had no room for that."""
    folder = rescue_folder(values)
    own = _values(folder) if folder.is_dir() else {}
    return own if own.get("written", 0) >= values.get("written", 0) else {}


def rescue_run(values: Mapping[str, Any]) -> None:
    """Keep what run.json should say. Raises OSError."""
    folder = rescue_folder(values)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / RUN, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())


def rescue_events(values: Mapping[str, Any], lines: Iterable[bytes]) -> None:
    """Keep events that the run's folder lacks. Raises OSError."""
    folder = rescue_folder(values)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / EVENTS).open("ab") as file:
        file.writelines(lines)


def holder_of(run_dir: Path, name: str) -> Path:
    """The folder that has a checkpoint, or would have it: the run's own, or that of its rescue as long as
    there is no room to bring it back.
    """
    folder = bring_back(run_dir)
    return folder if folder and (folder / CHECKPOINTS / f"{name}.json").is_file() else run_dir


def bring_back(run_dir: Path, held: bool = False) -> Path | None:
    """Move what was rescued into the run's folder if there is room now; where it still lies if not.

    `held` says that the caller holds the run.
    """
    folder = rescue_folder(_values(run_dir))
    if folder == run_dir or not folder.is_dir():
        return None
    hold = None
    try:
        hold = None if held else Hold(run_dir)
        _carry(folder, run_dir)
    except OSError:
        return folder
    finally:
        if hold is not None:
            hold.let_go()
    return None


def sweep(folder: Path, name: str) -> None:
    """Delete the weights of a checkpoint that its JSON file does not name."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        named = json.loads((folder / f"{name}.json").read_text("utf-8"))["file"]
        for file in folder.glob(f"{name}.*.safetensors"):
            if file.name != named:
                file.unlink()


def _carry(folder: Path, run_dir: Path) -> None:
    """Weights first, then what names them; each whole before it is deleted here."""
    there = run_dir / CHECKPOINTS
    there.mkdir(exist_ok=True)
    files = sorted((folder / CHECKPOINTS).glob("*.*"), key=lambda one: one.suffix == ".json")
    try:
        for file in files:
            with new_file(there / file.name) as new:
                shutil.copyfile(file, new)
                put(new, there / file.name)
    finally:
        for file in files:
            sweep(there, file.name.partition(".")[0])
    if (folder / EVENTS).exists():
        with (run_dir / EVENTS).open("a+b", buffering=0) as file:
            append(file, (folder / EVENTS).read_bytes())
        (folder / EVENTS).unlink()
    values = _values(run_dir)
    write_atomic(
        run_dir / RUN, (json.dumps(values | rescued(values), indent=1, ensure_ascii=False) + "\n").encode()
    )
    shutil.rmtree(folder, ignore_errors=True)


def append(file: FileIO, content: bytes) -> None:
    """Add whole lines to a file that is open to be read and added to, or nothing at all; a torn line before
    them is ended. Raises OSError.
    """
    end = file.seek(0, 2)
    if end and (file.seek(end - 1), file.read(1))[1] != b"\n":
        content = b"\n" + content
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError:
        file.truncate(end)
        raise


def _values(folder: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((folder / RUN).read_text("utf-8"))
        if isinstance(found, dict):
            return cast(dict[str, Any], found)
    return {}
