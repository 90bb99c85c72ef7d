"""Convolutions."""

from __future__ import annotations

from studio.catalog.registry import Example, Layer, first
from studio.project.params import Bool, Int, Ints

CONVOLUTION: tuple[Layer, ...] = (
    Layer(
        type="Conv2d",
        category="Convolution",
        doc="Slides learned filters over the height and width of an image.",
        target="torch.nn.Conv2d",
        params=(
            Int(
                "out_channels",
                32,
                "Number of filters, and so of channels that come out",
                low=1,
                essential=True,
            ),
            Ints("kernel_size", 3, "Height and width of the filters", low=1, lengths=(1, 2), essential=True),
            Ints("stride", 1, "Step between positions", low=1, lengths=(1, 2)),
            Ints(
                "padding",
                0,
                "Zeros around the image, or `same` to keep its size, or `valid` for none",
                low=0,
                lengths=(1, 2),
                words=("same", "valid"),
            ),
            Ints("dilation", 1, "Gap between the filter's taps", low=1, lengths=(1, 2), advanced=True),
            Int("groups", 1, "Groups of channels that are filtered apart", low=1, advanced=True),
            Bool("bias", True, "Whether to add a learned bias", advanced=True),
        ),
        derived={"in_channels": first("input", 1)},
        example=Example({"input": ((2, 3, 8, 8),)}, {"out_channels": 4}),
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html",
        keywords=("cnn", "image", "filter"),
    ),
)
