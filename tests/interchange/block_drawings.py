"""Drawings with blocks in which each has something of its own: arguments, repeats, states, overrides."""

from __future__ import annotations

from dataclasses import replace

from studio.project.block import Argument, Block
from studio.project.graph import Graph, Node
from studio.project.params import Value
from studio.project.project import Project
from tests.build.drawings import node, wire


def block(nodes: list[Node], *wires: str, doc: str = "", **arguments: Value) -> Block:
    graph = Graph({one.name: one for one in nodes}, tuple(map(wire, wires)))
    return Block(graph, tuple(Argument(name, default) for name, default in arguments.items()), doc)


def chained(*nodes: Node, doc: str = "", **arguments: Value) -> Block:
    """A block of nodes in a row between its one input x and its one output y."""
    row = [node("x", "Input"), *nodes, node("y", "Output")]
    return block(row, *wires_of(row), doc=doc, **arguments)


def wires_of(row: list[Node]) -> list[str]:
    ends = [(f"{one.name}.y" if one.type.startswith("block:") else one.name) for one in row]
    starts = [(f"{one.name}.x" if one.type.startswith("block:") else one.name) for one in row]
    return [f"{end} > {start}" for end, start in zip(ends, starts[1:], strict=False)]


def drawing(*between: Node, **blocks: Block) -> Project:
    """A classifier of pictures with some nodes in a row."""
    row = [node("image", "Input", field="image"), *between, node("flatten", "Flatten")]
    row.append(node("fc", "Linear", out_features=10))
    graph = Graph(
        {one.name: one for one in [*row, node("loss", "CrossEntropy")]},
        tuple(map(wire, [*wires_of(row), "fc > loss.prediction"])),
    )
    return Project("stages", graph, blocks=blocks)


def residual() -> Block:
    return block(
        [
            node("x", "Input"),
            node("conv1", "Conv2d", out_channels="= width", kernel_size=1, bias=False),
            node("norm", "BatchNorm2d"),
            node("conv2", "Conv2d", out_channels="= 4 * width", padding=1),
            node("skip", "Add"),
            node("y", "Output"),
        ],
        *["x > conv1", "conv1 > norm", "norm > conv2", "conv2 > skip.inputs.0", "x > skip.inputs.1"],
        "skip > y",
        doc="Two convolutions beside a skip.",
        width=8,
    )


def stages() -> Project:
    stage = chained(
        node("down", "Conv2d", out_channels="= 4 * width", kernel_size=2, stride=2),
        node("rest", "block:Residual", width="= width", repeat="= depth"),
        width=8,
        depth=2,
    )
    return drawing(
        node("first", "block:Stage", width=2),
        node("second", "block:Stage", depth=3),
        Stage=stage,
        Residual=residual(),
    )


def conv(**params: Value) -> Node:
    return node("conv", "Conv2d", padding=1, **params)


def dense() -> Project:
    """Every turn adds channels, so that each has more than the one before."""
    layer = block(
        [node("x", "Input"), conv(out_channels="= growth"), node("both", "Concat"), node("y", "Output")],
        *["x > conv", "x > both.inputs.0", "conv > both.inputs.1", "both > y"],
        growth=4,
    )
    return drawing(node("a", "block:Dense", repeat=3), node("b", "block:Dense", growth=2), Dense=layer)


