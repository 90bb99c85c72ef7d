"""Layers that take parts of a tensor: slices, single places, and pieces as outputs of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import tensor_rules
from studio.catalog.adapting import MOST_PORTS, adaptable, numbered, unpacked
from studio.catalog.registry import Example, Layer, Port
from studio.project.params import Int, Ints

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."
DIM = Int("dim", 1, "The dimension (0 is the batch, −1 the last)", essential=True)


def indexed(dim: int, place: str) -> str:
    """An index such as x[:, 1:3], with `place` at a dimension."""
    if dim < 0:
        return "{input}[..., " + place + ", :" * (-dim - 1) + "]"
    return "{input}[" + ":, " * dim + place + "]"


def _select(layer: Layer, values: Mapping[str, Any]) -> Layer:
    return replace(layer, source=indexed(values["dim"], str(values["index"])))


def _slice(layer: Layer, values: Mapping[str, Any]) -> Layer:
    start, stop, step = values["start"], values["stop"], values["step"]
    place = f"{start or ''}:{'' if stop is None else stop}" + (f":{step}" if step != 1 else "")
    return replace(layer, source=indexed(values["dim"], place))


def _places(layer: Layer, values: Mapping[str, Any]) -> Layer:
    chosen = values["indices"]
    listed = ", ".join(map(str, chosen)) if isinstance(chosen, tuple) else str(chosen)
    return replace(layer, source=indexed(values["dim"], f"[{listed}]"))


def _pieces(layer: Layer, rule: tensor_rules.Rule, count: int) -> Layer:
    shape = tensor_rules.counted(rule, count)
    return replace(layer, outputs=numbered(count), returns=unpacked(count), shape=shape)


def _split(layer: Layer, values: Mapping[str, Any]) -> Layer:
    sizes = values["split_size_or_sections"]
    if isinstance(sizes, int):
        return _pieces(layer, tensor_rules.split, values["outputs"])
    listed = "{input}.split([{*split_size_or_sections}], dim={dim})"
    return _pieces(replace(layer, source=listed), tensor_rules.split, len(sizes))


PIECES: tuple[Layer, ...] = (
    adaptable(
        Layer(
            type="Slice",
            category="Shape",
            doc="Takes the places from start up to, not including, stop along a dimension.",
            target="studio.build.blocks.cut",
            params=(
                DIM,
                Int("start", 0, "The first place taken; negative ones count from the end", essential=True),
                Int("stop", None, "The place to stop before; nothing for the end", optional=True,
                    essential=True),
                Int("step", 1, "Every how many places", low=1, advanced=True),
            ),
            shape=tensor_rules.cut,
            example=Example({"input": ((2, 5, 4),)}, {"start": 1, "stop": 3}),
            url="https://docs.pytorch.org/docs/stable/tensor_view.html",
            keywords=("crop", "narrow", "part", "window"),
            formula="y = x[:, start:stop:step]",
            use="To crop, to leave out the class token, or to read every second place.",
            follows=("Linear", "Concat"),
        ),
        _slice,
    ),
    adaptable(
        Layer(
            type="Select",
            category="Shape",
            doc="Takes one place along a dimension, such as a sequence's last step; that dimension is gone.",
            target="torch.select",
            params=(
                Int("dim", 1, "The dimension (0 is the batch)", essential=True),
                Int("index", -1, "Which place; −1 is the last", essential=True),
            ),
            shape=tensor_rules.select,
            example=Example({"input": ((2, 3, 4),)}),
            url=f"{DOCS}select.html",
            keywords=("index", "last", "slice"),
            formula="y = x[:, index]",
            use="For the last step of a recurrent layer, or the class token of a Transformer.",
            follows=("Linear", "LayerNorm"),
        ),
        _select,
    ),
    adaptable(
        Layer(
            type="IndexSelect",
            category="Shape",
            doc="Takes the places of the numbers given along a dimension, in that order.",
            target="studio.build.blocks.places",
            params=(DIM, Ints("indices", 0, "The places taken, such as 0, 2, 5", low=0, essential=True)),
            example=Example({"input": ((2, 5, 4),)}, {"indices": (0, 3, 1)}),
            url=f"{DOCS}index_select.html",
            keywords=("index", "pick", "columns", "reorder"),
            formula="y = x[:, [i₀, i₁, …]]",
            use="To keep some columns or channels, or to bring them into another order.",
            follows=("Linear",),
        ),
        _places,
    ),
    Layer(
        type="Gather",
        category="Shape",
        doc="Takes values at places that another tensor names, along one dimension.",
        target="torch.gather",
        params=(DIM,),
        inputs=(
            Port("input", "The tensor to take from"),
            Port("index", "The places taken (int64), with as many dimensions; its shape comes out",
                 keyword=True),
        ),
        integers=("index",),
        source="{input}.gather({dim}, {index})",
        example=Example(
            {"input": ((2, 5, 3),), "index": ((2, 4, 3),)}, dtypes={"index": "int64"}, high=5
        ),
        url=f"{DOCS}gather.html",
        keywords=("index", "lookup", "take_along_dim"),
        formula="y[n, i, j] = x[n, index[n, i, j], j] for dim 1",
        use="Where each sample takes other places, such as the score of the right class.",
        follows=("Sum", "Squeeze"),
    ),
    adaptable(
        Layer(
            type="Split",
            category="Shape",
            doc="Cuts a dimension into pieces of the sizes given, each an output of its own.",
            target="torch.split",
            params=(
                Ints("split_size_or_sections", (1, 1), "The size of each piece; or one size for all", low=1,
                     essential=True),
                DIM,
            ),
            options=(Int("outputs", 2, "How many pieces, where one size is given for all", low=1,
                         high=MOST_PORTS),),
            source="{input}.split({split_size_or_sections}, dim={dim})",
            shape=tensor_rules.split,
            example=Example({"input": ((2, 5, 3),)}, {"split_size_or_sections": (2, 3)}),
            url=f"{DOCS}split.html",
            keywords=("pieces", "parts", "branches"),
            formula="x = [output0 | output1 | …]",
            use="For branches that each work on some of the channels. Chunk makes equal pieces.",
            follows=("Conv2d", "Linear", "Concat"),
        ),
        _split,
    ),
    adaptable(
        Layer(
            type="Chunk",
            category="Shape",
            doc="Cuts a dimension into equal pieces, each an output of its own.",
            target="torch.chunk",
            params=(
                Int("chunks", 2, "How many pieces", low=1, high=MOST_PORTS, essential=True),
                DIM,
            ),
            source="{input}.chunk({chunks}, dim={dim})",
            example=Example({"input": ((2, 6, 3),)}, {"chunks": 3}),
            url=f"{DOCS}chunk.html",
            keywords=("split", "pieces", "query key value"),
            formula="x = [output0 | output1 | …], all of one size",
            use="To take queries, keys and values out of one Linear, or a gate and what it gates.",
            follows=("Reshape", "Multiply", "Sigmoid"),
        ),
        lambda layer, values: _pieces(layer, tensor_rules.chunk, values["chunks"]),
    ),
    adaptable(
        Layer(
            type="Unbind",
            category="Shape",
            doc="Takes a dimension apart: each of its places becomes an output, and the dimension is gone.",
            target="torch.unbind",
            params=(DIM,),
            options=(Int("outputs", 2, "How many places the dimension has", low=1, high=MOST_PORTS,
                         essential=True),),
            source="{input}.unbind({dim})",
            example=Example({"input": ((2, 3, 4),)}, {"outputs": 3}),
            url=f"{DOCS}unbind.html",
            keywords=("unstack", "split", "query key value"),
            formula="N×3×C → three times N×C",
            use="Behind a Reshape that lines up queries, keys and values. Stack puts together again.",
            follows=("ScaledDotProductAttention", "MatMul"),
        ),
        lambda layer, values: _pieces(layer, tensor_rules.unbind, values["outputs"]),
    ),
)  # fmt: skip
