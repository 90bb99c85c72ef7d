"""Attention that files write as products, a softmax and reshapes is one node again, with its weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from studio.interchange.onnx.reading import import_onnx
from studio.interchange.quiet import quiet
from studio.project.block import PREFIX
from tests.interchange.onnx.small_graphs import ints, node, numbers, write_graph

EQUAL = 1e-5
WIDTH, HEADS = 24, 3


class Packed(nn.Module):
    """As timm writes it; `mixed` heads have their queries, keys and values next to each other."""

    def __init__(self, mixed: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH, bias), nn.Linear(WIDTH, WIDTH, bias)
        self.mixed = mixed

    def forward(self, x: Tensor) -> Tensor:
        n, length, _ = x.shape
        parts = (HEADS, 3) if self.mixed else (3, HEADS)
        packed = self.qkv(x).reshape(n, length, *parts, WIDTH // HEADS)
        q, k, v = (one.transpose(1, 2) for one in packed.unbind(3 if self.mixed else 2))
        return self.proj(scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, length, WIDTH))


class Apart(nn.Module):
    """A projection for each, looking at what was before only."""

    def __init__(self, wrong: bool = False) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.wrong = wrong

    def forward(self, x: Tensor) -> Tensor:
        n, length, _ = x.shape
        q, k, v = (part(x).view(n, length, HEADS, -1).transpose(1, 2) for part in (self.q, self.k, self.v))
        found = scaled_dot_product_attention(q, k, v, is_causal=True)
        if self.wrong:  # the heads' features among each other: no MultiheadAttention does that
            return self.o(found.permute(0, 2, 3, 1).reshape(n, length, WIDTH))
        return self.o(found.transpose(1, 2).reshape(n, length, WIDTH))


class Whole(nn.Module):
    """torch's own, with and without its weights of attention."""

    def __init__(self, weights: bool = False) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.weights = weights

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        y, weights = self.attention(x, x, x, need_weights=self.weights)
        return (y, weights) if self.weights else y


def file_of(module: nn.Module, path: Path, dynamo: bool, fixed: bool = False) -> Path:
    for one in module.parameters():
        nn.init.normal_(one, std=0.3)
    module.eval()
    given = torch.randn(3, 5, WIDTH)
    with quiet("torch.onnx", "onnxscript", "onnx_ir", "torch.export"), torch.no_grad():
        if dynamo:
            places = (0,) if fixed else (0, 1)
            free = (dict.fromkeys(places, torch.export.Dim.AUTO),)
            program = torch.onnx.export(module, (given,), dynamo=True, dynamic_shapes=free, verbose=False)
            assert program is not None
            path.write_bytes(program.model_proto.SerializeToString())
        else:
            axes = {"x": {0: "N"}}
            torch.onnx.export(module, (given,), str(path), dynamo=False, input_names=["x"], dynamic_axes=axes)
    return path


@pytest.mark.parametrize("dynamo", [True, False], ids=["dynamo", "traced"])
@pytest.mark.parametrize(
    "module",
    [Packed(), Packed(bias=False), Packed(mixed=True), Apart(), Whole()],
    ids=["packed", "no-bias", "mixed", "apart", "whole"],
)
def test_attention_with_its_projections_is_one_node(module: nn.Module, dynamo: bool, tmp_path: Path) -> None:
    imported = import_onnx(file_of(module, tmp_path / "small.onnx", dynamo))
    assert not imported.report, imported.report
    nodes = imported.project.graph.nodes
    assert [one.type for one in nodes.values()] == ["Input", "MultiheadAttention", "Output"]
    (node,) = (one for one in nodes.values() if one.type == "MultiheadAttention")
    assert node.params["num_heads"] == HEADS
    assert node.params.get("causal", False) == isinstance(module, Apart)
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


def test_heads_in_another_order_keep_their_projections(tmp_path: Path) -> None:
    imported = import_onnx(file_of(Apart(wrong=True), tmp_path / "small.onnx", True))
    types = [one.type for one in imported.project.graph.nodes.values()]
    assert types.count("Linear") == 4
    assert types.count("ScaledDotProductAttention") == 1
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


def test_weights_of_attention_that_are_a_result_stay_in_reach(tmp_path: Path) -> None:
    imported = import_onnx(file_of(Whole(weights=True), tmp_path / "small.onnx", True))
    graphs = [imported.project.graph, *(one.graph for one in imported.project.blocks.values())]
    assert "Softmax" in {one.type for graph in graphs for one in graph.nodes.values()}
    assert [one.type for one in imported.project.graph.nodes.values()].count("Output") == 2
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


class Masked(nn.Module):
    """Attention that may look at some places only; a place that may look at none gets zeros."""

    def forward(self, x: Tensor) -> Tensor:
        allowed = torch.ones(5, 5, dtype=torch.bool, device=x.device).triu(1)
        heads = x.unflatten(-1, (HEADS, -1)).transpose(1, 2)
        return scaled_dot_product_attention(heads, heads, heads, attn_mask=allowed)


def test_a_mask_goes_to_the_node(tmp_path: Path) -> None:
    imported = import_onnx(file_of(Masked(), tmp_path / "small.onnx", True, fixed=True))
    types = [one.type for one in imported.project.graph.nodes.values()]
    assert types.count("ScaledDotProductAttention") == 1
    assert "Softmax" not in types
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


def test_encoder_layers_that_follow_each_other_are_one_block(tmp_path: Path) -> None:
    layers = (nn.TransformerEncoderLayer(WIDTH, HEADS, 32, batch_first=True) for _ in range(3))
    imported = import_onnx(file_of(nn.Sequential(*layers), tmp_path / "small.onnx", True))
    assert not imported.report, imported.report
    (name,) = imported.project.blocks
    placed = [one for one in imported.project.graph.nodes.values() if one.type == PREFIX + name]
    assert [one.params["repeat"] for one in placed] == [3]
    inner = [one.type for one in imported.project.blocks[name].graph.nodes.values()]
    assert inner.count("MultiheadAttention") == 1
    assert inner.count("Linear") == inner.count("LayerNorm") == inner.count("Add") == 2
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


def test_modules_in_the_names_of_operators_become_blocks(tmp_path: Path) -> None:
    nodes, constants, last = [], {}, "x"
    for at in range(2):
        path = f"/stage/stage.{at}"
        made = [node("MatMul", f"{last} w{at}", f"a{at}"), node("Relu", f"a{at}", f"b{at}")]
        made += [node("Add", f"b{at} {last}", f"c{at}")]
        for one in made:
            one.name = f"{path}/{one.op_type}"
        nodes, last = [*nodes, *made], f"c{at}"
        constants[f"w{at}"] = numbers(6, 6)
    nodes.append(node("Reshape", f"{last} shape"))
    path = write_graph(tmp_path / "s.onnx", nodes, {"x": ("N", 6)}, {**constants, "shape": ints(-1, 2, 3)})
    imported = import_onnx(path)
    (name,) = imported.project.blocks
    assert [one.type for one in imported.project.blocks[name].graph.nodes.values()].count("Linear") == 1
    assert sorted(imported.weights) == ["stage.0.linear.weight", "stage.1.linear.weight"]
    assert np.isclose(imported.largest_difference or 0.0, 0.0, atol=EQUAL)
