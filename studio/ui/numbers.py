"""Large numbers in few characters: 1.24 M, 226 k, 38."""

from __future__ import annotations

UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def short(number: float) -> str:
    """A number in three digits and a unit."""
    for size, unit in UNITS:
        # 999 950 already rounds to 1 M: the unit is chosen by what is shown.
        if number >= size * 0.9995:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g}" if number != int(number) else str(int(number))


def memory(size: float) -> str:
    """Bytes as B, kB, MB or GB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if unit == 1e9 else f"{size / unit:.0f} {name}"
    return f"{size:.0f} B"
