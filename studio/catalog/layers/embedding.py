"""Embeddings: whole numbers, bags of them, or patches of an image become learned vectors."""

from __future__ import annotations

from studio.catalog import initial, name_rules, shape_rules, window_rules
from studio.catalog.registry import Example, Layer, Port, first
from studio.project.params import Bool, Choice, Float, Int, Ints

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
NUMBERS = (
    Int("num_embeddings", 1000, "How many different numbers there are (0 to this minus 1)", low=1,
        essential=True),
    Int("embedding_dim", 64, "Size of each vector", low=1, essential=True),
)  # fmt: skip
FINER = (
    Int("padding_idx", None, "A number whose vector stays zero and does not learn", optional=True,
        advanced=True),
    Float("max_norm", None, "Longer vectors are cut to this length; nothing for no limit", low=0.0,
          optional=True, advanced=True),
    Float("norm_type", 2.0, "Which length: 2 is the usual one", low=0.0, advanced=True),
    Bool("scale_grad_by_freq", False, "Whether frequent numbers learn less from each occurrence",
         advanced=True),
)  # fmt: skip

EMBEDDING: tuple[Layer, ...] = (
    Layer(
        type="Embedding",
        category="Embedding",
        doc="Looks up a learned vector for every whole number, such as a word's index.",
        target="torch.nn.Embedding",
        params=(*NUMBERS, *FINER),
        options=initial.weights(bias=False),
        inputs=(Port("input", "Whole numbers (int64)"),),
        integers=("input",),
        shape=shape_rules.lookup,
        example=Example({"input": ((2, 7),)}, {"num_embeddings": 9}, dtype="int64", high=9),
        url=f"{DOCS}Embedding.html",
        keywords=("lookup", "token", "word", "category"),
        formula="y = W[x], one row for every number",
        use="The first layer for text, and for columns of a table that hold categories.",
        follows=("LSTM", "TransformerEncoderLayer", "Flatten"),
        paper="https://arxiv.org/abs/1301.3781",
    ),
    Layer(
        type="EmbeddingBag",
        category="Embedding",
        doc="Looks up a vector for every whole number of a sample and takes their mean, sum or maximum.",
        target="torch.nn.EmbeddingBag",
        params=(
            *NUMBERS,
            Choice("mode", "mean", "How the vectors of a sample become one", options=("mean", "sum", "max"),
                   essential=True),
            *FINER,
        ),
        options=initial.weights(bias=False),
        inputs=(Port("input", "Whole numbers (int64), N×L"),),
        integers=("input",),
        shape=shape_rules.bag,
        example=Example({"input": ((2, 7),)}, {"num_embeddings": 9}, dtype="int64", high=9),
        url=f"{DOCS}EmbeddingBag.html",
        keywords=("lookup", "token", "bag of words", "average"),
        formula="y = mean of W[xᵢ] over i",
        use="For text where the order of words matters little: small, fast, and a good first guess.",
        follows=("Linear", "Dropout"),
        paper="https://arxiv.org/abs/1607.01759",
    ),
    Layer(
        type="PatchEmbedding",
        category="Embedding",
        doc="Cuts an image of N×C×H×W into square patches and turns each into a vector: N×patches×embed_dim.",
        target="studio.build.blocks.PatchEmbedding",
        params=(
            Int("embed_dim", 192, "Size of each vector", low=1, essential=True),
            Ints("patch_size", 4, "Height and width of a patch", low=1, lengths=(1, 2), essential=True),
            Bool("bias", True, "Whether to add a learned bias", advanced=True),
        ),
        options=initial.weights(),
        derived={"in_channels": first("input", 1)},
        inputs=(Port("input", "An image, N×C×H×W; height and width should divide by the patch's"),),
        shape=window_rules.patches,
        names=name_rules.fixed("N", "L", "features"),
        example=Example({"input": ((2, 3, 8, 12),)}, {"embed_dim": 6}),
        url="https://arxiv.org/abs/2010.11929",
        keywords=("vision transformer", "vit", "token", "image"),
        formula="y[p] = W·x[patch p] + b, for H/patch · W/patch patches",
        use="The first layer of a vision Transformer; a position encoding follows, since attention knows "
        "no order.",
        follows=("TransformerEncoderLayer", "LayerNorm"),
        paper="https://arxiv.org/abs/2010.11929",
    ),
)  # fmt: skip
