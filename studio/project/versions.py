"""Versions of a project, kept beside the user's settings: one file each, never changed by another window.

A version's file is one line that names its kind, one line of JSON about it, the packed text of the project
and a small picture. What is listed is read from the first two lines alone. Old versions are thinned out.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from studio.errors import StudioError
from studio.project.files import write_atomic
from studio.project.project import Project
from studio.project.storage import LARGEST_FILE, dumps, loads

KIND = b"neuroloom version 1\n"
SUFFIX = ".version"
LONGEST_HEAD = 16 * 1024
DAMAGED = "This version is left out; the others are not affected."
LEFTOVER_S = 3600
"""A temporary file this old was left by a window that was killed."""


@dataclass(frozen=True, slots=True)
class About:
    """What a version's file says of it: when and why it was kept, what was drawn, and how much follows.

    `folder` is the one that relative paths in the project start from, `owner` the project's file, or its name
    where it has none; a `kept` version is never thinned out.
    """

    time: float
    reason: str
    sum: str
    nodes: int
    wires: int
    folder: str
    packed: int
    picture: int
    owner: str = ""
    name: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """A version on disk."""

    file: Path
    about: About
    start: int
    """Where in the file the packed text begins."""

    @property
    def size(self) -> int:
        """The bytes that it takes on disk."""
        return self.start + self.about.packed + self.about.picture

    def project(self) -> Project:
        """The project as it was. Raises StudioError."""
        data = self._read(self.start, self.about.packed)
        unpack = zlib.decompressobj()
        try:
            text = unpack.decompress(data, LARGEST_FILE)
        except zlib.error as error:
            raise StudioError(f"{self.file}: the version is damaged: {error}", DAMAGED) from error
        if not unpack.eof or sha256(text).hexdigest() != self.about.sum:
            raise StudioError(f"{self.file}: the version is damaged: it is not what was written", DAMAGED)
        return loads(text.decode(), str(self.file))

    def picture(self) -> bytes:
        """The small picture of its drawing; empty where there is none. Raises StudioError."""
        return self._read(self.start + self.about.packed, self.about.picture)

    def changed(self, *, name: str | None = None, kept: bool | None = None) -> Version:
        """The version with another name, or kept for ever or not, on disk too. Raises StudioError."""
        about = replace(
            self.about,
            name=self.about.name if name is None else name,
            kept=self.about.kept if kept is None else kept,
        )
        return _written(self.file, about, self._read(self.start, self.about.packed + self.about.picture))

    def delete(self) -> None:
        """Delete it. Raises StudioError."""
        try:
            self.file.unlink(missing_ok=True)
        except OSError as error:
            raise _refused(self.file, error) from error

    def _read(self, start: int, count: int) -> bytes:
        try:
            with self.file.open("rb") as file:
                file.seek(start)
                data = file.read(count)
        except OSError as error:
            raise _refused(self.file, error) from error
        if len(data) < count:
            raise StudioError(f"{self.file}: the version is damaged: its end is missing", DAMAGED)
        return data


@dataclass(frozen=True, slots=True)
class Shelf:
    """The versions of one project, in a folder of their own; `owner` as a version has it."""

    folder: Path
    owner: str

    def keep(
        self,
        project: Project,
        reason: str,
        base: Path,
        painted: Callable[[Project], bytes] | None = None,
        now: float | None = None,
    ) -> Version | None:
        """Keep the project as it is; None where the latest version is the same. Raises StudioError.

        `base` is the folder that its relative paths start from, `painted` makes the small picture.
        """
        text = dumps(project).encode()
        total = sha256(text).hexdigest()
        latest = next(iter(self.listed()[0]), None)
        if latest is not None and latest.about.sum == total:
            return None
        packed, picture = zlib.compress(text), painted(project) if painted else b""
        moment = time.time() if now is None else now
        wires = len(project.graph.edges) + sum(len(one.graph.edges) for one in project.blocks.values())
        about = About(
            moment, reason, total, project.node_count, wires, str(base), len(packed), len(picture), self.owner
        )
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(moment))
        file = self.folder / f"{stamp}-{uuid4().hex[:8]}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refused(self.folder, error) from error
        return _written(file, about, packed + picture)

    def listed(self) -> tuple[list[Version], list[Path]]:
        """The versions, the latest first, and the files that are none (any more)."""
        found: list[Version] = []
        broken: list[Path] = []
        for file in self.folder.glob(f"*{SUFFIX}") if self.folder.is_dir() else ():
            try:
                found.append(_version(file))
            except FileNotFoundError:
                continue  # another window has just thinned it out
            except (OSError, ValueError, TypeError, RecursionError):
                broken.append(file)
        return sorted(found, key=lambda one: -one.about.time), broken

    def adopt(self, files: Iterable[Path]) -> None:
        """Take over versions from another shelf: the project has a file now, or another one."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                if file.exists():
                    os.replace(file, self.folder / file.name)

    def delete(self, versions: Iterable[Version]) -> None:
        """Delete versions that are too many, and what killed windows left unfinished."""
        old = time.time() - LEFTOVER_S
        for file in self.folder.glob(".*.tmp") if self.folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if file.stat().st_mtime < old:
                    file.unlink()
        for version in versions:
            with contextlib.suppress(StudioError):
                version.delete()


