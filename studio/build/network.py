"""The network that a plan describes, as one nn.Module, and its losses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

from torch import Tensor, nn

from studio.build import blocks, calls
from studio.build.plan import FieldRef, LossStep, Plan, Ref, Step
from studio.build.program import Program, make_program, run, wanted
from studio.build.targets import Adaptation, adaptation
from studio.catalog.registry import Layer
from studio.project.graph import Endpoint

ADAPTERS: Mapping[Adaptation, type[nn.Module]] = {
    "numbers": blocks.ClassesAsNumbers,
    "signs": blocks.AsSigns,
    "indices": blocks.AsIndices,
}


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
        self._forward = make_program(plan, callees, plan.results.values())
        self.program = make_program(plan, callees, wanted(plan))
        """What computes all that losses and results need: a step of training runs it."""
        order = [Endpoint(step.name, "output") for step in plan.model_inputs]
        self._read = tuple(order.index(ref) for ref in self._forward.given if isinstance(ref, Endpoint))
        fields = {Endpoint(step.name, "output"): step.field for step in plan.inputs}
        self.fields = tuple(r.field if isinstance(r, FieldRef) else fields[r] for r in self.program.given)
        self.refs = tuple(ref for ref, _ in self.program.results)

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The results of the plan, from tensors in the order of its model_inputs; one alone comes bare."""
        if len(inputs) != len(self._inputs):
            names = ", ".join(step.name for step in self._inputs)
            raise ValueError(f"the network takes {len(self._inputs)} inputs ({names}), not {len(inputs)}")
        slots = run(self._forward, [inputs[at] for at in self._read])
        results = tuple([slots[place] for _, place in self._forward.results])
        return results[0] if len(results) == 1 else results

    def values(self, batch: Mapping[str, Tensor]) -> dict[Ref, Tensor]:
        """Every tensor that losses and results need, from the fields of a batch."""
        return dict(zip(self.refs, self.tensors(*[batch[field] for field in self.fields]), strict=True))

    def tensors(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Those of `values`, in the order of `refs`, from the tensors of `fields`."""
        slots = run(self.program, given)
        return tuple([slots[place] for _, place in self.program.results])


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
        self.program = make_program(plan, callees, [results[port.name] for port in layer.outputs])
        order = [port.name for port in layer.inputs]
        self._read = tuple(order.index(ref.node) for ref in self.program.given if isinstance(ref, Endpoint))

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The results in the order of the block's outputs; one alone comes bare."""
        results: tuple[Tensor, ...] = ()
        for _ in range(self._turns):
            slots = run(self.program, [inputs[at] for at in self._read])
            results = tuple([slots[place] for _, place in self.program.results])
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


def programs(network: nn.Module, path: str = "") -> Iterator[tuple[str, Network | Inside]]:
    """All that runs a program: the network as "", blocks by their path as in the state_dict, each with a dot
    behind it: layer1., or layer1.2. where it follows itself with weights of its own.
    """
    if isinstance(network, Network | Inside):
        yield path, network
    for name, module in network.named_children():
        turns = isinstance(module, nn.Sequential | Repeated)
        if isinstance(module, Inside) or (turns and any(isinstance(one, Inside) for one in module)):
            yield from programs(module, f"{path}{name}.")


def running_node(network: nn.Module, frames: Iterable[FrameType]) -> str | None:
    """The layer that ran in some frames of the stack, outermost first, by its path; None where none did."""
    paths = {id(module): f"{path}." for path, module in network.named_modules() if path}
    inside, found = "", None
    for frame in frames:
        here, program = frame.f_locals.get("self"), frame.f_locals.get("program")
        if isinstance(here, Inside):
            inside = paths.get(id(here), "")
        if frame.f_code is run.__code__ and isinstance(program, Program):
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
