"""Sizes of a tensor in the drawing: whole numbers, or formulas over what the data leaves open (N, T, H/4).

Plain values, no torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from math import lcm

BATCH = "N"
ASSUMED = 256
"""What an open size counts as where a number is needed, such as for costs."""
Rational = int | Fraction
Monomial = tuple[str, ...]
"""Symbols multiplied with each other, sorted, each as often as it is a factor; () is the constant."""
_N: tuple[tuple[Monomial, Rational], ...] = (((BATCH,), 1),)
_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
BYTES = {"float32": 4, "int64": 8, "float64": 8, "float16": 2, "bfloat16": 2, "bool": 1, "int32": 4}
"""Of one number of each of torch's types."""


@dataclass(frozen=True, slots=True)
class Dim:
    """A size that depends on symbols: a polynomial with rational coefficients. Dim() is the batch, N.

    `terms` are the symbols and coefficient of each summand, none of them 0, products first. Made by `symbol`
    and by computing with + - * /, which give an int as soon as no symbol is left.
    """

    terms: tuple[tuple[Monomial, Rational], ...] = _N

    @property
    def symbols(self) -> frozenset[str]:
        """What it depends on."""
        return frozenset(name for names, _ in self.terms for name in names)

    @property
    def open(self) -> frozenset[str]:
        """What it depends on besides the batch."""
        return self.symbols - {BATCH}

    def at(self, batch: int = 1, **sizes: int) -> int:
        """The size where the symbols have these values, rounded down; a symbol not given counts as ASSUMED.

        A formula with a division, such as H/4, is exact where the division leaves no rest.
        """
        if self.terms == _N:
            return batch
        known: Mapping[str, int] = {**sizes, BATCH: batch}
        total: Rational = 0
        for names, factor in self.terms:
            for name in names:
                factor *= known.get(name, ASSUMED)
            total += factor
        return total.__floor__()

    def bound(self, sizes: Mapping[str, int]) -> Size:
        """The size where some symbols have these values; the others stay."""
        terms: list[tuple[Monomial, Rational]] = []
        for names, factor in self.terms:
            for name in names:
                factor *= sizes.get(name, 1)
            terms.append((tuple(name for name in names if name not in sizes), factor))
        return made(terms)

    def divisor(self, symbol: str) -> int:
        """What a symbol's value, and those it is multiplied with, must be multiples of for it to be exact."""
        return lcm(*(_root(factor.denominator, names) for names, factor in self.terms if symbol in names))

    def __add__(self, other: Size | Fraction) -> Size:
        """The sum."""
        return made([*self.terms, *_terms(other)])

    def __sub__(self, other: Size | Fraction) -> Size:
        """The difference."""
        return made([*self.terms, *((names, -factor) for names, factor in _terms(other))])

    def __mul__(self, other: Size | Fraction) -> Size:
        """The product."""
        return made([(tuple(sorted(a + b)), p * q) for a, p in self.terms for b, q in _terms(other)])

    def __truediv__(self, number: int) -> Size:
        """A share: H/4."""
        return made([(names, Fraction(factor) / number) for names, factor in self.terms])

    __radd__, __rmul__ = __add__, __mul__

    def __str__(self) -> str:
        """N, 2T+1, H/4, N·T, 3H/2-1 …"""
        texts = [_term(names, factor) for names, factor in self.terms]
        return "+".join(texts).replace("+-", "-")


Size = int | Dim


def symbol(name: str) -> Dim:
    """The open size of that name."""
    return Dim((((name,), 1),))


def made(terms: Iterable[tuple[Monomial, Rational]]) -> Size:
    """The size that is the sum of some terms."""
    total: dict[Monomial, Rational] = {}
    for names, factor in terms:
        total[names] = total.get(names, 0) + factor
    kept = [(names, _plain(factor)) for names, factor in total.items() if factor]
    if not kept:
        return 0
    if len(kept) == 1 and kept[0][0] == () and isinstance(kept[0][1], int):
        return kept[0][1]
    return Dim(tuple(sorted(kept, key=lambda one: (-len(one[0]), one[0]))))


def of_batch(size: Size) -> bool:
    """Whether a size depends on the number of samples in a batch."""
    return isinstance(size, Dim) and BATCH in size.symbols


def surely_differ(one: Size, other: Size) -> bool:
    """Whether two sizes differ whatever the data brings: of an open size and a number nobody knows."""
    undecided = isinstance(one, int) != isinstance(other, int) and not (of_batch(one) or of_batch(other))
    return one != other and not undecided


