"""Blocks: named sub-graphs of a project that can be placed many times, and edits inside of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from studio.project.graph import Graph, Node, natural
from studio.project.params import Value

if TYPE_CHECKING:
    from studio.project.project import Project

PREFIX = "block:"
"""A node of the type "block:Residual" places the block Residual."""
OWN_PARAMS = frozenset({"repeat", "shared", "overrides"})
"""Parameters that every use of a block has; no argument can be called so."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A value that each use of a block may set; formulas inside the block read it by its name."""

    name: str
    default: Value
    doc: str = ""
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mapping."""
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))


@dataclass(frozen=True, slots=True)
class Block:
    """A graph whose Input and Output nodes are the ports, in the order of their option `place`, then name."""

    graph: Graph = field(default_factory=Graph)
    arguments: tuple[Argument, ...] = ()
    doc: str = ""


def block_name(type: str) -> str | None:
    """The block that a node of this type places, None where it places none."""
    return type.removeprefix(PREFIX) if type.startswith(PREFIX) else None


def ports(block: Block, type: str) -> list[Node]:
    """The Input or Output nodes of a block in the order of its ports."""
    return sorted((node for node in block.graph.nodes.values() if node.type == type), key=port_order)


def port_order(node: Node) -> tuple[float, tuple[Any, ...]]:
    """A key that sorts Input or Output nodes as a network takes and returns them: by place, then by name."""
    place = node.params.get("place")
    return place if isinstance(place, int | float) else 0, natural(node.name)


def as_listed(nodes: Iterable[Node]) -> dict[str, Node]:
    """Nodes by name, its Inputs and its Outputs with the places of this order; one alone needs none."""
    found = {node.name: node for node in nodes}
    for type in ("Input", "Output"):
        names = [name for name, node in found.items() if node.type == type]
        for place, name in enumerate(names if len(names) > 1 else ()):
            found[name] = found[name].with_params(place=place)
    return found


def overridden(node: Node, overrides: Mapping[str, Value]) -> Node:
    """A node with the parameters that a use from outside sets; deeper ones go on to the inner block."""
    own: dict[str, Value] = {}
    deeper: dict[str, Value] = {}
    for key, value in overrides.items():
        name, _, rest = key.partition(".")
        if name == node.name:
            (deeper if "." in rest else own)[rest] = value
    if deeper and block_name(node.type) is not None:
        inner = own.get("overrides", node.params.get("overrides"))
        own["overrides"] = {**(inner if isinstance(inner, Mapping) else {}), **deeper}
    return node.with_params(**own) if own else node


def graph_of(project: Project, block: str | None) -> Graph:
    """The main graph for None, else a block's; an empty one where there is no such block."""
    if block is None:
        return project.graph
    return project.blocks[block].graph if block in project.blocks else Graph()


def inside(project: Project, block: str | None) -> Project:
    """The project as an edit inside of a block sees it: the block's graph in the main graph's place."""
    return project if block is None else replace(project, graph=graph_of(project, block))


def within(project: Project, block: str | None, edit: Callable[[Project], Project]) -> Project:
    """Apply an edit of the main graph to a block's graph instead. A block that is gone stays gone."""
    if block is None:
        return edit(project)
    if block not in project.blocks:
        return project
    seen = inside(project, block)
    edited = edit(seen)
    if edited is seen or block not in edited.blocks:
        return replace(edited, graph=project.graph) if edited is not seen else project
    blocks = {**edited.blocks, block: replace(edited.blocks[block], graph=edited.graph)}
    return replace(edited, graph=project.graph, blocks=blocks)
