"""A plan as the calls that compute it, with everything looked up, and how they are run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from studio.build import calls
from studio.build.plan import Plan, Ref, Step
from studio.build.quicker import exchanged
from studio.project.graph import Endpoint

Place = int | tuple[int, ...]
"""Where a tensor lies while the network runs; several where a list of tensors goes in as one argument."""


class Call(NamedTuple):
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


class Program(NamedTuple):
    """The calls that compute some results from some tensors given, and how many places they use.

    `names` are the nodes whose layers are called, `drawn` those whose results come of it: they differ where
    two calls were exchanged.
    """

    given: tuple[Ref, ...]
    calls: tuple[Call, ...]
    results: tuple[tuple[Ref, int], ...]
    size: int
    names: tuple[str, ...]
    drawn: tuple[str, ...]

    def node_of(self, output: int) -> str | None:
        """The node whose first result lies at a place."""
        found = (name for name, call in zip(self.names, self.calls, strict=True) if call.output == output)
        return next(found, None)


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


def make_program(plan: Plan, callees: Mapping[str, Any], results: Iterable[Ref]) -> Program:
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
    written: list[Call] = []
    for at, step in enumerate(steps):
        done = (places[ref] for ref in dict.fromkeys(step.args) if last[ref] == at and ref not in kept)
        written.append(_call(step, callees[step.name], places, tuple(done)))
    ends = tuple((ref, places[ref]) for ref in wanted_refs)
    drawn = tuple(step.name for step in steps)
    names = list(drawn)
    for one, other in exchanged(steps, kept):
        first, second = written[one], written[other]
        written[one] = first._replace(function=second.function)
        written[other] = second._replace(function=first.function)
        names[one], names[other] = names[other], names[one]
    return Program(given, tuple(written), ends, len(places), tuple(names), drawn)


def _call(step: Step, callee: calls.Callee, places: Mapping[Ref, int], done: tuple[int, ...]) -> Call:
    args, named = calls.arrange(step.layer, step.ports, [places[ref] for ref in step.args])
    tensors = {key: _place(at) for key, at in named.items() if key not in step.layer.call}
    parts = tuple(
        (places[Endpoint(step.name, port.name)], path)
        for port, path in zip(step.layer.outputs, calls.paths(step.layer), strict=True)
    )
    whole = len(parts) == 1 and parts[0][1] == ()
    return Call(
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


def run(program: Program, given: Sequence[Tensor | None]) -> list[Any]:
    """Every place's tensor, as far as it is still wanted, after all calls on the tensors given."""
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
