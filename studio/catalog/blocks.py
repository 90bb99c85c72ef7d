"""A project's blocks as layers, so that whatever works with layers works with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from studio.catalog.registry import Layer, Port, Registry, registry
from studio.project.block import OWN_PARAMS, PREFIX, Argument, Block, block_name, ports
from studio.project.expressions import resolved
from studio.project.graph import Node, natural
from studio.project.params import Bool, Float, Int, Ints, Param, Table, Text, Value
from studio.project.project import Project

REPEAT = Int(
    "repeat", 1, "How many follow each other, the results of one going into the next", low=1, high=1000
)
SHARED = Bool("shared", False, "Whether all repeats have the same weights", advanced=True)
OVERRIDES = Table(
    "overrides", {}, "Parameters inside that this use sets itself, such as conv.stride", advanced=True
)

BLOCK_OPTIONS: tuple[Param, ...] = (REPEAT, SHARED, OVERRIDES)
DEEPEST = 32


def catalog_of(project: Project, known: Registry | None = None) -> Registry:
    """The registry with a layer for each block of a project."""
    known = known or registry()
    if not project.blocks:
        return known
    for blocks, base, found in _RECENT:
        if base is known and (blocks is project.blocks or blocks == project.blocks):
            return found
    blocks = project.blocks
    layers = [layer_of(name, block, blocks, known) for name, block in blocks.items() if name.isidentifier()]
    found = known.with_layers(layers)
    _RECENT.insert(0, (project.blocks, known, found))
    del _RECENT[4:]
    return found


_RECENT: list[tuple[object, Registry, Registry]] = []
"""The last few answers, since the same project is asked about again and again."""


def layer_of(
    name: str, block: Block, blocks: Mapping[str, Block] | None = None, known: Registry | None = None
) -> Layer:
    """The layer that places a block; `blocks` are all of the project, which may be inside of it."""
    blocks, known = blocks or {name: block}, known or registry()
    names: dict[str, Value] = {}
    for argument in block.arguments:
        names |= resolved({argument.name: argument.default}, names)[0]
    return Layer(
        type=PREFIX + name,
        category="Block",
        doc=block.doc or f"The block {name} of this project.",
        params=tuple(
            _param(one, names[one.name], _kind(name, one.name, blocks, known))
            for one in block.arguments
            if one.name not in OWN_PARAMS
        ),
        options=BLOCK_OPTIONS,
        inputs=tuple(Port(one.name, one.note or f"The input {one.name}") for one in ports(block, "Input")),
        outputs=tuple(Port(one.name, one.note or f"The output {one.name}") for one in ports(block, "Output")),
        block=block,
    )


def _kind(
    block: str, argument: str, blocks: Mapping[str, Block], known: Registry, depth: int = 0
) -> Param | None:
    """The parameter inside that an argument is given to as it is: it knows best what is accepted."""
    nodes = blocks[block].graph.nodes if block in blocks and depth < DEEPEST else {}
    given = [
        (natural(name), name, key)
        for name, node in nodes.items()
        for key, value in node.params.items()
        if isinstance(value, str) and value[:1] == "=" and value[1:].strip() == argument
    ]
    if not given:
        return None
    _, first, key = min(given)
    inner = block_name(nodes[first].type)
    if inner is not None and key not in OWN_PARAMS:
        return _kind(inner, key, blocks, known, depth + 1)
    params = BLOCK_OPTIONS if inner is not None else _params(known, nodes[first])
    return next((param for param in params if param.name == key), None)


def _params(known: Registry, node: Node) -> tuple[Param, ...]:
    layer = known.layer_of(node)
    return layer.all_params if layer else ()


def _param(argument: Argument, value: Value, kind: Param | None) -> Param:
    """A parameter of a kind, where it accepts the default; else of the kind that the default has."""
    doc = argument.doc or (kind.doc if kind else argument.name)
    try:
        if kind is not None:
            kind.check(value)
    except ValueError:
        kind = None
    kind = kind or _kind_of(value)
    return replace(
        kind, name=argument.name, default=argument.default, doc=doc, advanced=False, essential=True, when=None
    )


def _kind_of(value: Value) -> Param:
    match value:
        case bool():
            return Bool("", value, "")
        case int():
            return Int("", value, "")
        case float():
            return Float("", value, "")
        case tuple() if all(isinstance(one, int) for one in value):
            return Ints("", value, "")
        case _:
            return Text("", "", "")
