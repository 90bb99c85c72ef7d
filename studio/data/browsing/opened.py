"""The data opened to be looked at: every sample of the source, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.browsing.listed import with_files_read
from studio.data.browsing.seen import Seen, seen_columns
from studio.data.column_facts import facts_before
from studio.data.columns import Planned, plan
from studio.data.findings import Finding, find
from studio.data.pipeline import Asked, Ready, remembered
from studio.data.raw import Array, DataError
from studio.data.sources import read_table
from studio.data.splits import PARTS
from studio.data.table import Table
from studio.project.project import Data, Setting

NOWHERE = len(PARTS)
"""The part of samples that are in none."""


@dataclass(frozen=True, slots=True)
class Opened:
    """All samples of a source, by their row there.

    `columns` are what can be seen of each. `parts` gives each sample's place in PARTS, NOWHERE where it is
    left out. `error` says why the samples cannot be used as the settings are; `ready` is None then.
    """

    data: Data
    folder: Path
    table: Table
    columns: Mapping[str, Seen]
    findings: Mapping[str, Finding]
    planned: Mapping[str, Planned]
    parts: Array
    excluded: Array
    ready: Ready | None = None
    error: DataError | None = None
    places: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def samples(self) -> int:
        """How many samples the source has."""
        return self.table.samples

    @property
    def used(self) -> Array:
        """The rows that are not excluded."""
        return np.flatnonzero(~self.excluded)

    @property
    def in_use(self) -> Array:
        """But for those that the settings leave out for a missing value; all where that is not known."""
        return self.used if self.ready is None else self.ready.source_rows

    @property
    def targets(self) -> tuple[Seen, ...]:
        """What is to be predicted."""
        return tuple(one for one in self.columns.values() if one.role == "target")

    @property
    def inputs(self) -> tuple[Seen, ...]:
        """What the network may see."""
        return tuple(one for one in self.columns.values() if one.role == "input")

    def key(self, row: int) -> str:
        """The name of a sample, by which changes to it are kept."""
        return self.table.key(row)

    def keys(self, rows: Iterable[int]) -> tuple[str, ...]:
        """The names of samples."""
        return tuple(self.table.key(int(row)) for row in rows)

    def part(self, row: int) -> str:
        """The part a sample is in, "" for none."""
        at = int(self.parts[row])
        return PARTS[at] if at < NOWHERE else ""

    def changed(self) -> Array:
        """The rows about which something was corrected: excluded, relabelled, or weighted."""
        changes = self.data.changes
        keys = [*changes.excluded, *changes.weights]
        keys += [key for labels in changes.labels.values() for key in labels]
        return rows_of(self.table, keys, self.places)


def open_data(data: Data, folder: Path) -> Opened:
    """Open the data; raises DataError where the source itself cannot be read. Remembers the last answers."""
    return _opened(Asked(data, folder, values_of(DATA, data.options)))


@lru_cache(maxsize=2)
def _opened(asked: Asked) -> Opened:
    data = asked.data
    table, error = _table(data.source, asked.folder)
    findings = find(table)
    ready, error = _ready(asked) if error is None else (None, error)
    try:
        planned = plan(table, findings, data.fields)
    except DataError:
        planned = {}
    places: dict[str, int] = {}
    others = {name: _by_row(table, labels, places) for name, labels in data.changes.labels.items()}
    facts = facts_before(table, findings, data)
    columns = seen_columns(with_files_read(table, facts), facts, others)
    excluded = np.zeros(table.samples, bool)
    excluded[rows_of(table, data.changes.excluded, places)] = True
    return Opened(
        data, asked.folder, table, columns, findings, planned, _parts(table, ready), excluded, ready, error,
        places,
    )  # fmt: skip


def _table(source: Setting, folder: Path) -> tuple[Table, DataError | None]:
    """What can be read; where only some files cannot be, the others, and why it is not all."""
    try:
        return read_table(source, folder), None
    except DataError as error:
        if error.param != "broken":
            raise
        return read_table(without_broken(source), folder), error


def without_broken(source: Setting) -> Setting:
    """The same source that leaves out the files that cannot be read."""
    return replace(source, params={**source.params, "broken": "skip"})


def _ready(asked: Asked) -> tuple[Ready | None, DataError | None]:
    try:
        return remembered(asked), None
    except DataError as error:
        return None, error


def _parts(table: Table, ready: Ready | None) -> Array:
    found = np.full(table.samples, NOWHERE, np.uint8)
    if ready is not None:
        for at, part in enumerate(PARTS):
            found[ready.source_rows[ready.rows[part]]] = at
    return found


def rows_of(table: Table, keys: Iterable[str], places: dict[str, int]) -> Array:
    """The rows of samples by their names; names of samples that are gone count no more."""
    found = [_place(table, key, places) for key in keys]
    return np.array([row for row in found if row is not None], np.int64)


def _by_row(table: Table, labels: Mapping[str, str], places: dict[str, int]) -> dict[int, str]:
    found = {_place(table, key, places): label for key, label in labels.items()}
    return {row: label for row, label in found.items() if row is not None}


def _place(table: Table, key: str, places: dict[str, int]) -> int | None:
    if table.keys is None:
        return int(key) if key.isdecimal() and int(key) < table.samples else None
    if not places:
        places.update(_numbered(table.keys))
    return places.get(key)


def _numbered(keys: Sequence[Any]) -> dict[str, int]:
    return {str(key): row for row, key in enumerate(keys)}
