"""Where blocks are placed, and edits that reach all these places: renaming, deleting, a node's new name."""

from __future__ import annotations

from dataclasses import replace

from studio.project import edits
from studio.project.block import PREFIX, block_name, graph_of, within
from studio.project.everywhere import each_graph, renamed_overrides
from studio.project.graph import Edge, Node, name_error
from studio.project.project import Project

PORTS = frozenset({"Input", "Output"})


def block_name_error(project: Project, name: str) -> str | None:
    """Why a block cannot have this name, or None if it can."""
    return name_error(name) or (f"there is a block {name} already" if name in project.blocks else None)


def uses_of(project: Project, block: str) -> list[tuple[str | None, str]]:
    """The nodes that place a block, each with the block that it is in, None for the main drawing."""
    return [
        (where, node.name)
        for where in (None, *project.blocks)
        for node in graph_of(project, where).nodes.values()
        if block_name(node.type) == block
    ]


def rename_block(project: Project, old: str, new: str) -> Project:
    """Give a block another name, at all nodes that place it. Raises ValueError if it is invalid or taken."""
    if old == new:
        return project
    wrong = block_name_error(project, new)
    if wrong:
        raise ValueError(wrong)
    blocks = {new if name == old else name: block for name, block in project.blocks.items()}

    def renamed(node: Node) -> Node:
        return replace(node, type=PREFIX + new) if block_name(node.type) == old else node

    return each_graph(replace(project, blocks=blocks), renamed)


def delete_block(project: Project, name: str) -> Project:
    """Remove a block and all nodes that place it, with their wires."""
    for where, node in uses_of(project, name):
        project = within(project, where, lambda seen, node=node: edits.delete(seen, (node,)))
    return replace(project, blocks={one: block for one, block in project.blocks.items() if one != name})


def rename_node(project: Project, block: str | None, old: str, new: str) -> Project:
    """Give a node of a block (None: of the main drawing) another name.

    A port's name is in the wires of all uses of the block, and every node's in what they override. Raises
    ValueError if the name is invalid or taken.
    """
    renamed = within(project, block, lambda seen: edits.rename(seen, old, new))
    if block is None or renamed is project:
        return renamed

    def part(at: str | None, name: str, last: bool) -> str:
        return new if (at, name, last) == (block, old, False) else name

    keyed = renamed_overrides(renamed, part, project)
    if project.blocks[block].graph.nodes[old].type not in PORTS:
        return keyed
    for where, node in uses_of(keyed, block):
        keyed = within(keyed, where, lambda seen, node=node: _with_port(seen, node, old, new))
    return keyed


def _with_port(project: Project, node: str, old: str, new: str) -> Project:
    """The wires at a node that end or start at a port, at its new name."""
    graph = project.graph
    gone: list[Edge] = []
    added: list[Edge] = []
    for edge in {*graph.incoming(node), *graph.outgoing(node)}:
        source, target = edge.source, edge.target
        if source.node == node and source.port == old:
            source = replace(source, port=new)
        if target.node == node and target.port == old:
            target = replace(target, port=new)
        if (source, target) != (edge.source, edge.target):
            gone.append(edge)
            added.append(replace(edge, source=source, target=target))
    return project.with_graph(graph.without_edges(*gone).with_edges(*added)) if gone else project
