"""Arguments of blocks: added, renamed, removed, and made of a parameter of a node inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from studio.project.block import OWN_PARAMS, Argument, Block, block_name
from studio.project.everywhere import each_graph, renamed_overrides
from studio.project.formulas import names_of, names_read, put, with_values
from studio.project.graph import Node, name_error
from studio.project.params import Value
from studio.project.project import Project


def argument_name_error(block: Block, name: str) -> str | None:
    """Why an argument cannot have this name, or None if it can."""
    if name in OWN_PARAMS or name == "index":
        return f"every block has {name} already"
    if any(one.name == name for one in block.arguments):
        return f"there is an argument {name} already"
    return name_error(name)


def add_argument(project: Project, block: str, argument: Argument) -> Project:
    """Let uses of a block set one more value. Raises ValueError if its name is invalid or taken."""
    old = project.blocks[block]
    wrong = argument_name_error(old, argument.name)
    if wrong:
        raise ValueError(wrong)
    return _with_block(project, block, replace(old, arguments=(*old.arguments, argument)))


def set_argument(project: Project, block: str, name: str, default: Value, doc: str | None = None) -> Project:
    """Change an argument's default, and what it is for if `doc` is given."""
    old = project.blocks[block]
    arguments = tuple(
        replace(one, default=default, doc=one.doc if doc is None else doc) if one.name == name else one
        for one in old.arguments
    )
    return _with_block(project, block, replace(old, arguments=arguments))


def rename_argument(project: Project, block: str, old: str, new: str) -> Project:
    """Give an argument another name, in the formulas inside and wherever it is set. Raises ValueError."""
    if old == new:
        return project
    there = project.blocks[block]
    wrong = argument_name_error(there, new)
    if wrong:
        raise ValueError(wrong)
    names: dict[str, Value] = {old: f"= {new}"}
    arguments = tuple(
        replace(one, name=new if one.name == old else one.name, default=put(one.default, names))
        for one in there.arguments
    )
    inner = replace(there, graph=with_values(there.graph, names), arguments=arguments)

    def renamed(node: Node) -> Node:
        if block_name(node.type) != block or old not in node.params:
            return node
        return replace(node, params={new if key == old else key: one for key, one in node.params.items()})

    def part(at: str | None, name: str, last: bool) -> str:
        return new if (at, name, last) == (block, old, True) else name

    return renamed_overrides(each_graph(_with_block(project, block, inner), renamed), part)


def remove_argument(project: Project, block: str, name: str) -> Project:
    """Remove an argument: inside, its default takes its place; what uses have set is gone."""
    old = project.blocks[block]
    value = next((one.default for one in old.arguments if one.name == name), None)
    values: dict[str, Value] = {name: value}
    kept = tuple(replace(one, default=put(one.default, values)) for one in old.arguments if one.name != name)

    def without(node: Node) -> Node:
        if block_name(node.type) != block or name not in node.params:
            return node
        return replace(node, params={key: one for key, one in node.params.items() if key != name})

    changed = replace(old, graph=with_values(old.graph, values), arguments=kept)
    return each_graph(_with_block(project, block, changed), without)


def promote(
    project: Project, block: str, node: str, param: str, argument: str, value: Value = None
) -> Project:
    """Make an argument of a parameter inside: its value becomes the default, and the parameter a formula.

    `value` is what the parameter is where it is not set. Raises ValueError if the name is invalid or taken.
    """
    there = project.blocks[block].graph.nodes[node]
    default = there.params.get(param, value)
    if "index" in names_of(default):
        raise ValueError(f"{param} differs from repeat to repeat; what a use sets would not")
    added = add_argument(project, block, Argument(argument, default))
    changed = added.blocks[block]
    linked = there.with_params(**{param: f"= {argument}"})
    return _with_block(added, block, replace(changed, graph=changed.graph.with_nodes(linked)))


def linked(project: Project, block: str, nodes: Iterable[str], param: str, argument: str) -> Project:
    """Let a parameter of nodes inside of a block be an argument."""
    there = project.blocks[block]
    changed = [there.graph.nodes[name].with_params(**{param: f"= {argument}"}) for name in nodes]
    return _with_block(project, block, replace(there, graph=there.graph.with_nodes(*changed)))


def reading(block: Block, argument: str) -> tuple[str, ...]:
    """The nodes of a block that have a formula with an argument in it."""
    nodes = block.graph.nodes.values()
    return tuple(node.name for node in nodes if argument in names_read((node,)))


def _with_block(project: Project, name: str, block: Block) -> Project:
    return replace(project, blocks={**project.blocks, name: block})
