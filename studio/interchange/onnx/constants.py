"""What is computed from known numbers alone is computed while reading, by onnx's own evaluator."""

from __future__ import annotations

from math import prod
from typing import Any, cast

import numpy as np

from studio.interchange.onnx.values import Array, Held, Op, UnreadableError, Value
from studio.interchange.quiet import quiet

LARGEST = 2**26
"""Numbers that a known tensor may have."""
PADDED = 4
"""By so much a convolution may make a picture larger."""
NEVER = ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial")


def computed(op: Op, node: Any) -> list[Value] | None:  # noqa: ANN401
    """The results of an operator whose inputs are all known; None where one is not. `node` is onnx's own.

    Raises UnreadableError.
    """
    if node is None or op.type in NEVER or any(isinstance(one, Held) is (one is None) for one in op.values):
        return None
    given = [one.array if isinstance(one, Held) else None for one in op.values]
    if _size(op, given) > LARGEST:
        raise UnreadableError(f"it makes a tensor of more than {LARGEST:,} numbers")
    if op.type == "GatherElements":  # which onnx's evaluator gets wrong for rows
        data, index = (cast(Array, one) for one in given)
        return [Held(np.take_along_axis(data, index, int(op.attribute("axis", 0))))]
    from onnx.helper import make_opsetid
    from onnx.reference import ReferenceEvaluator

    assert make_opsetid
    feeds = {name: one for name, one in zip(op.inputs, given, strict=True) if one is not None}
    try:
        with quiet(), np.errstate(all="ignore"):
            evaluator = ReferenceEvaluator(node, opsets={op.domain: op.opset})
            found = cast(list[Any], evaluator.run(None, feeds))
    except Exception as error:  # of many kinds, as the evaluator pleases
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UnreadableError(f"its constant inputs do not fit: {first}") from error
    return [Held(np.asarray(one)) for one in found]


def _size(op: Op, given: list[Array | None]) -> int:
    """About how many numbers would come out."""
    largest = max((one.size for one in given if one is not None), default=1)
    shape = given[-1] if op.type in ("Expand", "ConstantOfShape") else None
    if shape is not None:
        return max(prod(int(abs(one)) for one in shape.ravel()), 1) * (largest if op.type == "Expand" else 1)
    if op.type == "Tile" and given[1] is not None:
        return largest * prod(int(one) for one in given[1].ravel())
    if op.type == "Range" and all(one is not None for one in given):
        start, end, step = (float(cast(Array, one).ravel()[0]) for one in given)
        return (
            int(abs((end - start) / (step or 1e-9))) if np.isfinite([start, end, step]).all() else LARGEST + 1
        )
    if op.type == "Pad" and given[0] is not None and len(given) > 1 and given[1] is not None:
        return prod(size + int(abs(given[1]).max(initial=0)) * 2 for size in given[0].shape)
    if op.type == "Conv" and given[0] is not None and given[1] is not None and given[0].ndim > 1:
        return PADDED * given[0].size // max(1, given[0].shape[1]) * given[1].shape[0]
    if op.type in ("Resize", "Upsample", "OneHot", "EyeLike", "Einsum", "MatMul", "Gemm"):
        return largest * max((one.size for one in given if one is not None and one.size < largest), default=1)
    return largest
