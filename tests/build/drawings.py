"""Drawings written in a few words, and the fields that they stand on."""

from __future__ import annotations

from itertools import pairwise

from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.params import Value
from studio.project.project import Project

FIELDS = {
    "image": Field("image", (1, 8, 8), low=0.0, high=16.0),
    "rows": Field("rows", (5,)),
    "words": Field("words", (7,), "int64", low=0.0, high=19.0),
    "label": Field("label", (), "int64", tuple("0123456789"), "target"),
    "answer": Field("answer", (), "int64", ("no", "yes"), "target"),
    "price": Field("price", (1,), role="target", low=20.0, high=300.0),
}


def node(name: str, type: str, **params: Value) -> Node:
    return Node(name, type, params)


def wire(text: str) -> Edge:
    """`conv1 > relu1`, with ports behind a point where they are not output and input: `a > add.inputs.1`."""
    source, target = (end.strip().split(".") for end in text.split(">"))
    of = Endpoint(source[0], source[1] if len(source) > 1 else "output")
    index = int(target[2]) if len(target) > 2 else 0
    return Edge(of, Endpoint(target[0], target[1] if len(target) > 1 else "input", index))


def draw(nodes: list[Node], *wires: str) -> Project:
    """A project of nodes and wires."""
    return Project(graph=Graph({one.name: one for one in nodes}, tuple(map(wire, wires))))


def classifier(*between: Node, outputs: int = 10, field: str = "image") -> Project:
    """Input, some layers, Flatten, Linear and CrossEntropy in a row."""
    row = [
        node("x", "Input", field=field),
        *between,
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=outputs),
    ]
    wires = [f"{one.name} > {other.name}" for one, other in pairwise(row)]
    return draw([*row, node("loss", "CrossEntropy")], *wires, "fc > loss.prediction")


def residual() -> Project:
    """A skip connection, a muted node, a recurrent branch, two losses and an output."""
    return draw(
        [
            node("image", "Input", field="image"),
            node("stem", "Conv2d", out_channels=8, padding=1),
            node("act", "ReLU"),
            node("conv1", "Conv2d", out_channels=8, padding=1, bias=False),
            node("norm", "BatchNorm2d"),
            node("relu", "ReLU"),
            node("skip", "Add"),
            node("rest", "Dropout"),
            node("flatten", "Flatten"),
            node("rows", "Reshape", shape=(8, 8)),
            node("lstm", "LSTM", hidden_size=6, num_layers=2),
            node("last", "Select", dim=0, index=1),
            node("both", "Concat"),
            node("fc", "Linear", out_features=10),
            node("worth", "Linear", out_features=1),
            node("loss", "CrossEntropy"),
            node("price", "MSE", target="price", weight=0.5),
            node("result", "Output"),
        ],
        "image > stem",
        "stem > act",
        "act > conv1",
        "conv1 > norm",
        "norm > relu",
        "relu > skip.inputs.0",
        "act > skip.inputs.1",
        "skip > rest",
        "rest > flatten",
        "image > rows",
        "rows > lstm",
        "lstm.cell > last",
        "flatten > both.inputs.0",
        "last > both.inputs.1",
        "both > fc",
        "both > worth",
        "fc > loss.prediction",
        "worth > price.prediction",
        "fc > result",
    )
