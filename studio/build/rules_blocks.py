"""Checks of nodes that place a block: the block, what is set on them, how often they follow themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from studio.build import fixes
from studio.build.family import DEEPEST, Family, reads
from studio.build.plan import Checked, TensorType
from studio.build.site import Site
from studio.build.told import in_block
from studio.catalog.registry import Layer, Registry
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.block import PREFIX, Block, block_name
from studio.project.graph import Endpoint, Graph, Node, natural
from studio.project.params import Value
from studio.project.project import Project


def no_such_block(node: Node, registry: Registry) -> Problem:
    """A node that places a block which the project does not have."""
    name = block_name(node.type) or ""
    known = [one.removeprefix(PREFIX) for one in registry.layers if one.startswith(PREFIX)]
    near = get_close_matches(name, known, 2, 0.4)
    there = f"This project has {', '.join(known)}." if known else "This project has no blocks."
    chosen = (Fix(f"Make it {one}", fixes.retype(node.name, PREFIX + one).edit) for one in near)
    return Problem(
        "error",
        f"{node.name}: there is no block called {name}",
        f"{there} What is set on the node is kept as it is.",
        node.name,
        None,
        (*chosen, fixes.delete_node(node.name)),
    )


def loss_inside(node: Node, block: str) -> Problem:
    """A loss in a block: losses compare with the data, which only the main drawing knows."""
    return Problem(
        "error",
        f"{node.name}: {node.type} is a loss, and {block} is a block, which can have none",
        "Give what is to be compared out through an Output, and place the loss in the main drawing.",
        node.name,
        None,
        (_output_instead(node.name), fixes.delete_node(node.name)),
    )


def _output_instead(name: str) -> Fix:
    """An Output in a loss's place, behind its first wire."""

    def edit(project: Project) -> Project:
        node = project.graph.nodes[name]
        wires = [edge for edge in project.graph.incoming(name) if edge.target.port == "prediction"]
        bare = edits.disconnect(project, *project.graph.incoming(name))
        output = bare.with_graph(bare.graph.with_nodes(replace(node, type="Output", params={})))
        return edits.connect(output, wires[0].source, Endpoint(name, "input")) if wires else output

    return Fix("Make it an Output", fixes.on_node(name, edit))


def placement(site: Site, name: str, inside: str | None, family: Family) -> Iterator[Problem]:
    """Blocks that would have to be inside of themselves, or that nest too deep."""
    delete = fixes.delete_node(site.name)
    circle = family.circle(inside, name) if inside is not None else ()
    if circle:
        text = f"a block cannot be inside of itself: {' in '.join(reversed(circle))}"
        yield site.problem(text, "Delete one of these nodes, or place another block.", None, delete)
    elif family.is_too_deep(name):
        text = f"{name} nests blocks deeper than {DEEPEST}"
        yield site.problem(text, "Unpack some of the inner blocks.", None, delete)


def results(
    site: Site, name: str, outputs: tuple[TensorType | None, ...], inputs: tuple[TensorType | None, ...]
) -> Iterator[Problem]:
    """A block that gives nothing, or results that do not fit where the next repeat takes them."""
    block, repeat = site.layer.block, site.values["repeat"]
    assert block is not None
    assert isinstance(repeat, int)
    once = fixes.set_param(site.name, "repeat", 1)
    if not outputs:
        fix = _add_output(name, block)
        hint = "What leaves a block does so through Outputs."
        yield site.problem(f"{name} has no Output", hint, None, *fix)
    elif repeat > 1 and len(outputs) > len(inputs):
        text = f"{name} gives {_tensors(len(outputs))}; the next repeat takes {_tensors(len(inputs))}"
        hint = "Each Output goes to the Input of its place in the next repeat."
        yield site.problem(text, hint, "repeat", once)
    elif repeat > 1 and site.values["shared"]:
        for port, gives, takes in zip(site.layer.inputs, outputs, inputs, strict=False):
            if gives is not None and takes is not None and gives != takes:
                text = (
                    f"with shared weights each repeat takes the same; {port.name} gets {takes}, then {gives}"
                )
                hint = f"Let {name} give what it takes, or give each repeat weights of its own."
                separate = fixes.set_param(site.name, "shared", False, "Give each repeat its own weights")
                yield site.problem(text, hint, "shared", separate, once)
                return


def _tensors(count: int) -> str:
    return f"{count} tensor" if count == 1 else f"{count} tensors"


