"""Pooling: a smaller input, each value standing for a window of the larger one; and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import window_rules
from studio.catalog.adapting import adaptable
from studio.catalog.registry import OUT, Example, Layer, Port
from studio.project.params import Bool, Float, Int, Ints, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
PLACES = {1: "sequences of N×C×L", 2: "images of N×C×H×W", 3: "volumes of N×C×D×H×W"}
SIZES = {1: "Length", 2: "Height and width", 3: "Depth, height and width"}
EXAMPLES = {1: (2, 3, 8), 2: (2, 3, 8, 8), 3: (2, 3, 6, 6, 6)}
SMALLER = {1: (2, 3, 4), 2: (2, 3, 4, 4), 3: (2, 3, 2, 2, 2)}
CEIL = Bool("ceil_mode", False, "Whether a window may hang over the edge", advanced=True)
INDICES = Bool(
    "return_indices", False, "Whether to give the place of each value too, for MaxUnpool", advanced=True
)
INDEX_PORT = Port("indices", "Where each value stood, as a whole number (int64) for MaxUnpool")
NETWORK_IN_NETWORK = "https://arxiv.org/abs/1312.4400"


def lengths(dims: int) -> tuple[int, ...]:
    """How many numbers a size over so many dimensions may have."""
    return (1, dims) if dims > 1 else (1,)


def kernel(dims: int) -> Ints:
    """The window's size."""
    doc = f"{SIZES[dims]} of the window"
    return Ints("kernel_size", 2, doc, low=1, lengths=lengths(dims), essential=True)


def stride(dims: int) -> Ints:
    """The step between windows."""
    doc = "Step between windows; nothing for the window's own size"
    return Ints("stride", None, doc, low=1, lengths=lengths(dims), optional=True)


def padding(dims: int) -> Ints:
    """The border."""
    doc = "Border added on each side, at most half the window"
    return Ints("padding", 0, doc, low=0, lengths=lengths(dims))


def result(dims: int) -> Ints:
    """The size asked for."""
    doc = f"{SIZES[dims]} of the result"
    return Ints("output_size", 1, doc, low=1, lengths=lengths(dims), essential=True)


