"""Shapes in comments and docstrings: numbers where all uses of a block agree, else what they depend on."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence

from studio.build.plan import Size, TensorType
from studio.interchange.pytorch.uses import Kind
from studio.interchange.pytorch.values import Solved

PLACES: Mapping[int, tuple[str, ...]] = {4: ("", "", "H", "W"), 5: ("", "", "D", "H", "W")}
"""What the dimensions of pictures are called, by their number."""
SHARES = (2, 4, 8, 16)


Numbers = tuple[int, ...]
"""One whole number for each use."""


class Shapes:
    """The texts of shapes within one class."""

    def __init__(self, kind: Kind, solved: Solved, inputs: Sequence[str]) -> None:
        self._kind, self._inputs = kind, inputs
        self._known = [(text, tuple(values)) for text, values in solved.sizes]
        self._places = list(self._of_inputs())

    def _of_inputs(self) -> Iterator[tuple[str, str, Numbers]]:
        """H and W of the first picture, and what they are a multiple or share of: place, text and values."""
        for name in self._inputs:
            types = self._types_of_input(name)
            ranks = {len(type.shape) for type in types}
            if len(ranks) == 1 and (rank := ranks.pop()) in PLACES:
                for axis, place in enumerate(PLACES[rank]):
                    numbers = _numbers([type.shape[axis] for type in types])
                    if place and numbers:
                        yield from self._related(place, numbers)
                return

    def _related(self, place: str, numbers: Numbers) -> Iterator[tuple[str, str, Numbers]]:
        yield place, place, numbers
        for share in SHARES:
            yield place, f"{share}{place}", tuple(one * share for one in numbers)
        divisors = [(str(share), (share,) * len(numbers)) for share in SHARES]
        for text, values in [*divisors, *self._of_arguments()]:
            if all(one % by == 0 for one, by in zip(numbers, values, strict=True)):
                yield place, f"{place}/{text}", tuple(map(operator.floordiv, numbers, values))

    def _of_arguments(self) -> Iterator[tuple[str, Numbers]]:
        """Arguments that may divide a size, such as a stride."""
        for one in self._kind.arguments:
            numbers = _numbers([use.names[one.name] for use in self._kind.uses])
            if numbers and min(numbers) > 0:
                yield one.name, numbers

    def _types_of_input(self, name: str) -> list[TensorType]:
        found = ({one.name: one.type for one in use.plan.inputs}.get(name) for use in self._kind.uses)
        return [type for type in found if type is not None]

    def input(self, name: str) -> str:
        """The shape and dtype of an input, "" where they cannot be told in one text."""
        types = self._types_of_input(name)
        shape, dtypes = self.text(types), {type.dtype for type in types}
        return f"{shape} {dtypes.pop()}" if shape and len(dtypes) == 1 else ""

    def output(self, step: str, place: int) -> str:
        """The shape of an output of a step, likewise."""
        return self.text([use.steps[step].outputs[place] for use in self._kind.uses])

    def text(self, types: Sequence[TensorType]) -> str:
        """One text for the types of a tensor in all uses, "" where there is none."""
        if len({len(type.shape) for type in types}) != 1:
            return ""
        rank = len(types[0].shape)
        names = PLACES.get(rank, ("",) * rank)
        sizes = [self._size(name, [type.shape[axis] for type in types]) for axis, name in enumerate(names)]
        if not all(sizes):
            return ""
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    def _size(self, name: str, sizes: list[Size]) -> str:
        """The text of a dimension; `name` is H or W for one of a picture's."""
        if all(one == sizes[0] for one in sizes):
            return str(sizes[0])
        place = self._place(name, sizes) if name else ""
        return place or next((text for text, values in self._known if values == tuple(sizes)), "")

    def _place(self, name: str, sizes: list[Size]) -> str:
        """H, H/2, 2H or H/stride; of several equal ones that of the same place."""
        fitting = [text for of, text, values in self._places if values == tuple(sizes) and of == name]
        others = [text for _, text, values in self._places if values == tuple(sizes)]
        return next(iter([*fitting, *others]), "")


def _numbers(values: Sequence[object]) -> Numbers:
    """Whole numbers, () where there is anything else."""
    found = tuple(one for one in values if isinstance(one, int) and not isinstance(one, bool))
    return found if len(found) == len(values) else ()
