"""Linear (dense, fully connected) layers."""

from __future__ import annotations

from studio.catalog.registry import Example, Layer, first
from studio.project.params import Bool, Int

LINEAR: tuple[Layer, ...] = (
    Layer(
        type="Linear",
        category="Linear",
        doc="Multiplies the last dimension by a learned matrix and adds a bias: y = xWᵀ + b.",
        target="torch.nn.Linear",
        params=(
            Int("out_features", 64, "Size of the last dimension that comes out", low=1, essential=True),
            Bool("bias", True, "Whether to add a learned bias", advanced=True),
        ),
        derived={"in_features": first("input", -1)},
        example=Example({"input": ((2, 5),)}, {"out_features": 3}),
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html",
        keywords=("dense", "fully connected", "perceptron"),
    ),
)
