"""Transforms of single samples, and random changes in training; data/transforms/ carries them out."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, Float

_MISSING = Choice(
    "missing",
    "error",
    "Where a value is missing: error names the first, common takes the most common class, class makes one "
    "of it",
    options=("error", "common", "class"),
)
TRANSFORMS: tuple[Component, ...] = (
    Component(
        "Clip",
        "transform",
        "Bring numbers beyond the bounds to the bounds",
        params=(
            Float("low", None, "Lowest value; nothing for no bound", optional=True, essential=True),
            Float("high", None, "Highest value; nothing for no bound", optional=True, essential=True),
        ),
    ),
    Component(
        "Log",
        "transform",
        "The natural logarithm, for numbers over many sizes",
        params=(Float("offset", 1.0, "Added before, so that 0 has a logarithm", essential=True),),
    ),
    Component(
        "Impute",
        "transform",
        "Put a number where there is none",
        params=(
            Choice(
                "by",
                "mean",
                "What stands in: learned from the training part",
                options=("mean", "median", "common", "zero"),
                essential=True,
            ),
        ),
    ),
    Component("Classes", "transform", "The number of each value's class", params=(_MISSING,)),
    Component(
        "OneHot", "transform", "A place for each class: 1 at the value's, 0 elsewhere", params=(_MISSING,)
    ),
    Component("Days", "transform", "Days since the first time of the training part"),
    Component("TimeOfYear", "transform", "Where in the day, the week and the year, each as sine and cosine"),
)
AUGMENTATIONS: tuple[Component, ...] = ()
