"""Corrected labels: another class for single samples, while the files stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.data.cells import Cells, Held, Values
from studio.data.columns import Planned
from studio.data.raw import Array, DataError
from studio.data.table import Table


@dataclass(frozen=True, slots=True)
class Corrected:
    """Texts, some of them others than the source says."""

    cells: Cells
    others: Mapping[int, str]

    def __len__(self) -> int:
        """How many samples."""
        return len(self.cells)

    def take(self, rows: Array) -> Values:
        """The values at these rows, corrected."""
        found: list[Any] = list(self.cells.take(rows))
        return [self.others.get(int(row), value) for row, value in zip(rows, found, strict=True)]


def relabelled(
    planned: Mapping[str, Planned], table: Table, labels: Mapping[str, Mapping[str, str]]
) -> dict[str, Planned]:
    """The columns with the labels that were corrected; those of samples that are gone count no more."""
    found = dict(planned)
    for name, by_key in labels.items():
        if name in found:
            found[name] = _relabelled(found[name], _by_row(table, by_key))
    return found


def _by_row(table: Table, by_key: Mapping[str, str]) -> dict[int, str]:
    if table.keys is None:
        return {
            int(key): label for key, label in by_key.items() if key.isdecimal() and int(key) < table.samples
        }
    return {row: by_key[key] for row, key in enumerate(table.keys) if key in by_key}


def _relabelled(one: Planned, others: Mapping[int, str]) -> Planned:
    field = one.column.field
    if field is None:
        return replace(one, column=replace(one.column, cells=Corrected(one.column.cells, others)))
    if field.classes is None or field.shape:
        raise DataError(f"{one.name} has no classes to choose from.", "Take the corrections back.", "fields")
    values = np.array(one.column.cells.take(np.arange(len(one.column.cells))))
    for row, label in others.items():
        if label not in field.classes:
            known = ", ".join(field.classes[:12])
            raise DataError(f"{one.name} has no class {label}.", f"Its classes are {known}.", "fields")
        values[row] = field.classes.index(label)
    return replace(one, column=replace(one.column, cells=Held(values)))
