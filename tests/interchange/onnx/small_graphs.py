"""Small ONNX graphs made operator by operator, as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(5)
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


def numbers(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def write_graph(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[int | str]],
    constants: Mapping[str, np.ndarray],
    outputs: Sequence[str] = ("out",),
    opset: int = 20,
    kinds: Mapping[str, int] | None = None,
    given: Mapping[str, int] | None = None,
) -> Path:
    """A file of some operators; `kinds` are those of inputs, `given` those of outputs that are no floats."""
    known = kinds or {}
    graph = helper.make_graph(
        list(nodes),
        "small",
        [
            helper.make_tensor_value_info(name, known.get(name, FLOAT), list(shape))
            for name, shape in inputs.items()
        ],
        [helper.make_tensor_value_info(name, (given or {}).get(name, FLOAT), None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", opset)]
    domains = {node.domain for node in nodes if node.domain}
    opsets += [helper.make_opsetid(domain, 1) for domain in domains]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    path.write_bytes(model.SerializeToString())
    return path


def node(type: str, inputs: str, outputs: str = "out", **attributes: Any) -> onnx.NodeProto:
    """One operator; names are parted by blanks, a dot stands for an input that is left out."""
    names = ["" if name == "." else name for name in inputs.split()]
    domain = attributes.pop("domain", "")
    return helper.make_node(
        type, names, outputs.split(), name=f"{type}_{outputs.split()[0]}", domain=domain, **attributes
    )
