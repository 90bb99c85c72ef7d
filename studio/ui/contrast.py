"""Readable colours: contrast as WCAG 2 measures it, and a colour moved until it can be read on its ground."""

from __future__ import annotations

TEXT = 4.5
"""The least contrast of text on its ground; 3 for large text and for lines that mean something."""


def contrast(one: str, other: str) -> float:
    """The contrast of two #rrggbb colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str, text: str, least: float = TEXT) -> str:
    """The colour, moved towards the text's own colour just as far as it takes to be read on the ground."""
    steps = (mixed(colour, text, part / 10) for part in range(11))
    return next((step for step in steps if contrast(step, ground) >= least), text)


def mixed(one: str, other: str, share: float) -> str:
    """A colour between two #rrggbb colours: `share` 0 is the first, 1 the second."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    shares = (value / 255 for value in _channels(colour))
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
