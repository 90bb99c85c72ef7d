"""Formulas for sizes from a few trials: where to try, and the polynomial through what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import lcm

from studio.build.sizes import BATCH, Dim, Monomial, Rational, Size, TensorType, made

Point = Mapping[str, int]
"""A value for every symbol, the batch among them."""
PLAIN: tuple[Point, ...] = ({BATCH: 2}, {BATCH: 3})
"""Where to try what depends on the batch alone."""
BATCHES = (2, 3, 5)


def bases_of(types: Iterable[TensorType], base: int) -> dict[str, int]:
    """A value for each open size of some tensors at which all of their formulas are exact."""
    found: dict[str, int] = {}
    for size in (size for type in types for size in type.shape if isinstance(size, Dim)):
        for name in size.open:
            found[name] = lcm(found.get(name, 1), size.divisor(name))
    return {name: base * exact for name, exact in found.items()}


def points_around(bases: Mapping[str, int]) -> tuple[Point, ...]:
    """A first point, one moved along each symbol, and one far off that shows whether a plane fits.

    Without open sizes two points are enough, and nothing is shown.
    """
    if not bases:
        return PLAIN
    start: Point = {BATCH: BATCHES[0], **bases}
    moved = [{**start, name: 2 * base} for name, base in bases.items()]
    far = {BATCH: BATCHES[2], **{name: 3 * base for name, base in bases.items()}}
    return (start, {**start, BATCH: BATCHES[1]}, *moved, far)


def grid_around(bases: Mapping[str, int]) -> tuple[Point, ...]:
    """Three values of every symbol with each other, for products of sizes; one more to show that it fits."""
    values = {BATCH: BATCHES, **{name: (base, 2 * base, 3 * base) for name, base in bases.items()}}
    every = tuple(dict(zip(values, one, strict=True)) for one in product(*values.values()))
    return (*every, {BATCH: 7, **{name: 4 * base for name, base in bases.items()}})


def plane_through(points: Sequence[Point], sizes: Sequence[int]) -> Size | None:
    """The sum of symbols, each with a factor, that has these values at `points_around` (or PLAIN)."""
    start = points[0]
    terms: list[tuple[Monomial, Rational]] = []
    rest: Rational = sizes[0]
    for name, point, size in zip(start, points[1:], sizes[1:], strict=False):
        if size != sizes[0]:
            factor = Fraction(size - sizes[0], point[name] - start[name])
            rest -= factor * start[name]
            terms.append(((name,), factor))
    if not terms:
        found: Size = sizes[0]
    else:
        found = made([*terms, ((), rest)])
    return found if len(points) == 2 or _value(found, points[-1]) == sizes[-1] else None


def surface_through(points: Sequence[Point], sizes: Sequence[int]) -> Size | None:
    """The polynomial, of degree two at most in each symbol, with these values at `grid_around`."""
    nodes = {name: sorted({point[name] for point in points[:-1]}) for name in points[0]}
    terms: list[tuple[Monomial, Rational]] = []
    for point, size in zip(points[:-1], sizes[:-1], strict=True):
        parts: list[tuple[Monomial, Rational]] = [((), size)]
        for name, values in nodes.items():
            basis = _basis(values, point[name])
            powers = [(((name,) * power), factor) for power, factor in enumerate(basis) if factor]
            parts = [(tuple(sorted(a + b)), p * q) for a, p in parts for b, q in powers]
        terms += parts
    found = made(terms)
    return found if _value(found, points[-1]) == sizes[-1] else None


def _basis(values: Sequence[int], at: int) -> tuple[Fraction, Fraction, Fraction]:
    """The factors of 1, x and x² in the polynomial that is 1 at one of three values, 0 at the others."""
    p, q = (value for value in values if value != at)
    over = Fraction(1, (at - p) * (at - q))
    return p * q * over, -(p + q) * over, over


def _value(size: Size, point: Point) -> int | None:
    """The size at a point; None where the formula gives no whole number there."""
    if isinstance(size, int):
        return size
    total: Rational = 0
    for names, factor in size.terms:
        for name in names:
            factor *= point[name]
        total += factor
    return total.numerator if total.denominator == 1 else None
