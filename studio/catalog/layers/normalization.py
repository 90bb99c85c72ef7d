"""Normalization: keeps values at a steady mean and spread, so that deep networks train."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer, first
from studio.project.params import Bool, Float, Int

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
EPS = Float("eps", 1e-5, "Keeps the division finite", low=0.0, advanced=True)
MOMENTUM = Float("momentum", 0.1, "Share of each batch in the running mean and variance", low=0.0, high=1.0)
RUNNING = Bool(
    "track_running_stats", True, "Whether to keep the mean and variance for evaluation", advanced=True
)


def affine(name: str) -> Bool:
    """Whether there are a learned scale and offset."""
    return Bool(name, True, "Whether to learn a scale and an offset", advanced=True)


NORMALIZATION: tuple[Layer, ...] = (
    Layer(
        type="BatchNorm1d",
        category="Normalization",
        doc="Normalizes every feature over the batch (and over the sequence of N×C×L).",
        target="torch.nn.BatchNorm1d",
        params=(EPS, MOMENTUM, affine("affine"), RUNNING),
        derived={"num_features": first("input", 1)},
        shape=shape_rules.channels(2, 3),
        example=Example({"input": ((4, 5),)}),
        url=f"{DOCS}BatchNorm1d.html",
    ),
    Layer(
        type="BatchNorm2d",
        category="Normalization",
        doc="Normalizes every channel over the batch and the image.",
        target="torch.nn.BatchNorm2d",
        params=(EPS, MOMENTUM, affine("affine"), RUNNING),
        derived={"num_features": first("input", 1)},
        shape=shape_rules.channels(4),
        example=Example({"input": ((4, 3, 5, 5),)}),
        url=f"{DOCS}BatchNorm2d.html",
    ),
    Layer(
        type="LayerNorm",
        category="Normalization",
        doc="Normalizes the last dimension of every sample by itself.",
        target="torch.nn.LayerNorm",
        params=(
            EPS,
            affine("elementwise_affine"),
            Bool("bias", True, "Whether to learn an offset beside the scale", advanced=True),
        ),
        derived={"normalized_shape": first("input", -1)},
        shape=shape_rules.same,
        example=Example({"input": ((2, 4, 6),)}),
        url=f"{DOCS}LayerNorm.html",
        keywords=("transformer",),
    ),
    Layer(
        type="GroupNorm",
        category="Normalization",
        doc="Normalizes groups of channels of every sample by itself, whatever the batch size.",
        target="torch.nn.GroupNorm",
        params=(
            Int("num_groups", 8, "Number of groups; the channels must divide by it", low=1, essential=True),
            EPS,
            affine("affine"),
        ),
        derived={"num_channels": first("input", 1)},
        shape=shape_rules.groups,
        example=Example({"input": ((2, 6, 5, 5),)}, {"num_groups": 3}),
        url=f"{DOCS}GroupNorm.html",
    ),
)
