"""Doubts about what reaches a loss or an Output: scores squeezed before their loss, results cut off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf

from studio.build import fixes, rewiring
from studio.build.flow import Flow, doubt, is_between, is_shape
from studio.build.plan import LossStep, Ref, Step
from studio.catalog.settings import DATA
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.fields import Field
from studio.project.graph import Endpoint

SQUEEZING = frozenset({"Softmax", "LogSoftmax", "Softmin", "Sigmoid", "LogSigmoid", "Hardsigmoid", "Tanh"})
CUTTING = frozenset({"ReLU", "ReLU6"})
REGRESSION = frozenset({"MSE", "L1", "Huber", "SmoothL1"})
HARD = frozenset({"ReLU", "ReLU6", "Hardtanh", "Hardsigmoid", "Threshold"})
"""Activations with a flat side: what lies there has no gradient."""
RANGES = {
    "ReLU": (0.0, inf),
    "ReLU6": (0.0, 6.0),
    "Softplus": (0.0, inf),
    "Sigmoid": (0.0, 1.0),
    "Hardsigmoid": (0.0, 1.0),
    "Softmax": (0.0, 1.0),
    "Tanh": (-1.0, 1.0),
    "Hardtanh": (-1.0, 1.0),
    "Softsign": (-1.0, 1.0),
    "LogSigmoid": (-inf, 0.0),
    "LogSoftmax": (-inf, 0.0),
}
SAID = {
    "CrossEntropy": "CrossEntropy applies Softmax itself; shares squeezed twice lie so close together that "
    "training becomes slow.",
    "BCEWithLogits": "BCEWithLogits applies Sigmoid itself; squeezed twice, the chance of yes stays between "
    "0.5 and 0.73.",
}


def squeezed_scores(flow: Flow) -> Iterator[Problem]:
    """A loss that takes raw scores behind an activation that has turned them into something else."""
    for loss in flow.losses:
        step = flow.back(loss.prediction, is_between)
        if loss.layer.type not in SAID or step is None or step.layer.type not in SQUEEZING | CUTTING:
            continue
        cut = step.layer.type in CUTTING
        yield doubt(
            loss,
            f"{loss.layer.type} takes raw scores; {step.name} ({step.layer.type}) "
            + ("cuts off those below 0" if cut else "has squeezed them already"),
            "Scores below 0 are as telling as others; cut off, they have no gradient."
            if cut
            else SAID[loss.layer.type],
            "prediction",
            *_unsqueezed(flow, loss, step),
        )


def _unsqueezed(flow: Flow, loss: LossStep, step: Step) -> Iterator[Fix]:
    shared = len(flow.reads(step)) > 1
    source = step.args[0]
    if shared and isinstance(source, Endpoint):
        label = f"Compare what comes before {step.name}"
        yield rewiring.feed(Endpoint(loss.name, "prediction"), source, label)
    yield rewiring.take_out(step.name, rank=1)
    twins = {("CrossEntropy", "LogSoftmax"): "NLL", ("BCEWithLogits", "Sigmoid"): "BCE"}
    twin = twins.get((loss.layer.type, step.layer.type))
    if twin:
        yield fixes.ranked(fixes.retype(loss.name, twin), 2)


def raw_scores(flow: Flow) -> Iterator[Problem]:
    """A loss that takes logarithms of shares, or shares, behind a layer that gives any numbers."""
    wanted = {
        "NLL": ({"LogSoftmax"}, "logarithms of shares", "LogSoftmax", "CrossEntropy"),
        "BCE": ({"Sigmoid", "Softmax", "Hardsigmoid"}, "shares from 0 to 1", "Sigmoid", "BCEWithLogits"),
    }
    for loss in flow.losses:
        step = flow.back(loss.prediction, is_between)
        if loss.layer.type not in wanted or step is None:
            continue
        right, takes, layer, twin = wanted[loss.layer.type]
        if step.layer.type in right or not _plain(step):
            continue
        params = {"dim": 1} if layer == "LogSoftmax" else {}
        mend = [fixes.retype(loss.name, twin), fixes.insert(layer, loss.name, "prediction", params)]
        if step.layer.type == "Softmax":
            mend.insert(0, fixes.retype(step.name, layer))
        yield doubt(
            loss,
            f"{loss.layer.type} takes {takes}; {step.name} ({step.layer.type}) gives other numbers",
            f"{twin} takes raw scores as they are, and computes more exactly.",
            "prediction",
            *mend,
        )


def _plain(step: Step) -> bool:
    """Whether what a step gives is surely no share and no logarithm of one."""
    return step.layer.category in ("Linear", "Convolution", "Activation", "Normalization")


def cut_off_results(flow: Flow) -> Iterator[Problem]:
    """An activation right before a regression's result that cannot give all the numbers asked for."""
    for loss in flow.losses:
        step = flow.back(loss.prediction, is_shape)
        if loss.layer.type not in REGRESSION or step is None or step.layer.type not in RANGES:
            continue
        low, high = RANGES[step.layer.type]
        target = flow.target(loss)
        least, most = _range(flow, target)
        fits = least is not None and most is not None and low <= least and most <= high
        if (fits and step.layer.type not in HARD) or (step.layer.type not in HARD and least is None):
            continue
        name = target.name if target else "the target"
        reach = f"{low:g} to {high:g}" if high < inf and low > -inf else f"above {low:g}"
        reach = reach if low > -inf else f"below {high:g}"
        known = f"{name} goes from {least:g} to {most:g}" if least is not None and most is not None else ""
        known = f"{name} is normalized to numbers of any sign" if least == -inf else known
        yield doubt(
            loss,
            f"{step.name} ({step.layer.type}) gives only numbers {reach}"
            + (f"; {known}" if known and not fits else ""),
            "A result that falls on its flat side has no gradient and may never learn again."
            if step.layer.type in HARD
            else "Numbers beyond that can never be reached.",
            "prediction",
            rewiring.take_out(step.name),
            *([_scaled()] if target and target.role == "input" else []),
        )


