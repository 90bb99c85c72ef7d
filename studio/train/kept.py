"""The checkpoints that a run has: last, best, and those of epochs that were kept. No torch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.train.rescue import bring_back, holder_of

EPOCH = re.compile(r"epoch-(\d{6,})")
START = "start"
"""What a forked run began from; it is no checkpoint of its own."""
PIECE = 2**22


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint. `whole` ones hold all that an exact resume needs, others the weights alone.

    `problem` says what is wrong with its files; empty where they are as they were written.
    """

    name: str
    epoch: int
    step: int = 0
    loss: float | None = None
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    whole: bool = False
    size: int = 0
    problem: str = ""


def epoch_name(epoch: int) -> str:
    """What the checkpoint of an epoch is called."""
    return f"epoch-{epoch:06d}"


def list_kept(run_dir: Path) -> list[Kept]:
    """The checkpoints of a run by epoch, the latest first; damaged ones say so. Reads every file once."""
    found = [_kept(file) for file in _files(run_dir).values()]
    return sorted(found, key=lambda one: (one.epoch, one.step, one.name), reverse=True)


def named(run_dir: Path, which: str) -> str:
    """The name of the checkpoint that a text means: last, best, or an epoch's number. Raises StudioError."""
    if EPOCH.fullmatch(which):
        return which
    files, called = _files(run_dir), which in ("last", "best")
    if called and (which in files or not files):
        return which
    there = list_kept(run_dir)
    wanted = [one for one in there if which.isdecimal() and one.epoch == int(which)]
    if wanted:
        # Best first, where it is the same epoch: last may stand in the middle of the next one.
        order = ("epoch", "best", "last")
        return min(wanted, key=lambda one: (bool(one.problem), order.index(one.name.partition("-")[0]))).name
    known = ", ".join(f"{one.epoch} ({one.name.partition('-')[0]})" for one in there)
    told = f"there is no {which} checkpoint" if called else f"no checkpoint of epoch {which} was kept"
    raise StudioError(
        f"{run_dir.name}: {told}.",
        f"There are: {known}" if known else "None was kept at all.",
    )


def has_kept(run_dir: Path) -> bool:
    """Whether there is any checkpoint of a run; reads none."""
    return bool(_files(run_dir))


def latest_whole(run_dir: Path) -> Kept | None:
    """The latest checkpoint that training can go on from and whose files are as they were written."""
    return next((one for one in list_kept(run_dir) if one.whole and not one.problem), None)


def resume_point(run_dir: Path) -> Kept | None:
    """The checkpoint that a run goes on from: the last one, or if that is damaged the latest that is not.

    None where the run has none at all, or none but damaged ones.
    """
    file = holder_of(run_dir, "last") / "checkpoints" / "last.json"
    last = _kept(file) if file.is_file() else None
    return last if last is not None and not last.problem else latest_whole(run_dir)


def _files(run_dir: Path) -> dict[str, Path]:
    """What tells of each checkpoint, by its name; that of the rescue where the run had no room."""
    folders = [run_dir, rescue] if (rescue := bring_back(run_dir)) else [run_dir]
    found = (file for folder in folders for file in (folder / "checkpoints").glob("*.json"))
    return {file.stem: file for file in found if file.stem != START}


def _kept(file: Path) -> Kept:
    number = EPOCH.fullmatch(file.stem)
    epoch = int(number[1]) if number else 0
    try:
        content = json.loads(file.read_text("utf-8"))
        weights = file.parent / Path(content["file"]).name
        found = Kept(
            name=file.stem,
            epoch=int(content["epoch"]),
            step=int(content.get("step", 0)),
            loss=_loss(content),
            metrics=content.get("metrics", {}),
            whole="place" in content,
            size=weights.stat().st_size if weights.is_file() else 0,
            problem=_problem(weights, str(content["sha256"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Kept(file.stem, epoch, problem=f"{file.name} cannot be read ({error})")
    return found


def _loss(content: Mapping[str, Any]) -> float | None:
    """The loss by which epochs are judged."""
    metrics = content.get("metrics") or {}
    judged = metrics.get("validation") or metrics.get("train") or {}
    return content.get("loss", judged.get("loss"))


def _problem(file: Path, wanted: str) -> str:
    try:
        stat = file.stat()
        digest = _digest(file, stat.st_size, stat.st_mtime_ns)
    except FileNotFoundError:
        return f"{file.name} is gone"
    except OSError as error:
        return f"{file.name} cannot be read ({error.strerror or error})"
    return "" if digest == wanted else f"{file.name} has changed since it was written"


@lru_cache(maxsize=4096)
def _digest(file: Path, size: int, changed: int) -> str:
    """The sha256 of a file of this size and time; read again only where these are others."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            found.update(piece)
    return found.hexdigest()
