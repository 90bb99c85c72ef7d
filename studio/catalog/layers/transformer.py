"""Whole layers and stacks of the Transformer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import initial, tensor_rules
from studio.catalog.adapting import adaptable
from studio.catalog.layers.attention import CAUSAL, DOCS, PAPER
from studio.catalog.registry import Example, Layer, Port, always, first
from studio.project.params import Bool, Choice, Float, Int

NHEAD = Int("nhead", 4, "Heads; the features must divide by it", low=1, essential=True)
LAYERS = Int("num_layers", 6, "Layers on top of each other", low=1, essential=True)
INSIDE = (
    Int("dim_feedforward", 2048, "Width of the small network inside", low=1, essential=True),
    Float("dropout", 0.1, "Share of values dropped in training", low=0.0, high=1.0),
    Choice("activation", "relu", "Activation of the small network", options=("relu", "gelu")),
    Float("layer_norm_eps", 1e-5, "Keeps the normalization's division finite", low=0.0, advanced=True),
    Bool("norm_first", False, "Normalize before attention and network, which trains deep stacks better"),
    Bool("bias", True, "Whether to add learned biases", advanced=True),
)
FINAL_NORM = Bool("final_norm", False, "Whether a LayerNorm follows the last layer (goes with norm_first)")
SEQUENCE = Port("input", "A sequence, N×L×features")
TARGET = Port("input", "The sequence that is made, N×L×features")
MEMORY = Port("memory", "What it looks at, such as an encoder's result, N×S×features")
SMALL = {"nhead": 2, "dim_feedforward": 16}
CAUSAL_KINDS = {
    "TransformerEncoderLayer": "CausalEncoderLayer",
    "TransformerDecoderLayer": "CausalDecoderLayer",
}
PAIR = {"input": ((2, 5, 8),), "memory": ((2, 4, 8),)}


def mask(name: str, doc: str) -> Port:
    """A mask that may be connected."""
    return Port(name, f"{doc} (bool)", optional=True, keyword=True)


SRC_MASK = mask("src_mask", "True where a place may not look at another, L×L")
SRC_PADDING = mask("src_key_padding_mask", "True where a place is padding, N×L")
TGT_MASK = mask("tgt_mask", "True where a place may not look at another, L×L")
TGT_PADDING = mask("tgt_key_padding_mask", "True where a place is padding, N×L")
MEMORY_PADDING = mask("memory_key_padding_mask", "True where a place of the memory is padding, N×S")
MASKS = (
    "mask",
    "src_mask",
    "src_key_padding_mask",
    "tgt_mask",
    "tgt_key_padding_mask",
    "memory_key_padding_mask",
)


def _causal(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """The mask against looking ahead is made inside; no other one goes in."""
    if not values["causal"]:
        return layer
    own = "tgt_mask" if "tgt_mask" in {port.name for port in layer.inputs} else layer.inputs[1].name
    found = replace(layer, inputs=tuple(port for port in layer.inputs if port.name != own))
    if layer.type not in CAUSAL_KINDS:
        return found
    return replace(found, target=f"studio.build.blocks.{CAUSAL_KINDS[layer.type]}")


TRANSFORMER: tuple[Layer, ...] = (
    adaptable(
        Layer(
            type="TransformerEncoderLayer",
            category="Attention",
            doc="One layer of a Transformer encoder: self-attention and a small network, each with a skip.",
            target="torch.nn.TransformerEncoderLayer",
            params=(NHEAD, *INSIDE),
            options=(Bool("causal", False, CAUSAL), *initial.weights()),
            inputs=(SEQUENCE, SRC_MASK, SRC_PADDING),
            truths=MASKS,
            derived={"d_model": first("input", 2), "batch_first": always(True)},
            shape=tensor_rules.attending("input"),
            example=Example({"input": ((2, 5, 8),)}, SMALL),
            url=f"{DOCS}TransformerEncoderLayer.html",
            keywords=("bert", "gpt", "self-attention", "causal"),
            formula="h = LN(x + Attention(x)), y = LN(h + W₂·relu(W₁·h))",
            use="Several of them with positions before, for text, patches and other sequences; causal makes "
            "it a layer of GPT.",
            follows=("TransformerEncoderLayer", "LayerNorm", "Select"),
            paper=PAPER,
            varies="training",
        ),
        _causal,
    ),
    adaptable(
        Layer(
            type="TransformerDecoderLayer",
            category="Attention",
            doc="One layer of a Transformer decoder: attention to itself, to a memory, and a small network.",
            target="torch.nn.TransformerDecoderLayer",
            params=(NHEAD, *INSIDE),
            options=(Bool("causal", True, CAUSAL), *initial.weights()),
            inputs=(TARGET, MEMORY, TGT_MASK, TGT_PADDING, MEMORY_PADDING),
            truths=MASKS,
            derived={"d_model": first("input", 2), "batch_first": always(True)},
            shape=tensor_rules.attending("memory", "input"),
            example=Example(PAIR, SMALL),
            url=f"{DOCS}TransformerDecoderLayer.html",
            keywords=("cross-attention", "translation", "seq2seq", "causal"),
            formula="h = LN(x + Attention(x)), g = LN(h + Attention(h, m)), y = LN(g + W₂·relu(W₁·g))",
            use="Behind an encoder, where one sequence is made from another, as in translation.",
            follows=("TransformerDecoderLayer", "Linear"),
            paper=PAPER,
            varies="training",
        ),
        _causal,
    ),
    adaptable(
        Layer(
            type="TransformerEncoder",
            category="Attention",
            doc="Transformer encoder layers on top of each other.",
            target="studio.build.blocks.TransformerEncoder",
            options=initial.weights(),
            params=(NHEAD, LAYERS, *INSIDE, FINAL_NORM, Bool("causal", False, CAUSAL)),
            inputs=(SEQUENCE, Port("mask", SRC_MASK.doc, optional=True, keyword=True), SRC_PADDING),
            truths=MASKS,
            derived={"d_model": first("input", 2)},
            shape=tensor_rules.attending("input"),
            example=Example({"input": ((2, 5, 8),)}, {**SMALL, "num_layers": 2}),
            url=f"{DOCS}TransformerEncoder.html",
            keywords=("bert", "gpt", "vit", "self-attention", "causal"),
            formula="y = Layerₙ(…Layer₁(x))",
            use="The body of BERT, GPT (causal) and ViT in one node. All layers start from the same weights, "
            "as torch does it; a block that repeats starts from different ones.",
            follows=("Select", "Mean", "Linear"),
            paper=PAPER,
            varies="training",
        ),
        _causal,
    ),
    adaptable(
        Layer(
            type="TransformerDecoder",
            category="Attention",
            doc="Transformer decoder layers on top of each other.",
            target="studio.build.blocks.TransformerDecoder",
            options=initial.weights(),
            params=(NHEAD, LAYERS, *INSIDE, FINAL_NORM, Bool("causal", True, CAUSAL)),
            inputs=(TARGET, MEMORY, TGT_MASK, TGT_PADDING, MEMORY_PADDING),
            truths=MASKS,
            derived={"d_model": first("input", 2)},
            shape=tensor_rules.attending("memory", "input"),
            example=Example(PAIR, {**SMALL, "num_layers": 2}),
            url=f"{DOCS}TransformerDecoder.html",
            keywords=("cross-attention", "translation", "seq2seq", "causal"),
            formula="y = Layerₙ(…Layer₁(x, m), m)",
            use="Behind a TransformerEncoder, where one sequence is made from another.",
            follows=("Linear",),
            paper=PAPER,
            varies="training",
        ),
        _causal,
    ),
    adaptable(
        Layer(
            type="Transformer",
            category="Attention",
            doc="The whole Transformer: an encoder for the source, and a decoder that makes the target.",
            target="studio.build.blocks.Transformer",
            options=initial.weights(),
            params=(
                Int("nhead", 8, "Heads; the features must divide by it", low=1, essential=True),
                Int("num_encoder_layers", 6, "Layers of the encoder", low=1, essential=True),
                Int("num_decoder_layers", 6, "Layers of the decoder", low=1, essential=True),
                *INSIDE,
                Bool("causal", True, "Whether no place of the target may look at those after it"),
            ),
            inputs=(
                Port("src", "The source, N×S×features"),
                Port("tgt", "The target, N×L×features"),
                mask("src_mask", "True where a place of the source may not look at another, S×S"),
                TGT_MASK,
                mask("src_key_padding_mask", "True where a place of the source is padding, N×S"),
                TGT_PADDING,
            ),
            truths=MASKS,
            derived={"d_model": first("src", 2)},
            shape=tensor_rules.attending("src", "tgt"),
            example=Example(
                {"src": ((2, 4, 8),), "tgt": ((2, 5, 8),)},
                {**SMALL, "num_encoder_layers": 1, "num_decoder_layers": 2},
            ),
            url=f"{DOCS}Transformer.html",
            keywords=("translation", "seq2seq", "encoder", "decoder"),
            formula="y = Decoder(tgt, Encoder(src))",
            use="For translation and other sequences made from sequences; the target goes in one place later "
            "than it is asked for.",
            follows=("Linear",),
            paper=PAPER,
            varies="training",
        ),
        _causal,
    ),
)  # fmt: skip
