"""What is folded: items, each a node of the flat drawing or a block in whose place many of them go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from studio.interchange.imported import ModulePath
from studio.project.graph import Endpoint, Node
from studio.project.params import Value

Reader = tuple[str, int, Endpoint]
"""An input: its port, the place within it, and the endpoint of the flat drawing that it reads."""


@dataclass(eq=False, slots=True)
class Item:
    """A node to be: `reads` in the order of its ports; `makes` the endpoints of the flat drawing that come
    out of it, with its ports.

    `holds` are the nodes of the flat drawing within, by where they are in it: "" itself, "0.conv1" deeper.
    """

    name: str
    type: str
    params: dict[str, Value]
    reads: tuple[Reader, ...]
    makes: Mapping[Endpoint, str]
    holds: Mapping[str, str]
    node: Node | None = None

    @property
    def nodes(self) -> Iterable[str]:
        """The nodes of the flat drawing within."""
        return self.holds.values()


@dataclass(eq=False, slots=True)
class Group:
    """What one call of a module did, in order; `made` is the item that it has become, if any."""

    path: ModulePath
    children: list[Group | Item] = field(default_factory=list["Group | Item"])
    items: list[Item] = field(default_factory=list[Item])
    made: Item | None = None
    height: int = 0

    @property
    def title(self) -> str:
        """The last part of its path that is no number: layer1 for layer1.0."""
        return next((part for part in reversed(self.path) if not part.isdigit()), "")

    def groups(self) -> Iterator[Group]:
        """All groups within, those first that others are made of, and itself."""
        for child in self.children:
            if isinstance(child, Group):
                yield from child.groups()
        yield self


def flat_items(
    nodes: Mapping[str, Node], reads: Mapping[str, tuple[Reader, ...]], origin: Mapping[str, ModulePath]
) -> dict[str, Item]:
    """An item for each node; which endpoints it makes is what others read."""
    makes: dict[str, dict[Endpoint, str]] = {name: {} for name in nodes}
    for taken in reads.values():
        for _, _, end in taken:
            makes[end.node][end] = end.port
    return {
        name: Item(
            _within(name, origin.get(name, ())),
            node.type,
            dict(node.params),
            reads.get(name, ()),
            makes[name],
            {"": name},
            node,
        )
        for name, node in nodes.items()
    }


def _within(name: str, path: ModulePath) -> str:
    """A node's name within its module: "add" for layer1_0_add."""
    joined = "_".join(path)
    joined = f"n{joined}" if joined[:1].isdigit() else joined  # as names that begin with a number do
    if name == joined and path:
        return path[-1]
    return name.removeprefix(f"{joined}_") if path else name
