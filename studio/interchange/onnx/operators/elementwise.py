"""Operators that compute value by value: activations, arithmetic, comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.values import Converter, Held, Op, UnreadableError, Value, Wire, is_one

LAYERS: Mapping[str, str] = {
    "Relu": "ReLU",
    "Sigmoid": "Sigmoid",
    "Tanh": "Tanh",
    "Softplus": "Softplus",
    "Softsign": "Softsign",
    "Mish": "Mish",
    "HardSwish": "Hardswish",
    "Exp": "Exp",
    "Log": "Log",
    "Sqrt": "Sqrt",
    "Neg": "Negate",
    "Abs": "Abs",
    "Sin": "Sin",
    "Cos": "Cos",
    "Silu": "SiLU",
    "Swish": "SiLU",
}
FORMULAS: Mapping[str, str] = {
    "Erf": "erf({x})",
    "Reciprocal": "1 / {x}",
    "Floor": "floor({x})",
    "Ceil": "ceil({x})",
    "Round": "round({x})",
    "Sign": "sign({x})",
    "Not": "logical_not({x})",
    "Tan": "tan({x})",
    "Asin": "asin({x})",
    "Acos": "acos({x})",
    "Atan": "atan({x})",
    "Sinh": "sinh({x})",
    "Cosh": "cosh({x})",
    "Asinh": "asinh({x})",
    "Acosh": "acosh({x})",
    "Atanh": "atanh({x})",
    "IsNaN": "isnan({x})",
    "IsInf": "isinf({x})",
    "BitwiseNot": "bitwise_not({x})",
}
JOINED: Mapping[str, str] = {"Add": "Add", "Mul": "Multiply", "Sub": "Subtract", "Div": "Divide"}
SIGNS: Mapping[str, str] = {"Add": "+", "Mul": "*", "Sub": "-", "Div": "/"}
COMPARED: Mapping[str, tuple[str, str]] = {
    "Equal": ("equal", "=="),
    "Greater": ("greater", ">"),
    "GreaterOrEqual": ("greater_equal", ">="),
    "Less": ("less", "<"),
    "LessOrEqual": ("less_equal", "<="),
}
PAIRS: Mapping[str, str] = {
    "And": "logical_and({x}, {y})",
    "Or": "logical_or({x}, {y})",
    "Xor": "logical_xor({x}, {y})",
    "BitwiseAnd": "bitwise_and({x}, {y})",
    "BitwiseOr": "bitwise_or({x}, {y})",
    "BitwiseXor": "bitwise_xor({x}, {y})",
}
INTEGERS = ("int64", "int32", "bool")


def _layer(op: Op, drawing: Drawing) -> Value:
    return drawing.one(LAYERS[op.type], {"input": op.wire(0)})


def _formula(op: Op, drawing: Drawing) -> Value:
    return drawing.write(FORMULAS[op.type], x=op.wire(0))


def _plain(type: str, **params: str) -> Converter:
    """An activation whose parameters are attributes: the layer's name for each, and its default."""

    def convert(op: Op, drawing: Drawing) -> Value:
        values = {name: float(op.attribute(*_default(of))) for name, of in params.items()}
        return drawing.one(type, {"input": op.wire(0)}, values)

    return convert


def _default(of: str) -> tuple[str, float]:
    name, _, value = of.partition("=")
    return name, float(value)


def _gelu(op: Op, drawing: Drawing) -> Value:
    tanh = op.attribute("approximate", "none") == "tanh"
    return drawing.one("GELU", {"input": op.wire(0)}, {"approximate": "tanh"} if tanh else {})


def _hard_sigmoid(op: Op, drawing: Drawing) -> Value:
    alpha, beta = float(op.attribute("alpha", 0.2)), float(op.attribute("beta", 0.5))
    if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5:
        return drawing.one("Hardsigmoid", {"input": op.wire(0)})
    return drawing.write("clamp({x} * {a} + {b}, 0, 1)", x=op.wire(0), a=alpha, b=beta)


def _selu(op: Op, drawing: Drawing) -> Value:
    alpha, gamma = float(op.attribute("alpha", 1.67326319)), float(op.attribute("gamma", 1.05070102))
    if abs(alpha - 1.67326319) < 1e-6 and abs(gamma - 1.05070102) < 1e-6:
        return drawing.one("SELU", {"input": op.wire(0)})
    return drawing.write("elu({x}, {a}) * {g}", x=op.wire(0), a=alpha, g=gamma)