def memory(**use: Value) -> Project:
    """Two tensors go round, a third stays."""
    inside = block(
        [
            *[node("a", "Input", place=1), node("b", "Input", place=2), node("memory", "Input", place=3)],
            node("conv_a", "Conv2d", out_channels=2, padding=1),
            node("conv_b", "Conv2d", out_channels=2, padding=1),
            *[node("add", "Add"), node("out_a", "Output", place=1), node("out_b", "Output", place=2)],
        ],
        *["a > conv_a", "b > conv_b", "conv_a > add.inputs.0", "memory > add.inputs.1", "add > out_a"],
        "conv_b > out_b",
    )
    stems = [node(name, "Conv2d", out_channels=2) for name in ("one", "two", "three")]
    rest = [node("pair", "block:Pair", **use), node("sum", "Add"), node("flatten", "Flatten")]
    nodes = [node("image", "Input", field="image"), *stems, *rest, node("fc", "Linear", out_features=10)]
    wires = [
        *[
            "image > one",
            "image > two",
            "image > three",
            "one > pair.a",
            "two > pair.b",
            "three > pair.memory",
        ],
        *["pair.out_a > sum.inputs.0", "pair.out_b > sum.inputs.1", "sum > flatten", "flatten > fc"],
        "fc > loss.prediction",
    ]
    named = {one.name: one for one in [*nodes, node("loss", "CrossEntropy")]}
    return Project("stages", Graph(named, tuple(map(wire, wires))), blocks={"Pair": inside})


def numbered() -> Project:
    """A formula that reads the number of the turn, and the first turn with other channels."""
    inside = chained(conv(out_channels="= width"), node("drop", "Dropout", p="= 0.1 * (index + 1)"), width=4)
    outer = chained(node("all", "block:Inner", width="= 2 * width", repeat="= depth"), width=2, depth=3)
    return drawing(
        node("lone", "block:Inner", width=3),
        node("a", "block:Outer", repeat=2),
        node("b", "block:Outer", depth=4),
        Inner=inside,
        Outer=outer,
    )


def stored() -> Project:
    """Functions whose arguments are formulas: forward reads them from attributes."""
    inside = chained(
        node("rows", "Reshape", shape="= (heads, -1, 64 // heads)"),
        node("turn", "Permute", dims=(0, 2, 1, 3)),
        node("flat", "Reshape", shape="= shape"),
        node("mean", "Mean", dim="= axis", keepdim=True),
        heads=4,
        shape=(1, 8, 8),
        axis=2,
    )
    return drawing(node("a", "block:Rows"), node("b", "block:Cols"), Rows=inside, Cols=chained(conv()))


def overridden() -> Project:
    """Uses that set parameters inside, in a block's block too, and one whose node is muted."""
    inside = chained(
        conv(out_channels=4), node("drop", "Dropout", p=0.2), replace(node("act", "ReLU"), muted=True)
    )
    outer = chained(node("inner", "block:Inner"), node("act", "ReLU"))
    return drawing(
        node("a", "block:Inner", overrides={"conv.out_channels": 6, "drop.p": 0.5}),
        node("b", "block:Outer", overrides={"inner.conv.kernel_size": 5, "inner.conv.padding": 2}),
        node("c", "block:Outer"),
        Inner=inside, Outer=outer,
    )  # fmt: skip


def single() -> Project:
    """A repeat that is once 1 and once 2: the keys of the weights differ, and so do the classes."""
    outer = chained(node("all", "block:Inner", repeat="= depth"), depth=1)
    return drawing(
        node("a", "block:Outer"),
        node("b", "block:Outer", depth=2),
        Inner=chained(conv(out_channels=3)),
        Outer=outer,
    )


def halves() -> Project:
    """A division gives a whole number only where the code says so; a choice may hang on an argument."""
    inside = chained(
        conv(out_channels="= width / 2"),
        node("one", "Conv2d", out_channels="= 2 * round(width / 5)", padding="= 'same' if width > 4 else 1"),
        width=8,
    )
    return drawing(node("a", "block:Inner"), node("b", "block:Inner", width=4), Inner=inside)


def constants() -> Project:
    project = drawing(
        node("stem", "Conv2d", out_channels="= width", padding=1, init="normal", init_std="= 0.1 / width"),
        node("norm", "BatchNorm2d"),
        node("a", "block:Inner", width="= 2 * width"),
        Inner=chained(conv(out_channels="= width", init="normal", init_std="= 1 / sqrt(width)"), width=4),
    )
    return replace(project, constants={"width": 6, "unread": 1})


def formula(name: str, text: str) -> Node:
    return node(name, "Expression", expression=text)


