"""Doubts about sliding windows: values that none of them sees, and windows that see only borders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from studio.build import fixes, rewiring
from studio.build.flow import Flow, doubt, nth
from studio.build.plan import Ref, Step
from studio.build.rules_layers import CONVOLUTIONS
from studio.catalog.registry import Layer
from studio.errors import Problem
from studio.project.graph import Endpoint

KEEPING = frozenset({"Activation", "Normalization", "Regularization"})
"""Families that leave every value at its place."""
SLIDING = frozenset(type for type in CONVOLUTIONS if "Transpose" not in type)
JOINING = frozenset({"Add", "Multiply", "Concat"})


@dataclass(frozen=True, slots=True)
class Sight:
    """How far apart neighbouring values look into the data, and how wide each sees without a gap."""

    apart: int = 1
    wide: int = 1


def gaps(flow: Flow) -> Iterator[Problem]:
    """A window that leaves out values which nothing before has looked at; in a block nobody knows that."""
    if flow.whole.inside or not any(map(_may_skip, flow.where(_slides))):
        return
    inputs = {Endpoint(step.name, "output") for step in flow.whole.plan.inputs}
    seen: dict[Ref, Sight] = {ref: Sight() for ref in inputs}
    told: set[str] = set()
    for step in flow.steps:
        before = _joined([seen.get(ref) for ref in step.args])
        if before is None:
            continue
        sight = _through(step, before)
        if sight is None:
            continue
        for port in step.layer.outputs:
            seen[Endpoint(step.name, port.name)] = sight
        if sight.apart > sight.wide and step.name not in told:
            told.add(step.name)
            yield from _gap(step, before)
            for port in step.layer.outputs:
                seen[Endpoint(step.name, port.name)] = Sight(sight.apart, sight.apart)


def _joined(sights: list[Sight | None]) -> Sight | None:
    """What several tensors of one grid see together; None where one of them is not known."""
    known = [sight for sight in sights if sight is not None]
    if not known or len(known) < len(sights):
        return None
    return Sight(max(one.apart for one in known), max(one.wide for one in known))


def _through(step: Step, before: Sight) -> Sight | None:
    """What is seen behind a step, None where that is not a matter of windows."""
    if step.layer.category in KEEPING or step.layer.type in JOINING:
        return before
    window = _window(step)
    if window is None:
        return None
    kernel, stride, dilation = window
    reach = dilation * (kernel - 1)
    gapped = kernel > 1 and dilation * before.apart > before.wide
    wide = 0 if gapped else before.wide + reach * before.apart
    return Sight(before.apart * stride, wide)


def _slides(layer: Layer) -> bool:
    """Whether a window slides over what arrives, and the result is no finer than that."""
    return layer.type in SLIDING or (layer.category == "Pooling" and "Unpool" not in layer.type)


def _may_skip(step: Step) -> bool:
    window = _window(step)
    return window is not None and (window[1] > window[0] or window[2] > 1)


def _window(step: Step) -> tuple[int, int, int] | None:
    """Kernel, stride and dilation where they are the same along all axes of an image or a sequence."""
    if not _slides(step.layer) or "kernel_size" not in step.kwargs:
        return None
    kernel = _one(step.kwargs["kernel_size"])
    stride = step.kwargs.get("stride", 1)
    steps = kernel if stride is None else _one(stride)
    dilation = _one(step.kwargs.get("dilation", 1))
    if kernel is None or steps is None or dilation is None:
        return None
    return kernel, steps, dilation


def _one(value: object) -> int | None:
    if isinstance(value, tuple):
        items = set(value)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
        return next(iter(items)) if len(items) == 1 else None  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    return value if isinstance(value, int) else None


def _gap(step: Step, before: Sight) -> Iterator[Problem]:
    window = _window(step)
    assert window is not None
    kernel, stride, dilation = window
    if kernel > 1 and dilation * before.apart > before.wide:
        yield doubt(
            step,
            f"with a dilation of {dilation} its window looks at every {nth(dilation)} value only",
            f"The values between were joined by nothing before: a stretch of {before.wide} is seen as one. "
            "Neighbours then never meet.",
            "dilation",
            fixes.set_param(step.name, "dilation", max(1, before.wide // before.apart)),
        )
    else:
        yield doubt(
            step,
            f"a stride of {stride} skips values: its window is {kernel} wide",
            "What lies between two windows has no influence on any result.",
            "stride",
            fixes.set_param(step.name, "stride", max(1, kernel) if kernel > 1 else 1),
            fixes.set_param(step.name, "kernel_size", stride),
        )


def windows_on_one(flow: Flow) -> Iterator[Problem]:
    """A filter of several taps over a map that is a single value: the others see nothing but border."""
    for step in flow.of(SLIDING):
        sizes = step.inputs[0].shape[2:]
        if any(size != 1 for size in sizes):
            continue
        kernel = step.kwargs["kernel_size"]
        taps = prod(kernel) if isinstance(kernel, tuple) else kernel
        if taps == 1:
            continue
        dims = len(sizes)
        one = "×".join(["1"] * dims)
        edit = fixes.set_params(step.name, {"kernel_size": 1, "padding": 0}, "Set kernel_size to 1")
        before = flow.before(step)
        yield doubt(
            step,
            f"its window slides over a map of {one}, so that all but one of its taps see only border",
            "The picture was made that small too early: fewer poolings and strides before it leave something "
            "to look at.",
            "kernel_size",
            edit,
            *([rewiring.take_out(before.name, rank=1)] if before else []),
        )


def wide_borders(flow: Flow) -> Iterator[Problem]:
    """Padding so wide that some windows lie on it alone."""
    for step in flow.of(SLIDING):
        padding = _one(step.kwargs.get("padding", 0))
        window = _window(step) if padding else None
        if window is None or padding is None:
            continue
        kernel, _, dilation = window
        reach = dilation * (kernel - 1) + 1
        if padding >= reach:
            yield doubt(
                step,
                f"a border of {padding} is as wide as its window: some results see nothing else",
                f"Half the window, {reach // 2}, keeps the size.",
                "padding",
                fixes.set_param(step.name, "padding", reach // 2),
            )
