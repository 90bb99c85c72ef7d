"""Layers that rearrange a tensor without computing on it. The batch dimension is never touched."""

from __future__ import annotations

from studio.catalog.registry import Example, Layer
from studio.project.params import Int, Ints

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
        example=Example({"input": ((2, 3, 4, 4),)}),
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html",
    ),
    Layer(
        type="Reshape",
        category="Shape",
        doc="Gives each sample a new shape with as many values; -1 stands for what is left.",
        target="studio.build.blocks.reshape",
        params=(Ints("shape", -1, "The new shape, batch left out", low=-1, essential=True),),
        source="{input}.reshape({input}.shape[0], *{shape})",
        example=Example({"input": ((2, 3, 4),)}, {"shape": (4, 3)}),
        url="https://docs.pytorch.org/docs/stable/generated/torch.reshape.html",
        keywords=("view",),
    ),
)
