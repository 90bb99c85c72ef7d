"""Several operators that are one layer: MatMul and Add, GELU by Erf, a norm by means, x · sigmoid(x)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from studio.interchange.onnx.values import Held, Op

CLOSE = 1e-4
Pattern = Callable[["Web", Op], bool]


@dataclass(slots=True)
class Web:
    """The operators by what they make and by what takes it; `gone` are those that a pattern has taken in."""

    ops: list[Op]
    held: Mapping[str, Held]
    outputs: frozenset[str]
    maker: dict[str, Op] = field(default_factory=dict)
    takers: dict[str, list[Op]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find who makes and takes what."""
        for op in self.ops:
            for name in op.outputs:
                self.maker[name] = op
            for name in op.inputs:
                self.takers.setdefault(name, []).append(op)

    def only(self, name: str) -> Op | None:
        """The one operator that takes a value; None where there are several, or it is a result."""
        takers = self.takers.get(name, [])
        return takers[0] if len(takers) == 1 and name not in self.outputs else None

    def made(self, name: str, type: str) -> Op | None:
        """What makes a value, where it is an operator of a type."""
        op = self.maker.get(name)
        return (
            op if op is not None and op.type == type and not op.domain and id(op) not in self.gone else None
        )

    def number(self, name: str) -> float | None:
        """A value that is one known number."""
        held = self.held.get(name)
        op = self.maker.get(name)
        if held is None and op is not None and op.type == "Constant":
            value = op.attribute("value", op.attribute("value_float"))
            return float(np.asarray(value).ravel()[0]) if value is not None and np.size(value) == 1 else None
        return float(held.array.ravel()[0]) if held is not None and held.array.size == 1 else None

    def other(self, op: Op, name: str) -> str:
        """The other input of an operator that has two."""
        return op.inputs[1] if op.inputs[0] == name else op.inputs[0]

    def replace(self, taken: list[Op], last: Op, new: Op) -> None:
        """Put one operator in the place of the last of several."""
        self.gone |= {id(one) for one in taken if one is not last}
        last.type, last.inputs, last.attributes, last.name = new.type, new.inputs, new.attributes, new.name
        last.domain, last.opset = "", max(last.opset, 20)
        for name in new.inputs:
            if last not in self.takers.setdefault(name, []):
                self.takers[name].append(last)


def raised(ops: list[Op], held: Mapping[str, Held], outputs: list[str]) -> list[Op]:
    """The operators with those that make up one layer as one. Those that changed have no node of onnx's."""
    web = Web(ops, held, frozenset(outputs))
    for op in ops:
        pattern = PATTERNS.get(op.type)
        if pattern is not None and id(op) not in web.gone and not op.domain:
            pattern(web, op)
    return [op for op in ops if id(op) not in web.gone]


def _linear(web: Web, op: Op) -> bool:
    """MatMul with a known matrix, then Add of a known row."""
    matrix, add = web.held.get(op.inputs[1]), web.only(op.outputs[0])
    if matrix is None or matrix.array.ndim != 2 or add is None or add.type != "Add":
        return False
    row = web.held.get(web.other(add, op.outputs[0]))
    if (
        row is None
        or row.array.size != matrix.array.shape[1]
        or row.array.shape[-1:] != matrix.array.shape[1:]
    ):
        return False
    inputs = [op.inputs[0], op.inputs[1], web.other(add, op.outputs[0])]
    web.replace([op, add], add, Op("MatMul", add.name, inputs, []))
    return True


def _is(value: float | None, wanted: float) -> bool:
    return value is not None and abs(value - wanted) <= CLOSE * abs(wanted)


def _gelu(web: Web, op: Op) -> bool:
    """x · (1 + erf(x / √2)) · 0.5, in any order."""
    scaled = web.made(op.inputs[0], "Div") or web.made(op.inputs[0], "Mul")
    add = web.only(op.outputs[0])
    if scaled is None or add is None or add.type != "Add":
        return False
    wanted = sqrt(2) if scaled.type == "Div" else 1 / sqrt(2)
    x = next((name for name in scaled.inputs if web.number(name) is None), "")
    if not _is(web.number(web.other(scaled, x)), wanted) or not _is(
        web.number(web.other(add, op.outputs[0])), 1
    ):
        return False
    return _halved(web, [scaled, op, add], add, x)


