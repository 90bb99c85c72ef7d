"""Convolutions: learned filters that slide over a sequence, an image or a volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from studio.catalog import initial, window_rules
from studio.catalog.registry import Example, Layer, Shapes, first
from studio.project.params import Bool, Choice, Int, Ints, Param, Value

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
PLACES = {1: "sequences of N×C×L", 2: "images of N×C×H×W", 3: "volumes of N×C×D×H×W"}
WORDS = {1: ("sequence", "signal"), 2: ("image", "cnn"), 3: ("volume", "video")}
EXAMPLES = {1: (2, 3, 8), 2: (2, 3, 8, 8), 3: (2, 3, 5, 5, 5)}
PADDING_MODE = Choice(
    "padding_mode",
    "zeros",
    "What the border is filled with",
    advanced=True,
    options=("zeros", "reflect", "replicate", "circular"),
)
FILTERS = Int(
    "out_channels", 32, "Number of filters, and so of channels that come out", low=1, essential=True
)
GROUPS = Int("groups", 1, "Groups of channels that are filtered apart", low=1, advanced=True)
BIAS = Bool("bias", True, "Whether to add a learned bias", advanced=True)
MULTIPLIER = Int("depth_multiplier", 1, "Filters for each channel", low=1, advanced=True)


def window(dims: int, words: tuple[str, ...] = ("same", "valid")) -> tuple[Param, ...]:
    """How filters over `dims` dimensions slide."""
    lengths = (1, dims) if dims > 1 else (1,)
    return (
        Ints("kernel_size", 3, "Size of the filters", low=1, lengths=lengths, essential=True),
        Ints("stride", 1, "Step between positions", low=1, lengths=lengths),
        Ints("padding", 0, "Border added on each side" + (", or same, or valid" if words else ""),
             low=0, lengths=lengths, words=words),
        Ints("dilation", 1, "Gap between the filter's taps", low=1, lengths=lengths, advanced=True),
    )  # fmt: skip


def convolution(dims: int, use: str, follows: tuple[str, ...], paper: str = "") -> Layer:
    """ConvNd of torch."""
    return Layer(
        type=f"Conv{dims}d",
        category="Convolution",
        doc=f"Slides learned filters over {PLACES[dims]}; each gives one channel of the result.",
        target=f"torch.nn.Conv{dims}d",
        params=(FILTERS, *window(dims), GROUPS, BIAS, PADDING_MODE),
        options=initial.weights(norm=True),
        derived={"in_channels": first("input", 1)},
        shape=window_rules.convolution(dims),
        example=Example({"input": (EXAMPLES[dims],)}, {"out_channels": 4}),
        url=f"{DOCS}Conv{dims}d.html",
        keywords=("filter", "kernel", *WORDS[dims]),
        formula="y[k, i] = b[k] + Σ_c Σ_t W[k, c, t] · x[c, stride·i + dilation·t − padding]",
        use=use,
        follows=follows,
        paper=paper,
    )


def transposed(dims: int, use: str) -> Layer:
    """ConvTransposeNd of torch."""
    lengths = (1, dims) if dims > 1 else (1,)
    added = Ints("output_padding", 0, "Size added on one side of the result", low=0, lengths=lengths,
                 advanced=True)  # fmt: skip
    *sliding, dilation = window(dims, words=())
    return Layer(
        type=f"ConvTranspose{dims}d",
        category="Convolution",
        doc=f"A convolution run backwards, which makes {PLACES[dims]} larger.",
        target=f"torch.nn.ConvTranspose{dims}d",
        params=(FILTERS, *sliding, added, dilation, GROUPS, BIAS),
        options=initial.weights(norm=True),
        derived={"in_channels": first("input", 1)},
        shape=window_rules.transposed(dims),
        example=Example({"input": (EXAMPLES[dims],)}, {"out_channels": 4, "stride": 2}),
        url=f"{DOCS}ConvTranspose{dims}d.html",
        keywords=("deconvolution", "upsample", "decoder", *WORDS[dims]),
        formula="y[k, stride·i + dilation·t − padding] += W[c, k, t] · x[c, i];  "
        "size = (size − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1",
        use=use,
        follows=("Concat", f"Conv{dims}d", f"BatchNorm{dims}d", "ReLU"),
        paper="https://arxiv.org/abs/1603.07285",
    )


@cache
def depthwise(dims: int, multiplier: int = 1) -> Layer:
    """A ConvNd with a group for each channel, so that every channel has filters of its own."""

    def adapt(values: Mapping[str, Value]) -> Layer:
        wanted = values["depth_multiplier"]
        return depthwise(dims, wanted) if type(wanted) is int and wanted >= 1 else depthwise(dims)

    return Layer(
        type=f"DepthwiseConv{dims}d",
        category="Convolution",
        doc=f"Filters every channel of {PLACES[dims]} by itself; the channels are not mixed.",
        target=f"torch.nn.Conv{dims}d",
        params=(*window(dims), BIAS, PADDING_MODE),
        options=(MULTIPLIER, *initial.weights(norm=True)),
        derived={
            "in_channels": first("input", 1),
            "out_channels": _channels(multiplier),
            "groups": first("input", 1),
        },
        shape=window_rules.convolution(dims),
        example=Example({"input": (EXAMPLES[dims],)}, {"depth_multiplier": 2}),
        url=f"{DOCS}Conv{dims}d.html",
        keywords=("mobile", "grouped", "separable", *WORDS[dims]),
        adapt=adapt,
        formula="y[c, i] = b[c] + Σ_t W[c, t] · x[c, stride·i + dilation·t − padding]",
        use="Looks at neighbours at a fraction of a convolution's cost; a 1×1 convolution behind it mixes "
        "the channels.",
        follows=(f"BatchNorm{dims}d", f"Conv{dims}d", "ChannelLayerNorm"),
        paper="https://arxiv.org/abs/1704.04861",
    )


def _channels(multiplier: int) -> Callable[[Shapes], Value]:
    return lambda shapes: shapes["input"][0][1] * multiplier


def separable(dims: int) -> Layer:
    """A depthwise convolution and a 1×1 convolution in one."""
    return Layer(
        type=f"SeparableConv{dims}d",
        category="Convolution",
        doc=f"Filters every channel of {PLACES[dims]} by itself, then mixes the channels at every place.",
        target=f"studio.build.blocks.SeparableConv{dims}d",
        params=(FILTERS, *window(dims), MULTIPLIER, BIAS),
        options=initial.weights(),
        derived={"in_channels": first("input", 1)},
        shape=window_rules.separable(dims),
        example=Example({"input": (EXAMPLES[dims],)}, {"out_channels": 4}),
        url=f"{DOCS}Conv{dims}d.html",
        keywords=("mobile", "depthwise", "pointwise", *WORDS[dims]),
        formula="y = pointwise(depthwise(x)), with kernel + out_channels weights per channel instead of "
        "kernel · out_channels",
        use="In place of a convolution where a small and fast network matters, at little loss of accuracy.",
        follows=(f"BatchNorm{dims}d", "ReLU", f"MaxPool{dims}d"),
        paper="https://arxiv.org/abs/1610.02357",
    )


CONVOLUTION: tuple[Layer, ...] = (
    convolution(
        2,
        "The work-horse for images and whatever else lies on a grid. With kernel_size 1 it mixes channels, "
        "with stride 2 it halves the size.",
        ("BatchNorm2d", "ReLU", "MaxPool2d"),
    ),
    convolution(
        1,
        "For sequences whose meaning lies in short stretches: sensor data, sound, text behind an Embedding.",
        ("BatchNorm1d", "ReLU", "MaxPool1d"),
    ),
    transposed(2, "Makes images larger in decoders, segmentation and generators."),
    depthwise(2),
    separable(2),
    convolution(
        3,
        "For volumes such as CT scans, and for videos with time as depth. Costly: keep channels few.",
        ("BatchNorm3d", "ReLU", "MaxPool3d"),
    ),
    transposed(1, "Makes sequences longer, as in generators of sound."),
    depthwise(1),
    separable(1),
    transposed(3, "Makes volumes larger, as in the decoder of a 3-D U-Net."),
)
