"""The class of a program that runs the network on a batch, and what it reports beside the losses."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.build import calls
from studio.build.plan import FieldRef, LossStep, OutputStep, Plan, Ref
from studio.build.program import wanted
from studio.build.targets import adaptation
from studio.catalog.formula import read_formula
from studio.catalog.registry import Layer
from studio.data.row_ways import Back
from studio.interchange.program.metrics import Written, written_metric
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import listed, statement
from studio.project.graph import Endpoint, free_name
from studio.train.metrics.own_units import OwnUnits

TAKEN = ("self", "batch", "losses", "total", "model", "torch", "nn", "math", "np", "F", "device")
LINEAR = frozenset({"Standardize", "RobustScale"})
"""Steps whose undoing is a factor and an offset."""
WRITTEN = "FormulaLoss"
"""A loss that is an expression, and has no module."""
WEIGHTED = {
    "studio.build.blocks.WeightedCrossEntropy": "CrossEntropyLoss",
    "studio.build.blocks.WeightedNLL": "NLLLoss",
}


@dataclass(frozen=True, slots=True)
class Reported:
    """A metric under the name that it is told by, of a loss node."""

    name: str
    node: str
    written: Written


def returning(plan: Plan) -> Plan:
    """The plan whose results are all that losses compare, and its outputs."""
    inputs = {Endpoint(step.name, "output") for step in plan.inputs}
    refs = [ref for ref in wanted(plan) if isinstance(ref, Endpoint) and ref not in inputs]
    types = {
        Endpoint(step.name, port.name): type
        for step in plan.steps
        for port, type in zip(step.layer.outputs, step.outputs, strict=True)
    }
    outputs = tuple(OutputStep(str(at), ref, types[ref]) for at, ref in enumerate(refs))
    return replace(plan, outputs=outputs)


def reported(plan: Plan, units: Mapping[str, OwnUnits]) -> list[Reported]:
    """All metrics that can be written."""
    several = len(plan.losses) > 1
    return [
        Reported(
            f"{loss.name}.{units[loss.name].named(name) if loss.name in units else name}"
            if several
            else (units[loss.name].named(name) if loss.name in units else name),
            loss.name,
            written_metric(name, loss.layer.compares, loss.layer.turn),
        )
        for loss in plan.losses
        if loss.type_at("target") is not None or loss.target is not None
        for name in loss.metrics
    ]


class Objective:
    """The lines of the class."""

    def __init__(self, plan: Plan, network: str, precision: str, units: Mapping[str, OwnUnits]) -> None:
        self._plan, self._network, self._precision, self._units = plan, network, precision, units
        self._several = len(plan.losses) > 1
        self._fields = {Endpoint(step.name, "output"): step.field for step in plan.inputs}
        self._names: dict[Ref, str] = {}
        for output in plan.outputs:
            if output.source not in self._names:
                name = _variable(output.source)
                self._names[output.source] = free_name(name, {*TAKEN, *self._names.values()})

    def lines(self) -> list[str]:
        """The whole class."""
        return [
            "class Objective(nn.Module):",
            f'    """What training makes small: {self._purpose()}."""',
            "",
            f"    def __init__(self, model: {self._network}) -> None:",
            "        super().__init__()",
            "        self.model = model",
            *(line for loss in self._plan.losses for line in self._made(loss)),
            "",
            "    def forward(self, batch: Batch) -> tuple[Batch, Compared]:",
            '        """The losses of a batch by name, and what metrics compare."""',
            *self._called(),
            *self._added(),
            *self._result(),
        ]

    def _purpose(self) -> str:
        told = [_factor(loss) + loss.layer.type for loss in self._plan.losses]
        return " + ".join(told)

    def _made(self, loss: LossStep) -> list[str]:
        if loss.layer.type == WRITTEN:
            return []
        return statement(8, f"self.{self._attribute(loss)} = ", _constructor(loss))

    def _attribute(self, loss: LossStep) -> str:
        return loss.name if loss.name not in ("model", "forward", "training") else f"{loss.name}_"

    def _called(self) -> Iterator[str]:
        inputs = ", ".join(f"batch[{text.literal(step.field)}]" for step in self._plan.model_inputs)
        names = ", ".join(self._names.values())
        call = f"self.model({inputs})"
        if self._precision == "float32":
            yield from statement(8, f"{names} = ", call)
            return
        device = f"batch[{text.literal(next(iter(self._fields.values())))}].device.type"
        yield f"        with torch.autocast({device}, torch.{self._precision}):"
        yield from statement(12, f"{names} = ", call)
        yield from (f"        {name} = {name}.float()" for name in self._names.values())

    def _added(self) -> Iterator[str]:
        for loss in self._plan.losses:
            call = self._call(loss)
            if self._several:
                yield from statement(8, f"{_result_of(loss)} = ", call)
        if self._several:
            parts = [f"{_result_of(loss)}{_times(loss)}" for loss in self._plan.losses]
            yield from statement(8, "total = ", " + ".join(parts))
        else:
            loss = self._plan.losses[0]
            yield from statement(8, "total = ", f"{self._call(loss)}{_times(loss)}")

    def _result(self) -> Iterator[str]:
        losses = [('"loss": ', "total")]
        if self._several:
            losses += [(f'"{loss.name}.loss": ', _result_of(loss)) for loss in self._plan.losses]
            yield from listed(8, "losses = ", losses, "{}")
        compared: list[tuple[str, str]] = []
        for loss in self._plan.losses:
            pair = self._pair(loss)
            if pair is not None:
                yield from pair[0]
                compared.append((f'"{loss.name}": ', pair[1]))
        given = "losses" if self._several else '{"loss": total}'
        if not compared:
            yield f"        return {given}, {{}}"
            return
        yield from listed(8, "compared = ", compared, "{}")
        yield f"        return {given}, compared"

    def _call(self, loss: LossStep) -> str:
        tensors = [self._argument(loss, ref, port) for ref, port in zip(loss.args, loss.ports, strict=True)]
        if loss.layer.type == WRITTEN:
            code = read_formula(str(loss.kwargs["formula"])).code
            written = code.format(**dict(zip(loss.ports, tensors, strict=True)))
            return f"torch.as_tensor({text.hugged(written)})"
        args, named = calls.arrange(loss.layer, loss.ports, tensors)
        given = [*map(str, args), *(f"{name}={value}" for name, value in named.items())]
        return f"self.{self._attribute(loss)}({', '.join(given)})"

    def _argument(self, loss: LossStep, ref: Ref, port: str) -> str:
        """A tensor as the loss takes it."""
        name, type = self._tensor(ref), loss.type_at("target")
        way = adaptation(loss.layer.compares, type) if type is not None and port == "target" else ""
        first = self._tensor(loss.args[0])
        if way == "numbers":
            return f"{name}.to({first}.dtype).reshape({first}.shape)"
        if way == "signs":
            shape = f"len({first})" if loss.layer.type == "CosineEmbedding" else f"{first}.shape"
            return f"torch.where({name} > 0, 1.0, -1.0).reshape({shape})"
        return f"{name}.long()" if way == "indices" else name

    def _tensor(self, ref: Ref) -> str:
        if isinstance(ref, FieldRef) or ref in self._fields:
            field = ref.field if isinstance(ref, FieldRef) else self._fields[ref]
            return f"batch[{text.literal(field)}]"
        return self._names[ref]

    def _pair(self, loss: LossStep) -> tuple[list[str], str] | None:
        """The prediction and the truth that metrics of a loss compare, after lines that bring them to their
        own units; None where it has none.
        """
        if not loss.metrics or "target" not in loss.ports:
            return None
        at = loss.ports.index("target")
        said, true = self._tensor(loss.args[0]), self._tensor(loss.args[at])
        if loss.layer.compares == "signs" and at == 2:
            said = f"{said} - {self._tensor(loss.args[1])}"
        type = loss.type_at("target")
        if loss.layer.compares == "classes" and type is not None and type.dtype.startswith("float"):
            true = f"{true}.argmax(1)"
        lines: list[str] = []
        back = linear(self._units.get(loss.name))
        if back is not None:
            names = [f"{loss.name}_{one}" if self._several else one for one in ("said", "true")]
            lines.append("        # metrics are told in the units of the data")
            for name, one in zip(names, (said, true), strict=True):
                lines += statement(8, f"{name} = ", f"{one}.double() * {back[0]!r} + {back[1]!r}")
            said, true = names
        ignored = loss.kwargs.get("ignore_index", -100)
        if loss.layer.compares == "classes" and ignored != -100:
            return lines, f"counted({said}, {true}, {ignored})"
        return lines, f"({said}, {true})"


def linear(units: OwnUnits | None) -> tuple[float, float] | None:
    """The factor and the offset that bring numbers to their own units; None where that is something else."""
    back: Back | None = units.back if units is not None else None
    if back is None or any(step.type not in LINEAR for step in back.chain):
        return None
    scale, offset = 1.0, 0.0
    for step in reversed(back.chain):
        spread, begin = float(step.state["spread"]), float(step.state["offset"])
        scale, offset = scale * spread, offset * spread + begin
    return scale, offset


def ignores(plan: Plan) -> bool:
    """Whether a loss whose metrics are told leaves out a class."""
    return any(
        loss.metrics and loss.layer.compares == "classes" and loss.kwargs.get("ignore_index", -100) != -100
        for loss in plan.losses
    )


def copied_losses(plan: Plan) -> list[list[str]]:
    """The source of losses that torch lacks."""
    targets = dict.fromkeys(loss.layer.target for loss in plan.losses if loss.layer.type != WRITTEN)
    copied = [one for one in targets if one and text.is_copied(one) and one not in WEIGHTED]
    return [inspect.getsource(calls.resolve(one)).rstrip().splitlines() for one in copied]


def _constructor(loss: LossStep) -> str:
    """The text that makes a loss."""
    layer, kwargs = loss.layer, dict(loss.kwargs)
    name = WEIGHTED.get(str(layer.target))
    if name is None:
        return text.constructor(layer, kwargs)
    weights = kwargs.pop("class_weights")
    numbers: Sequence[Any] = weights if isinstance(weights, tuple) else ()
    if isinstance(weights, str):
        numbers = [float(one) for one in weights.split(",")]
    plain: Layer = replace(layer, target=f"torch.nn.{name}")
    settings = text.arguments(plain, kwargs, by_name=True)
    listed = ", ".join(repr(float(one)) for one in numbers)
    return f"nn.{name}({', '.join([f'weight=torch.tensor([{listed}])', *settings])})"


def _variable(ref: Ref) -> str:
    assert isinstance(ref, Endpoint)
    return ref.node if ref.port in ("output", "y") else f"{ref.node}_{ref.port}"


def _result_of(loss: LossStep) -> str:
    return f"{loss.name}_value" if not loss.name.endswith("loss") else loss.name


def _times(loss: LossStep) -> str:
    return "" if loss.weight == 1.0 else f" * {loss.weight!r}"


def _factor(loss: LossStep) -> str:
    return "" if loss.weight == 1.0 else f"{loss.weight:g} · "
