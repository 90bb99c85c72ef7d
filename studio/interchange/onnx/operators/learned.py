"""Operators with weights of matrices and norms: linear layers, embeddings, normalization, attention."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.interchange.onnx.attention import attended, multihead
from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.values import Converter, Held, Op, UnreadableError, Value, Wire
from studio.project.params import Value as Param

BATCH_NORM = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}
INSTANCE_NORM = {3: "InstanceNorm1d", 4: "InstanceNorm2d", 5: "InstanceNorm3d"}


def linear(x: Wire, weight: np.ndarray, bias: np.ndarray | None, drawing: Drawing) -> Wire:  # type: ignore[type-arg]
    """A Linear of a matrix of out × in; the last one of attention takes all of that in."""
    if (whole := multihead(x, weight, bias, drawing)) is not None:
        return whole
    params: dict[str, Param] = {"out_features": weight.shape[0]}
    weights = {"weight": weight}
    if bias is None:
        params["bias"] = False
    else:
        weights["bias"] = bias
    return drawing.one("Linear", {"input": x}, params, weights)


def _gemm(op: Op, drawing: Drawing) -> Value:
    alpha, beta = float(op.attribute("alpha", 1.0)), float(op.attribute("beta", 1.0))
    matrix, added = op.values[1], op.values[2] if op.has(2) else None
    plain = isinstance(op.values[0], Wire) and isinstance(matrix, Held) and not op.attribute("transA", 0)
    if plain and (added is None or isinstance(added, Held)):
        assert isinstance(matrix, Held)
        weight = matrix.array if op.attribute("transB", 0) else matrix.array.T
        bias = None if added is None else _row(added.array, weight.shape[0])
        if added is None or bias is not None:
            scaled = weight * np.asarray(alpha, weight.dtype) if alpha != 1.0 else weight
            return linear(op.wire(0), scaled, None if bias is None else bias * beta, drawing)
    x, y = drawing.wire_of(op.values[0]), drawing.wire_of(matrix)
    one = "transpose({x}, 0, 1)" if op.attribute("transA", 0) else "{x}"
    other = "transpose({y}, 0, 1)" if op.attribute("transB", 0) else "{y}"
    text = f"matmul({one}, {other})" + (f" * {alpha}" if alpha != 1.0 else "")
    if added is None:
        return drawing.write(text, x=x, y=y)
    return drawing.write(f"{text} + {{z}}" + (f" * {beta}" if beta != 1.0 else ""), x=x, y=y, z=added)


def _row(array: np.ndarray, size: int) -> np.ndarray | None:  # type: ignore[type-arg]
    """An offset as one number for each result; None where it differs from sample to sample."""
    flat = array.reshape(-1) if array.ndim < 2 or array.shape[0] == 1 else None
    if flat is None or flat.size not in (1, size):
        return None
    return np.ascontiguousarray(np.broadcast_to(flat, (size,)))


def _matmul(op: Op, drawing: Drawing) -> Value:
    """A Linear where the right side is a known matrix; a third input, the bias, is put there by a pattern."""
    one, matrix = op.values[0], op.values[1]
    bias = op.values[2] if op.has(2) else None
    if isinstance(one, Wire) and one.rank > 1 and isinstance(matrix, Held) and matrix.array.ndim == 2:
        added = bias.array.reshape(-1) if isinstance(bias, Held) else None
        return linear(one, matrix.array.T, added, drawing)
    if isinstance(one, Wire) and isinstance(matrix, Wire) and (found := attended(one, matrix, drawing)):
        return found
    return drawing.one("MatMul", {"input": drawing.wire_of(one), "other": drawing.wire_of(matrix)})


def _einsum(op: Op, drawing: Drawing) -> Value:
    wires = [drawing.wire_of(one) for one in op.values]
    ports = ("input", "other", "third")
    if len(wires) > len(ports):
        raise UnreadableError(f"its einsum has {len(wires)} tensors; here it has up to three")
    equation = str(op.attribute("equation")).replace(" ", "")
    return drawing.one("Einsum", dict(zip(ports, wires, strict=False)), {"equation": equation})


def _batch_norm(op: Op, drawing: Drawing) -> Value:
    x = op.wire(0)
    if op.attribute("training_mode", 0):
        raise UnreadableError("it is written for training", "Export the network in evaluation mode.")
    if x.rank not in BATCH_NORM:
        raise UnreadableError(f"it normalizes {x.rank} dimensions; layers here 2 to 5")
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: op.known(at, name) for at, name in enumerate(names, 1)}
    params: dict[str, Param] = {"eps": _short(op.attribute("epsilon", 1e-5))}
    momentum = _short(1 - float(op.attribute("momentum", 0.9)))
    if 0 <= momentum <= 1 and momentum != 0.1:
        params["momentum"] = momentum
    counted = {**weights, "num_batches_tracked": np.array(0, np.int64)}
    return drawing.one(BATCH_NORM[x.rank], {"input": x}, _without(params, eps=1e-5), counted)


def _instance_norm(op: Op, drawing: Drawing) -> Value:
    x = op.wire(0)
    if x.rank not in INSTANCE_NORM:
        raise UnreadableError(f"it normalizes {x.rank} dimensions; layers here 3 to 5")
    weights = {"weight": op.known(1, "scale"), "bias": op.known(2, "bias")}
    params: dict[str, Param] = {"affine": True, "eps": _short(op.attribute("epsilon", 1e-5))}
    return drawing.one(INSTANCE_NORM[x.rank], {"input": x}, _without(params, eps=1e-5), weights)


def _layer_norm(op: Op, drawing: Drawing) -> Value:
    x, axis = op.wire(0), int(op.attribute("axis", -1))
    if any(op.used[1:]):
        raise UnreadableError("its mean or its deviation is used")
    dims = -axis if axis < 0 else x.rank - axis
    sizes = tuple(one for one in x.type.shape[x.rank - dims :] if isinstance(one, int))
    params: dict[str, Param] = {"eps": _short(op.attribute("epsilon", 1e-5))}
    if dims != 1:
        params["dims"] = dims
    scale, offset = op.values[1], op.values[2] if op.has(2) else None
    fits = isinstance(scale, Held) and (offset is None or isinstance(offset, Held))
    if not fits or len(sizes) < dims:
        raise UnreadableError("its weights, or the sizes that it normalizes, are not known")
    assert isinstance(scale, Held)
    weights = {"weight": np.broadcast_to(scale.array, sizes)}
    if isinstance(offset, Held):
        weights["bias"] = np.broadcast_to(offset.array, sizes)
    elif op.type == "LayerNormalization":
        params["bias"] = False
    type = "LayerNorm" if op.type == "LayerNormalization" else "RMSNorm"
    return drawing.one(
        type, {"input": x}, _without(params, eps=1e-5 if type == "LayerNorm" else None), weights
    )


def _group_norm(op: Op, drawing: Drawing) -> Value:
    x, groups = op.wire(0), int(op.attribute("num_groups"))
    channels = x.type.shape[1]
    if not isinstance(channels, int):
        raise UnreadableError("the number of its channels is not known")
    weights = {}
    for at, name in ((1, "weight"), (2, "bias")):
        array = op.known(at, name)
        weights[name] = np.repeat(array, channels // groups) if array.size == groups != channels else array
    params: dict[str, Param] = {"num_groups": groups, "eps": _short(op.attribute("epsilon", 1e-5))}
    return drawing.one("GroupNorm", {"input": x}, _without(params, eps=1e-5), weights)


def _local_response(op: Op, drawing: Drawing) -> Value:
    params: dict[str, Param] = {
        "size": int(op.attribute("size")),
        "alpha": float(op.attribute("alpha", 1e-4)),
        "beta": float(op.attribute("beta", 0.75)),
        "k": float(op.attribute("bias", 1.0)),
    }
    return drawing.one("LocalResponseNorm", {"input": op.wire(0)}, params)


def _unit(op: Op, drawing: Drawing) -> Value:
    p, dim = float(op.attribute("p", 2)), int(op.attribute("axis", -1))
    return drawing.write("normalize({x}, {p}, {d})", x=op.wire(0), p=p, d=dim)


def _standard(op: Op, drawing: Drawing) -> Value:
    dims = str(tuple(op.attribute("axes", (0, 2, 3))))
    text = "({x} - mean({x}, {d}, keepdim=True)) / (std({x}, {d}, keepdim=True, correction=0) + 1e-09)"
    return drawing.write(text, x=op.wire(0), d=dims)


def _softmax(op: Op, drawing: Drawing) -> Value:
    x = op.wire(0)
    axis = int(op.attribute("axis", -1 if op.opset >= 13 else 1))
    axis = axis + x.rank if axis < 0 else axis
    type = "Softmax" if op.type == "Softmax" else "LogSoftmax"
    if op.opset >= 13 or axis == x.rank - 1:
        return drawing.one(type, {"input": x}, {"dim": -1 if axis == x.rank - 1 else axis})
    name = "softmax" if type == "Softmax" else "log_softmax"
    return drawing.write(f"reshape({name}(flatten({{x}}, {axis}), -1), {{x}}.shape)", x=x)


def _short(value: object) -> float:
    """A number of 32 bits as a person writes it: 1e-05 for 9.999999747378752e-06."""
    return float(f"{float(str(value)):.6g}")


def _without(params: dict[str, Param], **defaults: Param) -> dict[str, Param]:
    return {name: one for name, one in params.items() if name not in defaults or defaults[name] != one}


LEARNED: Mapping[str, Converter] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Einsum": _einsum,
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _instance_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "LRN": _local_response,
    "LpNormalization": _unit,
    "MeanVarianceNormalization": _standard,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
}
