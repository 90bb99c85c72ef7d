"""Shapes in comments and docstrings: numbers where all uses of a block agree, else what they depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from studio.build.plan import Size, TensorType
from studio.interchange.source_uses import Kind
from studio.interchange.source_values import Solved

PLACES: Mapping[int, tuple[str, ...]] = {4: ("", "", "H", "W"), 5: ("", "", "D", "H", "W")}
"""What the dimensions of pictures are called, by their number."""
SHARES = (2, 4, 8, 16)


class Shapes:
    """The texts of shapes within one class."""

    def __init__(self, kind: Kind, solved: Solved, inputs: Sequence[str]) -> None:
        self._kind, self._inputs = kind, inputs
        known = [(one.formula.code().text, tuple(one.values)) for one in solved.sizes]
        self._known = [*((name, tuple(of)) for name, of in solved.parameters.items()), *known]
        self._places = list(self._of_inputs())

    def _of_inputs(self) -> Iterator[tuple[tuple[int, ...], str]]:
        """H and W by the sizes that the first picture has in each use."""
        for name in self._inputs:
            types = self._types_of_input(name)
            ranks = {len(type.shape) for type in types}
            if len(ranks) == 1 and (rank := ranks.pop()) in PLACES:
                for axis, place in enumerate(PLACES[rank]):
                    sizes = [type.shape[axis] for type in types]
                    numbers = tuple(one for one in sizes if isinstance(one, int))
                    if place and len(numbers) == len(sizes):
                        yield numbers, place
                return

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
        """H, H/2 or 2H."""
        numbers = tuple(one for one in sizes if isinstance(one, int))
        if len(numbers) != len(sizes):
            return ""
        known = sorted(self._places, key=lambda one: one[1] != name)
        for share in (1, *SHARES):
            for values, larger in known:
                if values == tuple(one * share for one in numbers):
                    return larger if share == 1 else f"{larger}/{share}"
                if numbers == tuple(one * share for one in values):
                    return f"{share}{larger}"
        return ""
