"""Layers that rearrange a tensor or take a part of it, without computing on it."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer
from studio.project.params import Int, Ints

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."

SHAPE: tuple[Layer, ...] = (
    Layer(
        type="Flatten",
        category="Shape",
        doc="Joins dimensions into one; by default all but the batch.",
        target="torch.nn.Flatten",
        params=(
            Int("start_dim", 1, "First dimension to join (0 is the batch)", low=1, advanced=True),
            Int("end_dim", -1, "Last dimension to join", advanced=True),
        ),
        shape=shape_rules.flatten,
        example=Example({"input": ((2, 3, 4, 4),)}),
        url=f"{DOCS}nn.Flatten.html",
    ),
    Layer(
        type="Reshape",
        category="Shape",
        doc="Gives each sample a new shape with as many values; −1 stands for what is left.",
        target="studio.build.blocks.reshape",
        params=(Ints("shape", -1, "The new shape, batch left out", low=-1, essential=True),),
        source="{input}.reshape({input}.shape[0], {*shape})",
        example=Example({"input": ((2, 3, 4),)}, {"shape": (4, 3)}),
        url=f"{DOCS}reshape.html",
        keywords=("view",),
    ),
    Layer(
        type="Permute",
        category="Shape",
        doc="Puts the dimensions into another order; 0 is the batch and stays first.",
        target="torch.permute",
        params=(
            Ints(
                "dims",
                (0, 2, 1),
                "The old dimensions in their new order, such as 0, 2, 1",
                low=0,
                essential=True,
            ),
        ),
        source="{input}.permute({*dims})",
        example=Example({"input": ((2, 3, 4),)}),
        url=f"{DOCS}permute.html",
        keywords=("transpose", "order"),
    ),
    Layer(
        type="Select",
        category="Shape",
        doc="Takes one place along a dimension, such as a sequence's last step; that dimension is gone.",
        target="torch.select",
        params=(
            Int("dim", 1, "The dimension (0 is the batch)", essential=True),
            Int("index", -1, "Which place; −1 is the last", essential=True),
        ),
        example=Example({"input": ((2, 3, 4),)}),
        url=f"{DOCS}select.html",
        keywords=("index", "last", "slice"),
    ),
)
