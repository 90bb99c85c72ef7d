"""Attention: every place of a sequence looks at the others."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer, Port, always, first
from studio.project.params import Bool, Choice, Float, Int

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."

ATTENTION: tuple[Layer, ...] = (
    Layer(
        type="MultiheadAttention",
        category="Attention",
        doc="Several heads each mix the values by how well queries and keys agree: softmax(QKᵀ/√d)V.",
        target="torch.nn.MultiheadAttention",
        params=(
            Int("num_heads", 4, "Heads; the features must divide by it", low=1, essential=True),
            Float("dropout", 0.0, "Share of the attention dropped in training", low=0.0, high=1.0),
            Bool("bias", True, "Whether to add learned biases", advanced=True),
        ),
        inputs=(
            Port("query", "What looks, N×L×features"),
            Port(
                "key", "What is looked at; the query itself where unconnected", optional=True, same_as="query"
            ),
            Port("value", "What is mixed; the key's tensor where unconnected", optional=True, same_as="key"),
        ),
        derived={
            "embed_dim": first("query", 2),
            "kdim": first("key", 2),
            "vdim": first("value", 2),
            "batch_first": always(True),
        },
        call={"need_weights": False},
        returns="output, _",
        example=Example(
            {"query": ((2, 5, 8),), "key": ((2, 6, 8),), "value": ((2, 6, 8),)}, {"num_heads": 2}
        ),
        url=f"{DOCS}MultiheadAttention.html",
        keywords=("transformer", "self-attention", "cross-attention"),
    ),
    Layer(
        type="TransformerEncoderLayer",
        category="Attention",
        doc="One layer of a Transformer encoder: self-attention and a small network, each with a skip.",
        target="torch.nn.TransformerEncoderLayer",
        params=(
            Int("nhead", 4, "Heads; the features must divide by it", low=1, essential=True),
            Int("dim_feedforward", 2048, "Width of the small network inside", low=1, essential=True),
            Float("dropout", 0.1, "Share of values dropped in training", low=0.0, high=1.0),
            Choice("activation", "relu", "Activation of the small network", options=("relu", "gelu")),
            Float(
                "layer_norm_eps", 1e-5, "Keeps the normalization's division finite", low=0.0, advanced=True
            ),
            Bool(
                "norm_first", False, "Normalize before attention and network, which trains deep stacks better"
            ),
            Bool("bias", True, "Whether to add learned biases", advanced=True),
        ),
        inputs=(Port("input", "A sequence, N×L×features"),),
        derived={"d_model": first("input", 2), "batch_first": always(True)},
        shape=shape_rules.encoder,
        example=Example({"input": ((2, 5, 8),)}, {"nhead": 2, "dim_feedforward": 16}),
        url=f"{DOCS}TransformerEncoderLayer.html",
        keywords=("bert", "self-attention"),
    ),
)
