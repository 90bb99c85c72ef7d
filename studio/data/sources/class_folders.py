"""Files in folders that name their classes, perhaps within folders that name their parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.cells import Listed
from studio.data.files import Files
from studio.data.raw import Array, DataError
from studio.data.sources.walking import Found, part_of
from studio.data.table import SourceColumn
from studio.errors import Fix, Problem
from studio.project.mending import SetSource

TOLD = 5
"""Files at fault that are named one by one."""


@dataclass(frozen=True, slots=True)
class Classed:
    """Files in order, each with its class (None: there are no classes) and its part (None: no parts)."""

    root: Path
    names: tuple[str, ...]
    labels: tuple[str, ...] | None
    parts: tuple[str, ...] | None
    warnings: tuple[Problem, ...] = ()

    @property
    def paths(self) -> Files:
        """The files."""
        return Files(self.root, self.names)

    def without(self, gone: Collection[int], warning: Problem) -> Classed:
        """The same but for some files."""
        kept = [at for at in range(len(self.names)) if at not in gone]
        return Classed(
            self.root,
            tuple(self.names[at] for at in kept),
            None if self.labels is None else tuple(self.labels[at] for at in kept),
            None if self.parts is None else tuple(self.parts[at] for at in kept),
            (*self.warnings, warning),
        )

    def label_column(self) -> dict[str, SourceColumn]:
        """The column `label`, where there are classes."""
        if self.labels is None:
            return {}
        return {"label": SourceColumn(Listed(self.labels), "category", "target")}

    def rows(self, part: str) -> Array | None:
        """The rows of a part that has a folder of its own."""
        if self.parts is None or part not in self.parts:
            return None
        return np.flatnonzero(np.array([one == part for one in self.parts]))


def classed(found: Found, which: str, what: str) -> Classed:
    """The class of each file by its folder: the "first", the "last" or the "path" of all.

    `what` the files are, for messages. Raises DataError where there are none.
    """
    if not found.names:
        there = f", but {found.others} other files" if found.others else ""
        raise DataError(f"{found.root} holds no {what}{there}.", "Choose another folder.", "folder")
    parts = part_of(found.names)
    places = [name.split("/")[1 if parts else 0 : -1] for name in found.names]
    used = [at for at, place in enumerate(places) if place]
    labelled = bool(used)
    used = used or list(range(len(places)))
    labels = tuple(_label(places[at], which) for at in used) if labelled else None
    return Classed(
        found.root,
        tuple(found.names[at] for at in used),
        labels,
        None if parts is None else tuple(parts[at] for at in used),
        (*_strays(found, used, what), *_one_class(labels, what)),
    )


def without_broken(
    files: Classed, broken: Mapping[int, str], how: str, what: str, *, param: str = "broken"
) -> Classed:
    """Without the files that cannot be used, and why that is; raises DataError unless `how` is skip."""
    if not broken:
        return files
    count, total = len(broken), len(files.names)
    first = " ".join(list(broken.values())[:TOLD])
    more = f" And {count - TOLD} more." if count > TOLD else ""
    if how != "skip" or count == total:
        raise DataError(
            f"{count} of {total} {what} cannot be read. {first}{more}",
            "Replace these files, or set broken to skip, which leaves them out.",
            param,
            (Fix(f"Leave out {count:,} of {total:,} {what}", SetSource(param, "skip")),)
            if count < total
            else (),
        )
    text = f"{count} of {total} {what} cannot be read and are left out. {first}{more}"
    return files.without(broken, Problem("warning", text, "Replace these files.", field=f"data.{param}"))


def _label(place: Sequence[str], which: str) -> str:
    return "/".join(place) if which == "path" else place[0 if which == "first" else -1]


def _strays(found: Found, used: Sequence[int], what: str) -> list[Problem]:
    """Files beside the folders of classes."""
    kept = set(used)
    strays = [name for at, name in enumerate(found.names) if at not in kept]
    if not strays:
        return []
    text = f"{len(strays)} {what} lie in no class's folder and are left out, the first is {strays[0]}."
    return [Problem("warning", text, "Move them into the folder of their class.", field="data.folder")]


def _one_class(labels: Sequence[str] | None, what: str) -> list[Problem]:
    if labels is None or len(set(labels)) != 1:
        return []
    text = f"All {what} are of the one class {labels[0]}: there is nothing to tell apart."
    return [Problem("warning", text, "Choose the folder that holds the folders.", field="data.folder")]
