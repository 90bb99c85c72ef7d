"""The project as both frameworks can train it alike, and what had to be left out for that, in words.

Text and values alone: no torch, no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from studio.catalog.registry import registry, values_of
from studio.catalog.settings import TRAINING
from studio.project.graph import Graph, Node
from studio.project.params import Value
from studio.project.project import Project

CHANCES = ("dropout", "dropout_p")
"""Parameters that say how much is dropped at random, in layers of which that is only a part."""
ALIKE: Mapping[str, Value] = {
    "device": "cpu",
    "host": "process",
    "precision": "float32",
    "compile": "off",
    "average": "none",
    "seeds": 1,
    "processes": 1,
    "sharding": "none",
    "patience": None,
    "max_minutes": None,
    "validate_every": 1,
    "validate_steps": None,
    "keep_every": None,
    "best_by": "loss",
}
"""Settings of which the comparison knows one value only."""
NAMED = ("precision", "compile", "average", "seeds", "max_minutes", "patience")
"""Those whose loss is worth a word; the others change no digit of the losses."""


def comparable(project: Project, epochs: int | None = None) -> tuple[Project, tuple[str, ...]]:
    """The project without what each framework would draw or do by itself, and what was left out."""
    notes: list[str] = []
    project = _without_chance(project, notes)
    data = project.data
    if any(one.augment for one in data.fields.values()):
        fields = {name: replace(one, augment=()) for name, one in data.fields.items()}
        project = replace(project, data=replace(data, fields=fields))
        notes.append("The random changes of training samples are left out on both sides.")
    before = values_of(TRAINING, project.training.options)
    for name in NAMED:
        if before[name] != ALIKE[name]:
            notes.append(f"The setting {name} ({before[name]}) is left out on both sides.")
    if before["accumulate"] != 1:
        notes.append("TensorFlow takes the batches of one step (accumulate) as one batch.")
    options: dict[str, Value] = {**project.training.options, **ALIKE}
    if epochs is not None:
        options["epochs"] = epochs
    training = replace(project.training, options=options)
    return replace(project, training=training), tuple(notes)


def _without_chance(project: Project, notes: list[str]) -> Project:
    """Nothing dropped, no metrics beside the loss; names what cannot be quietened."""
    dropped: list[str] = []
    graph = _quiet(project.graph, dropped)
    blocks = {
        name: replace(block, graph=_quiet(block.graph, dropped)) for name, block in project.blocks.items()
    }
    if dropped:
        names = list(dict.fromkeys(dropped))
        few = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
        told = "Each framework would drop other values at random, so nothing is dropped on either side"
        notes.append(f"{told} ({few}).")
    return replace(project, graph=graph, blocks=blocks)


def _quiet(graph: Graph, dropped: list[str]) -> Graph:
    changed: list[Node] = []
    for node in graph.nodes.values():
        values = dict(_still(node))
        if values:
            dropped.append(node.name)
        if node.params.get("metrics"):
            values["metrics"] = ()
        layer = registry().layer(node.type)
        if layer is not None and any(one.name == "metrics" for one in layer.options):
            values["metrics"] = ()
        if values:
            changed.append(node.with_params(**values))
    return graph.with_nodes(*changed) if changed else graph


def _still(node: Node) -> Iterator[tuple[str, Value]]:
    """The parameters by which a node drops values, at 0; none where it drops nothing."""
    layer = registry().layer(node.type)
    if layer is None:
        return
    names = ("p",) if layer.category == "Regularization" and layer.varies == "training" else CHANCES
    for param in layer.params:
        given: Any = node.params.get(param.name, param.default)
        if param.name in names and given:
            yield param.name, 0.0
