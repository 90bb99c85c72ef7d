"""Attention that a file writes as products and a softmax becomes one node, as does one with its projections.

That many heads are one MultiheadAttention is proven by the places of the numbers: the projections' results
are filled with their own places and sent through the file's own reshapes and transposes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt

import numpy as np
import torch
from torch import Tensor

from studio.build.plan import Step
from studio.build.sizes import BATCH, Dim
from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.operators.shaping import permuted, reshaped
from studio.interchange.onnx.tried import backwards, of_sizes, shape_of, trials, tried
from studio.interchange.onnx.values import Array, UnreadableError, Wire
from studio.project.graph import Endpoint
from studio.project.params import Value as Param

CLOSE = 1e-6
FAR = -1e30
"""What is added to a score to leave a place out: as good as minus infinity where another stays."""
LARGEST = 2**26
"""Numbers of the largest tensor that is tried."""
FACTOR = re.compile(r"x ([*/]) (\d[\d.e+-]*)$")
LAST_NAME = re.compile(r"[_.](out_proj|proj|o_proj|to_out|c_proj|out|o)$")


# ---- softmax(q·kᵀ)·v


def attended(weights: Wire, v: Wire, drawing: Drawing) -> Wire | None:
    """The product of shares of attention and values as one node; None where it is something else."""
    weights, dropout = _undropped(weights, drawing)
    weights, takers = _unguarded(weights, drawing)
    scores = _fed(weights, "Softmax", drawing)
    if scores is None or drawing.takers[weights.end] != takers:
        return None
    if drawing.nodes[weights.end.node].params["dim"] != -1:
        return None
    scores, mask = _unmasked(scores, drawing)
    scores, factor = _unscaled(scores, drawing)
    step = drawing.steps.get(scores.end.node)
    if step is None or step.layer.type != "MatMul":
        return None
    (q, by), (k, other) = (_unscaled(one, drawing) for one in _inputs(step, drawing))
    if k.rank < 3 or k.rank != q.rank or q.type.shape[:-2] != k.type.shape[:-2] or not q.type.shape[:-2]:
        return None
    turned = permuted(k, (*range(k.rank - 2), k.rank - 1, k.rank - 2), drawing)
    return dot_product(q, turned, v, mask, factor * by * other, dropout, drawing)


def dot_product(
    q: Wire,
    k: Wire,
    v: Wire,
    mask: Wire | None,
    scale: float | None,
    dropout: float,
    drawing: Drawing,
    causal: bool = False,
) -> Wire | None:
    """A node of attention without weights of its own; None where its sizes do not fit that."""
    params: dict[str, Param] = {"dropout_p": dropout} if dropout else {}
    width = q.type.shape[-1]
    if scale is not None and not (isinstance(width, int) and abs(scale * sqrt(width) - 1) < CLOSE):
        params["scale"] = float(f"{scale:.7g}")
    wires = {"query": q, "key": k, "value": v}
    if causal or (mask is not None and _causal(mask, q, k, drawing)):
        params["is_causal"] = True
    elif mask is not None:
        wires["attn_mask"] = mask
    hint = LAST_NAME.sub("", drawing.hint)
    try:
        return drawing.one(
            "ScaledDotProductAttention", wires, params, name=f"{hint}_attention" if hint else ""
        )
    except UnreadableError:
        return None


def _inputs(step: Step, drawing: Drawing) -> list[Wire]:
    return [Wire(ref, drawing.types[ref]) for ref in step.args if isinstance(ref, Endpoint)]


def _fed(wire: Wire, type: str, drawing: Drawing) -> Wire | None:
    """What goes into the node of a type that makes a tensor."""
    step = drawing.steps.get(wire.end.node)
    return _inputs(step, drawing)[0] if step is not None and step.layer.type == type else None


def _undropped(wire: Wire, drawing: Drawing) -> tuple[Wire, float]:
    before = _fed(wire, "Dropout", drawing)
    if before is None or drawing.takers[wire.end] != 1:
        return wire, 0.0
    share = drawing.nodes[wire.end.node].params["p"]
    assert isinstance(share, float)
    return before, share


def _unguarded(wire: Wire, drawing: Drawing) -> tuple[Wire, int]:
    """Shares before zeros were put where nothing may be looked at, and how many operators take them."""
    step = drawing.steps.get(wire.end.node)
    if step is None or step.kwargs.get("expression") != "where(x, 0.0, y)" or drawing.takers[wire.end] != 1:
        return wire, 1
    asked, shares = _inputs(step, drawing)
    question = drawing.steps.get(asked.end.node)
    if question is None or question.kwargs.get("expression") != "isnan(x)":
        return wire, 1
    return (shares, 2) if _inputs(question, drawing)[0] == shares else (wire, 1)


def _unscaled(wire: Wire, drawing: Drawing) -> tuple[Wire, float]:
    """A tensor without the number that it was multiplied with, perhaps before its order was changed."""
    base, perm = drawing.moved.get(wire.end, (wire, ()))
    step = drawing.steps.get(base.end.node)
    if step is None:
        return wire, 1.0
    if step.layer.type == "Scale":
        factor = float(step.kwargs["factor"])
    elif step.layer.type == "Expression" and (found := FACTOR.match(str(step.kwargs["expression"]))):
        factor = float(found[2]) if found[1] == "*" else 1 / float(found[2])
    else:
        return wire, 1.0
    before, more = _unscaled(_inputs(step, drawing)[0], drawing)
    return (permuted(before, perm, drawing) if perm else before), factor * more


def _unmasked(scores: Wire, drawing: Drawing) -> tuple[Wire, Wire | None]:
    """Scores and what is added to them."""
    step = drawing.steps.get(scores.end.node)
    adds = step is not None and (
        step.layer.type == "Add" or (step.layer.type == "Expression" and step.kwargs["expression"] == "x + y")
    )
    if step is None or not adds:
        return scores, None
    parts = _inputs(step, drawing)
    made = [_from_product(one, drawing) for one in parts]
    if len(parts) != 2 or made.count(True) != 1 or parts[made.index(True)].type.shape != scores.type.shape:
        return scores, None
    return parts[made.index(True)], parts[made.index(False)]


def _from_product(wire: Wire, drawing: Drawing) -> bool:
    step = drawing.steps.get(_unscaled(wire, drawing)[0].end.node)
    return step is not None and step.layer.type == "MatMul"


def _causal(mask: Wire, q: Wire, k: Wire, drawing: Drawing) -> bool:
    """Whether what is added keeps every place from those after it, whatever the sizes are, and no more."""
    if not of_sizes(mask.end, drawing) or q.type.shape[-2] != k.type.shape[-2]:
        return False
    for sizes in trials([mask.type, q.type]):
        length = shape_of(q.type, sizes)[-2]
        if length**2 > LARGEST:
            return False
        found = tried(mask.end, {}, drawing, sizes)
        ahead = torch.ones(length, length, dtype=torch.bool).triu(1)
        if found.shape[-2:] != ahead.shape or found.dtype is not torch.float32:
            return False
        if not bool(torch.where(ahead, found <= FAR, found == 0).all()):
            return False
    return True


# ---- with the projections of many heads


@dataclass(frozen=True, slots=True)
class _Side:
    """A projection on the way into attention: of what, by which Linear, and the rows of it that are used."""

    source: Wire
    linear: str
    rows: tuple[int, ...]


def multihead(x: Wire, weight: Array, bias: Array | None, drawing: Drawing) -> Wire | None:
    """The last projection of attention, with all before it as one node; None where it is something else."""
    end = list(backwards(x.end, drawing))[-1]
    step = drawing.steps.get(end.node)
    if step is None or step.layer.type != "ScaledDotProductAttention" or drawing.takers[x.end] != 1:
        return None
    width = weight.shape[0]
    mask = next((ref for ref, port in zip(step.args, step.ports, strict=True) if port == "attn_mask"), None)
    plain = step.kwargs.get("scale") is None and weight.shape == (width, width)
    if not plain or (isinstance(mask, Endpoint) and len(drawing.types[mask].shape) != 2):
        return None
    ends = [ref for ref in step.args[:3] if isinstance(ref, Endpoint)]
    sides = [_side(one, width, drawing) for one in ends]
    found = [one for one in sides if one is not None]
    turned = _turned(x, end, width, found[0], drawing) if len(found) == 3 else None
    if turned is None:
        return None
    params, weights = _gathered(found, step, weight, bias, drawing)
    if params is None:
        return None
    ports = {"query": found[0].source}
    ports |= {"key": found[1].source} if found[1].source != found[0].source else {}
    ports |= {"value": found[2].source} if found[2].source != found[1].source else {}
    ports |= {"attn_mask": Wire(mask, drawing.types[mask])} if isinstance(mask, Endpoint) else {}
    name = LAST_NAME.sub("", drawing.hint)
    try:
        y = drawing.one("MultiheadAttention", ports, params, weights, name)
    except UnreadableError:
        return None
    if name != drawing.hint:  # it stands for the module that the projection is in
        drawing.origin[y.end.node] = drawing.origin[y.end.node][:-1]
    return reshaped(permuted(y, (1, 0, 2), drawing) if turned else y, x.type.shape, drawing)


def _gathered(
    sides: Sequence[_Side], step: Step, weight: Array, bias: Array | None, drawing: Drawing
) -> tuple[dict[str, Param] | None, dict[str, Array | Tensor]]:
    """The parameters and weights of the node; none where only some of its parts have a bias."""
    width = weight.shape[0]
    heads = width // int(drawing.types[_query(step)].at(1)[-1])
    params: dict[str, Param] = {"num_heads": heads}
    if dropout := step.kwargs.get("dropout_p"):
        params["dropout"] = float(dropout)
    if step.kwargs.get("is_causal"):
        params["causal"] = True
    packed = [drawing.weights[f"{one.linear}.weight"][list(one.rows)] for one in sides]
    weights: dict[str, Array | Tensor] = {"in_proj_weight": torch.cat(packed), "out_proj.weight": weight}
    biases = [drawing.weights.get(f"{one.linear}.bias") for one in sides]
    known = [one[list(side.rows)] for one, side in zip(biases, sides, strict=True) if one is not None]
    if len(known) == 3:  # where the last bias is zeros, files leave it out
        last = np.zeros(width, np.float32) if bias is None else bias
        weights |= {"in_proj_bias": torch.cat(known), "out_proj.bias": last}
    elif not known and bias is None:
        params["bias"] = False
    else:
        return None, {}
    return params, weights


def _query(step: Step) -> Endpoint:
    ref = step.args[0]
    assert isinstance(ref, Endpoint)
    return ref


def _side(end: Endpoint, width: int, drawing: Drawing) -> _Side | None:
    """The projection whose numbers a tensor of many heads has, each head's at every place alike."""
    start = list(backwards(end, drawing))[-1]
    step = drawing.steps.get(start.node)
    if step is None or step.layer.type != "Linear":
        return None
    wire = _inputs(step, drawing)[0]
    source = next(iter(_sequences(wire, width, drawing)), None)
    if source is None:
        return None
    outputs = drawing.weights[f"{start.node}.weight"].shape[0]
    found: Tensor | None = None
    for sizes in trials([source.type, drawing.types[end]]):
        rows = _rows(end, start, source, wire, (width, outputs), drawing, sizes)
        if rows is None or (found is not None and not torch.equal(found, rows)):
            return None
        found = rows
    assert found is not None
    return _Side(source, start.node, tuple(found.tolist()))


