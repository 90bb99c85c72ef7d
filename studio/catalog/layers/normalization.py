"""Normalization: keeps values at a steady mean and spread, so that deep networks train."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import initial, shape_rules, window_rules
from studio.catalog.adapting import adaptable
from studio.catalog.registry import Example, Layer, Shapes, first
from studio.project.params import Bool, Float, Int, Value

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
PLACES = {1: "sequences of N×C×L", 2: "images of N×C×H×W", 3: "volumes of N×C×D×H×W"}
EXAMPLES = {1: (4, 3, 5), 2: (4, 3, 5, 5), 3: (4, 3, 3, 3, 3)}
EPS = Float("eps", 1e-5, "Keeps the division finite", low=0.0, advanced=True)
POSITIVE = replace(EPS, low=1e-30)
MOMENTUM = Float("momentum", 0.1, "Share of each batch in the running mean and variance", low=0.0, high=1.0)
STANDARD = "y = (x − mean) / √(variance + eps) · γ + β"
DIMS = Int("dims", 1, "How many dimensions belong together, counted from the last", low=1, essential=True)


def affine(name: str = "affine", on: bool = True, what: str = "a scale and an offset") -> Bool:
    """Whether there are a learned scale and offset."""
    return Bool(name, on, f"Whether to learn {what}", advanced=True)


def running(on: bool) -> Bool:
    """Whether there are running statistics."""
    doc = "Whether to keep the mean and variance for evaluation"
    return Bool("track_running_stats", on, doc, advanced=True)


def batch_norm(dims: int) -> Layer:
    """BatchNormNd; in one dimension it takes rows of N×C too."""
    both = dims == 1
    return Layer(
        type=f"BatchNorm{dims}d",
        category="Normalization",
        doc="Normalizes every feature over the batch (and over the sequence of N×C×L)."
        if both
        else f"Normalizes every channel of {PLACES[dims]} over the batch and all places.",
        target=f"torch.nn.BatchNorm{dims}d",
        params=(POSITIVE, MOMENTUM, affine(), running(True)),
        options=initial.scales("affine"),
        derived={"num_features": first("input", 1)},
        shape=shape_rules.channels(2, 3) if both else shape_rules.channels(dims + 2),
        example=Example({"input": ((4, 5) if both else EXAMPLES[dims],)}),
        url=f"{DOCS}BatchNorm{dims}d.html",
        keywords=("batch normalization", "bn"),
        varies="training",
        formula=STANDARD + ", mean and variance of the batch; of past batches after training",
        use="Between a convolution (without bias) or Linear and its activation: faster training at larger "
        "learning rates. Needs batches of some size; otherwise GroupNorm or LayerNorm.",
        follows=("ReLU", "SiLU"),
        paper="https://arxiv.org/abs/1502.03167",
    )


def instance_norm(dims: int) -> Layer:
    """InstanceNormNd."""
    return Layer(
        type=f"InstanceNorm{dims}d",
        category="Normalization",
        doc=f"Normalizes every channel of {PLACES[dims]}, every sample by itself.",
        target=f"torch.nn.InstanceNorm{dims}d",
        params=(EPS, MOMENTUM, affine(on=False), running(False)),
        options=initial.scales("affine"),
        derived={"num_features": first("input", 1)},
        shape=window_rules.instances(dims),
        example=Example({"input": (EXAMPLES[dims],)}, {"affine": True}),
        url=f"{DOCS}InstanceNorm{dims}d.html",
        keywords=("instance normalization", "style", "contrast"),
        formula=STANDARD + ", mean and variance of one channel of one sample",
        use="In style transfer and image generation, where each picture's contrast should not matter.",
        follows=("ReLU", "LeakyReLU"),
        paper="https://arxiv.org/abs/1607.08022",
    )


def trailing(dims: int) -> Callable[[Shapes], Value]:
    """A derived argument: the sizes of the last dimensions, a plain number for one."""

    def read(shapes: Shapes) -> Value:
        shape = shapes["input"][0]
        if dims >= len(shape):
            raise ValueError(f"{dims} trailing dimensions would take in the batch; it has {len(shape)}")
        return shape[-1] if dims == 1 else shape[-dims:]

    return read


def over_trailing(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """The layer over as many trailing dimensions as the node says."""
    return replace(layer, derived={"normalized_shape": trailing(values["dims"])})


LAYER_NORM = Layer(
    type="LayerNorm",
    category="Normalization",
    doc="Normalizes the last dimension (or the last few) of every sample by itself.",
    target="torch.nn.LayerNorm",
    params=(EPS, affine("elementwise_affine"),
            Bool("bias", True, "Whether to learn an offset beside the scale", advanced=True,
                 when=("elementwise_affine", (True,)))),
    options=(DIMS, *initial.scales("elementwise_affine")),
    shape=shape_rules.trailing,
    example=Example({"input": ((2, 4, 6),)}, {"dims": 2}),
    url=f"{DOCS}LayerNorm.html",
    keywords=("transformer", "layer normalization", "ln"),
    formula=STANDARD + ", mean and variance of the last dimensions",
    use="In Transformers and recurrent networks, and wherever batches are small: it never looks at other "
    "samples.",
    follows=("MultiheadAttention", "Linear"),
    paper="https://arxiv.org/abs/1607.06450",
)  # fmt: skip

CHANNEL_LAYER_NORM = Layer(
    type="ChannelLayerNorm",
    category="Normalization",
    doc="LayerNorm over the channels of N×C×H×W, at every place by itself.",
    target="studio.build.blocks.ChannelLayerNorm",
    params=LAYER_NORM.params,
    options=initial.scales("elementwise_affine"),
    derived={"normalized_shape": first("input", 1)},
    shape=shape_rules.places,
    example=Example({"input": ((2, 6, 5, 5),)}),
    url=f"{DOCS}LayerNorm.html",
    keywords=("layernorm2d", "convnext", "channels"),
    formula=STANDARD + ", mean and variance of the channels at one place",
    use="In convolutional networks built like Transformers, such as ConvNeXt (with eps of 1e-6).",
    follows=("Conv2d",),
    paper="https://arxiv.org/abs/2201.03545",
)

GROUP_NORM = Layer(
    type="GroupNorm",
    category="Normalization",
    doc="Normalizes groups of channels of every sample by itself, whatever the batch size.",
    target="torch.nn.GroupNorm",
    params=(
        Int("num_groups", 8, "Number of groups; the channels must divide by it", low=1, essential=True),
        EPS,
        affine(),
    ),
    options=initial.scales("affine"),
    derived={"num_channels": first("input", 1)},
    shape=shape_rules.groups,
    example=Example({"input": ((2, 6, 5, 5),)}, {"num_groups": 3}),
    url=f"{DOCS}GroupNorm.html",
    keywords=("group normalization", "gn"),
    formula=STANDARD + ", mean and variance of a group of channels of one sample",
    use="In place of BatchNorm where batches are small, as in detection, segmentation and diffusion.",
    follows=("ReLU", "SiLU"),
    paper="https://arxiv.org/abs/1803.08494",
)

RMS_NORM = Layer(
    type="RMSNorm",
    category="Normalization",
    doc="Divides the last dimension (or the last few) by its root mean square.",
    target="torch.nn.RMSNorm",
    params=(
        Float("eps", None, "Keeps the division finite; nothing for the smallest step of the dtype", low=0.0,
              optional=True, advanced=True),
        affine("elementwise_affine", what="a scale"),
    ),
    options=(DIMS, *initial.scales("elementwise_affine", bias=False)),
    shape=shape_rules.trailing,
    example=Example({"input": ((2, 4, 6),)}),
    url=f"{DOCS}RMSNorm.html",
    keywords=("transformer", "llama", "root mean square"),
    formula="y = x / √(mean(x²) + eps) · γ",
    use="In large language models, in place of LayerNorm: as good, and cheaper by the mean.",
    follows=("MultiheadAttention", "Linear"),
    paper="https://arxiv.org/abs/1910.07467",
)  # fmt: skip

LOCAL_RESPONSE = Layer(
    type="LocalResponseNorm",
    category="Normalization",
    doc="Damps every value by its neighbours in the channels next to it, N×C×….",
    target="torch.nn.LocalResponseNorm",
    params=(
        Int("size", 5, "How many channels count as neighbours", low=1, essential=True),
        Float("alpha", 1e-4, "Weight of the neighbours"),
        Float("beta", 0.75, "The power"),
        Float("k", 1.0, "Added to the neighbours' sum"),
    ),
    shape=window_rules.any_places,
    example=Example({"input": ((2, 6, 5, 5),)}),
    url=f"{DOCS}LocalResponseNorm.html",
    keywords=("lrn", "alexnet"),
    formula="y[c] = x[c] / (k + alpha/size · Σ over the size nearest channels j of x[j]²)^beta",
    use="To rebuild AlexNet and GoogLeNet; newer networks take BatchNorm.",
    follows=("MaxPool2d",),
    paper="https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
)

NORMALIZATION: tuple[Layer, ...] = (
    batch_norm(2),
    adaptable(LAYER_NORM, over_trailing),
    batch_norm(1),
    GROUP_NORM,
    CHANNEL_LAYER_NORM,
    adaptable(RMS_NORM, over_trailing),
    instance_norm(2),
    batch_norm(3),
    instance_norm(1),
    instance_norm(3),
    LOCAL_RESPONSE,
)