def shelf_of(folder: Path, path: Path | None, name: str = "") -> Shelf:
    """The shelf, among those in a folder, of a file; or of the projects of a name that were never saved."""
    owner = os.path.abspath(path) if path else name
    stem = "".join(c if c.isalnum() else "_" for c in (path.stem if path else name))[:24]
    key = sha256((owner if path else f"never saved: {owner}").encode()).hexdigest()[:16]
    return Shelf(folder / f"{stem}-{key}", owner)


def shelves(folder: Path) -> list[Shelf]:
    """Every shelf in a folder that has a version, the one with the latest first."""
    found: list[tuple[float, Shelf]] = []
    for inner in folder.iterdir() if folder.is_dir() else ():
        latest = next(iter(Shelf(inner, "").listed()[0]), None)
        if latest is not None:
            found.append((-latest.about.time, Shelf(inner, latest.about.owner)))
    return [shelf for _, shelf in sorted(found, key=lambda one: one[0])]


def _written(file: Path, about: About, rest: bytes) -> Version:
    head = KIND + json.dumps(asdict(about)).encode() + b"\n"
    try:
        write_atomic(file, head + rest)
    except OSError as error:
        raise _refused(file, error) from error
    return Version(file, about, len(head))


def _version(file: Path) -> Version:
    """What a file says of its version. Raises OSError, ValueError, TypeError or RecursionError."""
    with file.open("rb") as opened:
        if opened.readline(len(KIND)) != KIND:
            raise ValueError("no version")
        line = opened.readline(LONGEST_HEAD)
    about = _about(json.loads(line))
    version = Version(file, about, len(KIND) + len(line))
    if file.stat().st_size != version.size:
        raise ValueError("its end is missing")
    return version


def _about(content: object) -> About:
    """What the second line holds. Raises ValueError or TypeError."""
    about = About(**cast(dict[str, Any], content)) if isinstance(content, dict) else None
    if about is None or not _right(about):
        raise ValueError("no description of a version")
    return about


def _right(about: About) -> bool:
    counts = (about.nodes, about.wires, about.packed, about.picture)
    texts = (about.reason, about.sum, about.folder, about.owner, about.name)
    return (
        all(type(one) is int and one >= 0 for one in counts)
        and all(type(one) is str for one in texts)
        and type(about.kept) is bool
        and type(about.time) in (int, float)
        and isfinite(about.time)
        and 0 <= about.time < 1e11
    )


def _refused(file: Path, error: OSError) -> StudioError:
    hint = "Your project is not affected. Make room, or check the rights of that folder."
    return StudioError(f"{file}: versions cannot be kept there: {error.strerror or error}", hint)
