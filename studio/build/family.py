"""Which blocks a block is made of: all it depends on, circles among blocks, and what its formulas read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from studio.project.block import Block, block_name
from studio.project.expressions import is_formula, names_in
from studio.project.params import Value

DEEPEST = 32
"""How deep blocks may nest."""
Closure = tuple[tuple[str, Block | None], ...]
"""A block and all that it places, directly or not; None for those that do not exist."""


class Family:
    """The blocks of a project; what is known of one that has not changed is kept."""

    def __init__(self) -> None:
        self.blocks: Mapping[str, Block] = {}
        self._placed: dict[str, tuple[Block, frozenset[str]]] = {}
        self._read: dict[str, tuple[Block, frozenset[str]]] = {}
        self._reached: dict[str, frozenset[str]] = {}
        self._closures: dict[str, Closure] = {}

    def copied(self) -> Family:
        """One that knows the same."""
        new = Family()
        new.blocks = self.blocks
        new._placed, new._read = dict(self._placed), dict(self._read)
        new._reached, new._closures = dict(self._reached), dict(self._closures)
        return new

    def update(self, blocks: Mapping[str, Block]) -> None:
        """Look at these blocks from now on."""
        if blocks is self.blocks or blocks == self.blocks:
            return
        self.blocks = blocks
        self._reached.clear()
        self._closures.clear()
        for known in (self._placed, self._read):
            for name in [name for name, (block, _) in known.items() if blocks.get(name) is not block]:
                del known[name]

    def closure(self, name: str) -> Closure:
        """The block with all that what is in it depends on: a different one may mean different answers."""
        if name not in self._closures:
            every = sorted({name} | self.reached(name))
            found = [(one, self.blocks.get(one)) for one in every]
            if any(block is None for _, block in found):
                # What is said of a block that does not exist tells which ones do.
                found.append((" ".join(sorted(self.blocks)), None))
            self._closures[name] = tuple(found)
        return self._closures[name]

    def placed(self, name: str) -> frozenset[str]:
        """The blocks whose nodes are in a block's graph."""
        block = self.blocks.get(name)
        if block is None:
            return frozenset()
        if name not in self._placed:
            found = (block_name(node.type) for node in block.graph.nodes.values())
            self._placed[name] = block, frozenset(one for one in found if one is not None)
        return self._placed[name][1]

    def reached(self, name: str) -> frozenset[str]:
        """The blocks that a block places, directly or not; itself only where it goes round in a circle."""
        if name not in self._reached:
            found: set[str] = set()
            waiting = list(self.placed(name))
            while waiting:
                one = waiting.pop()
                if one not in found:
                    found.add(one)
                    waiting.extend(self.placed(one))
            self._reached[name] = frozenset(found)
        return self._reached[name]

    def circle(self, inside: str, placed: str) -> tuple[str, ...]:
        """The blocks that lead from a block through one that it places back to itself; () where none do."""
        routes: dict[str, tuple[str, ...]] = {placed: (inside, placed)}
        waiting = [placed]
        for one in waiting:
            if one == inside:
                return routes[one]
            for further in sorted(self.placed(one) - routes.keys()):
                routes[further] = (*routes[one], further)
                waiting.append(further)
        return ()

    def is_too_deep(self, name: str) -> bool:
        """Whether blocks nest deeper than this program follows; circles aside."""
        level = {name}
        for _ in range(DEEPEST):
            level = {
                inner
                for one in level
                for inner in self.placed(one)
                if inner in self.blocks and one not in self.reached(inner) and one != inner
            }
        return bool(level)

    def reads(self, name: str) -> frozenset[str]:
        """The names that the formulas in a block read."""
        block = self.blocks.get(name)
        if block is None:
            return frozenset()
        if name not in self._read:
            self._read[name] = block, reads(block)
        return self._read[name][1]


def reads(block: Block) -> frozenset[str]:
    """The names that the formulas in a block read."""
    values = [value for node in block.graph.nodes.values() for value in node.params.values()]
    defaults = [one.default for one in block.arguments]
    return frozenset(name for value in (*values, *defaults) for name in names_read(value))


def names_read(value: Value) -> Iterator[str]:
    """The names that formulas in a value read; a table's too, which are the formulas of overrides."""
    if isinstance(value, str):
        yield from names_in(value) if is_formula(value) else ()
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from names_read(one)
