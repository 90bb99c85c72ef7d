"""Dropout and its kin: layers that act in training only, against learning by heart."""

from __future__ import annotations

from studio.catalog import shape_rules, window_rules
from studio.catalog.registry import Example, Layer, Shape
from studio.project.params import Choice, Float

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
HINTON = "https://arxiv.org/abs/1207.0580"
SPATIAL = "https://arxiv.org/abs/1411.4280"
SELF = "https://arxiv.org/abs/1706.02515"


def dropout(
    type: str, doc: str, use: str, shape: Shape, *, formula: str, paper: str, keywords: tuple[str, ...] = ()
) -> Layer:
    """A dropout of torch.nn."""
    dims = type[-2:-1]
    return Layer(
        type=type,
        category="Regularization",
        doc=doc,
        target=f"torch.nn.{type}",
        params=(Float("p", 0.5, "Share that is dropped", low=0.0, high=1.0, essential=True),),
        shape=window_rules.images(int(dims)) if dims.isdigit() else shape_rules.same,
        example=Example({"input": (shape,)}),
        url=f"{DOCS}{type}.html",
        keywords=("overfitting", "regularization", *keywords),
        varies="training",
        formula=formula,
        use=use,
        follows=("Linear",) if len(shape) == 2 else (f"Conv{len(shape) - 2}d",),
        paper=paper,
    )


ZEROED = "y = x·m / (1 − p), with m = 0 for a random share p and 1 for the rest; y = x after training"
SELU_KEPT = "y = a·(x·m + α′·(1 − m)) + b, with a and b such that mean and variance stay"

REGULARIZATION: tuple[Layer, ...] = (
    dropout(
        "Dropout",
        "In training, zeroes a random share of the values and scales up the rest; nothing afterwards.",
        "Where a network learns its samples by heart: the validation loss climbs while the training loss "
        "falls. 0.5 between wide Linear layers, 0.1 in Transformers.",
        (2, 40),
        formula=ZEROED,
        paper=HINTON,
    ),
    Layer(
        type="StochasticDepth",
        category="Regularization",
        doc="In training, drops a whole branch for a random share of the samples; nothing afterwards.",
        target="studio.build.blocks.StochasticDepth",
        params=(
            Float("p", 0.1, "Share of the samples whose branch is dropped", low=0.0, high=1.0,
                  essential=True),
            Choice("mode", "row", "Drop for every sample apart, or for the whole batch at once",
                   options=("row", "batch"), advanced=True),
        ),
        shape=shape_rules.same,
        example=Example({"input": ((8, 4),)}, {"p": 0.5}),
        url="https://arxiv.org/abs/1603.09382",
        keywords=("drop path", "overfitting", "residual", "regularization"),
        varies="training",
        formula="y = x·m / (1 − p), with one m of 0 or 1 for each sample; y = x after training",
        use="The last layer of a residual branch, right before its Add, in deep networks such as ConvNeXt. "
        "p usually grows from 0 to 0.1 … 0.5 with the depth.",
        follows=("Add",),
        paper="https://arxiv.org/abs/1603.09382",
    ),
    dropout(
        "Dropout2d",
        "In training, zeroes whole channels of an image, N×C×H×W; nothing afterwards.",
        "Behind convolutions, where neighbouring values are so alike that dropping single ones changes "
        "little.",
        (2, 20, 3, 3),
        formula=ZEROED,
        paper=SPATIAL,
        keywords=("spatial", "channel"),
    ),
    dropout(
        "Dropout1d",
        "In training, zeroes whole channels of a sequence, N×C×L; nothing afterwards.",
        "Behind convolutions along a sequence.",
        (2, 20, 5),
        formula=ZEROED,
        paper=SPATIAL,
        keywords=("spatial", "channel"),
    ),
    dropout(
        "Dropout3d",
        "In training, zeroes whole channels of a volume, N×C×D×H×W; nothing afterwards.",
        "Behind convolutions over volumes or videos.",
        (2, 20, 2, 3, 3),
        formula=ZEROED,
        paper=SPATIAL,
        keywords=("spatial", "channel"),
    ),
    dropout(
        "AlphaDropout",
        "Dropout that keeps mean and variance; goes with SELU.",
        "In networks of Linear and SELU, which normalize themselves; plain Dropout would disturb that.",
        (2, 40),
        formula=SELU_KEPT,
        paper=SELF,
        keywords=("selu",),
    ),
    dropout(
        "FeatureAlphaDropout",
        "AlphaDropout of whole channels.",
        "In convolutional networks with SELU.",
        (2, 20, 3, 3),
        formula=SELU_KEPT,
        paper=SELF,
        keywords=("selu", "channel"),
    ),
)  # fmt: skip
