"""Checks of values that are each fine by themselves, but not beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from studio.build import fixes
from studio.build.site import Site
from studio.errors import Problem
from studio.project.params import shown

LARGEST_WHOLE = 2.0**63
FIRST = -3
"""Before another order of the layers."""


def bounds(site: Site) -> Iterator[Problem]:
    """A least value above the largest."""
    lower, upper = site.values["lower"], site.values["upper"]
    if not isinstance(lower, float) or not isinstance(upper, float) or lower <= upper:
        return
    turned = fixes.set_params(site.name, {"lower": upper, "upper": lower}, "Exchange lower and upper")
    yield site.problem(
        f"lower is above upper: {shown(lower)} and {shown(upper)}",
        "The slope is drawn between the two.",
        "lower",
        turned,
        fixes.set_param(site.name, "lower", upper),
    )


def spread(site: Site) -> Iterator[Problem]:
    """Random numbers with a spread below nothing."""
    value = site.values["value"]
    if site.values["start"] == "constant" or not isinstance(value, float) or value >= 0:
        return
    yield site.problem(
        f"random numbers cannot have a spread of {shown(value)}",
        "The spread is how far from 0 they lie; it is not below 0.",
        "value",
        fixes.set_param(site.name, "value", -value),
        fixes.set_param(site.name, "start", "constant"),
    )


def whole_numbers(site: Site) -> Iterator[Problem]:
    """A number that no whole number of 64 bits can be."""
    value = site.values["value"]
    given = value if isinstance(value, tuple) else (value,)
    beyond = [one for one in given if isinstance(one, float) and abs(one) >= LARGEST_WHOLE]
    if site.values["dtype"] == "int64" and beyond:
        yield site.problem(
            f"{shown(beyond[0])} is too large for int64",
            "Whole numbers (int64) go up to about 9.2e+18.",
            "dtype",
            fixes.set_param(site.name, "dtype", "float32"),
        )


def halves(site: Site) -> Iterator[Problem]:
    """A dimension that cannot be halved."""
    first, dim = site.first, site.values["dim"]
    if first is None or not isinstance(dim, int) or not -len(first.shape) <= dim < len(first.shape):
        return
    size = first.shape[dim]
    if not isinstance(size, int) or size % 2 == 0:
        return
    yield site.problem(
        f"{size} values cannot be halved",
        "One half of them decides how much of the other passes; their number must be even.",
        "dim",
        fixes.ranked(fixes.set_output_size(site.name, "input", size + 1), FIRST),
        fixes.retype(site.name, "SiLU"),
    )


SHARED = {"PixelShuffle": "upscale_factor", "ChannelShuffle": "groups"}


def shared_out(site: Site) -> Iterator[Problem]:
    """Channels that cannot be shared out evenly."""
    name = SHARED[site.layer.type]
    first, count = site.first, site.values[name]
    channels = first.shape[1] if first is not None and len(first.shape) == 4 else None
    if not isinstance(count, int) or not isinstance(channels, int):
        return
    squared = site.layer.type == "PixelShuffle"
    parts = count * count if squared else count
    if channels % parts == 0:
        return
    one_of = f"{count}·{count} = {parts}" if squared else str(parts)
    yield site.problem(
        f"{channels} channels cannot be shared out: their number must be a multiple of {one_of}",
        "Each pixel becomes several, and takes a channel for each."
        if squared
        else "All groups have as many.",
        name,
        fixes.ranked(fixes.set_output_size(site.name, "input", -(-channels // parts) * parts), FIRST),
        *(fixes.set_param(site.name, name, one) for one in _fitting(channels, count, squared)),
    )


def _fitting(channels: int, count: int, squared: bool) -> list[int]:
    """The largest count below one that does not fit."""
    smaller = (one for one in range(count - 1, 1, -1) if channels % (one * one if squared else one) == 0)
    return list(smaller)[:1]


def unshuffled(site: Site) -> Iterator[Problem]:
    """A picture that cannot be cut into squares of one size."""
    first, factor = site.first, site.values["downscale_factor"]
    if first is None or len(first.shape) != 4 or not isinstance(factor, int):
        return
    sizes = [size for size in first.shape[2:] if isinstance(size, int)]
    if all(size % factor == 0 for size in sizes):
        return
    common = [one for one in range(factor, 1, -1) if all(size % one == 0 for size in sizes)]
    change = [fixes.set_param(site.name, "downscale_factor", one) for one in common[:1]]
    if len(sizes) == 2:
        pad = (0, -sizes[1] % factor, 0, -sizes[0] % factor)
        change.append(fixes.insert("Pad", site.name, "input", {"pad": pad}))
    yield site.problem(
        f"{first} cannot be cut into squares of {factor}×{factor}",
        f"Height and width must be multiples of {factor}; Pad adds what is missing.",
        "downscale_factor",
        *change,
    )
