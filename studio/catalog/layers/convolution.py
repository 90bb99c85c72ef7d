"""Convolutions: learned filters that slide over a sequence or an image."""

from __future__ import annotations

from studio.catalog import window_rules
from studio.catalog.registry import Example, Layer, first
from studio.project.params import Bool, Choice, Int, Ints, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
PADDING_MODE = Choice(
    "padding_mode",
    "zeros",
    "What the border is filled with",
    advanced=True,
    options=("zeros", "reflect", "replicate", "circular"),
)


def filters(dims: int, words: tuple[str, ...] = ("same", "valid")) -> tuple[Param, ...]:
    """What every convolution over `dims` dimensions asks for."""
    lengths = (1, dims) if dims > 1 else (1,)
    return (
        Int("out_channels", 32, "Number of filters, and so of channels that come out", low=1, essential=True),
        Ints("kernel_size", 3, "Size of the filters", low=1, lengths=lengths, essential=True),
        Ints("stride", 1, "Step between positions", low=1, lengths=lengths),
        Ints("padding", 0, "Border added on each side" + (", or same, or valid" if words else ""),
             low=0, lengths=lengths, words=words),
    )  # fmt: skip


def finer(dims: int) -> tuple[Param, ...]:
    """What a convolution asks for beside that, seldom changed."""
    lengths = (1, dims) if dims > 1 else (1,)
    return (
        Ints("dilation", 1, "Gap between the filter's taps", low=1, lengths=lengths, advanced=True),
        Int("groups", 1, "Groups of channels that are filtered apart", low=1, advanced=True),
        Bool("bias", True, "Whether to add a learned bias", advanced=True),
    )


CONVOLUTION: tuple[Layer, ...] = (
    Layer(
        type="Conv1d",
        category="Convolution",
        doc="Slides learned filters along a sequence of N×C×L.",
        target="torch.nn.Conv1d",
        params=(*filters(1), *finer(1), PADDING_MODE),
        derived={"in_channels": first("input", 1)},
        shape=window_rules.convolution(1),
        example=Example({"input": ((2, 3, 8),)}, {"out_channels": 4}),
        url=f"{DOCS}Conv1d.html",
        keywords=("cnn", "sequence", "filter"),
    ),
    Layer(
        type="Conv2d",
        category="Convolution",
        doc="Slides learned filters over the height and width of an image of N×C×H×W.",
        target="torch.nn.Conv2d",
        params=(*filters(2), *finer(2), PADDING_MODE),
        derived={"in_channels": first("input", 1)},
        shape=window_rules.convolution(2),
        example=Example({"input": ((2, 3, 8, 8),)}, {"out_channels": 4}),
        url=f"{DOCS}Conv2d.html",
        keywords=("cnn", "image", "filter"),
    ),
    Layer(
        type="ConvTranspose2d",
        category="Convolution",
        doc="A convolution run backwards, to make an image larger.",
        target="torch.nn.ConvTranspose2d",
        params=(
            *filters(2, words=()),
            Ints(
                "output_padding",
                0,
                "Size added on one side of the result",
                low=0,
                lengths=(1, 2),
                advanced=True,
            ),
            *finer(2),
        ),
        derived={"in_channels": first("input", 1)},
        example=Example({"input": ((2, 3, 5, 5),)}, {"out_channels": 4, "stride": 2}),
        url=f"{DOCS}ConvTranspose2d.html",
        keywords=("deconvolution", "upsample", "decoder"),
    ),
)
