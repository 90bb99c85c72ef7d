"""Doubts about layers in a row: what has no effect, what undoes itself, and what hardly learns."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from studio.build import fixes, rewiring
from studio.build.flow import SHARES, Flow, doubt, is_activation, is_shape, nth
from studio.build.plan import Dim, Step
from studio.errors import Fix, Problem

LINEAR = frozenset({"Linear", "LoRALinear"})
CONVOLUTIONS = frozenset(f"Conv{kind}{dims}d" for kind in ("", "Transpose") for dims in (1, 2, 3))
WEIGHTS = LINEAR | CONVOLUTIONS
BATCH_NORMS = frozenset(f"BatchNorm{dims}d" for dims in (1, 2, 3))
CENTERING = frozenset(f"{kind}{dims}d" for kind in ("BatchNorm", "InstanceNorm") for dims in (1, 2, 3))
"""Normalizations that take a channel's mean away, and with it every constant that was added."""
AVERAGES = frozenset({"GlobalAvgPool", *(f"{a}AvgPool{d}d" for a in ("", "Adaptive") for d in (1, 2, 3))})
COMPARING = SHARES | {"LayerNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"}
"""Layers that compare values of one sample with each other."""
SATURATING = {"Sigmoid": 3, "Hardsigmoid": 3, "Tanh": 6, "Softsign": 6, "Hardtanh": 6}
"""How many in a row let hardly any gradient through."""


def is_linear(step: Step) -> bool:
    """Whether a step multiplies by weights that it learns."""
    return step.layer.type in WEIGHTS


def linear_rows(flow: Flow) -> Iterator[Problem]:
    """Two layers of weights with nothing between them that is not linear too."""
    for step in flow.of(WEIGHTS):
        first = flow.back(step.args[0], _keeps_linear)
        if first is None or not is_linear(first) or _is_factored(first, step):
            continue
        yield doubt(
            step,
            f"nothing between {first.name} and {step.name} is non-linear",
            "The two compute no more than one such layer could. An activation between them lets them tell "
            "more apart.",
            "input",
            fixes.insert("ReLU", step.name, "input", {}, f"Insert ReLU before {step.name}"),
            rewiring.take_out(first.name, rank=1),
        )


def _keeps_linear(step: Step) -> bool:
    kinds = ("Shape", "Regularization")
    return step.layer.category in kinds or step.layer.type in AVERAGES or step.layer.type in BATCH_NORMS


def _is_factored(first: Step, second: Step) -> bool:
    """Whether two layers are one large one taken apart on purpose: narrow between, by groups, or by axes."""
    arguments = (first.kwargs, second.kwargs)
    if any(one.get("groups", 1) != 1 for one in arguments):
        return True
    kernels = [one.get("kernel_size", 1) for one in arguments]
    if any(isinstance(kernel, tuple) and len(set(kernel)) > 1 for kernel in kernels):
        return True
    into, between, out = (_width(first, "in"), _width(first, "out"), _width(second, "out"))
    return between < min(into, out)


def _width(step: Step, side: str) -> int:
    found = step.kwargs.get(f"{side}_features", step.kwargs.get(f"{side}_channels", 0))
    return found if isinstance(found, int) else 0


def repeated_activations(flow: Flow) -> Iterator[Problem]:
    """An activation right behind another."""
    for step in flow.where(is_activation):
        before = flow.back(step.args[0], is_shape)
        if before is None or not is_activation(before.layer):
            continue
        same = before.layer.type == step.layer.type == "ReLU"
        yield doubt(
            step,
            f"works right behind {before.name}, an activation too",
            "The second ReLU changes nothing."
            if same
            else "One is enough between two layers with weights; two only make the gradient smaller.",
            "input",
            rewiring.take_out(step.name),
            *([] if same else [rewiring.take_out(before.name, rank=1)]),
        )


def bias_before_norm(flow: Flow) -> Iterator[Problem]:
    """A bias that the normalization behind takes away again."""
    for step in flow.of(CENTERING):
        before = flow.back(step.args[0], is_shape)
        if before is None or not is_linear(before) or not before.kwargs.get("bias"):
            continue
        if len(flow.reads(before)) == 1:
            yield doubt(
                before,
                f"its bias has no effect: {step.name} ({step.layer.type}) takes the mean away",
                "The normalization has an offset of its own; the bias only costs memory.",
                "bias",
                fixes.set_param(before.name, "bias", False),
            )