def _clip(op: Op, drawing: Drawing) -> Value:
    low, high = op.number(1, "min"), op.number(2, "max")
    low = None if low is not None and low <= -3.4e38 else low
    high = None if high is not None and high >= 3.4e38 else high
    if low is None and high is None:
        return op.wire(0)
    integers = op.wire(0).type.dtype in INTEGERS
    if (low, high) == (0.0, 6.0) and not integers:
        return drawing.one("ReLU6", {"input": op.wire(0)})
    if (low, high) == (0.0, None) and not integers:
        return drawing.one("ReLU", {"input": op.wire(0)})
    if low is not None and high is not None and not integers:
        return drawing.one("Clamp", {"input": op.wire(0)}, {"min": low, "max": high})
    kind: Callable[[float], float] = int if integers else float
    ends = {"min": low, "max": high}
    told = ", ".join(f"{name}={{{name}}}" for name, one in ends.items() if one is not None)
    given = {name: kind(one) for name, one in ends.items() if one is not None}
    return drawing.write(f"clamp({{x}}, {told})", x=op.wire(0), **given)


def _prelu(op: Op, drawing: Drawing) -> Value:
    x, slope = op.wire(0), op.values[1]
    if isinstance(slope, Held) and x.rank > 1:
        array = slope.array
        channels = array.size == 1 or (array.ndim == x.rank - 1 and array.size == array.shape[0])
        channels = channels or (array.ndim == x.rank and array.size == array.shape[1])
        if channels and (array.size == 1 or array.size == x.type.shape[1]):
            params = {"per_channel": array.size > 1}
            return drawing.one("PReLU", {"input": x}, params, {"weight": array.reshape(-1)})
    return drawing.write("where({x} < 0, {x} * {y}, {x})", x=x, y=_operand(op, drawing, 1))


def _shrink(op: Op, drawing: Drawing) -> Value:
    lambd, bias = float(op.attribute("lambd", 0.5)), float(op.attribute("bias", 0.0))
    if not bias:
        return drawing.one("Hardshrink", {"input": op.wire(0)}, {"lambd": lambd})
    if bias == lambd:
        return drawing.one("Softshrink", {"input": op.wire(0)}, {"lambd": lambd})
    text = "where({x} < -{l}, {x} + {b}, where({x} > {l}, {x} - {b}, {x} * 0))"
    return drawing.write(text, x=op.wire(0), l=lambd, b=bias)


def _thresholded(op: Op, drawing: Drawing) -> Value:
    return drawing.one("Threshold", {"input": op.wire(0)}, {"threshold": float(op.attribute("alpha", 1.0))})


def _dropout(op: Op, drawing: Drawing) -> Value:
    if len(op.outputs) > 1 and op.used[1]:
        raise UnreadableError("the mask of its dropout is used")
    share = op.number(1, "ratio", 0.5)
    assert share is not None
    return drawing.one("Dropout", {"input": op.wire(0)}, {"p": share})


def _operand(op: Op, drawing: Drawing, at: int) -> Value:
    """One side: a single number as such, an array as a node."""
    value = op.values[at]
    assert value is not None
    return drawing.constant(value) if isinstance(value, Held) and value.array.size > 1 else value


def _arithmetic(op: Op, drawing: Drawing) -> Value:
    """Sums and the like: the layer where tensors meet, a formula where one of the sides is a number."""
    one, other = op.values[0], op.values[1]
    if op.type in ("Add", "Mul") and is_one(one):
        one, other = other, one
    assert one is not None
    assert other is not None
    x, y = _side(one, drawing), _side(other, drawing)
    if op.type == "Div" and isinstance(x, Wire) and x.type.dtype in INTEGERS:
        return drawing.write("{x} // {y}", x=x, y=y)
    if isinstance(x, Wire) and isinstance(y, Wire):
        try:
            if op.type in ("Add", "Mul"):
                return drawing.one(JOINED[op.type], {"inputs": (x, y)})
            return drawing.one(JOINED[op.type], {"input": x, "other": y})
        except UnreadableError:  # the layers take tensors of as many dimensions
            return drawing.write(f"{{x}} {SIGNS[op.type]} {{y}}", x=x, y=y)
    stretched = is_one(other) and isinstance(x, Wire) and other.array.ndim > x.rank
    if op.type == "Mul" and isinstance(x, Wire) and is_one(y) and not stretched and x.type.dtype == "float32":
        return drawing.one("Scale", {"input": x}, {"factor": float(y.array.item())})
    return _stretched(drawing.write(f"{{x}} {SIGNS[op.type]} {{y}}", x=x, y=y), one, other, drawing)