def with_indices(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """The layer with a second output where the node asks for places."""
    if not values["return_indices"]:
        return layer
    return replace(layer, outputs=(*OUT, INDEX_PORT), returns="output, indices", shape=None)


def max_pool(dims: int) -> Layer:
    """MaxPoolNd."""
    gap = Ints("dilation", 1, "Gap between the window's values", low=1, lengths=lengths(dims), advanced=True)
    layer = Layer(
        type=f"MaxPool{dims}d",
        category="Pooling",
        doc=f"Keeps the largest value of each window, over {PLACES[dims]}.",
        target=f"torch.nn.MaxPool{dims}d",
        params=(kernel(dims), stride(dims), padding(dims), gap, INDICES, CEIL),
        shape=window_rules.pooling(dims),
        example=Example({"input": (EXAMPLES[dims],)}),
        url=f"{DOCS}MaxPool{dims}d.html",
        keywords=("downsample", "subsample"),
        formula="y[i] = max over t in the window of x[stride·i + t]",
        use="Halves the size between convolutions, so that later ones see more; keeps the strongest answer "
        "wherever in the window it stands.",
        follows=(f"Conv{dims}d", "Dropout", "Flatten"),
    )
    return adaptable(layer, with_indices)


def avg_pool(dims: int) -> Layer:
    """AvgPoolNd."""
    divisor = Int("divisor_override", None, "What the sum is divided by; nothing for the window's size",
                  low=1, optional=True, advanced=True)  # fmt: skip
    finer: tuple[Param, ...] = (
        CEIL,
        Bool("count_include_pad", True, "Whether the border counts in the mean", advanced=True),
        *((divisor,) if dims > 1 else ()),
    )
    return Layer(
        type=f"AvgPool{dims}d",
        category="Pooling",
        doc=f"Takes the mean of each window, over {PLACES[dims]}.",
        target=f"torch.nn.AvgPool{dims}d",
        params=(kernel(dims), stride(dims), padding(dims), *finer),
        shape=window_rules.pooling(dims, bare=dims == 3),
        example=Example({"input": (EXAMPLES[dims],)}),
        url=f"{DOCS}AvgPool{dims}d.html",
        keywords=("downsample", "subsample", "mean", "average"),
        formula="y[i] = mean over t in the window of x[stride·i + t]",
        use="Makes the input smaller and smoother; in place of MaxPool where all values count.",
        follows=(f"Conv{dims}d", "Flatten"),
    )


def adaptive_avg_pool(dims: int) -> Layer:
    """AdaptiveAvgPoolNd."""
    return Layer(
        type=f"AdaptiveAvgPool{dims}d",
        category="Pooling",
        doc=f"Takes means over {PLACES[dims]} to reach the size asked for; 1 means over everything.",
        target=f"torch.nn.AdaptiveAvgPool{dims}d",
        params=(result(dims),),
        shape=window_rules.adaptive(dims),
        example=Example({"input": (EXAMPLES[dims],)}),
        url=f"{DOCS}AdaptiveAvgPool{dims}d.html",
        keywords=("global", "gap", "mean", "average"),
        formula="y[i] = mean of x[⌊i·size/output_size⌋ … ⌈(i+1)·size/output_size⌉ − 1]",
        use="Between convolutions and Linear layers: the result has one size whatever the input's.",
        follows=("Flatten", "Linear"),
        paper=NETWORK_IN_NETWORK,
    )


def adaptive_max_pool(dims: int) -> Layer:
    """AdaptiveMaxPoolNd."""
    layer = Layer(
        type=f"AdaptiveMaxPool{dims}d",
        category="Pooling",
        doc=f"Takes largest values over {PLACES[dims]} to reach the size asked for.",
        target=f"torch.nn.AdaptiveMaxPool{dims}d",
        params=(result(dims), INDICES),
        shape=window_rules.adaptive(dims),
        example=Example({"input": (EXAMPLES[dims],)}),
        url=f"{DOCS}AdaptiveMaxPool{dims}d.html",
        keywords=("global", "maximum"),
        formula="y[i] = max of x[⌊i·size/output_size⌋ … ⌈(i+1)·size/output_size⌉ − 1]",
        use="Like AdaptiveAvgPool, where it matters that something is there rather than how much of it.",
        follows=("Flatten", "Linear"),
    )
    return adaptable(layer, with_indices)


def global_pool(type: str, target: str, doc: str, formula: str, use: str, *keywords: str) -> Layer:
    """One value per channel."""
    return Layer(
        type=type,
        category="Pooling",
        doc=doc,
        target=f"studio.build.blocks.{target}",
        params=(
            Bool("keepdim", False, "Whether the places stay, with size 1: N×C×1×1 rather than N×C",
                 essential=True),
        ),
        shape=window_rules.over_all,
        example=Example({"input": ((2, 3, 8, 8),)}),
        url=NETWORK_IN_NETWORK,
        keywords=("global", *keywords),
        formula=formula,
        use=use,
        follows=("Linear", "Dropout"),
        paper=NETWORK_IN_NETWORK,
    )  # fmt: skip


def lp_pool(dims: int) -> Layer:
    """LPPoolNd."""
    return Layer(
        type=f"LPPool{dims}d",
        category="Pooling",
        doc=f"Takes the power mean (without dividing) of each window, over {PLACES[dims]}.",
        target=f"torch.nn.LPPool{dims}d",
        params=(
            Float("norm_type", 2.0, "The power p: 1 gives the sum, a large one nears the maximum", low=1e-3,
                  essential=True),
            kernel(dims),
            stride(dims),
            CEIL,
        ),
        shape=window_rules.pooling(dims),
        example=Example({"input": (EXAMPLES[dims],)}),
        url=f"{DOCS}LPPool{dims}d.html",
        keywords=("downsample", "power", "norm"),
        formula="y[i] = (Σ over t in the window of x[stride·i + t]ᵖ)^(1/p)",
        use="Something between AvgPool and MaxPool. For inputs that are not negative.",
        follows=(f"Conv{dims}d", "Flatten"),
        paper="https://arxiv.org/abs/1204.3968",
    )  # fmt: skip


def max_unpool(dims: int) -> Layer:
    """MaxUnpoolNd."""
    return Layer(
        type=f"MaxUnpool{dims}d",
        category="Pooling",
        doc=f"Undoes MaxPool{dims}d: puts each value back where it stood and zeros elsewhere.",
        target=f"torch.nn.MaxUnpool{dims}d",
        params=(kernel(dims), stride(dims), padding(dims)),
        inputs=(
            Port("input", f"{PLACES[dims][0].upper()}{PLACES[dims][1:]}"),
            Port("indices", f"Where each value stood: the indices of a MaxPool{dims}d with return_indices"),
        ),
        integers=("indices",),
        example=Example({"input": (SMALLER[dims],), "indices": (SMALLER[dims],)},
                        dtypes={"indices": "int64"}, high=8),
        url=f"{DOCS}MaxUnpool{dims}d.html",
        keywords=("upsample", "decoder", "segnet"),
        formula="y[indices[i]] = x[i], 0 elsewhere;  size = (size − 1)·stride − 2·padding + kernel_size",
        use="In decoders for segmentation that mirror an encoder with MaxPool, as SegNet does. Give it the "
        "settings of that MaxPool.",
        follows=(f"Conv{dims}d",),
        paper="https://arxiv.org/abs/1511.00561",
    )  # fmt: skip


FRACTIONAL = Layer(
    type="FractionalMaxPool2d",
    category="Pooling",
    doc="Keeps the largest value of windows whose places are drawn at random, to shrink by any factor.",
    target="torch.nn.FractionalMaxPool2d",
    params=(
        kernel(2),
        Ints("output_size", None, "Height and width of the result; nothing to give output_ratio", low=1,
             lengths=(1, 2), optional=True),
        Float("output_ratio", 0.7, "Size of the result as a share of the input's", low=0.01, high=0.99,
              when=("output_size", (None,))),
    ),
    example=Example({"input": ((2, 3, 8, 8),)}),
    url=f"{DOCS}FractionalMaxPool2d.html",
    keywords=("downsample", "random"),
    varies="always",
    formula="y[i] = max over the window at place aᵢ, with random steps between the aᵢ",
    use="Shrinks slowly, by 0.7 say, so that a network can be deeper; its randomness is a kind of "
    "augmentation. It draws places when evaluating too.",
    follows=("Conv2d",),
    paper="https://arxiv.org/abs/1412.6071",
)  # fmt: skip

POOLING: tuple[Layer, ...] = (
    max_pool(2),
    avg_pool(2),
    adaptive_avg_pool(2),
    global_pool(
        "GlobalAvgPool",
        "global_avg_pool",
        "The mean of each channel over all places, N×C×… to N×C.",
        "y[c] = mean over all places i of x[c, i]",
        "The usual end of a convolutional network: one number per channel, whatever the input's size, and "
        "nothing to learn.",
        "gap",
        "mean",
        "average",
    ),
    global_pool(
        "GlobalMaxPool",
        "global_max_pool",
        "The largest value of each channel over all places, N×C×… to N×C.",
        "y[c] = max over all places i of x[c, i]",
        "At the end of networks that look for something which stands at one place, such as a word in a text.",
        "maximum",
    ),
    max_pool(1),
    avg_pool(1),
    adaptive_avg_pool(1),
    adaptive_max_pool(2),
    adaptive_max_pool(1),
    max_pool(3),
    avg_pool(3),
    adaptive_avg_pool(3),
    adaptive_max_pool(3),
    max_unpool(2),
    max_unpool(1),
    max_unpool(3),
    lp_pool(2),
    lp_pool(1),
    FRACTIONAL,
)
