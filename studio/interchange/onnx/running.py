"""What an ONNX file computes, by onnxruntime, or where that is not installed by onnx's own evaluator."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.errors import StudioError

SILENT = 4
"""onnxruntime's level at which nothing but the end of the program is logged."""


def run_onnx(model: Path | Any, inputs: Mapping[str, Tensor]) -> list[Tensor]:  # noqa: ANN401
    """The results of a file, or of a model in memory, in its own order. Raises StudioError."""
    given = {name: one.numpy() for name, one in inputs.items()}
    try:
        found = _by_runtime(model, given) if find_spec("onnxruntime") else _by_reference(model, given)
    except Exception as error:  # of many kinds, as the libraries please
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StudioError(f"The ONNX network cannot be run: {first}") from error
    return [torch.from_numpy(one.copy()) for one in found]


def _by_runtime(model: Path | Any, given: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = torch.get_num_threads()
    what = str(model) if isinstance(model, Path) else model.SerializeToString()
    session = onnxruntime.InferenceSession(what, options, providers=["CPUExecutionProvider"])
    wanted = {one.name for one in session.get_inputs()}
    found: Any = session.run(None, {name: one for name, one in given.items() if name in wanted})
    return list(found)


def _by_reference(model: Path | Any, given: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(str(model) if isinstance(model, Path) else model)
    found: Any = evaluator.run(None, dict(given))
    return list(found)
