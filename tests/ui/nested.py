"""A small network drawn with blocks in blocks, repeats, arguments, constants and formulas."""

from __future__ import annotations

from studio.catalog.blocks import catalog_of
from studio.project import edits
from studio.project.block import Argument, Block, within
from studio.project.graph import Endpoint
from studio.project.params import Value
from studio.project.project import Project

Placed = tuple[str, str, tuple[int, int], dict[str, Value]]


def nested() -> Project:
    """stem and layer1 (twice) are blocks; layer1's block places stem's block twice."""
    conv = Block(arguments=(Argument("channels", 8, "Channels out"),), doc="A convolution, normalized")
    residual = Block(arguments=(Argument("width", 8), Argument("expand", 2)))
    project = Project(name="nested", constants={"width": 8}, blocks={"ConvBlock": conv, "Residual": residual})
    project = _placed(
        project,
        "ConvBlock",
        ("x", "Input", (0, 0), {}),
        ("conv", "Conv2d", (240, 0), {"out_channels": "= channels", "padding": "same"}),
        ("norm", "BatchNorm2d", (480, 0), {}),
        ("y", "Output", (720, 0), {}),
    )
    project = _wired(project, "ConvBlock", "x -> conv", "conv -> norm", "norm -> y")
    project = _placed(
        project,
        "Residual",
        ("x", "Input", (0, 60), {}),
        ("first", "block:ConvBlock", (240, 0), {"channels": "= width * expand"}),
        ("second", "block:ConvBlock", (520, 0), {"channels": "= width"}),
        ("join", "Add", (800, 40), {}),
        ("y", "Output", (1000, 40), {}),
    )
    inner = ("x -> first", "first -> second", "second -> join", "x -> join", "join -> y")
    project = _wired(project, "Residual", *inner)
    project = _placed(
        project,
        None,
        ("images", "Input", (0, 0), {"field": "image"}),
        ("stem", "block:ConvBlock", (240, 0), {"channels": "= width"}),
        ("layer1", "block:Residual", (500, 0), {"repeat": 2}),
        ("flat", "Flatten", (760, 0), {}),
        ("head", "Linear", (760, 160), {"out_features": 10}),
        ("loss", "CrossEntropy", (500, 160), {"target": "label"}),
    )
    outer = ("images -> stem", "stem -> layer1", "layer1 -> flat", "flat -> head", "head -> loss")
    return _wired(project, None, *outer)


def _placed(project: Project, block: str | None, *nodes: Placed) -> Project:
    for name, type, at, params in nodes:

        def add(seen: Project, name=name, type=type, at=at, params=params) -> Project:
            return edits.add_node(seen, type, at, params, name)[0]

        project = within(project, block, add)
    return project


def _wired(project: Project, block: str | None, *pairs: str) -> Project:
    def wire(seen: Project) -> Project:
        catalog = catalog_of(seen)
        for pair in pairs:
            source, target = pair.split(" -> ")
            start = catalog.layer_of(seen.graph.nodes[source])
            end = catalog.layer_of(seen.graph.nodes[target])
            assert start is not None
            assert end is not None
            port = end.inputs[0]
            there = Endpoint(source, start.outputs[0].name), Endpoint(target, port.name)
            seen = edits.connect(seen, *there, port.variadic)
        return seen

    return within(project, block, wire)
