"""The folder of a run: making one, reading what it says, and listing all. No torch.

run.json        what the run is and how it stands; only the engine writes it
name.txt        the name a person gave it, if any
left.txt        is there where the window was closed while it trained
project.loom    the project, exactly as trained
scales.json     how inputs were normalised, so that prediction never learns it anew
learned.json    what the steps of the data's columns learned, for the same reason
steps.json      by which steps fields are made of what is given
events.jsonl    one event a line, only ever added to
checkpoints/    last, best and those of epochs that are kept: a JSON file each, and the weights it names
note.txt        what a person wrote about it, if anything
fork.json       for a run that was forked: from where, and which weights were kept, made afresh and dropped
before.jsonl    for such a run: what its ancestors reported until it began

What there was no room for is in the program's own folder until there is some (rescue.py).
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.places import user_folder
from studio.project import storage
from studio.project.files import write_atomic
from studio.project.project import Project
from studio.train.events import Limit
from studio.train.history import read_events as read_events
from studio.train.hold import Hold, is_held
from studio.train.kept import has_kept
from studio.train.processes import is_alive
from studio.train.rescue import bring_back, rescue_folder, rescued

Status = Literal["created", "running", "completed", "early", "stopped", "failed", "interrupted"]
FORMAT = 1
MOST_NOTED = 20_000


@dataclass(frozen=True, slots=True)
class RunInfo:
    """How a run stands. `best` is the validation loss of the best weights (the training loss without such).

    `data` and `git` are what the data and the project's folder were then; `parent` says from which run and
    epoch it was forked, `reproduces` which run it repeats, `way` how it was found to compute fastest,
    `unmeasured` what was taken for settings on auto, `limit` what ended it before all epochs were done,
    `note` what a person wrote about it.
    `metrics` are those of the last epoch under "train" and "validation"; `test` those of the best weights on
    the test part, once the run is over (with several seeds the mean, and their `deviation`); `seconds` is the
    time trained. `message` says why a run failed.
    """

    path: Path
    id: str
    name: str
    project_name: str
    created: datetime
    status: Status
    seed: int
    device: str = ""
    epochs: int = 0
    epochs_done: int = 0
    step: int = 0
    best: float | None = None
    best_epoch: int = 0
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    test: Mapping[str, float] = field(default_factory=dict)
    deviation: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    message: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    git: Mapping[str, Any] = field(default_factory=dict)
    parent: Mapping[str, Any] = field(default_factory=dict)
    reproduces: str = ""
    way: Mapping[str, Any] = field(default_factory=dict)
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    limit: Limit = ""
    note: str = ""

    @property
    def resumable(self) -> bool:
        """Whether there is something left to train, and a checkpoint to go on from or nothing done yet."""
        if self.status == "created" or not self.has_project:
            return self.has_project
        ended = self.status in ("stopped", "failed", "interrupted") and self.epochs_done < self.epochs
        return ended and any(map(has_kept, (self.path, *self.path.glob("seeds/*"))))

    @property
    def forkable(self) -> bool:
        """Whether there is a checkpoint that another run can begin with."""
        return self.has_project and has_kept(self.path)

    @property
    def has_project(self) -> bool:
        """Whether its folder holds the project: what is left of one that was moved away does not."""
        return (self.path / "project.loom").is_file()


def default_runs_dir(project_path: Path | None) -> Path:
    """Beside the project; for one without a file, in the user's own folder."""
    return (project_path.parent if project_path else user_folder()) / "runs"


def create_run(project: Project, folder: Path, runs_dir: Path) -> Path:
    """Make the folder of a new run, `<project name>-<NNN>`, that holds the project. Raises StudioError."""
    stem = re.sub(r"[^\w.-]+", "-", project.name).strip("-. ")[:60] or "run"
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        path = _new_folder(runs_dir, stem)
        (path / "checkpoints").mkdir()
        write_atomic(path / "project.loom", storage.dumps(project).encode())
        options = values_of(TRAINING, project.training.options)
        write_run(
            path,
            {
                "format": FORMAT,
                "id": path.name,
                "project_name": project.name,
                "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "seed": options["seed"],
                "epochs": options["epochs"],
                "folder": str(folder.resolve()),
                "relative_folder": _relative(folder, path),
                "status": "created",
            },
        )
    except OSError as error:
        hint = "Make room, or choose another folder for runs."
        raise StudioError(f"{runs_dir}: no run can be made there: {error.strerror or error}", hint) from error
    return path


