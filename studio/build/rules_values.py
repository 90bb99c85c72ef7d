"""Checks of values that are each fine by themselves, but not beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from studio.build import fixes
from studio.build.site import Site
from studio.errors import Problem
from studio.project.params import shown

LARGEST_WHOLE = 2.0**63


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
