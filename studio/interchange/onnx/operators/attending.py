"""ONNX's own operator of attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio.build.sizes import Size
from studio.interchange.onnx.attention import dot_product
from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.operators.shaping import permuted, reshaped
from studio.interchange.onnx.values import Converter, Op, UnreadableError, Value, Wire

MORE = ("past_key", "past_value", "nonpad_kv_seqlen")


def _attention(op: Op, drawing: Drawing) -> Sequence[Value]:
    told = next((name for at, name in enumerate(MORE, 4) if op.has(at)), None)
    if told is not None or any(op.used[1:]):
        raise UnreadableError(f"it takes {told}" if told else "more than its first result is used")
    if op.attribute("softcap", 0.0):
        raise UnreadableError("it bounds the scores")
    flat = op.wire(0).rank == 3
    counts = [int(op.attribute(name, 0)) for name in ("q_num_heads", "kv_num_heads", "kv_num_heads")]
    given = [_in_heads(op.wire(at), counts[at], drawing) if flat else op.wire(at) for at in range(3)]
    q, k, v = given
    if q.type.shape[1] != k.type.shape[1]:
        raise UnreadableError("several heads of its queries share one of its keys")
    mask = drawing.wire_of(op.values[3]) if op.has(3) else None
    causal = bool(op.attribute("is_causal", 0))
    if causal and mask is not None:
        raise UnreadableError("it has a mask and looks at what was before only")
    scale = op.attribute("scale")
    found = dot_product(q, k, v, mask, None if scale is None else float(scale), 0.0, drawing, causal)
    if found is None:
        raise UnreadableError("its queries, keys and values do not fit each other")
    return [_joined(found, drawing) if flat else found]


def _in_heads(x: Wire, heads: int, drawing: Drawing) -> Wire:
    width = x.type.shape[2]
    if not isinstance(width, int) or not heads:
        raise UnreadableError("how many heads it has is not known")
    shape: tuple[Size, ...] = (*x.type.shape[:2], heads, width // heads)
    return permuted(reshaped(x, shape, drawing), (0, 2, 1, 3), drawing)


def _joined(x: Wire, drawing: Drawing) -> Wire:
    side = permuted(x, (0, 2, 1, 3), drawing)
    shape = side.type.shape
    assert isinstance(shape[2], int)
    assert isinstance(shape[3], int)
    return reshaped(side, (*shape[:2], shape[2] * shape[3]), drawing)


ATTENDING: Mapping[str, Converter] = {"Attention": _attention}
