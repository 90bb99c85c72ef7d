"""The network that a plan describes, as one nn.Module, and its losses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

from torch import Tensor, nn

from studio.build import blocks, calls
from studio.build.plan import FieldRef, LossStep, Plan, Ref, Step
from studio.build.quicker import exchanged
from studio.build.targets import Adaptation, adaptation
from studio.catalog.registry import Layer
from studio.project.graph import Endpoint

ADAPTERS: Mapping[Adaptation, type[nn.Module]] = {
    "numbers": blocks.ClassesAsNumbers,
    "signs": blocks.AsSigns,
    "indices": blocks.AsIndices,
}
Place = int | tuple[int, ...]
"""Where a tensor lies while the network runs; several where a list of tensors goes in as one argument."""


class _Call(NamedTuple):
    """One call with everything looked up, so that a step of training does no more than it must.

    `single` is the place of the only argument, -1 where there is more to give than that.
    """

    function: Any
    single: int
    args: tuple[Any, ...]
    named: Mapping[str, Place]
    constants: Mapping[str, Any]
    output: int
    parts: tuple[tuple[int, calls.Path], ...]
    done: tuple[int, ...]


class _Program(NamedTuple):
    """The calls that compute some results from some tensors given, and how many places they use.

    `names` are the nodes of the calls.
    """

    given: tuple[Ref, ...]
    calls: tuple[_Call, ...]
    results: tuple[tuple[Ref, int], ...]
    size: int
    names: tuple[str, ...]

    def node_of(self, output: int) -> str | None:
        """The node whose first result lies at a place."""
        found = (name for name, call in zip(self.names, self.calls, strict=True) if call.output == output)
        return next(found, None)


class Network(nn.Module):
    """Runs a plan. Its modules are named as the nodes, so its state_dict has the keys of the exported class.

    Modules are made in the order of the plan, which fixes how initial weights follow from the seed.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._inputs = plan.model_inputs
        callees: dict[str, Any] = {}
        for step in plan.steps:
            callees[step.name] = callee = _callee(step)
            if isinstance(callee, nn.Module):
                # A node may be called as a method of this class is (values): add_module would refuse it.
                self._modules[step.name] = callee
        self._forward = _program(plan, callees, plan.results.values())
        self._values = _program(plan, callees, wanted(plan))
        order = [Endpoint(step.name, "output") for step in plan.model_inputs]
        self._read = tuple(order.index(ref) for ref in self._forward.given if isinstance(ref, Endpoint))
        fields = {Endpoint(step.name, "output"): step.field for step in plan.inputs}
        self.fields = tuple(r.field if isinstance(r, FieldRef) else fields[r] for r in self._values.given)
        self.refs = tuple(ref for ref, _ in self._values.results)

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The results of the plan, from tensors in the order of its model_inputs; one alone comes bare."""
        if len(inputs) != len(self._inputs):
            names = ", ".join(step.name for step in self._inputs)
            raise ValueError(f"the network takes {len(self._inputs)} inputs ({names}), not {len(inputs)}")
        slots = _run(self._forward, [inputs[at] for at in self._read])
        results = tuple([slots[place] for _, place in self._forward.results])
        return results[0] if len(results) == 1 else results

    def values(self, batch: Mapping[str, Tensor]) -> dict[Ref, Tensor]:
        """Every tensor that losses and results need, from the fields of a batch."""
        return dict(zip(self.refs, self.tensors(*[batch[field] for field in self.fields]), strict=True))

    def tensors(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Those of `values`, in the order of `refs`, from the tensors of `fields`."""
        slots = _run(self._values, given)
        return tuple([slots[place] for _, place in self._values.results])


class Inside(nn.Module):
    """A block as one of its uses has it: the tensors of its ports in, one result or a tuple of them out.

    With shared weights it follows itself `turns` times: its results go in again in place of as many of the
    first tensors, the others stay.
    """

    def __init__(self, plan: Plan, layer: Layer, turns: int = 1) -> None:
        super().__init__()
        callees: dict[str, Any] = {}
        for step in plan.steps:
            callees[step.name] = callee = _callee(step)
            if isinstance(callee, nn.Module):
                self._modules[step.name] = callee
        self._turns = turns
        results = plan.results
        self._program = _program(plan, callees, [results[port.name] for port in layer.outputs])
        order = [port.name for port in layer.inputs]
        self._read = tuple(order.index(ref.node) for ref in self._program.given if isinstance(ref, Endpoint))

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The results in the order of the block's outputs; one alone comes bare."""
        results: tuple[Tensor, ...] = ()
        for _ in range(self._turns):
            slots = _run(self._program, [inputs[at] for at in self._read])
            results = tuple([slots[place] for _, place in self._program.results])
            inputs = (*results, *inputs[len(results) :])
        return results[0] if len(results) == 1 else results


class Repeated(nn.ModuleList):
    """A block that follows itself with weights of its own each time, where Sequential cannot say it."""

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The last results; each one's go into the next in place of as many of the first tensors."""
        results: Tensor | tuple[Tensor, ...] = ()
        for turn in self:
            results = turn(*inputs)
            fed = (results,) if isinstance(results, Tensor) else results
            inputs = (*fed, *inputs[len(fed) :])
        return results


