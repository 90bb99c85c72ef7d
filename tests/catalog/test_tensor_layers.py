"""Layers on tensors and sequences beyond their one example: every form that their parameters give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch

from studio.build import shapes
from studio.build.check import Checker
from studio.build.network import Network
from studio.catalog.registry import Example, Layer, registry
from studio.interchange.pytorch.source import to_pytorch
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Value
from studio.project.project import Project
from tests.build.drawings import draw, node
from tests.catalog import test_contract as contract
from tests.catalog.examples import drawing, plan_of, written

Inputs = Mapping[str, tuple[int, ...] | tuple[tuple[int, ...], str]]
SEQUENCE = {"input": (2, 5, 8)}
SOURCE_AND_TARGET = {"src": (2, 4, 8), "tgt": (2, 5, 8)}
SMALL = {"nhead": 2, "dim_feedforward": 16}
THREE = {"query": (2, 5, 8), "key": (2, 6, 8), "value": (2, 6, 8)}
HEADS = {"query": (2, 3, 5, 4), "key": (2, 3, 6, 4), "value": (2, 3, 6, 4)}
IMAGE = {"input": (2, 3, 6, 6)}
ROWS = {"input": (2, 5, 4)}
FORMS: tuple[tuple[str, Mapping[str, Value], Inputs, str], ...] = (
    ("Constant", {"value": 0.5, "shape": (2, 3)}, {}, ""),
    ("Constant", {"value": (1.0, 0.0), "shape": 2, "dtype": "bool"}, {}, ""),
    ("Parameter", {"shape": (1, 3)}, {}, "self.subject()"),
    ("Parameter", {"shape": 3, "start": "constant", "value": 1.0}, {"batch": (2, 4)}, ""),
    ("Parameter", {"start": "uniform", "value": 0.1}, {"batch": (2, 4)}, ""),
    ("RNN", {"hidden_size": 3, "nonlinearity": "relu"}, SEQUENCE, 'nn.RNN(8, 3, nonlinearity="relu"'),
    ("LSTM", {"hidden_size": 4, "proj_size": 2, "num_layers": 2, "bidirectional": True}, SEQUENCE, ""),
    ("LSTMCell", {"hidden_size": 4}, {"input": (2, 3)}, "self.subject(in_input0)"),
    ("MultiheadAttention", {"num_heads": 2}, {"query": (2, 5, 8)}, "nn.MultiheadAttention(8, 2, batch_first"),
    ("MultiheadAttention", {"num_heads": 2}, {**THREE, "key": (2, 6, 3)}, "kdim=3"),
    ("MultiheadAttention", {"num_heads": 2, "causal": True}, {"query": (2, 5, 8)}, "CausalAttention(8, 2"),
    ("MultiheadAttention", {"num_heads": 2, "need_weights": True}, THREE, "subject, subject_weights ="),
    (
        "MultiheadAttention",
        {"num_heads": 2, "need_weights": True, "average_attn_weights": False},
        {**THREE, "key_padding_mask": ((2, 6), "bool")},
        "average_attn_weights=False,",
    ),
    ("ScaledDotProductAttention", {"is_causal": True, "scale": 0.3}, HEADS, "is_causal=True, scale=0.3"),
    ("ScaledDotProductAttention", {"dropout_p": 0.5}, HEADS, "DotProductAttention(0.5)"),
    ("ScaledDotProductAttention", {}, {**HEADS, "attn_mask": (2, 1, 5, 6)}, ""),
    ("TransformerEncoderLayer", {**SMALL, "causal": True}, SEQUENCE, "CausalEncoderLayer("),
    (
        "TransformerEncoderLayer",
        {**SMALL, "norm_first": True, "activation": "gelu"},
        {**SEQUENCE, "src_key_padding_mask": ((2, 5), "bool")},
        "src_key_padding_mask=",
    ),
    (
        "TransformerDecoderLayer",
        {**SMALL, "causal": False},
        {**SEQUENCE, "memory": (2, 4, 8), "memory_key_padding_mask": ((2, 4), "bool")},
        "nn.TransformerDecoderLayer(",
    ),
    (
        "TransformerEncoder",
        {**SMALL, "num_layers": 2, "causal": True, "norm_first": True, "final_norm": True},
        {**SEQUENCE, "src_key_padding_mask": ((2, 5), "bool")},
        "causal=True",
    ),
    ("TransformerEncoder", {**SMALL, "num_layers": 1}, {**SEQUENCE, "mask": (4, 5, 5)}, "mask="),
    (
        "TransformerDecoder",
        {**SMALL, "num_layers": 2, "causal": False, "final_norm": True},
        {**SEQUENCE, "memory": (2, 4, 8), "tgt_key_padding_mask": ((2, 5), "bool")},
        "",
    ),
    (
        "Transformer",
        {**SMALL, "num_encoder_layers": 1, "num_decoder_layers": 1, "causal": False},
        {**SOURCE_AND_TARGET, "src_key_padding_mask": ((2, 4), "bool")},
        "",
    ),
    ("RotaryEmbedding", {"interleaved": True}, SEQUENCE, "interleaved=True"),
    ("SinusoidalPositions", {}, {"input": (2, 5, 7)}, ""),
    ("ClassToken", {"tokens": 3}, SEQUENCE, "ClassToken(8, tokens=3)"),
    ("Split", {"split_size_or_sections": 2, "outputs": 3}, ROWS, "subject_0, subject_1, subject_2 = "),
    ("Split", {"split_size_or_sections": (1, 1, 2), "dim": -1}, ROWS, ".split([1, 1, 2], dim=-1)"),
    ("Chunk", {"chunks": 1}, ROWS, "(subject_0,) = in_input0.chunk(1, dim=1)"),
    ("Unbind", {"outputs": 4, "dim": 2}, ROWS, ".unbind(2)"),
    ("Slice", {"dim": -2, "start": -3, "step": 2}, ROWS, "in_input0[..., -3::2, :]"),
    ("Slice", {"dim": 2, "stop": -1}, ROWS, "in_input0[:, :, :-1]"),
    ("Select", {"dim": -1, "index": 0}, ROWS, "in_input0[..., 0]"),
    ("IndexSelect", {"dim": -1, "indices": 3}, ROWS, "in_input0[..., [3]]"),
    ("Roll", {"shifts": (1, -2), "dims": (1, 2)}, ROWS, ".roll((1, -2), (1, 2))"),
    ("Flip", {"dims": (1, 2)}, ROWS, ".flip(1, 2)"),
    ("Unflatten", {"dim": -1, "unflattened_size": (-1, 2)}, ROWS, "nn.Unflatten(-1, (-1, 2))"),
    ("Squeeze", {"dim": (1, 2)}, {"input": (2, 1, 1)}, ".squeeze((1, 2))"),
    ("Mean", {"dim": (2, 3), "keepdim": True}, IMAGE, ".mean((2, 3), keepdim=True)"),
    ("Variance", {"dim": 1, "correction": 0}, ROWS, ".var(1, correction=0)"),
    ("Norm", {"dim": (1, 2), "ord": 1.0}, ROWS, "torch.linalg.vector_norm(in_input0, dim=(1, 2), ord=1.0)"),
    ("ArgMax", {"dim": 1, "keepdim": True}, ROWS, "dim=1, keepdim=True"),
    ("Scale", {"factor": 0.25}, ROWS, "in_input0 * 0.25"),
    ("Scale", {"factor": 0.1, "learned": True}, ROWS, "LearnedScale(1, None, factor=0.1)"),
    ("Power", {}, {"input": (2, 3), "other": (2, 3)}, "in_input0**in_other0"),
    ("Compare", {"operator": "less_equal", "value": 0.5}, ROWS, "in_input0 <= 0.5"),
    ("Clamp", {"max": None}, ROWS, "torch.clamp(in_input0, min=0.0)"),
    ("Einsum", {"equation": "bij->bji"}, ROWS, 'torch.einsum("bij->bji", in_input0)'),
    ("Einsum", {"equation": "bi,bj,bk->bijk"}, {"input": (2, 3), "other": (2, 4), "third": (2, 2)}, ""),
    ("Gate", {}, {"input": (2, 3), "gate": (2, 3)}, "gate(in_input0, in_gate0)"),
    ("Pad", {"pad": (1, 2), "mode": "reflect"}, ROWS, 'F.pad(in_input0, pad=(1, 2), mode="reflect")'),
    ("Pad", {"pad": (1, 2, 1, 1), "mode": "circular"}, IMAGE, ""),
    ("Pad", {"pad": (1, 0), "mode": "replicate"}, ROWS, ""),
    ("Pad", {"pad": (2, -1), "value": 3.0}, ROWS, "value=3.0"),
    ("Upsample", {"mode": "bilinear", "align_corners": True}, IMAGE, ""),
    ("Upsample", {"mode": "bicubic", "size": (7, 9)}, IMAGE, "size=(7, 9)"),
    ("Upsample", {"mode": "linear", "scale_factor": 1.5}, ROWS, ""),
    *(
        ("Cast", {"dtype": dtype}, ROWS, f".{how}()")
        for dtype, how in (("float64", "double"), ("int64", "long"))
    ),
    *(("Cast", {"dtype": dtype}, ROWS, "") for dtype in ("float16", "bfloat16", "int32", "bool")),
)


def form(type: str, params: Mapping[str, Value], inputs: Inputs) -> Layer:
    """The declaration that these parameters give, with an example that has these inputs."""
    layer = registry().layer_of(Node("subject", type, params))
    assert layer
    given = {port: one if isinstance(one[-1], str) else (one, "float32") for port, one in inputs.items()}
    dtypes = {port: str(dtype) for port, (_, dtype) in given.items()}
    return replace(layer, example=Example({p: (s,) for p, (s, _) in given.items()}, params, dtypes=dtypes))


@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")  # torch takes a slower way
@pytest.mark.parametrize(
    ("type", "params", "inputs", "text"),
    FORMS,
    ids=lambda one: str(one) if isinstance(one, str | dict) else "",
)
def test_every_form_keeps_the_contract(
    type: str, params: Mapping[str, Value], inputs: Inputs, text: str
) -> None:
    layer = form(type, params, inputs)
    contract.test_planned_types_are_the_real_ones(layer, None)
    contract.test_network_and_source_agree_to_the_bit(layer)
    contract.test_gradients_reach_every_parameter_and_input(layer)
    contract.test_its_state_is_saved_and_loaded(layer)
    assert text in to_pytorch(drawing(layer), plan_of(layer))


def network_of(layer: Layer) -> Network:
    torch.manual_seed(0)
    return Network(plan_of(layer)).eval()


def first(result: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    return result if isinstance(result, torch.Tensor) else result[0]


@pytest.mark.parametrize(
    ("type", "params", "inputs"),
    [
        ("MultiheadAttention", {"num_heads": 2, "causal": True}, {"query": (2, 5, 8)}),
        ("TransformerEncoderLayer", {**SMALL, "causal": True}, SEQUENCE),
        ("TransformerEncoder", {**SMALL, "num_layers": 2, "causal": True}, SEQUENCE),
        ("TransformerDecoderLayer", SMALL, {"memory": (2, 4, 8), **SEQUENCE}),
        ("TransformerDecoder", {**SMALL, "num_layers": 2}, {"memory": (2, 4, 8), **SEQUENCE}),
        ("Transformer", {**SMALL, "num_encoder_layers": 1, "num_decoder_layers": 1}, SOURCE_AND_TARGET),
    ],
)
def test_causal_layers_do_not_look_ahead(type: str, params: Mapping[str, Value], inputs: Inputs) -> None:
    network = network_of(form(type, params, inputs))
    steps = {step.field: torch.rand(step.type.at(2)) for step in network._inputs}
    read = next(name for name in ("in_query0", "in_tgt0", "in_input0") if name in steps)
    later = {**steps, read: torch.cat([steps[read][:, :3], torch.rand(2, 2, 8)], dim=1)}
    before, after = first(network(*steps.values())), first(network(*later.values()))
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])
    with torch.no_grad():  # takes other kernels
        torch.testing.assert_close(first(network(*steps.values())), before)


def test_rotary_embedding_makes_agreement_depend_on_distance_alone() -> None:
    for interleaved in (False, True):
        network = network_of(form("RotaryEmbedding", {"interleaved": interleaved}, {"input": (2, 6, 8)}))
        query, key = (network(torch.rand(1, 1, 8).expand(2, 6, 8)) for _ in range(2))
        scores = query @ key.transpose(1, 2)
        torch.testing.assert_close(scores[:, 1:, 1:], scores[:, :-1, :-1])
        torch.testing.assert_close(query.norm(dim=-1), query.norm(dim=-1)[:, :1].expand(2, 6))


def test_sinusoidal_positions_are_those_of_the_paper() -> None:
    waves = network_of(form("SinusoidalPositions", {}, SEQUENCE))(torch.zeros(1, 5, 8))
    for place in range(5):
        for pair in range(4):
            angle = torch.tensor(place / 10000 ** (2 * pair / 8))
            torch.testing.assert_close(waves[0, place, 2 * pair], angle.sin())
            torch.testing.assert_close(waves[0, place, 2 * pair + 1], angle.cos())


def test_a_class_token_comes_first_and_is_the_same_for_all() -> None:
    given = torch.rand(3, 5, 8)
    found = network_of(form("ClassToken", {}, SEQUENCE))(given)
    assert torch.equal(found[:, 1:], given)
    assert torch.equal(found[0, 0], found[2, 0])


FIELDS = {"rows": Field("rows", (5, 3)), "start": Field("start", (4,)), "long": Field("long", (100_000, 3))}


def with_states(type: str, field: str = "rows", **params: Value) -> Project:
    """A recurrent layer whose first states come from another field."""
    wires = ["x > layer", "start > up", "up > layer.hidden", "layer > out"]
    wires += ["up > layer.cell"] if type == "LSTM" else []
    return draw(
        [node("x", "Input", field=field), node("start", "Input", field="start"),
         node("up", "Unsqueeze", dim=0), Node("layer", type, {"hidden_size": 4, **params}),
         node("out", "Output")],
        *wires,
    )  # fmt: skip


@pytest.mark.parametrize("type", ["RNN", "GRU", "LSTM"])
def test_recurrent_layers_start_from_the_states_given(type: str) -> None:
    project = with_states(type)
    checked = Checker().check(project, FIELDS)
    assert not [problem for problem in checked.problems if problem.severity == "error"]
    network, copy = Network(checked.plan), written(project, checked.plan)
    copy.load_state_dict(network.state_dict())
    start, rows = torch.rand(2, 4), torch.rand(2, 5, 3)
    state = (start[None], start[None]) if type == "LSTM" else start[None]
    expected = network._modules["layer"](rows, state)[0]
    assert torch.equal(network(start, rows), expected)
    assert torch.equal(copy(start, rows), expected)


@pytest.mark.parametrize(
    ("type", "params"),
    [("RNN", {}), ("GRU", {"bidirectional": False}), ("LSTM", {}), ("LSTM", {"proj_size": 0})],
)
def test_recurrent_layers_are_never_unrolled_to_learn_their_shapes(
    type: str, params: dict[str, Value], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_torch = shapes._by_torch

    def answered(layer: Layer, *rest: object) -> object:
        assert layer.category != "Recurrent"
        return by_torch(layer, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(shapes, "_by_torch", answered)
    monkeypatch.setattr(shapes, "_inferred", {})
    checked = Checker().check(with_states(type, "long", **params), FIELDS)
    assert str(checked.plan.outputs[0].type) == "N×100000×4"


def test_equal_parameters_give_the_very_same_declaration() -> None:
    two = [registry().layer_of(Node(name, "Chunk", {"chunks": 3})) for name in ("a", "b")]
    assert two[0] is two[1]
    assert two[0]
    assert [port.name for port in two[0].outputs] == ["output0", "output1", "output2"]


@pytest.mark.parametrize("chunks", [0, "three", None, 10**9, "= width"])
def test_wrong_numbers_of_pieces_count_as_the_default(chunks: Value) -> None:
    layer = registry().layer_of(Node("cut", "Chunk", {"chunks": chunks}))
    assert layer
    assert len(layer.outputs) == 2


def test_pieces_that_are_gone_are_told_where_their_wires_are() -> None:
    project = draw(
        [node("x", "Input", field="rows"), node("cut", "Chunk", chunks=2, dim=2), node("out", "Output")],
        "x > cut",
        "cut.output2 > out",
    )
    problem = Checker().check(project, FIELDS).errors[0]
    assert problem.message == "out: the wire to input comes from output2, which cut does not have"
    assert problem.fixes[0].label == "Use the port output0 of cut"


def test_attention_takes_a_learned_bias_over_places_as_its_mask() -> None:
    project = draw(
        [node("x", "Input", field="rows"), node("wide", "Linear", out_features=8),
         node("bias", "Parameter", shape=(5, 5)), node("mix", "MultiheadAttention", num_heads=2),
         node("out", "Output")],
        "x > wide", "wide > mix.query", "bias > mix.attn_mask", "mix > out",
    )  # fmt: skip
    checked = Checker().check(project, FIELDS)
    assert not checked.errors
    network, copy = Network(checked.plan), written(project, checked.plan)
    copy.load_state_dict(network.state_dict())
    rows = torch.rand(2, 5, 3)
    assert torch.equal(network(rows), copy(rows))
    first(network(rows)).sum().backward()
    assert network.get_parameter("bias.weight").grad is not None
    assert "need_weights=False" in to_pytorch(project, checked.plan)


def test_padding_found_by_a_comparison_is_not_looked_at() -> None:
    project = draw(
        [node("words", "Input", shape=-1, dtype="int64"),
         node("table", "Embedding", num_embeddings=9, embedding_dim=8),
         node("padding", "Compare", operator="equal", value=0.0),
         node("encoder", "TransformerEncoder", num_layers=2, nhead=2, dim_feedforward=16),
         node("place", "Select", index=0), node("out", "Output")],
        "words > table", "words > padding", "table > encoder", "padding > encoder.src_key_padding_mask",
        "encoder > place", "place > out",
    )  # fmt: skip
    checked = Checker().check(project, {})
    assert not checked.errors
    network = Network(checked.plan).eval()
    for kept in (torch.enable_grad, torch.no_grad):
        with kept():
            short, long = network(torch.tensor([[3, 4]])), network(torch.tensor([[3, 4, 0, 0]]))
            torch.testing.assert_close(short, long)
    assert "padding = words == 0.0" in to_pytorch(project, checked.plan)


def test_attention_drawn_by_hand_reads_as_people_write_it() -> None:
    project = draw(
        [node("x", "Input", field="rows"), node("qkv", "Linear", out_features=24),
         node("cut", "Chunk", chunks=3, dim=2), node("q", "RotaryEmbedding"), node("k", "RotaryEmbedding"),
         node("mix", "ScaledDotProductAttention", is_causal=True), node("out", "Output")],
        "x > qkv", "qkv > cut", "cut.output0 > q", "cut.output1 > k", "q > mix.query", "k > mix.key",
        "cut.output2 > mix.value", "mix > out",
    )  # fmt: skip
    checked = Checker().check(project, FIELDS)
    assert not checked.errors
    text = to_pytorch(project, checked.plan)
    assert "cut_0, cut_1, cut_2 = qkv.chunk(3, dim=2)" in text
    assert "F.scaled_dot_product_attention(q, k, cut_2, is_causal=True)" in text
    rows = torch.rand(2, 5, 3)
    network, copy = Network(checked.plan), written(project, checked.plan)
    copy.load_state_dict(network.state_dict())
    assert torch.equal(network(rows), copy(rows))