def _stretched(found: Wire, one: Value, other: Value, drawing: Drawing) -> Wire:
    """The result with the dimensions of 1 that a single number of more dimensions would have brought."""
    ranks = [value.array.ndim for value in (one, other) if isinstance(value, Held)]
    for _ in range(max(ranks, default=0) - found.rank):
        found = drawing.write("unsqueeze({x}, 0)", x=found)
    return found


def _side(value: Value, drawing: Drawing) -> Value:
    return drawing.constant(value) if isinstance(value, Held) and value.array.size > 1 else value


def _power(op: Op, drawing: Drawing) -> Value:
    exponent = op.values[1]
    if isinstance(op.values[0], Wire) and is_one(exponent):
        number = float(exponent.array.item())
        if op.wire(0).type.dtype == "float32":
            return drawing.one("Power", {"input": op.wire(0)}, {"exponent": number})
    return drawing.write("{x} ** {y}", x=_operand(op, drawing, 0), y=_operand(op, drawing, 1))


def _modulo(op: Op, drawing: Drawing) -> Value:
    text = "fmod({x}, {y})" if op.attribute("fmod", 0) else "{x} % {y}"
    return drawing.write(text, x=_operand(op, drawing, 0), y=_operand(op, drawing, 1))


def _pair(op: Op, drawing: Drawing) -> Value:
    x, y = drawing.wire_of(op.values[0]), drawing.wire_of(op.values[1])
    return drawing.write(PAIRS[op.type], x=x, y=y)


def _extreme(op: Op, drawing: Drawing) -> Value:
    """Max and Min of any number of tensors, stretched to each other."""
    name = "maximum" if op.type == "Max" else "minimum"
    found = op.values[0]
    for at in range(1, len(op.values)):
        other = op.values[at]
        assert found is not None
        assert other is not None
        if is_one(found):
            found, other = other, found
        if is_one(other) and isinstance(found, Wire):
            key = "min" if op.type == "Max" else "max"
            found = drawing.write(f"clamp({{x}}, {key}={{y}})", x=found, y=other)
        else:
            found = drawing.write(f"{name}({{x}}, {{y}})", x=drawing.wire_of(found), y=drawing.wire_of(other))
    assert found is not None
    return found


def _sum(op: Op, drawing: Drawing) -> Value:
    if len(op.values) == 1:
        return op.wire(0)
    found = drawing.one("Add", {"inputs": [drawing.wire_of(one) for one in op.values]})
    return drawing.write("{x} / {n}", x=found, n=len(op.values)) if op.type == "Mean" else found


def _compare(op: Op, drawing: Drawing) -> Value:
    word, sign = COMPARED[op.type]
    one, other = op.values[0], op.values[1]
    if isinstance(one, Wire) and is_one(other) and other.array.dtype.kind in "fiu":
        return drawing.one("Compare", {"input": one}, {"operator": word, "value": float(other.array.item())})
    if isinstance(one, Wire) and isinstance(other, Wire):
        return drawing.one("Compare", {"input": one, "other": other}, {"operator": word})
    return drawing.write(f"{{x}} {sign} {{y}}", x=_operand(op, drawing, 0), y=_operand(op, drawing, 1))


def _where(op: Op, drawing: Drawing) -> Value:
    condition, one, other = (op.values[at] for at in range(3))
    if isinstance(condition, Wire) and isinstance(one, Wire) and isinstance(other, Wire):
        return drawing.one("Where", {"condition": condition, "input": one, "other": other})
    if isinstance(condition, Held):
        condition = drawing.constant(Held(condition.array.astype(np.bool_), condition.name))
    sides = [_operand(op, drawing, at) for at in (1, 2)]
    assert condition is not None
    return drawing.write("where({c}, {x}, {y})", c=condition, x=sides[0], y=sides[1])


ELEMENTWISE: Mapping[str, Converter] = {
    **dict.fromkeys(LAYERS, _layer),
    **dict.fromkeys(FORMULAS, _formula),
    **dict.fromkeys(JOINED, _arithmetic),
    **dict.fromkeys(COMPARED, _compare),
    **dict.fromkeys(PAIRS, _pair),
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "Selu": _selu,
    "Elu": _plain("ELU", alpha="alpha=1"),
    "Celu": _plain("CELU", alpha="alpha=1"),
    "LeakyRelu": _plain("LeakyReLU", negative_slope="alpha=0.01"),
    "ThresholdedRelu": _thresholded,
    "PRelu": _prelu,
    "Shrink": _shrink,
    "Clip": _clip,
    "Dropout": _dropout,
    "Pow": _power,
    "Mod": _modulo,
    "Max": _extreme,
    "Min": _extreme,
    "Sum": _sum,
    "Mean": _sum,
    "Where": _where,
}
