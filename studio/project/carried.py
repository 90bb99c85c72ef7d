"""What goes along when nodes are copied: the blocks and constants that these need, and their names where they
arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from studio.project.arguments import add_argument, argument_name_error
from studio.project.block import PREFIX, Argument, Block, block_name
from studio.project.formulas import known, names_read, with_values
from studio.project.graph import Graph, Node, free_name
from studio.project.params import Value
from studio.project.project import Project


def needed(blocks: Mapping[str, Block], nodes: Iterable[Node]) -> dict[str, Block]:
    """The blocks that nodes place, and those that are in these."""
    found: dict[str, Block] = {}
    waiting = list(nodes)
    while waiting:
        name = block_name(waiting.pop().type)
        if name is not None and name in blocks and name not in found:
            found[name] = blocks[name]
            waiting.extend(blocks[name].graph.nodes.values())
    return found


def received(project: Project, piece: Project) -> tuple[Project, Graph]:
    """A project with the blocks of a piece, and the piece's drawing with the names that they have there.

    A block that the project has already is shared; one that differs from its namesake takes a free name.
    """
    coming = needed(piece.blocks, piece.graph.nodes.values())
    names = _clashing(project, coming)
    for name in sorted(names):
        names[name] = _name_for(project, coming, name, names)
    blocks = dict(project.blocks)
    for name, block in coming.items():
        blocks[names.get(name, name)] = replace(block, graph=_retyped(block.graph, names))
    return replace(project, blocks=blocks), _retyped(piece.graph, names)


def read_constants(project: Project, nodes: Iterable[Node], block: str | None) -> dict[str, Value]:
    """What the formulas of nodes read, with the values that these names have where the nodes are."""
    read = names_read(nodes)
    return {name: value for name, value in known(project, block).items() if name in read}


def with_constants(
    project: Project, drawing: Graph, constants: Mapping[str, Value], block: str | None
) -> tuple[Project, Graph]:
    """A project that knows what the formulas of a drawing read, and the drawing with the names of there.

    A constant takes a free name where another value has its own. A block reads its arguments: those it lacks
    are added, with the constants as their defaults.
    """
    if block is not None:
        lacking = [name for name in constants if argument_name_error(project.blocks[block], name) is None]
        for name in lacking:
            project = add_argument(project, block, Argument(name, constants[name]))
        return project, drawing
    there, names = dict(project.constants), dict[str, Value]()
    for name, value in constants.items():
        new = _constant_name(name, value, there, constants)
        there[new] = value
        names |= {name: f"= {new}"} if new != name else {}
    return replace(project, constants=there), with_values(drawing, names)


def _constant_name(name: str, value: Value, there: Mapping[str, Value], coming: Mapping[str, Value]) -> str:
    """The name itself where it is free or means the same; else that of an equal one pasted before, or a free
    one.
    """
    if name not in there or _equal(there[name], value):
        return name
    stem = name.rstrip("0123456789")
    alike = (one for one in there if one.rstrip("0123456789") == stem and one not in coming)
    return next((one for one in alike if _equal(there[one], value)), free_name(name, {*there, *coming}))


def _equal(one: Value, other: Value) -> bool:
    return one == other and type(one) is type(other)


def _clashing(project: Project, coming: Mapping[str, Block]) -> dict[str, str]:
    """The blocks that cannot keep their names: they differ from their namesake, or what they place does."""
    names = {name: name for name, block in coming.items() if project.blocks.get(name, block) != block}
    grown = True
    while grown:
        more = [
            name
            for name, block in coming.items()
            if name in project.blocks and name not in names and _places(block, names)
        ]
        names |= dict(zip(more, more, strict=True))
        grown = bool(more)
    return names


def _places(block: Block, names: Mapping[str, str]) -> bool:
    return any(block_name(node.type) in names for node in block.graph.nodes.values())


def _name_for(project: Project, coming: Mapping[str, Block], name: str, names: Mapping[str, str]) -> str:
    """The name of an equal block from an earlier paste, else a free one."""
    block = coming[name]
    if not _places(block, names):
        for known, other in project.blocks.items():
            if other == block and known.rstrip("0123456789") == name.rstrip("0123456789"):
                return known
    return free_name(name, {*project.blocks, *coming, *names.values()})


def _retyped(graph: Graph, names: Mapping[str, str]) -> Graph:
    changed = [
        replace(node, type=PREFIX + names[name])
        for node in graph.nodes.values()
        if (name := block_name(node.type)) is not None and name in names
    ]
    return graph.with_nodes(*changed) if changed else graph
