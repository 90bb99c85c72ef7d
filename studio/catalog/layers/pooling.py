"""Pooling: a smaller image, each value standing for a window of the larger one."""

from __future__ import annotations

from studio.catalog import window_rules
from studio.catalog.registry import Example, Layer
from studio.project.params import Bool, Ints

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
KERNEL = Ints("kernel_size", 2, "Height and width of the window", low=1, lengths=(1, 2), essential=True)
STRIDE = Ints(
    "stride",
    None,
    "Step between windows; nothing for the window's own size",
    low=1,
    lengths=(1, 2),
    optional=True,
)
PADDING = Ints("padding", 0, "Border added on each side, at most half the window", low=0, lengths=(1, 2))
CEIL = Bool("ceil_mode", False, "Whether a window may hang over the edge", advanced=True)

POOLING: tuple[Layer, ...] = (
    Layer(
        type="MaxPool2d",
        category="Pooling",
        doc="Keeps the largest value of each window.",
        target="torch.nn.MaxPool2d",
        params=(
            KERNEL,
            STRIDE,
            PADDING,
            Ints("dilation", 1, "Gap between the window's values", low=1, lengths=(1, 2), advanced=True),
            CEIL,
        ),
        shape=window_rules.pooling(2),
        example=Example({"input": ((2, 3, 8, 8),)}),
        url=f"{DOCS}MaxPool2d.html",
        keywords=("downsample",),
    ),
    Layer(
        type="AvgPool2d",
        category="Pooling",
        doc="Takes the mean of each window.",
        target="torch.nn.AvgPool2d",
        params=(
            KERNEL,
            STRIDE,
            PADDING,
            CEIL,
            Bool("count_include_pad", True, "Whether the border counts in the mean", advanced=True),
        ),
        shape=window_rules.pooling(2),
        example=Example({"input": ((2, 3, 8, 8),)}),
        url=f"{DOCS}AvgPool2d.html",
        keywords=("downsample", "mean"),
    ),
    Layer(
        type="AdaptiveAvgPool2d",
        category="Pooling",
        doc="Takes means to reach the size asked for; 1 means over the whole image.",
        target="torch.nn.AdaptiveAvgPool2d",
        params=(
            Ints("output_size", 1, "Height and width of the result", low=1, lengths=(1, 2), essential=True),
        ),
        shape=window_rules.adaptive(2),
        example=Example({"input": ((2, 3, 8, 8),)}),
        url=f"{DOCS}AdaptiveAvgPool2d.html",
        keywords=("global", "gap", "mean"),
    ),
)
