"""Layers that move values about or change sizes: padding, upsampling, shuffles, windows, rolls."""

from __future__ import annotations

from studio.catalog import name_rules, tensor_rules
from studio.catalog.registry import Example, Layer
from studio.project.params import Bool, Choice, Float, Int, Ints, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."
LINEAR = ("linear", "bilinear", "bicubic", "trilinear")
DIMS = Ints("dims", 1, "The dimensions (0 is the batch, −1 the last)", essential=True)


def window() -> tuple[Param, ...]:
    """What Fold and Unfold ask for: the window that slides over an image."""
    return (
        Ints("kernel_size", 3, "Height and width of the window", low=1, lengths=(1, 2), essential=True),
        Ints("dilation", 1, "Gap between the window's values", low=1, lengths=(1, 2), advanced=True),
        Ints("padding", 0, "Border added on each side", low=0, lengths=(1, 2)),
        Ints("stride", 1, "Step between windows", low=1, lengths=(1, 2)),
    )


RESIZE: tuple[Layer, ...] = (
    Layer(
        type="Pad",
        category="Shape",
        doc="Adds a border on both sides of the last dimensions.",
        target="torch.nn.functional.pad",
        params=(
            Ints("pad", (1, 1), "Left, right; then top, bottom; then front, back. Negative ones crop",
                 lengths=(2, 4, 6), essential=True),
            Choice("mode", "constant", "What the border is filled with",
                   options=("constant", "reflect", "replicate", "circular")),
            Float("value", None, "The constant; nothing for 0", optional=True, when=("mode", ("constant",))),
        ),
        shape=tensor_rules.pad,
        example=Example({"input": ((2, 3, 5, 5),)}, {"pad": (1, 2, 0, 1)}),
        url=f"{DOCS}nn.functional.pad.html",
        keywords=("border", "margin", "zero", "reflect", "replicate", "circular", "crop"),
        formula="W → left + W + right",
        use="Where a border must differ from side to side; else a convolution's own padding.",
        follows=("Conv2d", "Conv1d", "MaxPool2d"),
    ),
    Layer(
        type="Upsample",
        category="Shape",
        doc="Makes a sequence, image or volume larger (or smaller) by repeating or interpolating its values.",
        target="torch.nn.Upsample",
        params=(
            Ints("size", None, "Size of the result; nothing to go by scale_factor", low=1, lengths=(1, 2, 3),
                 optional=True, essential=True),
            Float("scale_factor", 2.0, "How many times as large", low=0.001, when=("size", (None,)),
                  essential=True),
            Choice("mode", "nearest", "How values in between come about (linear for N×C×L, bilinear and "
                   "bicubic for images, trilinear for volumes)",
                   options=("nearest", "nearest-exact", "area", *LINEAR)),
            Bool("align_corners", False, "Whether the corners' values stay as they are", advanced=True,
                 when=("mode", LINEAR)),
        ),
        example=Example({"input": ((2, 3, 4, 4),)}),
        url=f"{DOCS}nn.Upsample.html",
        keywords=("interpolate", "resize", "bilinear", "bicubic", "unpool"),
        formula="N×C×H×W → N×C×(s·H)×(s·W)",
        use="In decoders, with a convolution behind it: fewer artefacts than a transposed convolution.",
        follows=("Conv2d", "Concat"),
    ),
    Layer(
        type="PixelShuffle",
        category="Shape",
        doc="Turns groups of channels into pixels: an image r times as high and wide with r² times fewer "
        "channels.",
        target="torch.nn.PixelShuffle",
        params=(Int("upscale_factor", 2, "How many times as high and wide", low=1, essential=True),),
        example=Example({"input": ((2, 8, 3, 3),)}),
        url=f"{DOCS}nn.PixelShuffle.html",
        keywords=("depth to space", "super resolution", "upsample"),
        formula="N×(C·r²)×H×W → N×C×(r·H)×(r·W)",
        use="To make images larger at the end of a network, behind a convolution with r² times the channels.",
        follows=("Conv2d", "ReLU"),
        paper="https://arxiv.org/abs/1609.05158",
    ),
    Layer(
        type="PixelUnshuffle",
        category="Shape",
        doc="Turns pixels into channels: an image r times less high and wide with r² times the channels.",
        target="torch.nn.PixelUnshuffle",
        params=(Int("downscale_factor", 2, "How many times less high and wide", low=1, essential=True),),
        example=Example({"input": ((2, 3, 4, 4),)}),
        url=f"{DOCS}nn.PixelUnshuffle.html",
        keywords=("space to depth", "downsample", "focus"),
        formula="N×C×(r·H)×(r·W) → N×(C·r²)×H×W",
        use="To make an image smaller without losing a value.",
        follows=("Conv2d",),
        paper="https://arxiv.org/abs/1609.05158",
    ),
    Layer(
        type="ChannelShuffle",
        category="Shape",
        doc="Mixes the channels of all groups, so that grouped convolutions hear of each other.",
        target="torch.nn.ChannelShuffle",
        params=(Int("groups", 2, "Number of groups; the channels must divide by it", low=1, essential=True),),
        example=Example({"input": ((2, 6, 3, 3),)}),
        url=f"{DOCS}nn.ChannelShuffle.html",
        keywords=("shufflenet", "groups"),
        formula="channels as g×(C/g), transposed and joined again",
        use="Between two convolutions with groups.",
        follows=("Conv2d", "BatchNorm2d"),
        paper="https://arxiv.org/abs/1707.01083",
    ),
    Layer(
        type="Unfold",
        category="Shape",
        doc="Cuts an image into windows: each becomes a column of values.",
        target="torch.nn.Unfold",
        params=window(),
        names=name_rules.fixed("N", "features", "L"),
        example=Example({"input": ((2, 3, 6, 6),)}, {"kernel_size": 2, "stride": 2}),
        url=f"{DOCS}nn.Unfold.html",
        keywords=("patches", "im2col", "windows"),
        formula="N×C×H×W → N×(C·kₕ·kᵥ)×L with L windows",
        use="For patches of an image, or a convolution by hand: MatMul on the columns.",
        follows=("Transpose", "MatMul", "Linear"),
    ),
    Layer(
        type="Fold",
        category="Shape",
        doc="Puts windows back into an image, adding values where they overlap.",
        target="torch.nn.Fold",
        params=(
            Ints("output_size", 8, "Height and width of the image", low=1, lengths=(1, 2), essential=True),
            *window(),
        ),
        names=name_rules.fixed("N", "C", "H", "W"),
        example=Example(
            {"input": ((2, 12, 9),)}, {"output_size": 6, "kernel_size": 2, "stride": 2}
        ),
        url=f"{DOCS}nn.Fold.html",
        keywords=("patches", "col2im", "windows"),
        formula="N×(C·kₕ·kᵥ)×L → N×C×H×W",
        use="The way back from Unfold.",
        follows=("Conv2d",),
    ),
    Layer(
        type="Roll",
        category="Shape",
        doc="Moves the places along dimensions; what leaves at one end comes in at the other.",
        target="torch.roll",
        params=(
            Ints("shifts", 1, "By how many places, one number for each dimension", essential=True),
            DIMS,
        ),
        source="{input}.roll({shifts}, {dims})",
        shape=tensor_rules.rolled,
        example=Example({"input": ((2, 5, 4),)}),
        url=f"{DOCS}roll.html",
        keywords=("shift", "rotate", "swin", "circular"),
        formula="y[i] = x[(i − shift) mod size]",
        use="For windows that overlap from layer to layer, as in Swin.",
        follows=("Reshape", "Unfold"),
    ),
    Layer(
        type="Flip",
        category="Shape",
        doc="Turns the order of the places round along dimensions.",
        target="studio.build.blocks.flip",
        params=(DIMS,),
        source="{input}.flip({*dims})",
        shape=tensor_rules.dims_there,
        example=Example({"input": ((2, 5, 4),)}),
        url=f"{DOCS}flip.html",
        keywords=("reverse", "mirror"),
        formula="y[i] = x[size − 1 − i]",
        use="To read a sequence backwards, or to mirror an image.",
        follows=("LSTM", "Concat"),
    ),
)  # fmt: skip