def _add_output(name: str, block: Block) -> list[Fix]:
    """An Output behind the last node of a block whose result nothing uses."""
    loose = [node for node in _loose(block.graph) if node.type != "Input"]
    return [
        in_block(name, fixes.add_after(Endpoint(node.name, "output"), "Output", {})) for node in loose[-1:]
    ]


def _loose(graph: Graph) -> list[Node]:
    nodes = sorted(graph.nodes.values(), key=lambda node: (node.position, natural(node.name)))
    return [node for node in nodes if not graph.outgoing(node.name)]


def too_large(site: Site, steps: int, most: int) -> Problem:
    """A use that comes to more layers than anyone can build."""
    text = f"this comes to {steps:,} layers; at most {most:,} can be built"
    once = fixes.set_param(site.name, "repeat", 1)
    return site.problem(text, "Repeat less, here or in the blocks inside.", "repeat", once)


def overrides(site: Site, given: Value, registry: Registry) -> Iterator[Problem]:
    """Overrides of nodes or parameters that the block does not have."""
    for key in given if isinstance(given, Mapping) else ():
        wrong = _unknown(site.layer.block, key, registry)
        if wrong:
            text = f"the override {key} has no effect: {wrong}"
            yield site.warning(text, "It is kept in the file.", "overrides", _drop_override(site.name, key))


def effective(layer: Layer, given: Mapping[str, Value], registry: Registry) -> dict[str, Value]:
    """The overrides that find their parameter."""
    return {key: value for key, value in given.items() if not _unknown(layer.block, key, registry)}


def _unknown(block: Block | None, key: str, registry: Registry) -> str:
    """Why an override such as "inner.conv.stride" finds nothing, "" where it does find its parameter."""
    name, _, rest = key.partition(".")
    node = block.graph.nodes.get(name) if block else None
    if node is None or not rest:
        return f"there is no node {name}" if node is None else f"of {name} it names no parameter"
    layer = registry.layer_of(node)
    if layer is None:
        return f"{name} is of an unknown type"
    if "." in rest:
        return _unknown(layer.block, rest, registry) if layer.block else f"{name} has no nodes inside"
    known = {param.name for param in layer.all_params}
    return "" if rest in known else f"{name} has no parameter {rest}"


def override_at_fault(problem: Problem, use: str, given: Value, inside: str | None) -> Problem:
    """A problem inside of a use about a parameter that this use overrides: removing that may mend it."""
    key = ".".join((*problem.path[1:], problem.node or "", problem.field or ""))
    if not isinstance(given, Mapping) or key not in given:
        return problem
    fix = _drop_override(use, key)
    return replace(problem, fixes=(in_block(inside, fix) if inside else fix, *problem.fixes))


def _drop_override(node: str, key: str) -> Fix:
    def edit(project: Project) -> Project:
        table = project.graph.nodes[node].params.get("overrides")
        given = table if isinstance(table, Mapping) else {}
        kept = {one: value for one, value in given.items() if one != key}
        if not kept:
            return edits.unset_params(project, node, ("overrides",))
        return edits.set_params(project, node, {"overrides": kept})

    return Fix(f"Remove the override {key}", fixes.on_node(node, edit))


def unused_arguments(checked: Checked) -> Iterator[Problem]:
    """Arguments of a block that no formula inside reads, told at the first use of the block."""
    for name, path in checked.first_uses().items():
        read = reads(checked.project.blocks[name])
        for argument in checked.project.blocks[name].arguments:
            if argument.name not in read:
                yield _unused(checked, path, name, argument.name)


def _unused(checked: Checked, path: tuple[str, ...], name: str, argument: str) -> Problem:
    fix = Fix(f"Remove the argument {argument} of {name}", _without_argument(name, argument))
    return Problem(
        "warning",
        f"{'.'.join(path)}: nothing inside of {name} reads its argument {argument}",
        f"Set a parameter inside to = {argument}, or remove the argument.",
        path[-1],
        argument,
        (fix,),
        path[:-1],
        checked.inside(path[:-1]).block,
    )


def _without_argument(name: str, argument: str) -> Callable[[Project], Project]:
    def edit(project: Project) -> Project:
        block = project.blocks.get(name)
        if block is None:
            return project
        kept = tuple(one for one in block.arguments if one.name != argument)
        return replace(project, blocks={**project.blocks, name: replace(block, arguments=kept)})

    return edit
