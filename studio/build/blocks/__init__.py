"""The few functions and modules that torch lacks; readable source copies those it uses.

Everything is offered here under its own name, which is the one that declarations give. What is copied stands
alone: it may use torch, nn, F, Tensor and math, and nothing else of this package.
"""

from studio.build.blocks.functions import add, multiply, reshape
from studio.build.blocks.losses import AsIndices, AsSigns, ClassesAsNumbers

__all__ = ["AsIndices", "AsSigns", "ClassesAsNumbers", "add", "multiply", "reshape"]
