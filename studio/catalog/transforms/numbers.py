"""Transforms of numbers; data/transforms/ carries them out."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Bool, Choice, Float, Int

TRANSFORMS: tuple[Component, ...] = (
    Component("Standardize", "transform", "Mean 0 and deviation 1, as the training part has them"),
    Component(
        "RangeScale",
        "transform",
        "Between two bounds, by the least and the largest number of the training part",
        params=(
            Float("low", 0.0, "What the least number becomes", essential=True),
            Float("high", 1.0, "What the largest number becomes", essential=True),
        ),
    ),
    Component(
        "RobustScale",
        "transform",
        "The median becomes 0, the distance between the quartiles 1: a few odd numbers change nothing",
    ),
    Component(
        "Quantile",
        "transform",
        "By rank among the numbers of the training part, whatever their distances",
        params=(
            Choice(
                "output",
                "normal",
                "What the ranks become: a bell curve around 0, or evenly 0 to 1",
                options=("normal", "uniform"),
                essential=True,
            ),
            Int("steps", 1000, "How many ranks are kept; numbers between lie between", low=2, high=10_000),
        ),
    ),
    Component(
        "Log",
        "transform",
        "The natural logarithm, for numbers over many sizes",
        params=(Float("offset", 1.0, "Added before, so that 0 has a logarithm", essential=True),),
    ),
    Component("Sqrt", "transform", "The square root, for counts; below 0 that of the size, with its sign"),
    Component(
        "Power",
        "transform",
        "To a power; below 0 that of the size, with its sign",
        params=(Float("exponent", 2.0, "The power", low=0.01, high=100.0, essential=True),),
    ),
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
        "NoValue",
        "transform",
        "Take one number, such as -999, as a missing value; Impute behind it puts another in its place",
        params=(Float("value", -999.0, "The number that stands for a missing value", essential=True),),
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
            Bool("flag", False, "Add a number beside it that is 1 where the value was missing"),
        ),
    ),
    Component(
        "Bin",
        "transform",
        "Numbers as classes: which of some ranges each one is in",
        params=(
            Int("count", 5, "How many ranges", low=2, high=1000, essential=True),
            Choice(
                "by",
                "number",
                "Ranges that hold as many numbers of the training part each, or of equal width",
                options=("number", "width"),
            ),
        ),
    ),
)