def _halved(web: Web, taken: list[Op], op: Op, x: str) -> bool:
    """The products that follow: by x and by a half, or by x that was halved before."""
    factors: list[str] = []
    last = op
    while len(factors) < 2:
        taker = web.only(last.outputs[0])
        if taker is None or taker.type != "Mul":
            break
        factors.append(web.other(taker, last.outputs[0]))
        taken.append(taker)
        last = taker
        before = web.made(factors[-1], "Mul")
        if before is not None and x in before.inputs and _is(web.number(web.other(before, x)), 0.5):
            if web.only(before.outputs[0]) is not None:
                taken.append(before)
            factors[-1:] = [x, "half"]
    halves = [name for name in factors if name == "half" or _is(web.number(name), 0.5)]
    if last is op or len(halves) != 1 or factors.count(x) != 1 or len(factors) != 2:
        return False
    web.replace(taken, last, Op("Gelu", last.name, [x], [], {"approximate": "none"}))
    return True


def _gated(web: Web, op: Op) -> bool:
    """x · sigmoid(x), x · tanh(softplus(x)), x · hardsigmoid(x)."""
    mul, x = web.only(op.outputs[0]), op.inputs[0]
    if mul is None or mul.type != "Mul":
        return False
    if op.type == "Sigmoid" and x in mul.inputs:
        web.replace([op, mul], mul, Op("Silu", mul.name, [x], []))
        return True
    if op.type == "HardSigmoid" and x in mul.inputs and _is(op.attribute("alpha", 0.2), 1 / 6):
        web.replace([op, mul], mul, Op("HardSwish", mul.name, [x], []))
        return True
    inner = web.made(x, "Softplus") if op.type == "Tanh" else None
    if inner is not None and inner.inputs[0] in mul.inputs and web.only(x) is op:
        web.replace([inner, op, mul], mul, Op("Mish", mul.name, [inner.inputs[0]], []))
        return True
    return False


def _norm(web: Web, op: Op) -> bool:
    """(x − mean) / √(mean of its square + eps) · scale + offset, as older files write a LayerNorm."""
    sub = web.only(op.outputs[0])
    if sub is None or sub.type != "Sub" or sub.inputs[0] != op.inputs[0] or _axes(web, op) != (-1,):
        return False
    found = _deviation(web, sub)
    if found is None:
        return False
    taken, div, eps = found
    scale = web.only(div.outputs[0])
    weight = web.other(scale, div.outputs[0]) if scale is not None and scale.type == "Mul" else ""
    offset = web.only(scale.outputs[0]) if scale is not None else None
    if scale is None or offset is None or offset.type != "Add" or weight not in web.held:
        return False
    bias = web.other(offset, scale.outputs[0])
    if bias not in web.held or web.held[bias].array.ndim != 1:
        return False
    new = Op(
        "LayerNormalization", offset.name, [op.inputs[0], weight, bias], [], {"epsilon": eps, "axis": -1}
    )
    web.replace([op, sub, *taken, div, scale, offset], offset, new)
    return True


def _axes(web: Web, op: Op) -> tuple[int, ...] | None:
    given = op.attribute("axes")
    if given is None and len(op.inputs) > 1 and op.inputs[1] in web.held:
        given = web.held[op.inputs[1]].array.ravel().tolist()
    return tuple(int(one) for one in given) if given is not None else None


def _deviation(web: Web, sub: Op) -> tuple[list[Op], Op, float] | None:
    """From the difference to its quotient: Pow or Mul, ReduceMean, Add, Sqrt, Div."""
    takers = web.takers.get(sub.outputs[0], [])
    square = next((one for one in takers if one.type in ("Pow", "Mul")), None)
    div = next((one for one in takers if one.type == "Div"), None)
    if square is None or div is None or div.inputs[0] != sub.outputs[0]:
        return None
    if square.type == "Pow" and not _is(web.number(square.inputs[1]), 2):
        return None
    mean = web.only(square.outputs[0])
    add = web.only(mean.outputs[0]) if mean is not None and mean.type == "ReduceMean" else None
    root = web.only(add.outputs[0]) if add is not None and add.type == "Add" else None
    if mean is None or add is None or root is None or root.type != "Sqrt" or div.inputs[1] != root.outputs[0]:
        return None
    eps = web.number(web.other(add, mean.outputs[0]))
    return ([square, mean, add, root], div, eps) if eps is not None else None


PATTERNS: Mapping[str, Pattern] = {
    "MatMul": _linear,
    "Erf": _gelu,
    "Sigmoid": _gated,
    "HardSigmoid": _gated,
    "Tanh": _gated,
    "ReduceMean": _norm,
}
