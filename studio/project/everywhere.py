"""Edits of every node of a project, in the main drawing and in all blocks, and of all that uses override."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from studio.project.block import Block, block_name
from studio.project.graph import Graph, Node
from studio.project.params import Value
from studio.project.project import Project

NewPart = Callable[[str | None, str, bool], str]
"""The new name of a part of an override's key: in which block, the part, and whether it is a parameter."""


def each_graph(project: Project, edit: Callable[[Node], Node]) -> Project:
    """Every node of the main drawing and of all blocks changed in the same way."""
    blocks = {
        name: block if (graph := _each(block.graph, edit)) is block.graph else replace(block, graph=graph)
        for name, block in project.blocks.items()
    }
    return replace(project, graph=_each(project.graph, edit), blocks=blocks)


def _each(graph: Graph, edit: Callable[[Node], Node]) -> Graph:
    changed = [new for node in graph.nodes.values() if (new := edit(node)) is not node]
    return graph.with_nodes(*changed) if changed else graph


def renamed_overrides(project: Project, part: NewPart, known: Project | None = None) -> Project:
    """All overrides with parts of their keys renamed; `known` has the names by which they are followed."""
    blocks = (known or project).blocks

    def edit(node: Node) -> Node:
        table = node.params.get("overrides")
        if block_name(node.type) is None or not isinstance(table, Mapping) or not table:
            return node
        new: dict[str, Value] = {_key(blocks, node, key, part): value for key, value in table.items()}
        return node if new.keys() == table.keys() else node.with_params(overrides=new)

    return each_graph(project, edit)


def _key(blocks: Mapping[str, Block], use: Node, key: str, part: NewPart) -> str:
    """A key such as "inner.conv.stride", followed from the node that has it."""
    parts = key.split(".")
    node: Node | None = use
    found: list[str] = []
    for at, one in enumerate(parts):
        name = block_name(node.type) if node is not None else None
        found.append(part(name, one, at == len(parts) - 1) if name is not None else one)
        node = blocks[name].graph.nodes.get(one) if name is not None and name in blocks else None
    return ".".join(found)
