"""Checks of the drawing's form: circles, loose ends, losses, and nodes that nothing uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from studio.build import fixes, learning, rewiring
from studio.build.ordering import upstream
from studio.build.plan import LossStep
from studio.build.rules_loss import class_count, suitable_targets
from studio.build.whole import Whole
from studio.catalog.registry import Layer
from studio.errors import Fix, Problem
from studio.project.fields import Field
from studio.project.graph import Endpoint, Graph, Node, natural


def circles(whole: Whole) -> Iterator[Problem]:
    """Wires that lead back to where they came from."""
    for wires in whole.structure.circles:
        start = wires[0].source.node
        names = " → ".join([*(edge.source.node for edge in wires), start])
        yield Problem(
            "error",
            f"{start}: the wires go round in a circle, {names}",
            "A network runs from its inputs to its results; remove one wire of the circle.",
            start,
            wires[-1].target.port,
            tuple(fixes.remove_wire(edge) for edge in reversed(wires)),
        )


def unconnected_inputs(whole: Whole) -> Iterator[Problem]:
    """A required input without a wire."""
    for name, ports in whole.missing.items():
        node = whole.project.graph.nodes[name]
        layer = whole.registry.layer_of(node)
        for port in ports:
            declared = layer.port(port, "in") if layer else None
            variadic = bool(declared and declared.variadic)
            wanted = declared.doc[:1].lower() + declared.doc[1:] if declared else "a tensor"
            sources = plausible_sources(whole.project.graph, whole.types, node)
            yield Problem(
                "error",
                f"{name}: nothing is connected to {port}",
                f"Draw a wire to it: {wanted}.",
                name,
                port,
                tuple(fixes.connect(source, Endpoint(name, port), variadic) for source in sources),
            )


def plausible_sources(graph: Graph, known: Iterable[Endpoint], node: Node) -> list[Endpoint]:
    """Outputs that could be meant: known ones that nothing uses yet first, then the nearest to the left."""
    best: list[tuple[bool, bool, float, tuple[object, ...], Endpoint]] = []
    for endpoint in known:
        source = graph.nodes[endpoint.node]
        dx, dy = node.position[0] - source.position[0], node.position[1] - source.position[1]
        taken = bool(graph.outgoing(endpoint.node))
        best.append((taken, dx < 0, abs(dx) + abs(dy), natural(endpoint.node), endpoint))
    ranked = (one[-1] for one in sorted(best, key=lambda one: one[:-1]))
    before = (end for end in ranked if node.name not in upstream(graph, [end.node]))
    return list(islice(before, 2))


def no_loss(whole: Whole) -> Iterator[Problem]:
    """A drawing without a loss can be run but not trained."""
    graph = whole.project.graph
    losses = [name for name in whole.ends if _is_loss(whole, name)]
    if losses or not any(not node.muted for node in graph.nodes.values()):
        return
    muted = [name for name, node in graph.nodes.items() if node.muted and _is_loss(whole, name)]
    yield Problem(
        "warning",
        "There is no loss: the network can be run and exported, but not trained",
        "Add a loss, such as CrossEntropy for classes or MSE for numbers, to the last layer.",
        None,
        "training",
        (*map(fixes.unmute, muted), *_loss_fixes(whole)),
    )


def _is_loss(whole: Whole, name: str) -> bool:
    layer = whole.registry.layer_of(whole.project.graph.nodes[name])
    return layer is not None and layer.category == "Loss"


def _loss_fixes(whole: Whole) -> Iterator[Fix]:
    """A loss behind the last output, of the kind that the data's target asks for."""
    graph = whole.project.graph
    loose = [one for one in whole.types if not graph.outgoing(one.node) and graph.incoming(one.node)]
    results = [edge.source for name in whole.ends for edge in graph.incoming(name)]
    last = next(iter([*results, *reversed(loose)]), None)
    targets = [field for field in (whole.fields or {}).values() if field.role == "target"]
    if last is None:
        return
    kinds = ("CrossEntropy", "MSE")
    if targets and targets[0].dtype != "int64":
        kinds = ("MSE", "CrossEntropy")
    for kind in kinds:
        layer = whole.registry.layer(kind)
        fitting = suitable_targets(layer, whole.fields or {})
        yield fixes.add_after(last, kind, {"target": fitting[0]} if fitting else {})


