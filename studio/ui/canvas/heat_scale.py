"""The scale of heat: which colour a statistic has. viridis, whose steps look alike and are told apart by all.

Its colours grow lighter all the way, so that they keep their order in grey and for the colour-blind
(https://bids.github.io/colormap/).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

from studio.ui.contrast import contrast, mixed

STEPS = 16
VIRIDIS = (
    *("#440154", "#472c7a", "#3b518a", "#2c718e", "#21908d"),
    *("#27ad81", "#5cc863", "#aadc32", "#fde725"),
)
"""Nine points of it, evenly apart; what is between them is mixed."""
DARK_TEXT, LIGHT_TEXT = "#000000", "#ffffff"
LEAST_SPAN = 2
"""Orders of magnitude that the scale has at least."""
FAINTEST = -12
Span = tuple[float, float]
"""Where the scale begins and ends: shares as they are, all else in powers of ten."""
SHARES: Span = (0.0, 1.0)


def span_of(key: str, values: Iterable[float], before: Span | None) -> Span:
    """The scale for some values: whole powers of ten, and never less than it was before."""
    if key == "zeros":
        return SHARES
    sizes = [math.log10(value) for value in values if value > 0]
    if not sizes:
        return before or (-3.0, 0.0)
    low, high = max(math.floor(min(sizes)), FAINTEST), math.ceil(max(sizes))
    if before is not None:
        low, high = min(low, round(before[0])), max(high, round(before[1]))
    high = max(high, low + LEAST_SPAN)
    return float(low), float(high)


def step_of(key: str, value: float, span: Span) -> int:
    """Which of the steps of the scale a value has."""
    at = value if key == "zeros" else math.log10(value) if value > 0 else span[0]
    part = (at - span[0]) / (span[1] - span[0])
    return min(max(int(part * STEPS), 0), STEPS - 1)


@lru_cache(maxsize=STEPS)
def colour_of(step: int) -> str:
    """The colour of a step."""
    at = step / (STEPS - 1) * (len(VIRIDIS) - 1)
    low = min(int(at), len(VIRIDIS) - 2)
    return mixed(VIRIDIS[low], VIRIDIS[low + 1], at - low)


@lru_cache(maxsize=64)
def text_on(colour: str) -> str:
    """What can be read on a colour."""
    return max((DARK_TEXT, LIGHT_TEXT), key=lambda text: contrast(text, colour))


def end_text(key: str, at: float) -> str:
    """An end of the scale as it is written: 100 %, or 10⁻³."""
    if key == "zeros":
        return f"{100 * at:.0f} %"
    power = str(round(at)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{power}"
