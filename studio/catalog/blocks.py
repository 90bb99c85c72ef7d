"""A project's blocks as layers, so that whatever works with layers works with them."""

from __future__ import annotations

from studio.catalog.registry import Layer, Port, Registry, registry
from studio.project.block import OWN_PARAMS, PREFIX, Argument, Block, ports
from studio.project.expressions import is_formula
from studio.project.params import Bool, Float, Int, Ints, Param, Table, Text
from studio.project.project import Project

REPEAT = Int(
    "repeat", 1, "How many follow each other, the results of one going into the next", low=1, high=1000
)
SHARED = Bool("shared", False, "Whether all repeats have the same weights", advanced=True)
OVERRIDES = Table(
    "overrides", {}, "Parameters inside that this use sets itself, such as conv.stride", advanced=True
)


def catalog_of(project: Project, known: Registry | None = None) -> Registry:
    """The registry with a layer for each block of a project."""
    known = known or registry()
    if not project.blocks:
        return known
    for blocks, base, found in _RECENT:
        if base is known and (blocks is project.blocks or blocks == project.blocks):
            return found
    layers = [layer_of(name, block) for name, block in project.blocks.items() if name.isidentifier()]
    found = known.with_layers(layers)
    _RECENT.insert(0, (project.blocks, known, found))
    del _RECENT[4:]
    return found


_RECENT: list[tuple[object, Registry, Registry]] = []
"""The last few answers, since the same project is asked about again and again."""


def layer_of(name: str, block: Block) -> Layer:
    """The layer that places a block."""
    return Layer(
        type=PREFIX + name,
        category="Block",
        doc=block.doc or f"The block {name} of this project.",
        params=tuple(_param(one) for one in block.arguments if one.name not in OWN_PARAMS),
        options=(REPEAT, SHARED, OVERRIDES),
        inputs=tuple(Port(one.name, one.note or f"The input {one.name}") for one in ports(block, "Input")),
        outputs=tuple(Port(one.name, one.note or f"The output {one.name}") for one in ports(block, "Output")),
        block=block,
    )


def _param(argument: Argument) -> Param:
    """A parameter of the kind that the argument's default has."""
    name, default, doc = argument.name, argument.default, argument.doc or argument.name
    match default:
        case bool():
            return Bool(name, default, doc, essential=True)
        case int():
            return Int(name, default, doc, essential=True)
        case float():
            return Float(name, default, doc, essential=True)
        case tuple() if all(isinstance(one, int) for one in default):
            return Ints(name, default, doc, essential=True)
        case _:
            return Text(name, default if isinstance(default, str) and not is_formula(default) else "", doc)
