"""Attention: every place of a sequence looks at the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import initial
from studio.catalog.adapting import adaptable
from studio.catalog.registry import Example, Layer, Port, Shapes, always, first
from studio.project.params import Bool, Float, Int, Value

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
PAPER = "https://arxiv.org/abs/1706.03762"
CAUSAL = "Whether no place may look at those after it, as in language models"
PADDING = Port(
    "key_padding_mask", "True where a key is padding that nobody looks at (bool), N×S", optional=True,
    keyword=True,
)  # fmt: skip
MASK = Port(
    "attn_mask", "Which places may not look at which (bool, True keeps away; or numbers to add), L×S",
    optional=True, keyword=True,
)  # fmt: skip
OUTPUT = Port("output", "The mixed values, N×L×features")


def _other_size(port: str) -> Callable[[Shapes], Value]:
    """The size of a port's features; None, torch's default, where the queries have the same."""
    query, other = first("query", 2), first(port, 2)
    return lambda shapes: None if other(shapes) == query(shapes) else other(shapes)


def _multihead(layer: Layer, values: Mapping[str, Any]) -> Layer:
    weights, average = values["need_weights"], values["average_attn_weights"]
    call: dict[str, Any] = {} if weights else {"need_weights": False}
    if weights and not average:
        call = {"average_attn_weights": False}
    found = replace(layer, call=call)
    if weights:
        shape = "N×L×S" if average else "N×heads×L×S"
        port = Port("weights", f"How much each place looks at which, {shape}")
        found = replace(found, outputs=(OUTPUT, port), returns="output, weights")
    if not values["causal"]:
        return found
    return replace(
        found,
        target="studio.build.blocks.CausalAttention",
        inputs=tuple(p for p in found.inputs if p != MASK),
    )


def _dot_product(layer: Layer, values: Mapping[str, Any]) -> Layer:
    if not values["dropout_p"]:
        return layer
    return replace(layer, target="studio.build.blocks.DotProductAttention")


ATTENTION: tuple[Layer, ...] = (
    adaptable(
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
            options=(
                Bool("causal", False, CAUSAL),
                Bool("need_weights", False, "Whether the shares of attention are an output too"),
                Bool("average_attn_weights", True, "Whether these are averaged over the heads",
                     advanced=True, when=("need_weights", (True,))),
                *initial.weights(),
            ),
            inputs=(
                Port("query", "What looks, N×L×features"),
                Port("key", "What is looked at, N×S×features; the query itself where unconnected",
                     optional=True, same_as="query"),
                Port("value", "What is mixed; the key's tensor where unconnected", optional=True,
                     same_as="key"),
                PADDING,
                MASK,
            ),
            outputs=(OUTPUT,),
            truths=("key_padding_mask", "attn_mask"),
            derived={
                "embed_dim": first("query", 2),
                "kdim": _other_size("key"),
                "vdim": _other_size("value"),
                "batch_first": always(True),
            },
            call={"need_weights": False},
            returns="output, _",
            example=Example(
                {"query": ((2, 5, 8),), "key": ((2, 6, 8),), "value": ((2, 6, 8),)}, {"num_heads": 2}
            ),
            url=f"{DOCS}MultiheadAttention.html",
            keywords=("transformer", "self-attention", "cross-attention", "causal", "mask"),
            formula="y = [head₁ | … | headₕ]·W, headᵢ = softmax(QᵢKᵢᵀ/√d)·Vᵢ",
            use="Alone with a query for self-attention; with key and value from elsewhere for "
            "cross-attention. Positions must be added before: attention knows no order.",
            follows=("Add", "LayerNorm"),
            paper=PAPER,
        ),
        _multihead,
    ),
    adaptable(
        Layer(
            type="ScaledDotProductAttention",
            category="Attention",
            doc="Mixes values by how well queries and keys agree, without weights of its own.",
            target="torch.nn.functional.scaled_dot_product_attention",
            params=(
                Bool("is_causal", False, CAUSAL),
                Float("dropout_p", 0.0, "Share of the attention dropped in training", low=0.0, high=1.0,
                      advanced=True),
                Float("scale", None, "Factor of the scores; nothing for 1/√features", optional=True,
                      advanced=True),
            ),
            inputs=(
                Port("query", "What looks, N×heads×L×features"),
                Port("key", "What is looked at, N×heads×S×features"),
                Port("value", "What is mixed, N×heads×S×features"),
                Port("attn_mask", "Which places may look at which (bool, True lets them; or numbers to add), "
                     "L×S", optional=True),
            ),
            truths=("attn_mask",),
            example=Example(
                {"query": ((2, 3, 5, 4),), "key": ((2, 3, 6, 4),), "value": ((2, 3, 6, 4),)}
            ),
            url=f"{DOCS}functional.scaled_dot_product_attention.html",
            keywords=("sdpa", "flash attention", "self-attention", "dot product"),
            formula="y = softmax(QKᵀ/√d)·V",
            use="Where queries, keys and values are made by layers of one's own, such as with rotary "
            "embedding. It runs on the fastest kernel that there is.",
            follows=("Transpose", "Reshape", "Linear"),
            paper=PAPER,
        ),
        _dot_product,
    ),
)  # fmt: skip
