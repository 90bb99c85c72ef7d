"""Columns of texts that lie close together in memory, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.data.cells import Values
from studio.data.raw import Array


@dataclass(frozen=True, eq=False)
class Texts:
    """A polars column of texts; None where there is none."""

    series: Any

    def __len__(self) -> int:
        """How many samples."""
        return len(self.series)

    def take(self, rows: Array) -> Values:
        """These rows."""
        return self.at(rows).to_list()

    def absent(self, rows: Array) -> Array:
        """Which of these rows hold none."""
        return self.at(rows).is_null().to_numpy()

    def at(self, rows: Array) -> Any:  # noqa: ANN401
        """These rows as a polars column."""
        if len(rows) == len(self.series) and np.array_equal(rows, np.arange(len(rows))):
            return self.series
        return self.series.gather(rows)
