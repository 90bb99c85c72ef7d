"""Transforms of categories; data/transforms/ carries them out."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, Int, Text

_MISSING = Choice(
    "missing",
    "error",
    "Where a value is missing: error names the first, common takes the most common class, class makes one "
    "of it",
    options=("error", "common", "class"),
)
TRANSFORMS: tuple[Component, ...] = (
    Component("Classes", "transform", "The number of each value's class", params=(_MISSING,)),
    Component(
        "OneHot", "transform", "A place for each class: 1 at the value's, 0 elsewhere", params=(_MISSING,)
    ),
    Component(
        "Ordinal",
        "transform",
        "Classes that have an order as one number each: 0 for the first, 1 for the next",
        params=(
            Text(
                "order",
                "",
                "The classes from the least to the most, with commas between; nothing for their own order",
                essential=True,
            ),
            _MISSING,
        ),
    ),
    Component(
        "Hash",
        "transform",
        "Very many classes in a fixed number of places, some sharing one; knows new ones too",
        params=(
            Int("places", 1024, "How many places", low=2, high=10_000_000, essential=True),
            Int("seed", 0, "Other places for another seed", low=0),
        ),
    ),
    Component(
        "JoinRare",
        "transform",
        "Classes that seldom come up in the training part become one; new ones join them",
        params=(
            Int("least", 10, "How often a class has to come up to stay", low=1, essential=True),
            Text("name", "other", "What the joined class is called"),
        ),
    ),
)
