"""Writes a network as an ONNX file with a free number of samples, and compares the two on samples."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from studio.build.network import Network
from studio.build.plan import Plan
from studio.build.sizes import Dim
from studio.errors import StudioError
from studio.interchange.agreement import difference, results_of, told_of
from studio.interchange.exported import Exported
from studio.interchange.extras import needed
from studio.interchange.onnx.running import run_onnx
from studio.interchange.quiet import quiet
from studio.interchange.samples_for import random_samples, samples_for
from studio.interchange.whole_files import write_whole
from studio.project.graph import Endpoint
from studio.project.project import Project

TRACED = 3
"""Samples that the network is traced with: neither 1, which counts as fixed, nor a size that layers have."""
LARGEST = 2_000_000_000
"""Bytes of weights that one file of this form may hold."""
Progress = Callable[[str], None]
INSIDE = "network"


class Whole(nn.Module):
    """A network a level down: torch.export refuses modules of names that its graphs use, such as code."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Any:  # noqa: ANN401
        """What the network makes of it."""
        return self.network(*inputs)


def export_onnx(
    project: Project,
    plan: Plan,
    path: Path,
    weights: Mapping[str, Tensor] | None = None,
    folder: Path | None = None,
    count: int = 8,
    progress: Progress = lambda told: None,
) -> Exported:
    """Write the network; compared on `count` samples of the data (relative paths from `folder`).

    Without weights the network has fresh ones. Raises StudioError.
    """
    needed("onnx", "onnx", "onnxscript", "onnxruntime")
    network = prepared(plan, weights)
    progress("Tracing the network …")
    model = _model(network, plan)
    progress("Writing the file …")
    write_whole(path, model.SerializeToString())
    progress("Comparing on samples …")
    samples = samples_for(project, plan, folder or path.parent, count)
    largest, notes = compared(network, plan, path, samples), _notes(model, plan)
    return Exported((path,), largest, (*notes, *told_of(largest)), len(next(iter(samples.values()), ())))


def prepared(plan: Plan, weights: Mapping[str, Tensor] | None) -> Network:
    """The network with these weights, on the CPU and in evaluation mode; what only training needs is gone."""
    network = Network(plan)
    if weights is not None:
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            told = str(error).strip().splitlines()
            message = f"The weights do not fit the drawing: {told[-1].strip()}"
            raise StudioError(message, "Take the weights of a run of this drawing.") from error
    for module in list(network.modules()):
        if parametrize.is_parametrized(module):
            for name in list(_parametrized(module)):
                parametrize.remove_parametrizations(module, name, leave_parametrized=True)
    return network.requires_grad_(False).eval()


def _parametrized(module: nn.Module) -> list[str]:
    found: Any = module.parametrizations
    return list(found.keys())


def compared(network: Network, plan: Plan, path: Path, samples: Mapping[str, Tensor]) -> float:
    """The largest difference between a network and the ONNX file that was written of it."""
    given = {step.name: samples[step.field] for step in plan.model_inputs}
    return difference(results_of(network, plan, samples), run_onnx(path, given))


def output_names(plan: Plan) -> list[str]:
    """A name for each result: the Output's; where there is none, the node's whose result a loss compares."""
    taken = {step.name for step in plan.model_inputs}
    names: list[str] = []
    for name, ref in plan.results.items():
        wanted = name if plan.outputs or not isinstance(ref, Endpoint) else ref.node
        while wanted in taken or wanted in names:
            wanted += "_out"
        names.append(wanted)
    return names


def dynamic_shapes(plan: Plan) -> tuple[tuple[dict[int, Any], ...], ...]:
    """For torch.export: which sizes of the inputs are free, the number of samples among them."""
    free = torch.export.Dim.AUTO
    inputs = [
        {at: free for at, size in enumerate(step.type.shape) if isinstance(size, Dim)}
        for step in plan.model_inputs
    ]
    return (tuple(inputs),)


def traced_inputs(plan: Plan) -> tuple[Tensor, ...]:
    """Tensors to trace a network with."""
    samples = random_samples(plan, TRACED)
    return tuple(samples[step.field] for step in plan.model_inputs)


def _model(network: Network, plan: Plan) -> Any:  # noqa: ANN401
    size = sum(one.numel() * one.element_size() for one in network.state_dict().values())
    if size > LARGEST:
        message = f"The weights take {size / 1e9:.1f} GB; an ONNX file of one piece holds 2 GB."
        raise StudioError(message, "Export the PyTorch source with safetensors weights instead.")
    try:
        with quiet("torch.onnx", "onnxscript", "onnx_ir", "torch.export"), torch.no_grad():
            program = torch.onnx.export(
                traceable(network),
                traced_inputs(plan),
                dynamo=True,
                dynamic_shapes=dynamic_shapes(plan),
                input_names=[step.name for step in plan.model_inputs],
                output_names=output_names(plan),
                verbose=False,
            )
            assert program is not None
            model = program.model_proto
    except Exception as error:
        raise cannot(error, "ONNX") from error
    return _named(model, plan)


def traceable(network: Network) -> nn.Module:
    """The network as torch.export can take it."""
    clash = any(hasattr(torch.fx.GraphModule, name) for name, _ in network.named_children())
    return Whole(network) if clash else network


def cannot(error: Exception, form: str) -> StudioError:
    """Why torch could not trace the network, in one sentence and its own words."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    first = next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
    message = f"torch cannot write this network as {form}: {first[:300]}"
    hint = (
        "A layer may decide by values, or may not be known in that form. Export the PyTorch source instead."
    )
    return StudioError(message, hint)


def _named(model: Any, plan: Plan) -> Any:  # noqa: ANN401
    """The model with our names for its free sizes, and where it comes from."""
    known = {
        dim.dim_param: str(size)
        for size, dim in reversed(_free(model, plan))
        if not dim.HasField("dim_value")
    }
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_param = re.sub(r"\bs\d+\b", lambda one: known.get(one[0], one[0]), dim.dim_param)
    model.producer_name = "Neuroloom"
    _lift(model.graph)
    return model


def _lift(graph: Any) -> None:  # noqa: ANN401
    """Give the weights of a network that was a level down their own names."""
    prefix = f"{INSIDE}."
    for one in graph.initializer:
        one.name = one.name.removeprefix(prefix)
    for node in graph.node:
        node.input[:] = [name.removeprefix(prefix) for name in node.input]


def _free(model: Any, plan: Plan) -> list[tuple[Dim, Any]]:  # noqa: ANN401
    """The sizes of the inputs that the drawing leaves open, each with what the file says of it."""
    return [
        (size, dim)
        for step, given in zip(plan.model_inputs, model.graph.input, strict=False)
        for size, dim in zip(step.type.shape, given.type.tensor_type.shape.dim, strict=True)
        if isinstance(size, Dim)
    ]


def _notes(model: Any, plan: Plan) -> list[str]:  # noqa: ANN401
    fixed = [
        f"{size} is fixed at {dim.dim_value}" for size, dim in _free(model, plan) if dim.HasField("dim_value")
    ]
    return [f"Sizes that could not be left open: {'; '.join(fixed)}."] if fixed else []
