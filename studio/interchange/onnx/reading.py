"""Reads an ONNX file as an editable drawing with its weights. Nothing of the file runs by being read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Checked
from studio.build.sizes import Size, symbol
from studio.errors import StudioError
from studio.interchange.agreement import CLOSE, difference, results_of
from studio.interchange.folding.folding import folded
from studio.interchange.imported import Imported, Told, Trial
from studio.interchange.laid_out import laid_out
from studio.interchange.onnx.constants import computed
from studio.interchange.onnx.drawing import Drawing, stem
from studio.interchange.onnx.model import Asked, Model, read_model
from studio.interchange.onnx.operators import OPERATORS
from studio.interchange.onnx.operators.shaping import N, kind_of
from studio.interchange.onnx.patterns import raised
from studio.interchange.onnx.running import run_onnx
from studio.interchange.onnx.sizing import of_filled, sized
from studio.interchange.onnx.values import Filled, Held, Op, UnreadableError, Value, Wire
from studio.interchange.quiet import quiet
from studio.interchange.samples_for import random_samples
from studio.project.graph import free_name
from studio.project.params import Value as Param
from studio.project.project import Project

Progress = Callable[[str], None]
LEARNED = ("weight", "bias", "kernel", "gamma", "scale")
UNKNOWN = "Draw in its place what it computes: a layer, an Expression, or a Python layer of your own"
WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "LSTM", "GRU", "RNN")
NORMS = ("BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization")
TRIED = 2
"""Samples on which drawing and file are compared."""


def import_onnx(path: Path, progress: Progress = lambda told: None) -> Imported:
    """The network of a file as it is drawn: what it repeats is folded into blocks. Raises StudioError."""
    return drawn(read_onnx(path, progress), progress)


def drawn(flat: Imported, progress: Progress) -> Imported:
    """What was read, folded where it could be compared with the file, and every node in its place."""
    progress("Folding what it repeats into blocks …")
    imported = folded(flat) if flat.trials else flat
    progress("Laying the drawing out …")
    return replace(imported, project=laid_out(imported.project))


def read_onnx(path: Path, progress: Progress = lambda told: None) -> Imported:
    """The network of a file, operator by operator; compared with what the file computes. Raises StudioError.

    Without errors it has the trial of that.
    """
    progress("Reading the file …")
    model = read_model(path)
    reader = _Reader(model, progress)
    outputs = reader.read()
    drawing = reader.drawing
    drawing.without_dead_ends(reader.stubs)
    if not outputs and not drawing.weights:
        first = reader.report[0].message if reader.report else "it has no results"
        raise StudioError(f"{path}: nothing could be read: {first}", f"{UNKNOWN}.")
    project = Project(name=path.stem, graph=drawing.graph)
    checked = Checker().check(project, {})
    report = [*reader.report, *reader.shared()]
    report += [Told("error", one.node, one.message, one.hint) for one in checked.errors]
    largest, trials = None, ()
    if not checked.errors and not any(one.severity == "error" for one in report):
        progress("Comparing with the file …")
        largest, trials = _compared(model, checked, reader, outputs, report)
    return Imported(project, drawing.weights, tuple(report), largest, drawing.origin, model.classes, trials)


class _Reader:
    """Goes through the operators in order; `report` says what could not be read."""

    def __init__(self, model: Model, progress: Progress) -> None:
        self.drawing = Drawing()
        self.report: list[Told] = []
        self.fields: dict[str, str] = {}
        """The field of the data for each input of the file."""
        self.stubs: set[str] = set()
        """Nodes whose results went into what could not be read."""
        self._model, self._progress = model, progress
        self._values: dict[str, Value] = dict(model.held)
        self._nodes = {id(op): node for op, node in zip(model.ops, model.nodes, strict=True)}
        self._ops: list[Op] = []
        self._left_out = 0
        self._takers: Counter[str] = Counter()
        self._types: dict[str, Any] | None = None
        self._used = {name for op in model.ops for name in op.inputs} | set(model.outputs)

    def read(self) -> dict[str, str]:
        """Read all; the Output nodes by the names of the file's results."""
        for asked in self._model.inputs:
            wire = self._values[asked.name] = self._input(asked)
            self.fields.setdefault(asked.name, wire.end.node)
        ops = self._ops = raised(self._model.ops, self._model.held, self._model.outputs)
        self._takers = Counter(name for op in ops for name in op.inputs) + Counter(self._model.outputs)
        for at, op in enumerate(ops):
            if not at % 50:
                self._progress(f"Reading operator {at:,} of {len(ops):,} …")
            self._operator(op)
        if self._left_out:
            count = f"{self._left_out} operators are" if self._left_out > 1 else "1 operator is"
            message = f"{count} left out behind what could not be read."
            self.report.append(Told("warning", None, message))
        return self._outputs()

    def shared(self) -> list[Told]:
        """Weights that several layers of the file share, and here no more do."""
        takers: dict[str, list[Op]] = {}
        for op in self._ops:
            for name in op.inputs[:2] if op.type in WEIGHTED or op.type in NORMS else ():
                held = self._model.held.get(name)
                if held is not None and not _is_value(name) and (held.array.ndim > 1 or op.type in NORMS):
                    takers.setdefault(name, []).append(op)
        hint = "Each of them has a copy: trained further, they part."
        return [
            Told("warning", None, f"{name} is shared by {', '.join(sorted(one.name for one in ops))}.", hint)
            for name, ops in takers.items()
            if len(ops) > 1 and self._is_shared(ops)
        ]

    def _is_shared(self, ops: Sequence[Op]) -> bool:
        """Whether it is one layer, used several times: files keep numbers that are alike but once."""
        if ops[0].type not in NORMS:
            return True
        held = [self._model.held[name].array for name in ops[0].inputs[1:] if name in self._model.held]
        told = any(one.size > 1 and np.ptp(one) > 0 for one in held)
        module = bool(ops[0].path) and all(one.path == ops[0].path for one in ops)
        return all(one.inputs[1:] == ops[0].inputs[1:] for one in ops) and (told or module)

    # ---- inputs and outputs

    def _input(self, asked: Asked) -> Wire:
        if not asked.shape:
            message = f"{self._model.path}: the input {asked.name} has no dimension for the samples."
            raise StudioError(message, "Export the network with a first dimension for the samples.")
        first, *rest = asked.shape
        if not rest:  # a number for each sample
            whole = self._input(Asked(asked.name, (first, 1), asked.kind))
            self.drawing.begin(f"{asked.name}_each")
            each = self.drawing.one("Squeeze", {"input": whole}, {"dim": 1})
            self.fields[asked.name] = whole.end.node
            return each
        if isinstance(first, int):
            self.drawing.fixed_batch = first
        sizes: list[Size] = [
            one if isinstance(one, int) else symbol(_symbol(one, asked.shape)) for one in rest
        ]
        params: dict[str, Param] = {
            "shape": tuple(one if isinstance(one, int) else str(one) for one in sizes)
        }
        try:
            kind = kind_of(asked.kind)
        except UnreadableError as error:
            raise StudioError(f"{self._model.path}: the input {asked.name}: {error}.") from error
        if kind != "float32":
            params["dtype"] = kind
        return self.drawing.input(asked.name, (N, *sizes), kind, params)

    def _outputs(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self._model.outputs:
            value = self._values.get(name)
            if value is None:
                self.report.append(
                    Told("error", None, f"The result {name} depends on what could not be read.")
                )
                continue
            self.drawing.begin(f"{name}_value")
            try:
                wire = self.drawing.wire_of(value)
            except UnreadableError as error:
                self.report.append(Told("error", None, f"The result {name}: {error}.", error.hint))
                continue
            free = free_name(name, self.drawing.nodes)
            self.drawing.output(free, wire)
            found[name] = free
        return found

    # ---- operators

    def _operator(self, op: Op) -> None:
        if any(name and name not in self._values for name in op.inputs):
            self._left_out += 1
            return
        op.values = [self._values[name] if name else None for name in op.inputs]
        op.used = tuple(name in self._used and bool(name) for name in op.outputs)
        self.drawing.begin(self._name(op), op.path)
        before = set(self.drawing.nodes)
        try:
            results = self._results(op)
        except (UnreadableError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            self._undo(before)
            self._stand_in(op, error)
            return
        for name, value in zip(op.outputs, results, strict=False):
            self._values[name] = value
            if isinstance(value, Wire):
                self.drawing.takers[value.end] += self._takers[name]

    def _results(self, op: Op) -> Sequence[Value]:
        if op.type == "Constant" and not op.domain:
            return [Held(_constant(op))]
        known = computed(op, self._own_node(op))
        if known is not None:
            return known
        convert = OPERATORS.get(op.type) if not op.domain else None
        if convert is None and (op.domain or not _of_sizes(op)):
            raise UnreadableError("there is no operator of that name here")
        found = of_filled(op) or sized(op)
        if found is not None:
            return [found]
        assert convert is not None
        op.values = [self._plain(op, one) for one in op.values]
        result = convert(op, self.drawing)
        return [result] if isinstance(result, Wire | Held) or not isinstance(result, Sequence) else result

    def _plain(self, op: Op, value: Value | None) -> Value | None:
        """A number that fills an open shape as a node, but for a state that begins with zeros."""
        if isinstance(value, Filled) and op.type not in ("LSTM", "GRU", "RNN"):
            return self.drawing.wire_of(value)
        return value

    def _own_node(self, op: Op) -> Any:  # noqa: ANN401
        """onnx's own value of an operator that is as it was in the file."""
        node = self._nodes.get(id(op))
        return (
            node if node is not None and node.op_type == op.type and list(node.input) == op.inputs else None
        )

    def _name(self, op: Op) -> str:
        within, joined = self._bare_name(op), "_".join(op.path)
        if not joined or within == joined or within.startswith(f"{joined}_"):
            return within
        given = [self._model.held[name].array for name in op.inputs[1:] if name in self._model.held]
        if any(one.ndim and one.dtype.kind == "f" for one in given):
            return joined  # a layer is called as its module
        called = re.sub(r"_[0-9]+$", "", op.name.rpartition("/")[2].removeprefix("node_"))
        return f"{joined}_{called.lower()}"

    def _bare_name(self, op: Op) -> str:
        for name in op.inputs if op.type == "Gather" else op.inputs[1:]:
            parts = name.replace("/", ".").split(".")
            own = name in self._model.held and not _is_value(name) and len(parts) > 1
            if own and parts[-1].endswith(LEARNED):
                return stem(name)
        parts = [part for part in re.split(r"[/.:]+", op.name) if part]
        return re.sub(r"^node_", "", parts[-1]) if parts else op.type.lower()

    def _undo(self, before: set[str]) -> None:
        """Take out what was placed for an operator that could not be read after all."""
        drawing = self.drawing
        new = drawing.nodes.keys() - before
        drawing.nodes = {name: node for name, node in drawing.nodes.items() if name not in new}
        drawing.edges = [edge for edge in drawing.edges if edge.target.node not in new]
        drawing.weights = {
            key: one for key, one in drawing.weights.items() if key.partition(".")[0] not in new
        }
        drawing.forget(new)

    def _stand_in(self, op: Op, error: Exception) -> None:
        """Tell what could not be read; an Input stands in its place where the file says of what shape."""
        domain = f"{op.domain}." if op.domain else ""
        why = f"{error}".rstrip(".") or type(error).__name__
        node = None
        took = list(dict.fromkeys(value.end.node for value in op.values if isinstance(value, Wire)))
        self.stubs |= {*took}
        for name in op.outputs:
            wire = self._place_holder(op, name, took)
            if wire is not None:
                self._values[name] = wire
                node = node or wire.end.node
        hint = error.hint if isinstance(error, UnreadableError) else ""
        hint = hint or f"{UNKNOWN}{'; an Input stands there now' if node else ''}."
        self.report.append(
            Told("error", node, f"{op.name} ({domain}{op.type}) could not be read: {why}.", hint)
        )

    def _place_holder(self, op: Op, name: str, took: Sequence[str]) -> Wire | None:
        if self._types is None:
            self._types = _inferred(self._model)
        value = self._types.get(name)
        if value is None or not value.HasField("shape") or not value.shape.dim:
            return None
        shape = [
            dim.dim_value if dim.HasField("dim_value") else dim.dim_param or f"{name}_{at}"
            for at, dim in enumerate(value.shape.dim)
        ]
        try:
            wire = self._input(Asked(f"{self._name(op)}_missing", tuple(shape), value.elem_type))
        except StudioError:
            return None
        node = self.drawing.nodes[wire.end.node]
        behind = f", behind {', '.join(took)}" if took else ""
        note = f"Here stood {op.name} ({op.domain or 'ai.onnx'}.{op.type}){behind}."
        self.drawing.nodes[node.name] = replace(node, note=note)
        return wire


def _is_value(name: str) -> bool:
    """Whether a name was made up by an exporter."""
    return bool(re.match(r"^(val_|onnx::|_val|const|\d)", name))


def _of_sizes(op: Op) -> bool:
    return op.type in ("Shape", "Size", "ConstantOfShape")


def _symbol(name: str, shape: tuple[int | str, ...]) -> str:
    """An open size's name as the drawing can have it; N is the number of samples."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "L"
    if plain == shape[0] or plain == "N":
        plain = f"{plain}_"
    return f"L{plain}" if plain[0].isdigit() else plain


def _constant(op: Op) -> Any:  # noqa: ANN401
    for name, kind in (("value_float", np.float32), ("value_int", np.int64)):
        if name in op.attributes:
            return np.array(op.attributes[name], kind)
    for name, kind in (("value_floats", np.float32), ("value_ints", np.int64)):
        if name in op.attributes:
            return np.array(list(op.attributes[name]), kind)
    value = op.attribute("value")
    if value is None:
        raise UnreadableError("it is a constant of a kind that is not known here")
    return np.asarray(value)


def _inferred(model: Model) -> dict[str, Any]:
    """Shape and kind of what the operators give, as far as onnx finds them out."""
    import onnx

    try:
        with quiet():
            graph = onnx.shape_inference.infer_shapes(model.proto).graph
    except Exception:  # of many kinds; it is a help only
        graph = model.proto.graph
    return {one.name: one.type.tensor_type for one in (*graph.value_info, *graph.output)}


def _compared(
    model: Model, checked: Checked, reader: _Reader, outputs: dict[str, str], report: list[Told]
) -> tuple[float | None, tuple[Trial, ...]]:
    """The largest difference of the drawing from the file on random samples, and these; None where it cannot
    be told.
    """
    plan, drawing, fields = checked.plan, reader.drawing, reader.fields
    network = Network(plan)
    for name, mine in network.state_dict().items():
        held = drawing.weights[name]
        if held.shape != mine.shape:
            there, needed = ("×".join(map(str, one.shape)) for one in (held, mine))
            raise StudioError(
                f"The file does not fit itself: {name} is {there}, and what arrives there needs {needed}.",
                "Write the file anew, with the sizes of its inputs as they are.",
            )
    network.load_state_dict(drawing.weights)
    samples = random_samples(plan, drawing.fixed_batch or TRIED)
    try:
        given = {name: samples[field] for name, field in fields.items() if field in samples}
        plain = [asked.name for asked in model.inputs if len(asked.shape) == 1]
        given |= {name: one.flatten() for name, one in given.items() if name in plain}
        unused = [asked for asked in model.inputs if asked.name not in given]
        given |= {one.name: _anything(one, drawing.fixed_batch or TRIED) for one in unused}
        theirs = dict(zip(model.outputs, run_onnx(model.path, given), strict=True))
        ours = dict(zip(plan.results, results_of(network.eval(), plan, samples), strict=True))
    except (StudioError, RuntimeError) as error:
        report.append(Told("warning", None, f"The drawing could not be compared with the file: {error}"))
        return None, ()
    wanted = {free: theirs[name].to(ours[free].dtype) for name, free in outputs.items()}
    largest = difference([ours[free] for free in wanted], list(wanted.values()))
    if largest > CLOSE:
        message = f"The drawing differs from the file by {largest:.1e}: more than rounding explains."
        report.append(Told("warning", None, message, "Look over what was read in place of its operators."))
    inputs = {step.name: samples[step.field] for step in plan.model_inputs}
    return largest, (Trial(inputs, wanted),)


def _anything(asked: Asked, batch: int) -> Tensor:
    """Zeros for an input that nothing reads."""
    shape = [batch, *(one if isinstance(one, int) else 1 for one in asked.shape[1:])]
    return torch.zeros(shape, dtype=getattr(torch, kind_of(asked.kind)))
