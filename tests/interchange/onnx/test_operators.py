"""Every operator that is read computes what onnxruntime does, on other numbers of samples too."""

# ruff: noqa: E501 - a case is a line

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from studio.interchange.onnx.operators import OPERATORS
from studio.interchange.onnx.reading import import_onnx
from tests.interchange.onnx.small_graphs import INT, ints, node, numbers, write_graph

EQUAL = 1e-5
IMAGE = ("N", 4, 6, 6)
ROW = ("N", 6)
Case = tuple[str, list[Any], dict[str, Any], dict[str, Any], dict[str, Any]]


def case(
    type: str, inputs: str = "x", shape: Any = ROW, constants: Any = None, more: Any = None, **attributes: Any
) -> Any:
    """One operator on x and constants; `more` goes to the file."""
    nodes = [node(type, inputs, **attributes)]
    return pytest.param(
        nodes, {"x": shape}, constants or {}, more or {}, id=f"{type}-{inputs}-{len(attributes)}"
    )


def chain(name: str, *nodes: Any, shape: Any = ROW, constants: Any = None, **more: Any) -> Any:
    """Several operators."""
    return pytest.param(list(nodes), {"x": shape}, constants or {}, more, id=name)


SCALAR = {"c": np.array(0.5, np.float32)}
CASES = [
    *(case(type) for type in ("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Mish", "HardSwish", "Exp")),
    *(case(type) for type in ("Neg", "Abs", "Sin", "Cos", "Erf", "Reciprocal", "Floor", "Ceil", "Round", "Sign")),
    *(case(type) for type in ("Tan", "Atan", "Sinh", "Cosh", "Asinh", "HardSigmoid", "Selu", "Gelu", "Identity")),
    chain("sqrt-log", node("Abs", "x", "a"), node("Add", "a c", "b"), node("Sqrt", "b", "d"), node("Log", "d"), constants=SCALAR),
    chain("inverse", node("Tanh", "x", "a"), node("Mul", "a c", "b"), node("Asin", "b", "d"), node("Acos", "b", "e"), node("Atanh", "b", "f"), node("Sum", "d e f"), constants=SCALAR),
    chain("acosh", node("Abs", "x", "a"), node("Add", "a c", "b"), node("Acosh", "b"), constants={"c": np.array([1.5], np.float32)}),
    case("Gelu", approximate="tanh"),
    case("HardSigmoid", alpha=0.3, beta=0.4),
    case("Selu", alpha=1.2, gamma=0.9),
    case("Elu", alpha=0.7), case("Celu", alpha=0.7), case("LeakyRelu", alpha=0.2), case("ThresholdedRelu", alpha=0.3),
    case("Shrink", lambd=0.4), case("Shrink", lambd=0.4, bias=0.4), case("Shrink", lambd=0.4, bias=0.1),
    case("PRelu", "x s", IMAGE, {"s": numbers(4, 1, 1)}), case("PRelu", "x s", ROW, {"s": numbers(6)}),
    case("Clip", "x l h", ROW, {"l": np.array(-0.3, np.float32), "h": np.array(0.4, np.float32)}),
    case("Clip", "x l", ROW, {"l": np.array(0.0, np.float32)}), case("Clip", "x . h", ROW, {"h": np.array(0.4, np.float32)}),
    case("Clip", "x", ROW, None, {"opset": 10}, min=0.0, max=6.0),
    *(case(type, "x c", ROW, {"c": numbers(6)}) for type in ("Add", "Sub", "Mul")),
    *(case(type, "c x", ROW, {"c": numbers(6)}) for type in ("Sub", "Div")),
    *(case(type, "x c", ROW, SCALAR) for type in ("Add", "Sub", "Mul", "Div", "Max", "Min")),
    case("Sub", "c x", ROW, SCALAR), case("Add", "c x", IMAGE, {"c": numbers(1, 4, 1, 1)}),
    case("Add", "x c", ROW, {"c": numbers(1, 1, 1)}),
    case("Max", "x c", ROW, {"c": numbers(6)}), case("Min", "c x", IMAGE, {"c": numbers(6)}),
    case("Mean", "x c", ROW, {"c": numbers(1, 6)}),
    chain("pow", node("Abs", "x", "a"), node("Pow", "a c"), constants={"c": np.array(1.5, np.float32)}),
    chain("pow-2", node("Abs", "x", "a"), node("Pow", "a c"), constants={"c": np.abs(numbers(6))}),
    case("Mod", "x c", ROW, {"c": np.array(0.7, np.float32)}, fmod=1),
    *(chain(type, node(type, "x c", "b"), node("Cast", "b", to=1), constants={"c": np.array(0.1, np.float32)}) for type in ("Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal")),
    chain("logic", node("Greater", "x c", "a"), node("Less", "x d", "b"), node("And", "a b", "e"), node("Or", "a b", "f"), node("Xor", "e f", "g"), node("Not", "g", "h"), node("Where", "h x c"), constants={"c": numbers(6), "d": numbers(6)}),
    chain("where", node("Greater", "x c", "a"), node("Where", "a x d"), constants={"c": SCALAR["c"], "d": np.array(-1.0, np.float32)}),
    case("Conv", "x w b", IMAGE, {"w": numbers(8, 4, 3, 3), "b": numbers(8)}, pads=[1, 1, 1, 1]),
    case("Conv", "x w", IMAGE, {"w": numbers(8, 2, 3, 3)}, group=2, strides=[2, 2], dilations=[1, 1], pads=[0, 1, 1, 2]),
    case("Conv", "x w", IMAGE, {"w": numbers(8, 4, 3, 3)}, auto_pad="SAME_UPPER", strides=[2, 2]),
    case("Conv", "x w", IMAGE, {"w": numbers(8, 4, 2, 2)}, auto_pad="SAME_LOWER"),
    case("Conv", "x w", ("N", 4, 9), {"w": numbers(5, 4, 3)}, dilations=[2]),
    case("Conv", "x w", ("N", 2, 4, 4, 4), {"w": numbers(3, 2, 2, 2, 2)}),
    case("ConvTranspose", "x w b", IMAGE, {"w": numbers(4, 3, 3, 3), "b": numbers(3)}, strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]),
    case("ConvTranspose", "x w", IMAGE, {"w": numbers(4, 3, 3, 3)}, strides=[2, 2], pads=[0, 0, 1, 1]),
    case("ConvTranspose", "x w", IMAGE, {"w": numbers(4, 1, 2, 2)}, group=2, auto_pad="SAME_UPPER", strides=[2, 2]),
    case("MaxPool", "x", IMAGE, kernel_shape=[2, 2], strides=[2, 2]), case("MaxPool", "x", IMAGE, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
    case("MaxPool", "x", IMAGE, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, pads=[1, 1, 1, 1]),
    case("MaxPool", "x", IMAGE, kernel_shape=[2, 2], auto_pad="SAME_UPPER"),
    case("AveragePool", "x", IMAGE, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    case("AveragePool", "x", IMAGE, kernel_shape=[3, 3], count_include_pad=1, pads=[1, 1, 0, 0]),
    case("GlobalAveragePool", "x", IMAGE), case("GlobalMaxPool", "x", ("N", 4, 9)),
    case("LpPool", "x", IMAGE, kernel_shape=[2, 2], p=2), case("GlobalLpPool", "x", IMAGE, p=2),
    case("Gemm", "x w b", ROW, {"w": numbers(5, 6), "b": numbers(5)}, transB=1), case("Gemm", "x w", ROW, {"w": numbers(6, 5)}, alpha=0.5),
    case("Gemm", "x w b", ROW, {"w": numbers(6, 5), "b": numbers(1, 5)}, beta=0.5), case("MatMul", "x w", ROW, {"w": numbers(6, 5)}),
    case("MatMul", "x w", ("N", 3, 6), {"w": numbers(6, 5)}), case("MatMul", "w x", ("N", 6, 3), {"w": numbers(5, 6)}),
    case("Einsum", "x w", ("N", 3, 6), {"w": numbers(6, 5)}, equation="bij,jk->bik"),
    case("BatchNormalization", "x s b m v", IMAGE, {"s": numbers(4), "b": numbers(4), "m": numbers(4), "v": np.abs(numbers(4))}, epsilon=1e-3),
    case("BatchNormalization", "x s b m v", ROW, {"s": numbers(6), "b": numbers(6), "m": numbers(6), "v": np.abs(numbers(6))}),
    case("InstanceNormalization", "x s b", IMAGE, {"s": numbers(4), "b": numbers(4)}),
    case("LayerNormalization", "x s b", ("N", 3, 6), {"s": numbers(6), "b": numbers(6)}), case("LayerNormalization", "x s", ("N", 3, 6), {"s": numbers(3, 6)}, axis=1),
    case("GroupNormalization", "x s b", IMAGE, {"s": numbers(4), "b": numbers(4)}, {"opset": 21}, num_groups=2),
    case("LRN", "x", IMAGE, size=3, alpha=0.01), case("LpNormalization", "x", ROW, p=2),
    case("MeanVarianceNormalization", "x", IMAGE),
    case("Softmax", "x", ("N", 3, 6)), case("LogSoftmax", "x", ("N", 3, 6), axis=1), case("Softmax", "x", ("N", 3, 6), None, {"opset": 11}, axis=1),
    case("Dropout"),
    case("Reshape", "x s", IMAGE, {"s": ints(0, 2, -1)}), case("Reshape", "x s", IMAGE, {"s": ints(-1, 144)}), case("Reshape", "x s", ("N", 4, 6), {"s": ints(-1, 6)}),
    case("Flatten", "x", IMAGE), case("Flatten", "x", IMAGE, axis=2), case("Transpose", "x", IMAGE, perm=[0, 2, 3, 1]), case("Transpose", "x", ("N", 3, 6), perm=[1, 0, 2]), case("Transpose", "x", ROW),
    case("Squeeze", "x a", ("N", 1, 6), {"a": ints(1)}), case("Unsqueeze", "x a", ROW, {"a": ints(1, 3)}), case("Unsqueeze", "x", ROW, None, {"opset": 11}, axes=[0]),
    case("Expand", "x s", ("N", 1, 6), {"s": ints(1, 4, 6)}), case("Tile", "x r", ROW, {"r": ints(1, 2)}),
    case("Concat", "x x", ROW, axis=-1),
    chain("split", node("Split", "x s", "a b", axis=1), node("Sub", "a b"), constants={"s": ints(3, 3)}),
    chain("split-even", node("Split", "x", "a b", axis=1, num_outputs=2), node("Mul", "a b")),
    case("Slice", "x a b c", IMAGE, {"a": ints(1), "b": ints(5), "c": ints(2)}), case("Slice", "x a b c d", IMAGE, {"a": ints(0, 1), "b": ints(2**62, -1), "c": ints(2, 3), "d": ints(2, 1)}),
    case("Slice", "x a b c d", IMAGE, {"a": ints(-1), "b": ints(-(2**62)), "c": ints(3), "d": ints(-1)}),
    case("Gather", "x i", IMAGE, {"i": ints(2, 0)}, axis=1), case("Gather", "x i", IMAGE, {"i": np.array(-1)}, axis=2), case("Gather", "x i", IMAGE, {"i": ints(0, 1, 2, 3).reshape(2, 2)}, axis=3),
    case("Pad", "x p", IMAGE, {"p": ints(0, 0, 1, 2, 0, 0, 3, 1)}), case("Pad", "x p", IMAGE, {"p": ints(0, 0, 1, 1, 0, 0, 1, 1)}, mode="reflect"), case("Pad", "x p c", ROW, {"p": ints(0, 1, 0, 0), "c": np.array(2.5, np.float32)}),
    case("Resize", "x . s", IMAGE, {"s": np.array([1, 1, 2, 2], np.float32)}, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
    case("Resize", "x . s", IMAGE, {"s": np.array([1, 1, 2, 2], np.float32)}, mode="linear", coordinate_transformation_mode="half_pixel"),
    case("Upsample", "x s", IMAGE, {"s": np.array([1, 1, 2, 2], np.float32)}, {"opset": 9}, mode="nearest"),
    case("DepthToSpace", "x", IMAGE, blocksize=2), case("DepthToSpace", "x", IMAGE, blocksize=2, mode="CRD"), case("SpaceToDepth", "x", IMAGE, blocksize=2),
    *(case(type, "x a", ("N", 3, 6), {"a": ints(1)}, {"opset": 18}, keepdims=0) for type in ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare", "ReduceProd")),
    case("ReduceSum", "x a", ("N", 3, 6), {"a": ints(-1)}), case("ReduceMean", "x", ("N", 3, 6), None, {"opset": 11}, axes=[1, 2]), case("ReduceSum", "x", ROW, None, {"opset": 13}, keepdims=0),
    chain("log-sum", node("Abs", "x", "a"), node("ReduceLogSum", "a c", keepdims=1), constants={"c": ints(1)}, opset=18),
    chain("argmax", node("ArgMax", "x", "a", axis=1, keepdims=0), node("Cast", "a", to=1)), chain("argmin", node("ArgMin", "x", "a", axis=1), node("Cast", "a", to=1)),
    case("CumSum", "x a", ROW, {"a": np.array(1)}), case("Trilu", "x", ("N", 6, 6), upper=0), case("Trilu", "x k", ("N", 6, 6), {"k": np.array(1)}),
    chain("topk", node("TopK", "x k", "v i", axis=-1), node("Cast", "i", "f", to=1), node("Add", "v f"), constants={"k": ints(3)}),
    chain("gather-elements", node("GatherElements", "x i", axis=1), constants={"i": ints(0, 1, 1, 0).reshape(2, 2)}, shape=(2, 6)),
    case("GatherND", "x i", IMAGE, {"i": ints(0, 1, 1, 3).reshape(2, 2)}), chain("gather-nd", node("ArgMax", "x", "a", axis=2, keepdims=1), node("GatherND", "x a", batch_dims=1), shape=("N", 3, 4)),
    chain("scatter-nd", node("Transpose", "x", "t", perm=[1, 0]), node("Slice", "t z o", "r"), node("ScatterND", "t i r", "u"), node("ScatterND", "u i r", "w", reduction="add"), node("Transpose", "w", perm=[1, 0]), constants={"i": ints(3, 5).reshape(2, 1), "z": ints(0), "o": ints(2)}),
    chain("quantized", node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s z"), constants={"s": np.array(0.02, np.float32), "z": np.array(3, np.uint8)}),
    chain("quantized-channels", node("QuantizeLinear", "x s z", "q", axis=1), node("DequantizeLinear", "q s z", axis=1), shape=IMAGE, constants={"s": np.array([0.02, 0.1, 0.3, 0.01], np.float32), "z": np.zeros(4, np.int8)}),
    case("Attention", "x x x", ("N", 2, 5, 8), None, {"opset": 23}, is_causal=1), case("Attention", "x x x", ("N", 5, 8), None, {"opset": 23}, q_num_heads=2, kv_num_heads=2, scale=0.3),
    case("Attention", "x x x m", ("N", 5, 8), {"m": numbers(5, 5)}, {"opset": 23}, q_num_heads=2, kv_num_heads=2),
    chain("gather-known", node("GatherElements", "d i", "g", axis=1), node("Add", "x g"), constants={"d": numbers(1, 9), "i": ints(0, 2, 4, 1, 3, 5).reshape(1, 6)}),
    chain("constant-of-shape", node("Shape", "x", "s"), node("ConstantOfShape", "s", "c", value=helper.make_tensor("v", 1, [1], [2.0])), node("Add", "x c")),
    chain("range", node("Shape", "x", "s", start=1, end=2), node("Squeeze", "s", "n"), node("Range", "a n b", "r"), node("Cast", "r", "f", to=1), node("Add", "x f"), constants={"a": np.array(0), "b": np.array(1)}, shape=("N", "T")),
    chain("heads", node("Shape", "x", "s"), node("Gather", "s z", "n"), node("Mul", "n two", "m"), node("Unsqueeze", "m ax", "u"), node("Concat", "u rest", "t", axis=0), node("Reshape", "x t"), constants={"z": np.array(0), "two": np.array(2), "ax": ints(0), "rest": ints(-1)}),
    chain("flatten-by-shape", node("Shape", "x", "s"), node("Slice", "s a b", "n"), node("Concat", "n rest", "t", axis=0), node("Reshape", "x t"), constants={"a": ints(0), "b": ints(1), "rest": ints(-1)}, shape=IMAGE),
    chain("expand-to-batch", node("Shape", "x", "s"), node("Slice", "s a b", "n"), node("Concat", "n rest", "t", axis=0), node("Expand", "token t", "e"), node("Concat", "e x", axis=1), constants={"a": ints(0), "b": ints(1), "rest": ints(1, 6), "token": numbers(1, 1, 6)}, shape=("N", 3, 6)),
    chain("linear", node("MatMul", "x fc.weight", "a"), node("Add", "a fc.bias"), constants={"fc.weight": numbers(6, 5), "fc.bias": numbers(5)}),
    chain("gelu", node("Div", "x r", "a"), node("Erf", "a", "b"), node("Add", "b one", "c"), node("Mul", "x c", "d"), node("Mul", "d h"), constants={"r": np.array(2**0.5, np.float32), "one": np.array(1, np.float32), "h": np.array(0.5, np.float32)}),
    chain("gelu-2", node("Mul", "x h", "y"), node("Div", "x r", "a"), node("Erf", "a", "b"), node("Add", "b one", "c"), node("Mul", "y c"), constants={"r": np.array(2**0.5, np.float32), "one": np.array(1, np.float32), "h": np.array(0.5, np.float32)}),
    chain("silu", node("Sigmoid", "x", "a"), node("Mul", "x a")), chain("mish", node("Softplus", "x", "a"), node("Tanh", "a", "b"), node("Mul", "x b")),
    chain("layer-norm", node("ReduceMean", "x", "m", axes=[-1]), node("Sub", "x m", "d"), node("Pow", "d two", "q"), node("ReduceMean", "q", "v", axes=[-1]), node("Add", "v eps", "e"), node("Sqrt", "e", "s"), node("Div", "d s", "n"), node("Mul", "n g", "o"), node("Add", "o b"), constants={"two": np.array(2, np.float32), "eps": np.array(1e-5, np.float32), "g": numbers(6), "b": numbers(6)}, opset=13),
]  # fmt: skip


@pytest.mark.parametrize(("nodes", "inputs", "constants", "more"), CASES)
def test_an_operator_computes_the_same(
    nodes: Any, inputs: Any, constants: Any, more: Any, tmp_path: Path
) -> None:
    imported = import_onnx(write_graph(tmp_path / "small.onnx", nodes, inputs, constants, **more))
    assert not imported.report, imported.report
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


RAISED = {
    "linear": "Linear",
    "gelu": "GELU",
    "gelu-2": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "layer-norm": "LayerNorm",
}


@pytest.mark.parametrize("name", RAISED)
def test_several_operators_become_one_layer(name: str, tmp_path: Path) -> None:
    nodes, inputs, constants, more = next(one.values for one in CASES if one.id == name)
    imported = import_onnx(write_graph(tmp_path / "small.onnx", nodes, inputs, constants, **more))
    types = [one.type for one in imported.project.graph.nodes.values()]
    assert sorted(types) == sorted(["Input", RAISED[name], "Output"])


@pytest.mark.parametrize("type", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_recurrent_layers_compute_the_same(type: str, direction: str, tmp_path: Path) -> None:
    gates, both = {"LSTM": 4, "GRU": 3, "RNN": 1}[type], 2 if direction == "bidirectional" else 1
    constants = {
        "w": numbers(both, gates * 5, 6),
        "r": numbers(both, gates * 5, 5),
        "b": numbers(both, gates * 10),
    }
    extra = {"linear_before_reset": 1} if type == "GRU" else {}
    outputs = "y h c" if type == "LSTM" else "y h"
    nodes = [
        node("Transpose", "x", "t", perm=[1, 0, 2]),
        node(type, "t w r b", outputs, hidden_size=5, direction=direction, **extra),
    ]
    path = write_graph(tmp_path / "small.onnx", nodes, {"x": ("N", 7, 6)}, constants, outputs.split())
    imported = import_onnx(path)
    assert not imported.report, imported.report
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


def test_indices_become_an_embedding(tmp_path: Path) -> None:
    nodes = [node("Gather", "table.weight x")]
    table = {"table.weight": numbers(9, 4)}
    path = write_graph(tmp_path / "small.onnx", nodes, {"x": ("N", 5)}, table, kinds={"x": INT})
    imported = import_onnx(path)
    assert imported.project.graph.nodes["table"].type == "Embedding"
    assert imported.largest_difference == 0


def test_a_fixed_number_of_samples_is_freed(tmp_path: Path) -> None:
    nodes = [
        node("Conv", "x conv.weight", "a"),
        node("Reshape", "a s", "b"),
        node("Gemm", "b fc.weight", transB=1),
    ]
    constants = {"conv.weight": numbers(4, 3, 3, 3), "s": ints(1, 64), "fc.weight": numbers(5, 64)}
    imported = import_onnx(write_graph(tmp_path / "small.onnx", nodes, {"x": (1, 3, 6, 6)}, constants))
    assert not imported.report
    assert [one.type for one in imported.project.graph.nodes.values()] == [
        "Input",
        "Conv2d",
        "Flatten",
        "Linear",
        "Output",
    ]
    assert set(imported.project.graph.nodes) >= {"conv", "fc", "x"}
    assert imported.largest_difference is not None
    assert imported.largest_difference <= EQUAL


def test_a_normalization_that_is_used_twice_is_told(tmp_path: Path) -> None:
    given = {"s": numbers(4), "b": numbers(4), "m": numbers(4), "v": np.abs(numbers(4))}
    plain = {"t": np.ones(4, np.float32), "o": np.zeros(4, np.float32)}
    nodes = [
        node("BatchNormalization", "x s b m v", "a"),
        node("BatchNormalization", "a s b m v", "c"),
        node("InstanceNormalization", "c t o", "d"),
        node("InstanceNormalization", "d t o"),  # as files have layers that were never trained
    ]
    imported = import_onnx(write_graph(tmp_path / "small.onnx", nodes, {"x": IMAGE}, {**given, **plain}))
    (told,) = imported.report
    assert told.message == "s is shared by BatchNormalization_a, BatchNormalization_c."
    assert "trained further, they part" in told.hint


def test_an_operator_nobody_knows_leaves_the_rest(tmp_path: Path) -> None:
    nodes = [
        node("Relu", "x", "a"),
        node("Shear", "a", "b", domain="com.example"),
        node("Tanh", "b"),
    ]
    path = write_graph(tmp_path / "small.onnx", nodes, {"x": ROW}, {})
    model = onnx.load(path)
    model.graph.value_info.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, ["N", 6]))
    path.write_bytes(model.SerializeToString())
    imported = import_onnx(path)
    (told,) = [one for one in imported.report if one.severity == "error"]
    assert "Shear_b (com.example.Shear)" in told.message
    assert "Input stands there" in told.hint
    nodes_read = imported.project.graph.nodes
    assert {one.type for one in nodes_read.values()} >= {"Input", "Tanh", "Output"}
    assert told.node is not None
    assert "com.example.Shear" in nodes_read[told.node].note


def test_the_table_holds_the_families() -> None:
    assert len(OPERATORS) >= 100
