"""Columns of numbers that stand side by side in files larger than memory, and are read with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from studio.data.cells import Values
from studio.data.in_blocks import Blocks
from studio.data.lazy import Lazy
from studio.data.raw import Array
from studio.data.row_groups import RowGroups, fill_beside


@dataclass(frozen=True, eq=False)
class OfBlocks:
    """Numbers that stand in a file side by side with others, and are read with them."""

    blocks: Blocks
    part: int
    count: int

    on_demand = True

    @property
    def together(self) -> int:
        """Rows that are read together."""
        return self.blocks.size

    def __len__(self) -> int:
        """How many samples."""
        return self.count

    def take(self, rows: Array) -> Values:
        """Numbers (rows, places)."""
        return self.blocks.take(rows, self.part)


def read_together(columns: Sequence[RowGroups], widths: dict[str, int]) -> dict[str, Lazy]:
    """What so many columns each make, one after the other, in single precision; all come with one reading."""
    count, single = len(columns[0]), np.dtype(np.float32)
    fill = partial(fill_beside, tuple(columns))
    blocks = Blocks(count, columns[0].together, tuple(widths.values()), single, fill)
    return {
        name: Lazy(name, OfBlocks(blocks, part, count), (), (count, width), single)
        for part, (name, width) in enumerate(widths.items())
    }
