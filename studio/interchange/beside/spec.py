"""What TensorFlow's side must know beside data, weights and source: inputs, losses, optimizer, batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from studio.build.plan import FieldRef, LossStep, OutputStep, Plan, Ref
from studio.build.targets import adaptation
from studio.interchange.beside.handover import SOURCE, Array, Handover
from studio.interchange.keras.optimizers import twin_of
from studio.interchange.keras.source import keras_source
from studio.interchange.keras.weights import keras_weights
from studio.project.graph import Endpoint
from studio.train.samples import Samples
from studio.train.showing import EVALUATED
from studio.train.work import Work


def hand_over(work: Work, hand: Handover) -> None:
    """Write everything."""
    plan = compared(work.plan)
    for name in ("train", "validation"):
        part = work.parts[name]
        hand.write_part(name, len(part), _batches(part, EVALUATED * work.batch_size))
    source = keras_source(work.job.project, plan)
    (hand.folder / SOURCE).write_text(source.text, encoding="utf-8")
    hand.write_weights(keras_weights(plan, work.network, source.renamed))
    hand.write_spec(
        {
            "inputs": [
                {"name": step.name, "field": step.field, "last": source.inputs[step.name] == "last"}
                for step in plan.model_inputs
            ],
            "results": [
                {"name": output.name, "last": source.outputs[output.name] == "last"}
                for output in plan.outputs
            ],
            "losses": [_loss(loss, work.plan, plan) for loss in work.plan.losses],
            "optimizer": _optimizer(work),
            "sizes": work.sizes,
            "validated": EVALUATED * work.batch_size,
            "seed": int(work.options["seed"]),
            "threads": work.threads,
        }
    )


def compared(plan: Plan) -> Plan:
    """The plan whose results are all that losses compare of the network, each once."""
    fields = _fields(plan)
    types = {
        ref: type
        for loss in plan.losses
        for ref, type in zip(loss.args, loss.inputs, strict=True)
        if not isinstance(ref, FieldRef) and ref not in fields
    }
    outputs = (OutputStep(f"compared_{at}", ref, types[ref]) for at, ref in enumerate(types))
    return replace(plan, outputs=tuple(outputs))


def _fields(plan: Plan) -> Mapping[Ref, str]:
    """The fields that are wired to a loss by an Input node."""
    return {Endpoint(step.name, "output"): step.field for step in plan.inputs}


def _batches(part: Samples, size: int) -> Iterator[Mapping[str, Array]]:
    for start in range(0, len(part), size):
        yield {field: one.numpy() for field, one in part.between(start, start + size).items()}


def _loss(loss: LossStep, whole: Plan, plan: Plan) -> dict[str, Any]:
    places: dict[Ref, int] = {output.source: at for at, output in enumerate(plan.outputs)}
    fields = _fields(whole)
    truth = loss.type_at("target")
    return {
        "type": loss.layer.type,
        "values": {name: _plain(value) for name, value in loss.kwargs.items()},
        "weight": loss.weight,
        "adaptation": adaptation(loss.layer.compares, truth) if truth else "",
        "tensors": [
            {"field": ref.field}
            if isinstance(ref, FieldRef)
            else {"field": fields[ref]}
            if ref in fields
            else {"result": places[ref]}
            for ref in loss.args
        ],
    }


def _optimizer(work: Work) -> dict[str, Any]:
    twin = twin_of(work.job.project.training.optimizer)
    values = {name: getattr(twin, name) for name in twin.__slots__ if name not in ("arguments", "notes")}
    schedule = work.job.project.training.schedule
    constant = schedule.type == "Constant" and not schedule.params.get("warmup")
    return {
        **values,
        "steady": twin.steady and not constant,
        "arguments": dict(twin.arguments),
        "clip_norm": work.options["clip_norm"],
        "decay_all": bool(work.options["decay_all"]),
    }


def _plain(value: Any) -> Any:  # noqa: ANN401
    """A setting as JSON says it."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
