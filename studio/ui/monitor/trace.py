"""Numbers that only grow, kept so that any stretch can be thinned to a picture's width quickly. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import ndarray

Bounds = tuple[float, float]
BLOCK = 64
"""Values that share one entry in a trace's summary."""
FEW, SAMPLED = 12, 2000
"""Too few values to call any extreme; how many are looked at to tell."""


class Column:
    """A growing array of floats; `array` is a view of what is there, valid until the next `extend`."""

    def __init__(self) -> None:
        import numpy as np

        self._data = np.empty(256)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def array(self) -> ndarray:
        """All values so far, without copying."""
        return self._data[: self._size]

    def extend(self, values: Sequence[float] | ndarray) -> None:
        """Append values."""
        end = self._size + len(values)
        if end > len(self._data):
            self._grow(max(end, 2 * len(self._data)))
        self._data[self._size : end] = values
        self._size = end

    def cut(self, size: int) -> None:
        """Forget all but the first `size` values."""
        self._size = min(self._size, size)

    def _grow(self, room: int) -> None:
        import numpy as np

        grown = np.empty(room)
        grown[: self._size] = self.array
        self._data = grown


class Trace:
    """Values with the least and the greatest of every full block of them, kept up to date while they grow."""

    def __init__(self) -> None:
        self._values, self._lows, self._highs = Column(), Column(), Column()
        self._usual: tuple[int, Bounds] = (0, (0.0, 0.0))

    def __len__(self) -> int:
        return len(self._values)

    @property
    def array(self) -> ndarray:
        """All values so far, without copying."""
        return self._values.array

    def extend(self, values: Sequence[float] | ndarray) -> None:
        """Append values."""
        self._values.extend(values)
        done = len(self._lows) * BLOCK
        full = len(self._values) // BLOCK * BLOCK
        if full > done:
            blocks = self.array[done:full].reshape(-1, BLOCK)
            self._lows.extend(blocks.min(axis=1))
            self._highs.extend(blocks.max(axis=1))

    def cut(self, size: int) -> None:
        """Forget all but the first `size` values."""
        self._usual = (0, (0.0, 0.0))
        self._values.cut(size)
        self._lows.cut(size // BLOCK)
        self._highs.cut(size // BLOCK)

    def bounds(self) -> Bounds | None:
        """The least and the greatest value; None where there is none."""
        if not len(self):
            return None
        low, high = self._ends()
        if len(self._lows):
            low, high = min(low, self._lows.array.min()), max(high, self._highs.array.max())
        return float(low), float(high)

    def usual_bounds(self) -> Bounds | None:
        """Bounds without a few extreme values, where those would squeeze the rest into a corner."""
        bounds = self.bounds()
        if bounds is None or len(self) < FEW:
            return bounds
        size, usual = self._usual
        if len(self) > 1.05 * size or not size:
            usual = self._inner_bounds(bounds)
            self._usual = (len(self), usual)
        return usual

    def _inner_bounds(self, bounds: Bounds) -> Bounds:
        import numpy as np

        some = self.array[:: max(1, len(self) // SAMPLED)]
        low = float(np.quantile(some, 0.01, method="higher"))
        high = float(np.quantile(some, 0.99, method="lower"))
        most = 3 * (high - low)
        return (
            low - (high - low) / 2 if bounds[0] < low - most else bounds[0],
            high + (high - low) / 2 if bounds[1] > high + most else bounds[1],
        )

    def thinned(self, x: ndarray, first: int, last: int, buckets: int) -> tuple[ndarray, ndarray]:
        """Points of the stretch `first:last` that look the same at `buckets` pixels: all, or two per bucket.

        `x` are the abscissae of all values, ascending. Long stretches are read off the blocks, so that the
        cost depends on the picture's width and hardly on the number of values.
        """
        count = last - first
        if count <= 4 * buckets:
            return x[first:last], self.array[first:last]
        if count < 2 * BLOCK * buckets:
            values = self.array[first:last]
            return _envelope(x[first:last], values, values, buckets)
        begin, end = first // BLOCK, min(-(-last // BLOCK), len(self._lows))
        lows, highs = self._lows.array[begin:end], self._highs.array[begin:end]
        xs, ys = _envelope(x[begin * BLOCK : end * BLOCK : BLOCK], lows, highs, buckets)
        return _joined(xs, ys, x[end * BLOCK : last], self.array[end * BLOCK : last])

    def _ends(self) -> tuple[float, float]:
        """Bounds of the values that fill no block yet (or of the very last one)."""
        rest = self.array[min(len(self._lows) * BLOCK, len(self) - 1) :]
        return rest.min(), rest.max()


def _envelope(x: ndarray, lows: ndarray, highs: ndarray, buckets: int) -> tuple[ndarray, ndarray]:
    """Two points per bucket, its least and its greatest value, at the bucket's start."""
    import numpy as np

    starts = np.arange(0, len(x), max(1, -(-len(x) // buckets)))
    ys = np.empty(2 * len(starts))
    ys[0::2] = np.minimum.reduceat(lows, starts)
    ys[1::2] = np.maximum.reduceat(highs, starts)
    return np.repeat(x[starts], 2), ys


def _joined(xs: ndarray, ys: ndarray, more_x: ndarray, more_y: ndarray) -> tuple[ndarray, ndarray]:
    import numpy as np

    return np.concatenate((xs, more_x)), np.concatenate((ys, more_y))