def dropout_before_norm(flow: Flow) -> Iterator[Problem]:
    """Dropout whose spread a batch norm learns, and that is not there in evaluation."""
    for step in flow.of(BATCH_NORMS):
        before = flow.back(step.args[0], lambda one: is_shape(one) or is_activation(one.layer))
        if before is None or "Dropout" not in before.layer.type or not before.kwargs.get("p"):
            continue
        yield doubt(
            before,
            f"drops values right before {step.name} ({step.layer.type})",
            "In training the normalization learns a spread that values do not have in evaluation, when "
            "nothing is dropped.",
            None,
            rewiring.swap(before.name, step.name),
            rewiring.take_out(before.name, rank=1),
        )


def lone_values(flow: Flow) -> Iterator[Problem]:
    """A normalization or a softmax over a single value: always the same comes out."""
    for step in flow.of(COMPARING):
        kind, count = step.layer.type, _compared(step)
        if count != 1:
            continue
        gives = "1" if "Softm" in kind else "0" if kind == "LogSoftmax" else "its offset"
        yield doubt(
            step,
            f"{kind} works on a single value here, and so always gives {gives}",
            "It compares values with each other; here each stands alone.",
            "dim" if "dim" in step.kwargs else "input",
            *_instead(step),
        )


def _compared(step: Step) -> int | None:
    """How many values a step compares with each other, None where it compares none or nobody knows."""
    shape, kind = step.inputs[0].shape if step.inputs else (), step.layer.type
    if kind in SHARES:
        size = shape[step.kwargs["dim"]]
        return size if isinstance(size, int) else None
    if kind == "LayerNorm":
        sizes = step.kwargs.get("normalized_shape", 0)
        return prod(sizes) if isinstance(sizes, tuple) else sizes
    if kind.startswith("InstanceNorm") and all(isinstance(size, int) for size in shape[2:]):
        return prod(size for size in shape[2:] if isinstance(size, int))
    return None


def _instead(step: Step) -> Iterator[Fix]:
    if "dim" in step.kwargs:
        long = [at for at, size in enumerate(step.inputs[0].shape) if size != 1 and size != Dim()]
        if long:
            yield fixes.set_param(step.name, "dim", long[-1])
        elif step.layer.type == "Softmax":
            yield fixes.retype(step.name, "Sigmoid")
    yield rewiring.take_out(step.name, rank=1)


def bottlenecks(flow: Flow) -> Iterator[Problem]:
    """A layer that leaves a single number per sample for the layers behind."""
    narrow = {step.name for step in flow.of(WEIGHTS) if _width(step, "out") == 1 and _count(step) == 1}
    for step in flow.of(WEIGHTS) if narrow else ():
        before = flow.back(step.args[0], lambda one: is_shape(one) or is_activation(one.layer))
        if before is None or before.name not in narrow:
            continue
        into, out = _width(before, "in"), _width(step, "out")
        if min(into, out) > 1:
            size = next(name for name in fixes.SIZES if name in before.kwargs)
            yield doubt(
                before,
                f"leaves one number per sample for {step.name} to work on",
                "Whatever the layers before found out must pass through that number.",
                size,
                fixes.set_param(before.name, size, max(2, min(into, 4 * out) // 2)),
                fixes.set_param(before.name, size, min(into, 64)),
                rewiring.take_out(before.name, rank=1),
            )


def _count(step: Step) -> int | None:
    sizes = step.outputs[0].shape[1:]
    known = [size for size in sizes if isinstance(size, int)]
    return prod(known) if len(known) == len(sizes) else None


def saturating_rows(flow: Flow) -> Iterator[Problem]:
    """Many Sigmoids or Tanhs on top of each other."""
    counts: dict[str, int] = {}
    found = sum(1 for _ in flow.of(SATURATING))
    for step in flow.steps if found >= min(SATURATING.values()) else ():
        parents = [flow.maker(ref) for ref in step.args]
        above = min((counts.get(one.name, 0) if one else 0 for one in parents), default=0)
        kind = step.layer.type
        if step.layer.category == "Normalization" or (is_activation(step.layer) and kind not in SATURATING):
            above = 0
        counts[step.name] = above + (kind in SATURATING)
        if counts[step.name] == SATURATING.get(kind) != above:
            yield doubt(
                step,
                f"the {nth(counts[step.name])} {kind} on the way: little of the gradient gets back through",
                "Where such an activation is flat, nothing is learned before it; several multiply. ReLU and "
                "normalization keep the gradient alive.",
                None,
                fixes.retype(step.name, "ReLU"),
            )


def total_dropout(flow: Flow) -> Iterator[Problem]:
    """Dropout that leaves nothing."""
    for step in flow.where(lambda layer: layer.category == "Regularization"):
        if step.kwargs.get("p") == 1.0:
            yield doubt(
                step,
                "drops every value, so that nothing passes in training",
                "Usual shares are 0.1 to 0.5.",
                "p",
                fixes.set_param(step.name, "p", 0.5),
                rewiring.take_out(step.name, rank=1),
            )