def fixed() -> Project:
    """A block that takes nothing, and one whose parameter has another size in each use."""
    table = block(
        [node("rows", "Parameter", shape=(4, 4)), formula("wave", "sin(x)"), node("y", "Output")],
        *["rows > wave.x", "wave > y"],
    )
    scaled = block(
        [node("x", "Input"), node("scale", "Parameter", shape="= (width, 1, 1)"),
         formula("times", "x * (1 + s)"), node("y", "Output")],
        *["x > times.x", "scale > times.s", "times > y"],
        width=4,
    )  # fmt: skip
    project = drawing(
        node("stem", "Conv2d", out_channels=4),
        node("a", "block:Scaled"),
        node("wider", "Conv2d", out_channels=6),
        node("b", "block:Scaled", width=6),
        Scaled=scaled,
    )
    return replace(project, blocks={**project.blocks, "Table": table}).with_graph(
        Graph(
            {**project.graph.nodes, "table": node("table", "block:Table"), "sum": formula("sum", "x + t")},
            (*(one for one in project.graph.edges if one.target.node != "flatten"),
             *map(wire, ["b.y > sum.x", "table.y > sum.t", "sum > flatten"])),
        )
    )  # fmt: skip


def turned() -> Project:
    """A block that runs on its own results, which it gives in another order of dimensions than it takes."""
    inside = chained(conv(out_channels=4), formula("gate", "input * sigmoid(input)"))
    return drawing(node("stem", "Conv2d", out_channels=4), node("all", "block:Inner", repeat=3), Inner=inside)


def sized() -> Project:
    """New shapes of which two sizes differ between the uses, and pictures of two sizes made larger."""
    inside = chained(
        node("rows", "Reshape", shape="= shape"),
        conv(out_channels=4),
        formula("larger", "interpolate(input, scale_factor=2.0)"),
        formula("flat", "flatten(input, 2)"),
        shape=(4, 4, 4),
    )
    return drawing(node("a", "block:Rows"), node("b", "block:Rows", shape=(4, 4, 16)), Rows=inside)


def ranked() -> Project:
    """A block on tensors of four dimensions and of three."""
    inside = chained(node("mean", "Mean", dim=-1, keepdim=True), formula("away", "sin(input)"))
    return drawing(
        *[node("stem", "Conv2d", out_channels=4), node("a", "block:Inner")],
        *[node("rows", "Flatten", start_dim=2), node("b", "block:Inner")],
        Inner=inside,
    )


def alike() -> Project:
    """Names that are the same once those of blocks stand before them, or that Keras gives by itself."""
    return drawing(
        node("a", "block:Inner"),
        node("a_b", "block:Other"),
        formula("both", "input * 2 + input"),
        node("multiply", "Conv2d", out_channels=3),
        node("add", "Dropout"),
        node("mean", "AvgPool2d", kernel_size=3, padding=1, stride=1, count_include_pad=False),
        Inner=chained(node("b_conv", "Conv2d", out_channels=3, padding=1)),
        Other=chained(conv(out_channels=2)),
    )


def gathered() -> Project:
    """Whole numbers among the weights."""
    project = drawing(node("stem", "Conv2d", out_channels=4), formula("taken", "input[..., p]"))
    places = node("places", "Buffer", shape=(5,), dtype="int64")
    return project.with_graph(
        Graph({**project.graph.nodes, "places": places}, (*project.graph.edges, wire("places > taken.p")))
    )


DRAWINGS = {
    "stages": stages(),
    "shared": drawing(
        node("a", "Conv2d", out_channels=8), node("b", "block:Residual", width=2, repeat=3, shared=True),
        Residual=residual(),
    ),
    "dense": dense(),
    "two tensors": memory(),
    "two tensors again": memory(repeat=3),
    "two tensors shared": memory(repeat=3, shared=True),
    "numbered": numbered(),
    "stored": stored(),
    "overridden": overridden(),
    "single": single(),
    "halves": halves(),
    "constants": constants(),
    "fixed": fixed(),
    "turned": turned(),
    "sized": sized(),
    "ranked": ranked(),
    "alike": alike(),
    "gathered": gathered(),
}  # fmt: skip
