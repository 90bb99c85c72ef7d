"""Linear (dense, fully connected) layers and embeddings."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer, Port, first
from studio.project.params import Bool, Int

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."

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
        shape=shape_rules.linear,
        example=Example({"input": ((2, 5),)}, {"out_features": 3}),
        url=f"{DOCS}Linear.html",
        keywords=("dense", "fully connected", "perceptron"),
    ),
    Layer(
        type="Embedding",
        category="Embedding",
        doc="Looks up a learned vector for every whole number, such as a word's index.",
        target="torch.nn.Embedding",
        params=(
            Int("num_embeddings", 1000, "How many different numbers there are (0 to this minus 1)", low=1,
                essential=True),
            Int("embedding_dim", 64, "Size of each vector", low=1, essential=True),
            Int("padding_idx", None, "A number whose vector stays zero", optional=True, advanced=True),
        ),
        inputs=(Port("input", "Whole numbers (int64)"),),
        integers=("input",),
        example=Example({"input": ((2, 7),)}, {"num_embeddings": 9}, dtype="int64", high=9),
        url=f"{DOCS}Embedding.html",
        keywords=("lookup", "token", "word"),
    ),
)  # fmt: skip
