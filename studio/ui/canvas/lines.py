"""The lines of a node's face: which parameters it tells, and in which words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QCoreApplication

from studio.catalog.registry import Layer
from studio.project.expressions import Names, computed, is_formula
from studio.project.graph import Node
from studio.project.params import Param, Value

Line = tuple[str, str]
NO_NAMES: Names = {}
REPEAT = "repeat"
IN_CHAIN = (REPEAT, "shared")
"""Parameters of a block that its chain tells."""


def lines_of(node: Node, layer: Layer | None, names: Names = NO_NAMES) -> list[Line]:
    """Label and value of each parameter worth telling; formulas are computed from `names`."""
    if layer is None:
        return [(name, shown_value(value, names)) for name, value in node.params.items()]
    values = layer.values(node.params)
    shown = [param for param in layer.all_params if param.applies(values) and _matters(param, values)]
    if layer.block is None:
        return [(param.name, shown_value(values[param.name], names)) for param in shown]
    told = [
        (param.name, _in_block(values[param.name], names)) for param in shown if param.name not in IN_CHAIN
    ]
    return [_inside(layer), *told]


def chain_of(node: Node, layer: Layer | None, names: Names = NO_NAMES) -> tuple[int, str] | None:
    """How many links the chain of a repeated block shows, and what it says; None where none is repeated."""
    if layer is None or layer.block is None:
        return None
    values = layer.values(node.params)
    repeat = resolved_value(values["repeat"], names)
    if repeat == 1:
        return None
    count = repeat if isinstance(repeat, int) else 3
    told = str(repeat).removeprefix("=").strip()
    return max(1, count), f"×{told}"


def shares_weights(node: Node, layer: Layer | None) -> bool:
    """Whether the repeats of a block have the same weights."""
    return layer is not None and layer.block is not None and layer.values(node.params)["shared"] is True


def shown_value(value: Value, names: Names = NO_NAMES) -> str:
    """A parameter's value as a node shows it; of a formula what it comes to, marked by its sign."""
    if isinstance(value, str) and is_formula(value):
        found = resolved_value(value, names)
        return value if found is value else f"= {shown_value(found)}"
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "…"
    return ", ".join(map(shown_value, value)) if isinstance(value, tuple) else str(value)


def resolved_value(value: Value, names: Names) -> Value:
    """What a formula comes to, or the formula itself where it cannot be computed."""
    if not (isinstance(value, str) and is_formula(value)):
        return value
    try:
        return computed(value, names)
    except ValueError:
        return value


def has_formula(values: Iterable[Value]) -> bool:
    """Whether any of these values is a formula."""
    return any(is_formula(value) for value in values)


def _in_block(value: Value, names: Names) -> str:
    return str(len(value)) if isinstance(value, Mapping) else shown_value(value, names)


def _inside(layer: Layer) -> Line:
    assert layer.block is not None
    count = sum(node.type not in ("Input", "Output") for node in layer.block.graph.nodes.values())
    one = QCoreApplication.translate("Canvas", "1 layer")
    many = QCoreApplication.translate("Canvas", "{count} layers").format(count=count)
    return QCoreApplication.translate("Canvas", "inside"), one if count == 1 else many


def _matters(param: Param, values: Mapping[str, Value]) -> bool:
    return param.essential or values[param.name] != param.default