def unused_nodes(whole: Whole) -> Iterator[Problem]:
    """The last of a row of nodes that leads to no loss or output."""
    # A loose end is often the other side of a mistake that is told already.
    mistaken = any(problem.severity == "error" and problem.node for problem in whole.problems)
    if not whole.ends or whole.missing or whole.structure.circles or mistaken:
        return
    graph = whole.project.graph
    for name, node in graph.nodes.items():
        if name in whole.used or node.muted:
            continue
        layer = whole.registry.layer_of(node)
        loose = not any(edge.target.node in graph.nodes for edge in graph.outgoing(name))
        if layer is None or not loose:
            continue
        yield Problem(
            "warning",
            f"{name}: nothing uses its result",
            "It is neither run nor trained. Connect it to a loss or an Output, or delete it.",
            name,
            layer.outputs[0].name if layer.outputs else None,
            _uses(layer, name),
        )


def _uses(layer: Layer, name: str) -> tuple[Fix, ...]:
    """A result may be wanted; data that nothing reads is not."""
    delete = fixes.delete_node(name)
    if not layer.outputs or not layer.inputs:
        return (delete,)
    wanted = fixes.add_after(Endpoint(name, layer.outputs[0].name), "Output", {})
    return (wanted, delete, rewiring.prune(name, rank=1))


def nothing_to_learn(whole: Whole) -> Iterator[Problem]:
    """Losses that no learned number has a part in."""
    losses = whole.plan.losses
    if losses and not whole.learns and not any(one.severity == "error" for one in whole.problems):
        yield Problem(
            "warning",
            f"{losses[0].name}: no layer before it learns anything",
            "Training needs a layer with parameters, such as Linear or Conv2d, between input and loss.",
            losses[0].name,
            "prediction",
            tuple(_learning(whole, losses[0])),
        )


def all_frozen(whole: Whole) -> Iterator[Problem]:
    """Losses that frozen layers alone lead to. Only a doubt: such a network is asked and exported."""
    losses = [loss.name for loss in whole.plan.losses]
    nodes = whole.project.graph.nodes
    frozen = learning.all_frozen(whole.project.graph, losses, whole.costs)
    if frozen and not whole.inside and not any(one.severity == "error" for one in whole.problems):
        own = [name for name in reversed(frozen) if nodes[name].params.get("freeze")]
        yield Problem(
            "warning",
            f"{losses[0]}: all layers before it are frozen, so that none learns anything",
            "Training needs a layer before the loss that is not frozen: switch off its freeze.",
            losses[0],
            "prediction",
            tuple(fixes.set_param(name, "freeze", False, f"Let {name} learn") for name in own[:3]),
        )


def _learning(whole: Whole, loss: LossStep) -> Iterator[Fix]:
    """A Linear that keeps the shape, as late on the way to the loss as it does no harm."""
    steps = {step.name: step for step in whole.plan.steps}
    name, port, ref, type = loss.name, "prediction", loss.prediction, loss.inputs[0]
    for _ in range(4):
        size = type.shape[-1] if type.shape else None
        if isinstance(size, int):
            yield fixes.insert("Linear", name, port, {"out_features": size})
        step = steps.get(ref.node) if isinstance(ref, Endpoint) else None
        if step is None or not step.args:
            return
        name, port, ref, type = step.name, step.ports[0], step.args[0], step.inputs[0]


def indices_beyond_table(whole: Whole) -> Iterator[Problem]:
    """A table of vectors that is too short for the whole numbers that come in from the data."""
    inputs = {Endpoint(step.name, "output"): step.field for step in whole.plan.inputs}
    for step in whole.plan.steps:
        rows: int | None = step.kwargs.get("num_embeddings")
        source = step.args[0] if rows and step.args else None
        name = inputs.get(source, "") if isinstance(source, Endpoint) else ""
        field = (whole.fields or {}).get(name)
        needed = class_count(field) if field else None
        if field and needed is not None and rows and needed > rows:
            yield _short_table(step.name, field, rows, needed)


def _short_table(name: str, field: Field, rows: int, needed: int) -> Problem:
    return Problem(
        "error",
        f"{name}: {field.name} holds numbers up to {needed - 1}; the table ends at {rows - 1}",
        "Every number needs a row of its own.",
        name,
        "num_embeddings",
        (fixes.set_param(name, "num_embeddings", needed),),
    )
