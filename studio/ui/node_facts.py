"""What the inspector tells about a node besides its parameters: shapes, costs, inferred arguments, code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.catalog.registry import Layer
from studio.project.graph import Endpoint
from studio.ui.numbers import short
from studio.ui.value_text import text_of

if TYPE_CHECKING:
    from studio.build.plan import Checked, LossStep, Step, TensorType

UNKNOWN = "–"


def inferred(layer: Layer, step: Step | None) -> dict[str, str]:
    """The arguments that are read off the input shapes."""
    word = QCoreApplication.translate("Inspector", "{value} (inferred)")
    known = step.kwargs if step else {}
    return {
        name: word.format(value=text_of(known[name]) if name in known else UNKNOWN) for name in layer.derived
    }


def shapes(name: str, layer: Layer, checked: Checked) -> dict[str, str]:
    """The shape at every port: `in` and `out` where there is one of each, the ports' names otherwise."""
    arriving = list(_arriving(name, layer, checked))
    leaving = [(port.name, checked.types.get(Endpoint(name, port.name))) for port in layer.outputs]
    if len(arriving) == 1:
        arriving = [(QCoreApplication.translate("Inspector", "in"), arriving[0][1])]
    if len(leaving) == 1:
        leaving = [(QCoreApplication.translate("Inspector", "out"), leaving[0][1])]
    return {port: shape_text(type_) for port, type_ in (*arriving, *leaving)}


def costs(names: tuple[str, ...], checked: Checked) -> dict[str, str]:
    """Parameters and multiply-adds of the nodes together."""
    found = [checked.costs[name] for name in names if name in checked.costs]
    parameters = short(sum(cost.parameters for cost in found)) if found else UNKNOWN
    counted = sum(cost.multiply_adds for cost in found)
    multiply_adds = short(counted) if found else UNKNOWN
    return {
        QCoreApplication.translate("Inspector", "parameters"): parameters,
        QCoreApplication.translate("Inspector", "multiply-adds"): (
            _assumed(checked).format(count=multiply_adds) if counted else multiply_adds
        ),
    }


def _assumed(checked: Checked) -> str:
    """Where sizes are open, what they count as: "{count} at H, W = 256"; else the count alone."""
    names = sorted({name for step in checked.plan.inputs for name in step.type.open})
    if not names:
        return "{count}"
    from studio.build.sizes import ASSUMED

    word = QCoreApplication.translate("Inspector", "{count} at {sizes} = {number}")
    return word.format(count="{count}", sizes=", ".join(names), number=ASSUMED)


def shape_text(type_: TensorType | None) -> str:
    """N × C=1 × H=28 × W=28, with the dtype where it is not the usual one."""
    if type_ is None:
        return UNKNOWN
    return type_.described if type_.dtype == "float32" else f"{type_.described} {type_.dtype}"


def step_of(name: str, checked: Checked) -> Step | None:
    """The node's step in the plan, if it has one."""
    return next((step for step in checked.plan.steps if step.name == name), None)


def _arriving(name: str, layer: Layer, checked: Checked) -> Iterator[tuple[str, TensorType | None]]:
    planned = _planned(name, layer, checked)
    for port in layer.inputs:
        edges = [edge for edge in checked.project.graph.incoming(name) if edge.target.port == port.name]
        if port.name in planned and len(edges) <= 1:
            yield port.name, planned[port.name]
        elif not edges:
            yield port.name, None
        for at, edge in enumerate(edges):
            if port.name not in planned or len(edges) > 1:
                yield (
                    (f"{port.name} {at + 1}" if port.variadic else port.name),
                    checked.types.get(edge.source),
                )


def _planned(name: str, layer: Layer, checked: Checked) -> Mapping[str, TensorType]:
    """What the plan says of a node's inputs: it sees through muted nodes and knows what a field brings."""
    loss: LossStep | None = next((one for one in checked.plan.losses if one.name == name), None)
    if loss:
        return dict(zip(loss.ports, loss.inputs, strict=True))
    step = step_of(name, checked)
    return dict(zip(step.ports, step.inputs, strict=True)) if step else {}
