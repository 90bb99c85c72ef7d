"""Arithmetic and merging of tensors."""

from __future__ import annotations

from studio.catalog.registry import Example, Layer, Port

ARITHMETIC: tuple[Layer, ...] = (
    Layer(
        type="Add",
        category="Merge",
        doc="Adds tensors of equal shape, value by value.",
        target="studio.build.blocks.add",
        inputs=(Port("inputs", "Two or more tensors of equal shape", variadic=True),),
        joined="+",
        example=Example({"inputs": ((2, 3), (2, 3), (2, 3))}),
        keywords=("sum", "skip", "residual", "merge"),
    ),
)
