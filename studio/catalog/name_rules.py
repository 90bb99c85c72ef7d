"""What a layer's results call their dimensions, for the layers that move dimensions about.

Each rule takes the names of every input's dimensions ("" where one has none) and all arguments, and returns
the names for each output. Layers without a rule keep names in place, or as their form (N×C×H×W) says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Names = tuple[str, ...]
NameRule = Callable[[tuple[Names, ...], Mapping[str, Any]], tuple[Names, ...]]
LENGTHS = frozenset({"D", "H", "W", "T", "L"})
FEATURES = "features"


def permuted(given: tuple[Names, ...], values: Mapping[str, Any]) -> tuple[Names, ...]:
    """The dimensions in the order of `dims`."""
    return (tuple(given[0][dim] for dim in values["dims"]),)


def transposed(given: tuple[Names, ...], values: Mapping[str, Any]) -> tuple[Names, ...]:
    """The dimensions `dim0` and `dim1` change places."""
    names, one, other = list(given[0]), values["dim0"], values["dim1"]
    names[one], names[other] = names[other], names[one]
    return (tuple(names),)


def flattened(given: tuple[Names, ...], values: Mapping[str, Any]) -> tuple[Names, ...]:
    """The dimensions `start_dim` to `end_dim` become one: H·W where they are lengths, else features."""
    names = given[0]
    start, end = (dim % len(names) for dim in (values["start_dim"], values["end_dim"]))
    joined = names[start : end + 1]
    name = "·".join(joined) if len(joined) == 1 or LENGTHS.issuperset(joined) else FEATURES
    return ((*names[:start], name, *names[end + 1 :]),)


def mixed(given: tuple[Names, ...], values: Mapping[str, Any]) -> tuple[Names, ...]:
    """A matrix product: the left's rows and the right's columns."""
    left, right = given[0], given[1]
    return ((*left[:-1], right[-1]),) if len(left) > 1 and len(right) > 1 else ((),)


def recurrent(given: tuple[Names, ...], values: Mapping[str, Any]) -> tuple[Names, ...]:
    """A sequence, and states of every layer after the last step."""
    state = ("layers", "N", FEATURES)
    return ((*given[0][:-1], FEATURES), state, state)


def fixed(*names: str) -> NameRule:
    """What comes out always has this form."""
    return lambda given, values: (names,)


def forgotten(given: tuple[Names, ...], values: Mapping[str, Any]) -> tuple[Names, ...]:
    """What comes out has no dimension of what went in, but for those of equal size in equal place."""
    return ()
