"""Values of a tensor at places that a tensor or a list holds: x[y], x[:, [0, 2]], x[y, z]."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from studio.interchange.keras.twins.formulas.known import Known, UnsaidError

Say = Callable[[ast.expr], str]


def gathered(node: ast.Subscript, known: Known, say: Say) -> str | None:
    """The call that takes them; None where all indices are plain. Raises UnsaidError."""
    listed = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    at = [place for place, one in enumerate(listed) if _gathers(one, known)]
    if not at:
        return None
    others = [one for place, one in enumerate(listed) if place not in at]
    masks = [place for place in at if not isinstance(listed[place], ast.List)]
    if not all(map(_is_whole, others)) or any(known.is_boolean(listed[place]) for place in masks):
        raise UnsaidError(ast.unparse(node))
    if len(at) == 1:
        return _along(node, listed, at[0], known, say)
    if at != [0, 1]:
        raise UnsaidError(ast.unparse(node))
    return _pairs(node, listed, known, say)


def _gathers(index: ast.expr, known: Known) -> bool:
    if isinstance(index, ast.Slice | ast.Constant | ast.UnaryOp):
        return False
    return isinstance(index, ast.List) or known.is_tensor(index)


def _is_whole(index: ast.expr) -> bool:
    if isinstance(index, ast.Slice):
        return not (index.lower or index.upper or index.step)
    return isinstance(index, ast.Constant) and index.value is ...


def _along(node: ast.Subscript, listed: Sequence[ast.expr], at: int, known: Known, say: Say) -> str:
    """Places along one dimension."""
    shape, index = known.shape(node.value), listed[at]
    dots = next((place for place, one in enumerate(listed) if isinstance(one, ast.Constant)), len(listed))
    axis = at if at < dots else len(shape) - (len(listed) - at)
    places = say(index)
    if isinstance(index, ast.List):
        size = shape[axis]
        found = [one if one >= 0 or size is None else one + size for one in ast.literal_eval(index)]
        if min(found) < 0:
            raise UnsaidError(ast.unparse(node))
        places = repr(found)
    return f"ops.take({say(node.value)}, {places}, axis={axis})"


def _pairs(node: ast.Subscript, listed: Sequence[ast.expr], known: Known, say: Say) -> str:
    """Pairs of places along the first two dimensions, which are made one."""
    _, width, *rest = known.shape(node.value)
    if width is None or None in rest:
        raise UnsaidError(ast.unparse(node))
    flat = f"ops.reshape({say(node.value)}, {(-1, *rest)})"
    return f"ops.take({flat}, ({say(listed[0])}) * {width} + ({say(listed[1])}), axis=0)"