def _scaled() -> Fix:
    return Fix("Scale the inputs to 0 to 1", lambda project: edits.set_data(project, normalize="range"), 1)


def _range(flow: Flow, target: Field | None) -> tuple[float | None, float | None]:
    """The bounds of what a loss compares with, as it is in training; None where not known."""
    if target is None:
        return None, None
    default = next(param.default for param in DATA if param.name == "normalize")
    how = flow.whole.project.data.options.get("normalize", default)
    if target.role == "input" and target.dtype == "float32" and how != "none":
        return (0.0, 1.0) if how == "range" else (-inf, inf)
    return target.low, target.high


def dropped_results(flow: Flow) -> Iterator[Problem]:
    """Dropout right before a loss or an Output. In a block, which has no loss, more follows an Output."""
    plan = flow.whole.plan
    if flow.whole.inside:
        return
    ends = [(loss, loss.prediction) for loss in plan.losses] + [(o, o.source) for o in plan.outputs]
    told: set[str] = set()
    for _, ref in ends:
        step = flow.back(ref, is_shape)
        if step is None or step.name in told or not step.layer.type.endswith("Dropout"):
            continue
        told.add(step.name)
        before = flow.before(step)
        yield doubt(
            step,
            "drops results of the network itself",
            "Each result is then missing at random in training, whatever the network learns. Dropout belongs "
            "before the last layer.",
            None,
            *([rewiring.swap(before.name, step.name)] if before else []),
            rewiring.take_out(step.name, rank=1),
        )


def repeated_losses(flow: Flow) -> Iterator[Problem]:
    """Two losses of one kind that compare the same."""
    seen: dict[object, str] = {}
    for loss in flow.losses:
        key = (loss.layer.type, loss.args)
        if key in seen:
            yield doubt(
                loss,
                f"compares the same as {seen[key]}",
                "Both add up, so that this counts twice. A weight says so more clearly.",
                "prediction",
                fixes.delete_node(loss.name),
            )
        seen.setdefault(key, loss.name)


def idle_losses(flow: Flow) -> Iterator[Problem]:
    """A loss that counts nothing."""
    for loss in flow.losses:
        if loss.weight == 0:
            yield doubt(
                loss,
                "its weight is 0, so that it changes nothing",
                "Give it a weight, or mute it while it is not wanted.",
                "weight",
                fixes.set_param(loss.name, "weight", 1.0),
                fixes.delete_node(loss.name),
            )


def untrained_outputs(flow: Flow) -> Iterator[Problem]:
    """An Output behind layers that no loss reaches."""
    plan = flow.whole.plan
    if not plan.losses or not plan.outputs or any(one.severity == "error" for one in flow.whole.problems):
        return
    trained = _needed(flow, (ref for loss in plan.losses for ref in loss.args))
    for output in plan.outputs:
        alone = [s for s in _needed(flow, [output.source]).values() if s.name not in trained]
        learning = [step.name for step in alone if flow.whole.costs[step.name].parameters]
        if learning:
            yield doubt(
                output,
                f"no loss reaches {learning[0]}, which it depends on",
                f"What {learning[0]} has to learn stays as it was at the start.",
                "input",
                *_trained_by(flow, output.name, output.source),
            )


def _needed(flow: Flow, refs: Iterable[Ref]) -> dict[str, Step]:
    """The steps that some tensors depend on."""
    waiting = [flow.maker(ref) for ref in refs]
    found: dict[str, Step] = {}
    while waiting:
        step = waiting.pop()
        if step is not None and step.name not in found:
            found[step.name] = step
            waiting.extend(flow.maker(ref) for ref in step.args)
    return found


def _trained_by(flow: Flow, output: str, source: Ref) -> Iterator[Fix]:
    for loss in flow.losses:
        if isinstance(loss.prediction, Endpoint):
            label = f"Take what {loss.name} trains"
            yield rewiring.feed(Endpoint(output, "input"), loss.prediction, label, rank=1, tidy=True)
    fields = [one for one in (flow.whole.fields or {}).values() if one.role == "target"]
    if isinstance(source, Endpoint):
        for field in fields:
            kind = "CrossEntropy" if field.dtype == "int64" else "MSE"
            yield fixes.add_after(source, kind, {"target": field.name})
    yield rewiring.prune(output, rank=2)
