"""A mistake as a value, and drawings with a mistake written in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Value
from studio.project.project import Project, Setting
from tests.build.drawings import FIELDS, draw, node, wire

DATA = {
    **FIELDS,
    "photo": Field("photo", (3, 16, 16), low=0.0, high=255.0),
    "steps": Field("steps", (7, 10)),
    "number": Field("number", ()),
    "share": Field("share", (1,), role="target", low=0.0, high=1.0),
    "change": Field("change", (1,), role="target", low=-5.0, high=5.0),
    "mask": Field("mask", (1, 16, 16), role="target", low=0.0, high=1.0),
}


@dataclass(frozen=True)
class Mistake:
    """A kind of mistake: a drawing that makes it, what is said, where, and the fix that is offered first.

    `at` is "node.field", "node", or a dotted key of the settings. `also` is what else is said of the drawing.
    """

    kind: str
    project: Project
    says: str
    at: str
    fix: str
    severity: str = "error"
    fields: Mapping[str, Field] = field(default_factory=lambda: DATA)
    parts: Mapping[str, int] | None = None
    also: tuple[str, ...] = ()


def row(*nodes: Node, field: str = "image") -> Project:
    """An Input and nodes in a row; a loss at the end takes what comes as its prediction."""
    chain = [node("x", "Input", field=field), *nodes]
    return draw(chain, *(f"{one.name} > {_into(other)}" for one, other in pairwise(chain)))


def _into(one: Node) -> str:
    port = {"MultiheadAttention": "query", "Add": "inputs", "Concat": "inputs"}.get(one.type, "input")
    return f"{one.name}.{'prediction' if one.name == 'loss' else port}"


def scores(count: int = 10) -> tuple[Node, Node]:
    """A Linear with some results, and cross-entropy."""
    return node("fc", "Linear", out_features=count), node("loss", "CrossEntropy")


def classes(*nodes: Node, field: str = "image") -> Project:
    """Some layers, Flatten, Linear and cross-entropy in a row."""
    return row(*nodes, node("flatten", "Flatten"), *scores(), field=field)


def numbers(*nodes: Node, field: str = "rows", target: str = "price", loss: str = "MSE") -> Project:
    """Some layers and a loss for numbers in a row."""
    return row(*nodes, node("loss", loss, target=target), field=field)


def meeting(left: list[Node], right: list[Node], merge: Node, field: str = "photo") -> Project:
    """Two branches from one Input that meet, then Flatten, Linear and cross-entropy."""
    wires = [f"{one.name} > {other.name}" for side in (left, right) for one, other in pairwise(side)]
    starts = [f"x > {side[0].name}" for side in (left, right) if side]
    ends = [(side or [node("x", "Input")])[-1].name for side in (left, right)]
    tail = [merge, node("flatten", "Flatten"), *scores()]
    return draw(
        [node("x", "Input", field=field), *left, *right, *tail],
        *starts,
        *wires,
        *(f"{name} > {merge.name}.inputs.{index}" for index, name in enumerate(ends)),
        *(f"{one.name} > {_into(other)}" for one, other in pairwise(tail)),
    )


def conv(name: str, channels: int = 8, **params: Value) -> Node:
    """A convolution that keeps the size, if nothing else is said."""
    return node(name, "Conv2d", **{"out_channels": channels, "padding": 1, **params})


def plus(project: Project, *nodes: Node, wires: tuple[str, ...] = ()) -> Project:
    """More nodes and wires."""
    graph = project.graph.with_nodes(*nodes)
    return project.with_graph(graph.with_edges(*map(wire, wires)))


def minus(project: Project, *wires: str) -> Project:
    """Some wires less."""
    return project.with_graph(project.graph.without_edges(*map(wire, wires)))


def trained(project: Project, **options: Value) -> Project:
    """Options of the training."""
    return replace(project, training=replace(project.training, options=options))


def optimized(project: Project, optimizer: Setting) -> Project:
    """An optimizer."""
    return replace(project, training=replace(project.training, optimizer=optimizer))


def scheduled(project: Project, schedule: Setting, **options: Value) -> Project:
    """A schedule of the rate."""
    return replace(project, training=replace(project.training, schedule=schedule, options=options))


SOUND = classes(conv("conv1"), node("relu1", "ReLU"))
"""Nothing is wrong with this one."""