def read_run(path: Path) -> RunInfo:
    """What a run's folder says. Raises StudioError where it is none."""
    raw = read_json(path)
    try:
        status = cast(Status, raw["status"])
        if status == "running" and trainer(path, raw) is None:
            status = "interrupted"
        return RunInfo(
            path=path,
            id=raw["id"],
            name=_given(path / "name.txt") or path.name,
            note=_given(path / "note.txt"),
            project_name=raw["project_name"],
            created=datetime.fromisoformat(raw["created"]),
            status=status,
            seed=raw["seed"],
            **{
                key: raw[key]
                for key in (
                    *("device", "epochs", "epochs_done", "step", "best", "best_epoch"),
                    *("metrics", "test", "seconds", "message", "environment"),
                    *("data", "git", "parent", "reproduces", "deviation", "way", "unmeasured", "limit"),
                )
                if key in raw
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StudioError(
            f"{path / 'run.json'}: is not the description of a run ({error!r})", "Delete the run."
        ) from error


def trainer(path: Path, values: Mapping[str, Any] | None = None) -> int | None:
    """The number of the process that trains the run now; None where none does. Raises StudioError.

    One that lives may have left the run without a word, where the disk was full: then it holds it no more.
    """
    process = (read_json(path) if values is None else values).get("process", {})
    alive = is_alive(process.get("pid", 0), process.get("began", ""))
    return process["pid"] if alive and (not process.get("held") or is_held(path)) else None


def refuse_trained(path: Path) -> None:
    """Raises StudioError where a process trains the run."""
    raw = read_json(path)
    if raw.get("status") == "running" and (pid := trainer(path, raw)) is not None:
        who = "this program" if pid == os.getpid() else "another process"
        message = f"{path.name} is being trained by {who} (process {pid})."
        raise StudioError(message, "Stop it there, or wait until it has ended.")


def hold_run(path: Path) -> Hold:
    """Hold a run in order to train it, with all in its folder that belongs there. Raises StudioError."""
    refuse_trained(path)
    try:
        hold = Hold(path)
    except BlockingIOError as error:
        message = f"{path.name} is being trained by another process."
        raise StudioError(message, "Stop it there, or wait until it has ended.") from error
    bring_back(path, held=True)
    return hold


def list_runs(runs_dir: Path) -> list[RunInfo]:
    """All runs that can be read, newest first; a folder that is not there has none."""
    found: list[RunInfo] = []
    for file in runs_dir.glob("*/run.json"):
        try:
            found.append(read_run(file.parent))
        except StudioError:
            continue
    return sorted(found, key=lambda run: (run.created, run.id), reverse=True)


def run_project(path: Path) -> Project:
    """The project exactly as it was trained. Raises StudioError."""
    return storage.load(path / "project.loom")


def keep_project(path: Path, project: Project) -> None:
    """Let the run's folder hold the project with which it goes on. Raises OSError, StudioError."""
    if run_project(path) != project:
        write_atomic(path / "project.loom", storage.dumps(project).encode())


def data_folder(path: Path) -> Path:
    """Where relative paths of the run's data start: where it was, or beside the run where both were moved."""
    raw = read_json(path)
    there, beside = Path(str(raw.get("folder", ""))), path / str(raw.get("relative_folder") or ".")
    return there if there.is_dir() or not raw.get("relative_folder") else beside.resolve()


def rename_run(path: Path, name: str) -> None:
    """Give the run a name (its folder keeps its own); an empty one takes it away. Raises StudioError."""
    try:
        write_atomic(path / "name.txt", f"{' '.join(name.split())[:200]}\n".encode())
    except OSError as error:
        raise StudioError(f"{path}: cannot be renamed: {error.strerror or error}") from error


def note_run(path: Path, note: str) -> None:
    """Keep what a person wrote about the run; nothing takes it away. Raises StudioError."""
    try:
        write_atomic(path / "note.txt", f"{note.strip()[:MOST_NOTED]}\n".encode())
    except OSError as error:
        raise StudioError(f"{path}: the note cannot be kept: {error.strerror or error}") from error


def move_run(path: Path, runs_dir: Path) -> Path:
    """Move a run's folder into another folder of runs and say where it is. Raises StudioError."""
    raw = read_json(path)
    if read_run(path).status == "running":
        raise StudioError(f"{path.name} is still running.", "Stop it first.")
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        target = runs_dir / path.name
        if target.exists():
            target = _new_folder(runs_dir, path.name.rpartition("-")[0] or path.name)
            target.rmdir()
        shutil.move(path, target)
        relative = _relative(Path(str(raw.get("folder", ""))), target)
        write_run(target, {**raw, "id": target.name, "relative_folder": relative})
    except OSError as error:
        raise StudioError(f"{path}: cannot be moved: {error.strerror or error}") from error
    return target


def placed(values: Mapping[str, Any], before: Path, path: Path) -> dict[str, Any]:
    """What run.json says of a run that lies elsewhere than before."""
    own = {"id": path.name} if values.get("id") == before.name else {}
    return {**values, **own, "relative_folder": _relative(Path(str(values.get("folder", ""))), path)}


def delete_run(path: Path) -> None:
    """Delete the run's folder for good. Raises StudioError where it is no run, or still runs."""
    if read_json(path).get("status") == "running" and read_run(path).status == "running":
        raise StudioError(f"{path.name} is still running.", "Stop it first.")
    rescue = rescue_folder(read_json(path))
    try:
        shutil.rmtree(path)
        shutil.rmtree(rescue, ignore_errors=True)
    except OSError as error:
        raise StudioError(f"{path}: cannot be deleted: {error.strerror or error}") from error


def read_json(path: Path) -> dict[str, Any]:
    """What run.json holds, or what would be in it had there been room. Raises StudioError."""
    file = path / "run.json"
    try:
        raw = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise StudioError(
            f"{path}: is no run: it has no run.json", "Choose a folder inside runs/."
        ) from error
    except (OSError, ValueError) as error:
        raise StudioError(
            f"{file}: cannot be read: {error}", "Delete the run, or restore it from a copy."
        ) from error
    if not isinstance(raw, dict):
        raise StudioError(f"{file}: expected an object, got {type(raw).__name__}", "Delete the run.")
    values = cast(dict[str, Any], raw)
    return values | rescued(values)


def write_run(path: Path, values: Mapping[str, Any]) -> None:
    """Write run.json, atomically. Raises OSError."""
    write_atomic(path / "run.json", (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())


def _new_folder(runs_dir: Path, stem: str) -> Path:
    """The first free number after the highest; two processes never get the same."""
    pattern = re.compile(re.escape(stem) + r"-(\d+)")
    taken = [int(match[1]) for one in runs_dir.iterdir() if (match := pattern.fullmatch(one.name))]
    number = max(taken, default=0) + 1
    while True:
        path = runs_dir / f"{stem}-{number:03d}"
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path


def _relative(folder: Path, path: Path) -> str:
    try:
        return os.path.relpath(folder.resolve(), path.resolve())
    except ValueError:  # another drive
        return ""


def _given(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""
