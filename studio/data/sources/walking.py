"""All files of some kinds below a folder, in a fixed order."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.data.file_marks import is_folder
from studio.data.files import Files
from studio.data.raw import DataError, located
from studio.data.splits import NAMES

HIDDEN = (".", "__MACOSX")
_BEHIND_PART = re.compile(r"[_-]?(\d+|set|data|images|imgs|files)$")


@dataclass(frozen=True, slots=True)
class Found:
    """Files by their path below `root`, with slashes, sorted; `others` counts those of other kinds."""

    root: Path
    names: tuple[str, ...]
    others: int = 0

    @property
    def paths(self) -> Files:
        """The files."""
        return Files(self.root, self.names)


def folder_of(params: Mapping[str, Any], folder: Path, param: str = "folder") -> Path:
    """The folder that a setting means; raises DataError where it is none."""
    root = located(params[param], folder, param)
    if not root.is_dir():
        raise DataError(f"{root} is a file, not a folder.", "Choose the folder it lies in.", param)
    return root


def walk(root: Path, suffixes: frozenset[str]) -> Found:
    """Files with these suffixes, in folders within folders too; what is hidden is left out.

    A link to a folder above it is not followed. Raises DataError for a folder that cannot be listed.
    """
    found: list[str] = []
    others = 0
    waiting = [("", frozenset({os.path.realpath(root)}))]
    while waiting:
        place, above = waiting.pop()
        try:
            entries = sorted(os.scandir(root / place), key=lambda one: one.name)
        except OSError as error:
            raise DataError(
                f"The folder {root / place} cannot be listed ({error.strerror}).",
                "Give yourself the right to read it, or take it away.",
                "folder",
            ) from None
        for entry in entries:
            name = f"{place}/{entry.name}" if place else entry.name
            if entry.name.startswith(HIDDEN):
                continue
            if is_folder(entry):
                real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                if os.path.realpath(real) not in above:
                    waiting.append((name, above | {os.path.realpath(real)}))
            elif os.path.splitext(name)[1].lower() in suffixes:
                found.append(name)
            else:
                others += 1
    return Found(root, tuple(sorted(found)), others)


def named_part(folder: str) -> str:
    """The part that a folder is named for, perhaps with a number or what it holds behind; else ""."""
    return NAMES.get(_BEHIND_PART.sub("", folder.lower()), "")


def part_of(names: Sequence[str]) -> tuple[str, ...] | None:
    """The part of each file where the folders at the top are those of parts, train among them; else None."""
    tops = [name.partition("/")[0] for name in names if "/" in name]
    of = {top: named_part(top) for top in set(tops)}
    if len(tops) < len(names) or not all(of.values()):
        return None
    parts = tuple(of[top] for top in tops)
    return parts if "train" in parts else None
