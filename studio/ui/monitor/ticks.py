"""Round numbers along an axis, and how they are written. No Qt."""

from __future__ import annotations

import math

from studio.ui.monitor.ranges import Range
from studio.ui.monitor.series import Abscissa

Ticks = list[tuple[float, str]]
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def linear_ticks(shown: Range, most: int, least_step: float = 0.0) -> Ticks:
    """At most about `most` round numbers in a range; `least_step` keeps, say, epochs whole."""
    low, high = shown
    if not high > low:
        return []
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    steps = [r * power for r in ROUND if r * power >= rough * 0.999]
    step = max(
        next((s for s in steps if not least_step or (s / least_step).is_integer()), 10 * power), least_step
    )
    places = max(0, -math.floor(math.log10(step) + 1e-9) + (abs(step / power - 2.5) < 1e-9))
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [(i * step, _written(i * step, places)) for i in range(first, last + 1)]


def log_ticks(shown: Range, most: int) -> Ticks:
    """Powers of ten in a range of exponents, with 2 and 5 between where there are few; else plain numbers."""
    low, high = shown
    decades = range(math.floor(low), math.ceil(high) + 1)
    for factors in ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7)):
        found = [
            (d + math.log10(f), _power(f, d))
            for d in decades
            for f in factors
            if low <= d + math.log10(f) <= high
        ]
        if len(found) >= min(3, most):
            return found[:: -(-len(found) // max(1, most))]
    return [(math.log10(at), text) for at, text in linear_ticks((10**low, 10**high), most) if at > 0]


def abscissa_ticks(shown: Range, most: int, abscissa: Abscissa, unit: float) -> Ticks:
    """Ticks of steps, of whole epochs, or of time with its unit."""
    if abscissa != "time":
        return linear_ticks(shown, most, least_step=1.0)
    suffix = {1.0: "s", 60.0: "min"}.get(unit, "h")
    return [(at, f"{text} {suffix}") for at, text in linear_ticks(shown, most)]


def _written(value: float, places: int) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-4:
        return f"{value:.4g}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:,.{places}f}"


def _power(factor: int, decade: int) -> str:
    return f"{factor}e{decade}" if decade < -3 or decade > 4 else f"{factor * 10.0**decade:g}"
