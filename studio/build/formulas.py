"""Running formulas on tensors, as catalog/formula.py understands them."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from studio.catalog.formula import read_formula


@lru_cache(maxsize=1024)
def compiled(text: str) -> Callable[..., Tensor]:
    """The function of a formula: tensors in the order of its names. Raises ValueError."""
    formula = read_formula(text)
    code = formula.code.format(**{name: name for name in formula.names})
    source = f"lambda {', '.join(formula.names)}: {code}"
    # What stands here was put together from the listed functions alone. Some of torch's, such as clamp, load
    # a module when they are first called, by the name of __import__ where they were called. Python's own is
    # taken: the one that PySide puts in its place ends the program where it does not find PySide's builtins.
    within = {
        "__builtins__": {"__import__": importlib.__import__},
        "torch": torch,
        "F": functional,
        "math": math,
    }
    return eval(source, within)


def expression(*inputs: Tensor, expression: str) -> Tensor:
    """A formula's value, from tensors in the order of its names."""
    return torch.as_tensor(compiled(expression)(*inputs))
