"""What a transform is: a function of values, and what it learns from the training part beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.data.cells import Values
from studio.data.raw import Array
from studio.data.scale import Scale

Params = Mapping[str, Any]
State = Mapping[str, Any]
"""What was learned: JSON values by name."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a result beyond its shape: names of classes, bounds, that it is a picture.

    `index` says that whole numbers stand for things, as an Embedding takes them. `parts` names the numbers
    that one value became; "" is the value itself.
    """

    classes: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    picture: bool = False
    index: bool = False
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """One way to change values; module-level functions only, since loading processes get it.

    `takes` are the kinds it works on, `gives` the kind of the result ("" the same). `fit` learns from the
    training part, which comes in chunks, as this transform would get it (`from_all`: from all samples; for
    the names of classes and no more, `then` learns the rest from the training part); `apply` changes values
    and never the ones it is given in place. `about` tells what is known of the result. `undo` brings results
    back to what they were made of, as far as that can be; by operators alone it does so to tensors too.
    `fills` says whether missing values are dealt with. All raise DataError.

    `most` rows at most are learned from, spread over all. `scale` is what a last step does to a picture,
    between whose bounds its values lie: done batch by batch, so that pictures can stay bytes until then.
    """

    takes: frozenset[str]
    apply: Callable[[Values, Params, State], Values]
    fit: Callable[[Iterable[Values], Params], State] | None = None
    gives: str = ""
    about: Callable[[Params, State], About] | None = None
    from_all: bool = False
    then: Callable[[Iterable[Values], Params, State], State] | None = None
    undo: Callable[[Array, Params, State], Array] | None = None
    fills: Callable[[Params], bool] | None = None
    most: int | None = None
    scale: Callable[[Params, State, float, float], Scale] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A transform with its parameters and what it learned."""

    type: str
    transform: Transform
    params: Params
    state: State

    def __call__(self, values: Values) -> Values:
        """Changed values."""
        return self.transform.apply(values, self.params, self.state)


Chain = tuple[Step, ...]


def applied(chain: Chain, values: Values) -> Values:
    """Values after all steps."""
    for step in chain:
        values = step(values)
    return values
