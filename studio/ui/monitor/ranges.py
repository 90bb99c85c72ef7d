"""Which stretch of each axis a plot shows: all of the run, and ordinates that move seldom. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from studio.ui.monitor.series import Abscissa, History
from studio.ui.monitor.trace import Trace

Range = tuple[float, float]
SMALLEST = 1e-12
"""What a logarithmic ordinate shows in place of zero."""


def time_unit(histories: Iterable[History]) -> float:
    """Seconds in the unit that suits the longest run: seconds, minutes or hours."""
    longest = max((history.seconds for history in histories), default=0.0)
    return 1.0 if longest < 180 else 60.0 if longest < 3 * 3600 else 3600.0


def abscissa_range(histories: Sequence[History], abscissa: Abscissa, unit: float, before: Range) -> Range:
    """From the start to the end of the longest run, the planned one of a run that is being trained.

    Along time with room ahead: it moves seldom.
    """
    if abscissa == "time":
        end = max((history.seconds for history in histories), default=1.0) / unit
        return (
            before if before[0] == 0 and 0.75 * before[1] < end <= before[1] else (0.0, max(end * 1.15, 1e-3))
        )
    if abscissa == "epoch":
        ends = [history.reach / max(1, history.steps_per_epoch) for history in histories]
    else:
        ends = [float(history.reach) for history in histories]
    return (0.0, max(ends, default=1.0))


def ordinate_range(traces: Iterable[Trace], log: bool, share: bool, before: Range | None) -> Range:
    """A range that holds all values (in log10 where `log`); the one before is kept while it fits well."""
    found = (trace.bounds() if log or share else trace.usual_bounds() for trace in traces)
    bounds = [bound for bound in found if bound]
    if not bounds:
        return before or (0.0, 1.0)
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    if log:
        positive = [low for low, _ in bounds if low > 0]
        low = max(min(positive, default=high), SMALLEST)
        low, high = math.log10(low), math.log10(max(high, low, SMALLEST))
    if before and before[0] <= low and high <= before[1] and high - low > 0.7 * (before[1] - before[0]):
        return before
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    room = (low - margin, high + margin)
    if share:
        return (max(room[0], 0.0), min(room[1], 1.005))
    return (0.0, room[1]) if not log and 0 <= low < 0.35 * high else room


def stretch(x: Sequence[float], factor: float, shown: Range) -> tuple[int, int]:
    """The indices of the points in view, and one more on each side. `x` is an ascending array."""
    import numpy as np

    ends = np.array(shown) / factor
    first, last = int(np.searchsorted(x, ends[0], "left")), int(np.searchsorted(x, ends[1], "right"))
    return max(0, first - 1), min(len(x), last + 1)
