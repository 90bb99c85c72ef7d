"""How a project's optimizer, losses and metrics are said to `model.compile`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.build.plan import FieldRef, LossStep, Plan
from studio.catalog.registry import checked_values, registry
from studio.errors import StudioError
from studio.interchange.keras.optimizers import Twin, has_twin, twin_of
from studio.interchange.keras.twins.losses import LOSSES, LossCode
from studio.interchange.pytorch.text import literal
from studio.project.graph import Endpoint
from studio.project.project import Setting

DEFAULTS = {"beta_1": 0.9, "beta_2": 0.999, "momentum": 0.0, "nesterov": False, "centered": False}
"""Where torch and Keras agree on what need not be said."""
DECAY = "Keras pulls weights towards zero apart from the gradient, as AdamW does; torch's {} adds it to that."
OTHER = "Keras has no {}; the program trains with AdamW."
FALLS = "The rate does not fall with every step, as lr_decay says."
METRICS: Mapping[tuple[str, str], str] = {
    ("softmax", "accuracy"): "keras.metrics.SparseCategoricalAccuracy",
    ("exp", "accuracy"): "keras.metrics.SparseCategoricalAccuracy",
    ("sigmoid", "accuracy"): "keras.metrics.BinaryAccuracy",
    ("none", "mae"): "keras.metrics.MeanAbsoluteError",
    ("none", "mse"): "keras.metrics.MeanSquaredError",
    ("none", "rmse"): "keras.metrics.RootMeanSquaredError",
    ("none", "r2"): "keras.metrics.R2Score",
}
"""Metrics that Keras computes alike, by what makes shares of a prediction."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The arguments of `model.compile`, the rate to start with, pieces to copy, and what is otherwise."""

    arguments: tuple[str, ...]
    rate: float
    copies: tuple[str, ...]
    notes: tuple[str, ...]


def compiled(setting: Setting, plan: Plan, clip: float | None) -> Compiled:
    """How the network is trained. Raises StudioError for a loss that has no place in `compile`."""
    codes = {loss.name: loss_code(loss) for loss in plan.losses}
    rate, optimizer, notes = _optimizer(setting, clip)
    losses = _by_name({name: code.text for name, code in codes.items()})
    arguments = [f"optimizer={optimizer}", f"loss={losses}"]
    if any(loss.weight != 1.0 for loss in plan.losses):
        weights = {loss.name: repr(loss.weight) for loss in plan.losses}
        arguments.append(
            f"loss_weights={_listed(weights) if len(weights) > 1 else f'[{plan.losses[0].weight}]'}"
        )
    metrics, absent = _metrics(plan.losses)
    if metrics:
        arguments.append(f"metrics={metrics}")
    if absent:
        notes = [*notes, f"Keras' own metrics are used; {', '.join(absent)} is left out."]
    copies = dict.fromkeys(one for code in codes.values() for one in code.copies)
    return Compiled(tuple(arguments), rate, tuple(copies), tuple(notes))


def loss_code(loss: LossStep) -> LossCode:
    """A loss of a prediction and a field. Raises StudioError for one of further tensors."""
    values: dict[str, Any] = {
        param.name: loss.kwargs.get(param.name, param.default) for param in loss.layer.params
    }
    twin = LOSSES.get(loss.layer.type)
    lacks = "Keras knows nothing like it." if twin is None else twin.lacks(values)
    if twin is None or lacks:
        raise StudioError(f"{loss.name}: {loss.layer.type} has no twin in Keras.", lacks)
    if len(loss.args) != 2 or not twin.target:
        raise StudioError(
            f"{loss.name}: {loss.layer.type} compares more than a prediction and a field of the data.",
            "Export the Keras source and write its training by hand, or take another loss.",
        )
    return twin.write(values)


def field_of(loss: LossStep, plan: Plan) -> str:
    """The field of the data that a loss compares with. Raises StudioError where it is computed."""
    ref = loss.target
    if isinstance(ref, FieldRef):
        return ref.field
    known = {Endpoint(step.name, "output"): step.field for step in plan.inputs}
    if isinstance(ref, Endpoint) and ref in known:
        return known[ref]
    raise StudioError(
        f"{loss.name} compares with what the network computes.",
        "Export the Keras source and write its training by hand.",
    )


def _optimizer(setting: Setting, clip: float | None) -> tuple[float, str, list[str]]:
    component = registry().component("optimizer", setting.type)
    assert component is not None
    values: dict[str, Any] = dict(checked_values(component.params, setting.params)[0])
    if has_twin(setting.type):
        twin = twin_of(setting)
    else:
        twin = Twin(
            "AdamW", {}, apart=float(values.get("weight_decay") or 0.0), notes=(OTHER.format(setting.type),)
        )
    notes = [*twin.notes, *([DECAY.format(setting.type)] if twin.decay else [])]
    notes += [FALLS] if twin.falls else []
    parts = ["learning_rate=args.lr"]
    if twin.decay or twin.apart or twin.name == "AdamW":
        parts.append(f"weight_decay={twin.decay or twin.apart!r}")
    parts += [
        f"{name}={literal(value)}"
        for name, value in twin.arguments.items()
        if name != "weight_decay" and value != DEFAULTS.get(name)
    ]
    if clip is not None:
        parts.append(f"global_clipnorm={clip!r}")
    return float(values["lr"] or 0.0), f"keras.optimizers.{twin.name}({', '.join(parts)})", notes


def _metrics(losses: Iterable[LossStep]) -> tuple[str, list[str]]:
    """The argument `metrics` and the names of those that Keras lacks."""
    absent: dict[str, None] = {}
    found: dict[str, str] = {}
    for loss in losses:
        texts: list[str] = []
        for name in loss.metrics:
            known = METRICS.get((loss.layer.turn, name))
            if known is None:
                absent[name] = None
            else:
                raw = loss.layer.turn == "sigmoid"
                given = 'name="accuracy", threshold=0.0' if raw else f"name={literal(name)}"
                texts.append(f"{known}({given})")
        if texts:
            found[loss.name] = f"[{', '.join(texts)}]"
    if len(list(losses)) == 1:
        return next(iter(found.values()), ""), list(absent)
    return (_listed(found) if found else ""), list(absent)


def _by_name(texts: Mapping[str, str]) -> str:
    """One text, or several in a dictionary."""
    return next(iter(texts.values())) if len(texts) == 1 else _listed(texts)


def _listed(texts: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f'"{name}": {text}' for name, text in texts.items()) + "}"
