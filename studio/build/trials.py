"""What a drawing demands of its open sizes: its plan is run, shapes only, at sizes that may not fit.

A formula such as H/16 says which multiples can matter; trials show which do. All trials run the steps as they
are planned, with their arguments settled, and their answers are remembered layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import lcm

from studio.build import shapes
from studio.build.plan import FieldRef, LossStep, Plan, Ref, Step
from studio.build.sizes import Dim, Requirement, TensorType
from studio.project.graph import Endpoint

ROOMY = (6720, 960, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1)
"""Sizes at which a drawing is likely to work, largest first: an upper limit may rule the first ones out."""
LARGEST = 2**17
MOST_FACTOR = 16
MOST_TRIALS = 400


class RefusedError(Exception):
    """A step does not take what arrives at it."""


def requirements_of(plan: Plan) -> dict[str, Requirement]:
    """What is demanded of each open size of the plan's inputs; {} where the plan works at none tried."""
    names = list(dict.fromkeys(name for step in plan.inputs for name in sorted(step.type.open)))
    if not names:
        return {}
    search = _Search(plan, {name: lcm(*_divisors_in(plan, name)) for name in names})
    good = next(filter(search.accepts, search.likely()), None)
    return {name: search.demanded(good, name) for name in names} if good else {}


class _Search:
    """Trials of one plan. `exact` is what each size must be a multiple of for all formulas to be exact."""

    def __init__(self, plan: Plan, exact: Mapping[str, int]) -> None:
        self._plan, self._exact = plan, exact
        self._left = MOST_TRIALS

    def likely(self) -> Iterator[dict[str, int]]:
        """Sizes at which the plan may work."""
        for roomy in ROOMY:
            yield {name: exact * max(1, roomy // exact) for name, exact in self._exact.items()}

    def accepts(self, sizes: Mapping[str, int]) -> bool:
        """Whether the plan works at these sizes."""
        self._left -= 1
        given = {step.name: step.type.bound(sizes) for step in self._plan.inputs}
        try:
            _run(self._plan, given)
        except RefusedError:
            return False
        return True

    def demanded(self, good: Mapping[str, int], name: str) -> Requirement:
        """What is demanded of one size while the others stay good."""
        at = good[name]

        def takes(size: int) -> bool:
            return size >= 1 and self._left > 0 and self.accepts({**good, name: size})

        multiple = self._multiple(at, self._exact[name], takes)
        if multiple is None:
            return Requirement(1, at, at, self._exact[name])
        least = 1 if takes(multiple) else multiple * _edge(1, at // multiple, lambda k: takes(multiple * k))
        top = LARGEST // multiple
        bounded = self._left > 0 and not takes(multiple * top)
        most = multiple * _edge(top, at // multiple, lambda k: takes(multiple * k)) if bounded else None
        return Requirement(multiple, least, most, self._exact[name])

    def _multiple(self, at: int, exact: int, takes: Callable[[int], bool]) -> int | None:
        """The smallest step from a good size that leads to good sizes again."""
        steps = [step for step in range(1, exact + 1) if exact % step == 0]
        steps += [exact * factor for factor in range(2, MOST_FACTOR + 1)]
        for step in steps:
            if any(takes(at + sign * step) and takes(at + sign * 3 * step) for sign in (1, -1)):
                return step
        return None


def _edge(bad: int, good: int, takes: Callable[[int], bool]) -> int:
    """The good number next to the bad ones, between a bad and a good one."""
    while abs(good - bad) > 1:
        middle = (good + bad) // 2
        if takes(middle):
            good = middle
        else:
            bad = middle
    return good


def _divisors_in(plan: Plan, name: str) -> Iterator[int]:
    for step in plan.steps:
        for type in (*step.inputs, *step.outputs):
            yield from (size.divisor(name) for size in type.shape if isinstance(size, Dim))
        for inner in step.inner:
            yield from _divisors_in(inner, name)


def _run(plan: Plan, given: Mapping[str, TensorType]) -> dict[Ref, TensorType]:
    """The types of all tensors of a plan whose Input nodes bring these; raises RefusedError."""
    types: dict[Ref, TensorType] = {
        Endpoint(step.name, "output"): given.get(step.name, step.type) for step in plan.inputs
    }
    for step in plan.steps:
        outputs = _outputs(step, [types[ref] for ref in step.args])
        for port, type in zip(step.layer.outputs, outputs, strict=True):
            if any(isinstance(size, int) and size < 1 for size in type.shape):
                raise RefusedError
            types[Endpoint(step.name, port.name)] = type
    for loss in plan.losses:
        _compare(plan, loss, types)
    return types


def _outputs(step: Step, inputs: Sequence[TensorType]) -> Sequence[TensorType]:
    if not any(type.open for type in step.inputs):
        return step.outputs
    if step.inner:
        return _inside(step, inputs)
    if step.layer.category == "Recurrent" and step.layer.shape is None:
        # Torch would run these place by place; they take any length.
        before, now = step.inputs[0].shape, inputs[0].shape
        pairs = (
            (one, size) for one, size in zip(before, now, strict=True) if isinstance(one, Dim) and one.open
        )
        sizes = {name: size for one, size in pairs for name in one.open if isinstance(size, int)}
        return [type.bound(sizes) for type in step.outputs]
    found = shapes.answered(step.layer, step.kwargs, step.ports, tuple(inputs))
    if found.failure or len(found.outputs) != len(step.outputs):
        raise RefusedError
    return found.outputs


def _inside(step: Step, inputs: Sequence[TensorType]) -> Sequence[TensorType]:
    """A block: its results go into it again as often as it repeats."""
    arriving = dict(zip(step.ports, inputs, strict=True))
    names = [port.name for port in step.layer.inputs]
    outputs: list[TensorType] = []
    for turn in range(step.repeat):
        inner = step.inner[min(turn, len(step.inner) - 1)]
        types = _run(inner, arriving)
        results = {one.name: types[one.source] for one in inner.outputs}
        outputs = [results[port.name] for port in step.layer.outputs]
        arriving |= dict(zip(names, outputs, strict=False))
    return outputs


def _compare(plan: Plan, loss: LossStep, types: Mapping[Ref, TensorType]) -> None:
    """Prediction and target must stay alike where they are; raises RefusedError."""
    ref, planned = loss.target, loss.type_at("target")
    if isinstance(ref, FieldRef):
        # A field that an Input takes too has that Input's open sizes.
        entry = next((one for one in plan.inputs if one.field == ref.field), None)
        ref, planned = (Endpoint(entry.name, "output"), entry.type) if entry else (ref, planned)
    if ref is None or ref not in types or planned is None or loss.prediction not in types:
        return
    alike = _alike(loss, loss.inputs[0], planned)
    if alike and not _alike(loss, types[loss.prediction], types[ref]):
        raise RefusedError


def _alike(loss: LossStep, guess: TensorType, truth: TensorType) -> bool:
    if "target" in loss.layer.integers:
        return guess.shape[2:] == truth.shape[1:]
    return guess.shape == truth.shape
