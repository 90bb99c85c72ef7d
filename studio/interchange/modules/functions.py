"""What torch's functions are called here: one name for x + y, torch.add(x, y) and x.add_(y)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

DUNDER = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "div",
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "pow",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "invert": "bitwise_not",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
SAME = {
    "multiply": "mul",
    "subtract": "sub",
    "divide": "div",
    "true_divide": "div",
    "negative": "neg",
    "absolute": "abs",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
    "concat": "cat",
    "concatenate": "cat",
    "clip": "clamp",
    "swapaxes": "transpose",
    "swapdims": "transpose",
    "moveaxis": "movedim",
    "arccos": "acos",
    "arcsin": "asin",
    "arctan": "atan",
    "max_pool2d_with_indices": "max_pool2d",
    "conj_physical": "conj",
    "fix": "trunc",
    "rrelu_with_noise": "rrelu",
    "hardtanh": "hardtanh",
    "range": "arange",
    "ger": "outer",
    "special_expit": "sigmoid",
    "special_erf": "erf",
    "special_softmax": "softmax",
    "special_exp2": "exp2",
    "special_log1p": "log1p",
    "log_sigmoid": "logsigmoid",
    "resolve_conj": "alias",
    "resolve_neg": "alias",
    "contiguous": "alias",
    "cpu": "alias",
    "cuda": "alias",
    "requires_grad_": "alias",
    "positive": "alias",
    "__pos__": "alias",
}
"""Functions that are another one by another name; alias is the tensor itself."""
GETTERS = {"T": "t", "mT": "t", "H": "t", "mH": "t", "data": "detach", "real": "real", "imag": "imag"}
BAKED = {
    *("item", "tolist", "__bool__", "__int__", "__float__", "__index__", "numpy", "__array__", "is_nonzero"),
    *("equal", "allclose", "__contains__", "__complex__"),
}
"""What makes plain Python of the values of a tensor."""


def plain_name(function: Callable[..., Any]) -> tuple[str, bool, bool]:
    """A function's name, whether its first two arguments change places, and whether it writes into the first.

    x.unfold(dim, size, step) is "windows", to tell it from the function of that name.
    """
    name: str = getattr(function, "__name__", str(function))
    if name == "__get__":
        getter = getattr(getattr(function, "__self__", None), "__name__", "")
        return GETTERS.get(getter, f".{getter}"), False, False
    if function is Tensor.unfold:
        return "windows", False, False
    if function is Tensor.where:
        return "where", True, False
    if name.startswith("__") and name.endswith("__"):
        return _dunder(name)
    if name in SAME:
        return SAME[name], False, False
    if name.endswith("_") and not name.endswith("__"):
        return SAME.get(name[:-1], name[:-1]), False, True
    return name, False, False


def _dunder(name: str) -> tuple[str, bool, bool]:
    bare = name.strip("_")
    if name in SAME:
        return SAME[name], False, False
    if bare in DUNDER:
        return DUNDER[bare], False, False
    if bare[:1] == "r" and bare[1:] in DUNDER:
        return DUNDER[bare[1:]], True, False
    if bare[:1] == "i" and bare[1:] in DUNDER:
        return DUNDER[bare[1:]], False, True
    return (bare, False, bare == "setitem") if name not in BAKED else (name, False, False)
