"""Arithmetic and merging of tensors."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer, Port
from studio.project.params import Bool, Int, Ints

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."

ARITHMETIC: tuple[Layer, ...] = (
    Layer(
        type="Add",
        category="Merge",
        doc="Adds tensors of equal shape, value by value.",
        target="studio.build.blocks.add",
        inputs=(Port("inputs", "Two or more tensors of equal shape", variadic=True),),
        joined="+",
        example=Example({"inputs": ((2, 3), (2, 3), (2, 3))}),
        url=f"{DOCS}add.html",
        keywords=("sum", "skip", "residual", "merge"),
    ),
    Layer(
        type="Multiply",
        category="Merge",
        doc="Multiplies tensors value by value.",
        target="studio.build.blocks.multiply",
        inputs=(Port("inputs", "Two or more tensors of equal shape", variadic=True),),
        joined="*",
        example=Example({"inputs": ((2, 3), (2, 3))}),
        url=f"{DOCS}mul.html",
        keywords=("product", "gate", "attention", "merge"),
    ),
    Layer(
        type="Concat",
        category="Merge",
        doc="Puts tensors behind each other along one dimension; the other dimensions must be equal.",
        target="torch.cat",
        params=(
            Int(
                "dim", 1, "The dimension that grows (0 is the batch, 1 channels or features)", essential=True
            ),
        ),
        inputs=(Port("inputs", "Two or more tensors", variadic=True),),
        as_list=True,
        shape=shape_rules.concat,
        example=Example({"inputs": ((2, 3, 4), (2, 5, 4))}),
        url=f"{DOCS}cat.html",
        keywords=("cat", "join", "merge", "stack"),
    ),
    Layer(
        type="MatMul",
        category="Arithmetic",
        doc="The matrix product of two tensors' last two dimensions.",
        target="torch.matmul",
        inputs=(Port("input", "The left matrix, …×n×k"), Port("other", "The right matrix, …×k×m")),
        example=Example({"input": ((2, 3, 4),), "other": ((2, 4, 5),)}),
        url=f"{DOCS}matmul.html",
        keywords=("dot", "product", "attention"),
    ),
    Layer(
        type="Mean",
        category="Arithmetic",
        doc="The mean along one or several dimensions.",
        target="torch.mean",
        params=(
            Ints("dim", -1, "The dimensions (0 is the batch, -1 the last)", essential=True),
            Bool("keepdim", False, "Whether the dimension stays, with size 1"),
        ),
        shape=shape_rules.mean,
        example=Example({"input": ((2, 3, 4),)}),
        url=f"{DOCS}mean.html",
        keywords=("average", "global pooling"),
    ),
)