def _sequences(wire: Wire, width: int, drawing: Drawing) -> Iterator[Wire]:
    """The tensors of samples × places × features, nearest first, whose numbers a tensor has."""
    for end in backwards(wire.end, drawing):
        shape = drawing.types[end].shape
        if len(shape) == 3 and isinstance(shape[0], Dim) and BATCH in shape[0].symbols and shape[2] == width:
            yield Wire(end, drawing.types[end])


def _rows(
    end: Endpoint,
    start: Endpoint,
    source: Wire,
    wire: Wire,
    widths: tuple[int, int],
    drawing: Drawing,
    sizes: Mapping[str, int],
) -> Tensor | None:
    """Which of a projection's results each feature of each head is, where that is so at every place."""
    width, outputs = widths
    batch, length, _ = shape_of(source.type, sizes)
    if batch * length * max(outputs, width) > LARGEST:
        return None
    given = {source.end: torch.arange(batch * length * width).reshape(batch, length, width)}
    at = places_of(tried(wire.end, given, drawing, sizes), width)
    if at is None:
        return None
    results = at[..., None] * outputs + torch.arange(outputs)
    heads = tried(end, {start: results}, drawing, sizes)
    size = heads.shape[-1]
    if heads.numel() != batch * length * width or width % size:
        return None
    expected = torch.arange(batch * length).reshape(batch, 1, length, 1) * outputs
    rows = heads.reshape(batch, width // size, length, size) - expected
    same = bool((rows == rows[:1, :, :1]).all()) and 0 <= int(rows.min()) <= int(rows.max()) < outputs
    return rows[0, :, 0].flatten() if same else None


def places_of(numbers: Tensor, width: int) -> Tensor | None:
    """The rows of so many numbers that a tensor consists of, where it has them whole."""
    whole = numbers.shape[-1] == width and bool((numbers % width == torch.arange(width)).all())
    return numbers[..., 0] // width if whole and prod(numbers.shape) else None


def _turned(x: Wire, end: Endpoint, width: int, side: _Side, drawing: Drawing) -> bool | None:
    """Whether the last projection takes place by place rather than sample by sample; None where neither."""
    ways: set[bool | None] = set()
    for sizes in trials([side.source.type, x.type]):
        batch, length, _ = shape_of(side.source.type, sizes)
        shape = shape_of(drawing.types[end], sizes)
        if prod(shape) != batch * length * width or prod(shape) > LARGEST:
            return None
        order = torch.arange(batch * length * width).reshape(batch, length, -1, shape[-1]).transpose(1, 2)
        found = places_of(tried(x.end, {end: order.reshape(shape)}, drawing, sizes), width)
        rows = torch.arange(batch * length).reshape(batch, length)
        known = [found is not None and torch.equal(found.flatten(), one.flatten()) for one in (rows, rows.T)]
        ways.add(known.index(True) == 1 if True in known else None)
    return ways.pop() if len(ways) == 1 else None