def loosened(type: TensorType, like: TensorType) -> TensorType:
    """A type from the data, whose sizes become the open ones of another where they may be the same.

    The other may have one dimension more behind the batch, such as scores for each class.
    """
    more = len(like.shape) == len(type.shape) + 1
    others = (*like.shape[:1], *like.shape[2:]) if more else like.shape
    if not like.open or len(others) != len(type.shape):
        return type
    pairs = zip(type.shape, others, strict=True)
    return replace(type, shape=tuple(size if surely_differ(size, other) else other for size, other in pairs))


def _terms(size: Size | Fraction) -> tuple[tuple[Monomial, Rational], ...]:
    return size.terms if isinstance(size, Dim) else (((), size),)


def _root(number: int, names: Monomial) -> int:
    """The least number that, once for each open symbol, has `number` as a divisor: 4 for H·W/16."""
    power = sum(name != BATCH for name in names)
    return next(one for one in range(1, number + 1) if one**power % number == 0)


def _plain(factor: Rational) -> Rational:
    return factor.numerator if factor.denominator == 1 else factor


def _term(names: Monomial, factor: Rational) -> str:
    over = f"/{factor.denominator}" if factor.denominator != 1 else ""
    if not names:
        return f"{factor.numerator}{over}"
    counts = [(name, len(list(group))) for name, group in groupby(names)]
    product = "·".join(name + (str(count).translate(_POWERS) if count > 1 else "") for name, count in counts)
    number = {1: "", -1: "-"}.get(factor.numerator, str(factor.numerator))
    return f"{number}{product}{over}"


@dataclass(frozen=True, slots=True)
class TensorType:
    """Shape (batch included, as a Dim) and torch's dtype name of a tensor in the drawing.

    `names` says what each dimension is (N, C, H, W, T, "features"), "" where that is not known; () names
    none. Two types are equal whatever they are called.
    """

    shape: tuple[Size, ...]
    dtype: str = "float32"
    names: tuple[str, ...] = field(default=(), compare=False)

    def at(self, batch: int, **sizes: int) -> tuple[int, ...]:
        """The shape where the batch and the open sizes have these values."""
        return tuple(size.at(batch, **sizes) if isinstance(size, Dim) else size for size in self.shape)

    def bound(self, sizes: Mapping[str, int]) -> TensorType:
        """The type where some open sizes have these values."""
        shape = tuple(size.bound(sizes) if isinstance(size, Dim) else size for size in self.shape)
        return replace(self, shape=shape)

    @property
    def open(self) -> frozenset[str]:
        """The symbols besides the batch that the shape depends on."""
        return frozenset(name for size in self.shape if isinstance(size, Dim) for name in size.open)

    def called(self, names: tuple[str, ...]) -> TensorType:
        """The same type with names for its dimensions."""
        return self if names == self.names else TensorType(self.shape, self.dtype, names)

    def axis(self, at: int) -> str:
        """What a dimension is called: H, or "dimension 2" where it has no name."""
        at %= len(self.shape)
        return (self.names[at] if at < len(self.names) else "") or f"dimension {at}"

    @property
    def described(self) -> str:
        """N × C=64 × H=14 × W=14: the shape with what each dimension is."""
        names = self.names or ("",) * len(self.shape)
        pairs = zip(names, map(str, self.shape), strict=True)
        return (
            " × ".join(text if name in ("", text) else f"{name}={text}" for name, text in pairs) or "scalar"
        )

    def __str__(self) -> str:
        """N×1×28×28"""
        return _times(self.shape)

    @property
    def pill(self) -> str:
        """The shape as a wire shows it: the leading batch left out; `N` alone for one number per sample."""
        shape = self.shape[1:] if self.shape and self.shape[0] == Dim() else self.shape
        return _times(shape) or ("N" if self.shape else "scalar")


def _times(shape: tuple[Size, ...]) -> str:
    """Sizes multiplied; a sum among several stands in brackets."""
    summed = len(shape) > 1
    return "×".join(
        f"({one})" if summed and isinstance(one, Dim) and len(one.terms) > 1 else str(one) for one in shape
    )


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a drawing demands of an open size: a multiple of a number, and bounds (no `most` is None).

    The formulas of all sizes are exact where it is a multiple of `exact`.
    """

    multiple: int = 1
    least: int = 1
    most: int | None = None
    exact: int = 1

    def __bool__(self) -> bool:
        """Whether it demands anything at all."""
        return (self.multiple, self.least, self.most) != (1, 1, None)

    def met(self, size: int) -> bool:
        """Whether a size will do."""
        return size % self.multiple == 0 and self.least <= size <= (self.most or size)

    def nearest(self, size: int) -> tuple[int, ...]:
        """The sizes next to one that will not do, the smaller first."""
        step = self.multiple
        around = {size // step * step, -(-size // step) * step, self.least, self.most or self.least}
        fitting = sorted(one for one in around if self.met(one))
        below, above = [one for one in fitting if one < size][-1:], [one for one in fitting if one > size][:1]
        return (*below, *above)