def layer_modules(network: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The modules of single layers, those in blocks by their path: layer1.conv1, or layer1.2.conv1."""
    for name, module in network.named_children():
        turns = module if isinstance(module, nn.Sequential) else ()
        if isinstance(module, Inside | Repeated) or any(isinstance(turn, Inside) for turn in turns):
            yield from layer_modules(module, f"{path}{name}.")
        else:
            yield f"{path}{name}", module


def running_node(network: nn.Module, frames: Iterable[FrameType]) -> str | None:
    """The layer that ran in some frames of the stack, outermost first, by its path; None where none did."""
    paths = {id(module): f"{path}." for path, module in network.named_modules() if path}
    inside, found = "", None
    for frame in frames:
        here, program = frame.f_locals.get("self"), frame.f_locals.get("program")
        if isinstance(here, Inside):
            inside = paths.get(id(here), "")
        if frame.f_code is _run.__code__ and isinstance(program, _Program):
            name = program.node_of(frame.f_locals.get("output", -1))
            found = f"{inside}{name}" if name else found
    return found


def _callee(step: Step) -> calls.Callee:
    """What is called with the tensors of a step: for a block all that is inside of it."""
    if not step.inner:
        return calls.make(step.layer, step.kwargs, step.options)
    if step.repeat == 1 or len(step.inner) == 1:
        return Inside(step.inner[0], step.layer, step.repeat)
    turns = [Inside(plan, step.layer) for plan in step.inner]
    single = len(step.layer.inputs) == 1 == len(step.layer.outputs)
    return nn.Sequential(*turns) if single else Repeated(turns)


def make_losses(plan: Plan) -> dict[str, nn.Module]:
    """The loss functions by node name."""
    return {loss.name: _loss(loss) for loss in plan.losses}


def _loss(loss: LossStep) -> nn.Module:
    module = calls.make(loss.layer, loss.kwargs)
    assert isinstance(module, nn.Module)
    truth = loss.type_at("target")
    way = adaptation(loss.layer.compares, truth) if truth else ""
    return ADAPTERS[way](module) if way else module


def wanted(plan: Plan) -> list[Ref]:
    """Every tensor that losses compare or that is a result, each once."""
    losses = [ref for loss in plan.losses for ref in loss.args]
    return list(dict.fromkeys([*losses, *plan.results.values()]))


def needed_steps(plan: Plan, refs: Iterable[Ref]) -> list[Step]:
    """The steps that some tensors depend on, in the order of the plan."""
    reached = {ref.node for ref in refs if isinstance(ref, Endpoint)}
    needed: list[Step] = []
    for step in reversed(plan.steps):
        if step.name in reached:
            needed.append(step)
            reached.update(ref.node for ref in step.args if isinstance(ref, Endpoint))
    return needed[::-1]


def _program(plan: Plan, callees: Mapping[str, Any], results: Iterable[Ref]) -> _Program:
    """Number the places of all tensors and write down the calls."""
    wanted_refs = list(results)
    steps = needed_steps(plan, wanted_refs)
    used = [*wanted_refs, *(ref for step in steps for ref in step.args)]
    made = {Endpoint(step.name, port.name) for step in steps for port in step.layer.outputs}
    given = tuple(dict.fromkeys(ref for ref in used if ref not in made))
    places: dict[Ref, int] = {ref: index for index, ref in enumerate(given)}
    for step in steps:
        for port in step.layer.outputs:
            places[Endpoint(step.name, port.name)] = len(places)
    last = {ref: at for at, step in enumerate(steps) for ref in step.args}
    kept = set(wanted_refs)
    written: list[_Call] = []
    for at, step in enumerate(steps):
        done = (places[ref] for ref in dict.fromkeys(step.args) if last[ref] == at and ref not in kept)
        written.append(_call(step, callees[step.name], places, tuple(done)))
    ends = tuple((ref, places[ref]) for ref in wanted_refs)
    names = [step.name for step in steps]
    for one, other in exchanged(steps, kept):
        first, second = written[one], written[other]
        written[one] = first._replace(function=second.function)
        written[other] = second._replace(function=first.function)
        names[one], names[other] = names[other], names[one]
    return _Program(given, tuple(written), ends, len(places), tuple(names))


def _call(step: Step, callee: calls.Callee, places: Mapping[Ref, int], done: tuple[int, ...]) -> _Call:
    args, named = calls.arrange(step.layer, step.ports, [places[ref] for ref in step.args])
    tensors = {key: _place(at) for key, at in named.items() if key not in step.layer.call}
    parts = tuple(
        (places[Endpoint(step.name, port.name)], path)
        for port, path in zip(step.layer.outputs, calls.paths(step.layer), strict=True)
    )
    whole = len(parts) == 1 and parts[0][1] == ()
    return _Call(
        function=callee,
        single=args[0] if len(args) == 1 and not named and isinstance(args[0], int) else -1,
        args=tuple(_place(at) for at in args),
        named=tensors,
        constants=dict(step.layer.call),
        output=parts[0][0],
        parts=() if whole else parts,
        done=done,
    )


def _place(at: int | list[int]) -> Place:
    return tuple(at) if isinstance(at, list) else at


def _run(program: _Program, given: Sequence[Tensor | None]) -> list[Any]:
    slots: list[Any] = [*given, *([None] * (program.size - len(given)))]
    for function, single, args, named, constants, output, parts, done in program.calls:
        if single >= 0:
            result = function(slots[single])
        else:
            result = function(
                *[_pick(slots, at) for at in args],
                **{key: _pick(slots, at) for key, at in named.items()},
                **constants,
            )
        if parts:
            for at, path in parts:
                slots[at] = calls.part(result, path)
        else:
            slots[output] = result
        for at in done:
            slots[at] = None
    return slots


def _pick(slots: list[Any], place: Place) -> calls.Nested:
    return slots[place] if isinstance(place, int) else [slots[at] for at in place]
