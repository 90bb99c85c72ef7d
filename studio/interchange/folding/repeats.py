"""Uses of one block that follow each other become one use that repeats it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from studio.interchange.folding.items import Item
from studio.project.graph import Endpoint

MOST_TURNS = 1000


@dataclass(frozen=True, slots=True)
class Ports:
    """The input and output ports of a block, in order."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def with_repeats(
    items: Sequence[Item], readers: Mapping[Endpoint, Iterable[str]], blocks: Mapping[str, Ports]
) -> list[Item]:
    """The items, chains of equal uses of a block in one; `blocks` are the ports by the type of item.

    A chain may have other items between its links, as long as these read nothing of it.
    """
    links: dict[int, list[Item]] = {}
    chained: dict[int, list[Item]] = {}
    for item in items:
        ports = blocks.get(item.type)
        before = _before(item, items, ports, readers) if ports else None
        chain = chained.get(id(before)) if before is not None else None
        if chain is None:
            chain = links[id(item)] = []
        chain.append(item)
        chained[id(item)] = chain
    last = {id(chain[-1]): chain for chain in links.values()}
    return [_joined(last[id(item)]) for item in items if id(item) in last]


def _before(
    item: Item, items: Sequence[Item], ports: Ports, readers: Mapping[Endpoint, Iterable[str]]
) -> Item | None:
    """The use of the same block whose results, and nothing but them, go into this one's first inputs."""
    reads = {port: end for port, _, end in item.reads}
    first = [reads.get(port) for port in ports.inputs[: len(ports.outputs)]]
    other = next((one for one in items if one is not item and first and first[0] in one.makes), None)
    if other is None or other.type != item.type or other.params != item.params:
        return None
    made = {port: end for end, port in other.makes.items()}
    if len(first) < len(ports.outputs) or [made.get(port) for port in ports.outputs] != first:
        return None
    taken = {port: end for port, _, end in other.reads}
    rest = ports.inputs[len(ports.outputs) :]
    if any(reads.get(port) != taken.get(port) for port in rest):
        return None
    own = set(item.nodes)
    return other if all(set(readers.get(end, ())) <= own for end in made.values()) else None


def _joined(chain: Sequence[Item]) -> Item:
    """A chain as one item, with weights of its own in every turn."""
    first, last = chain[0], chain[-1]
    if len(chain) == 1:
        return first
    holds = {_within(turn, at): node for turn, one in enumerate(chain) for at, node in one.holds.items()}
    params = {**first.params, "repeat": len(chain)}
    return Item(first.name, first.type, params, first.reads, last.makes, holds)


def _within(turn: int, at: str) -> str:
    return f"{turn}.{at}" if at else str(turn)
