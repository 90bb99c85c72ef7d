"""One node with what arrives at it becomes a step of the plan, the types that leave it, and its problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.build import dimensions, rules, rules_compare, rules_custom, shapes
from studio.build.concerns import concerning
from studio.build.plan import Checked, Cost, InputStep, LossStep, OutputStep, Step, TensorType
from studio.build.refusals import empty, refused
from studio.build.site import Arrival, Site, tensors_of
from studio.build.summary import cost_of
from studio.build.targets import SETTLED, assumed_target, compared_types
from studio.build.told import Told
from studio.catalog.metrics import reported
from studio.catalog.registry import Layer, checked_values
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.params import Param, Value

Made = Step | InputStep | LossStep | OutputStep


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a node: its step if one could be made, its output types (none while unknown), problems.

    `missing` are required ports that nothing arrives at, `field` the field of the data that an Input passes
    on. For a use of a block, `told` are the problems inside, `turns` what is known of each repeat, `steps`
    the number of calls it comes to.
    """

    made: Made | None = None
    outputs: tuple[TensorType | None, ...] = ()
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()
    field: Field | None = None
    cost: Cost | None = None
    told: tuple[Told, ...] = ()
    turns: tuple[Checked, ...] = ()
    steps: int = 1


def site_of(
    node: Node,
    layer: Layer,
    arrivals: tuple[Arrival, ...],
    fields: Mapping[str, Field] | None,
    faults: Mapping[str, str],
    names: Mapping[str, Value],
) -> Site:
    """A node with its values checked, and what arrives.

    `faults` are its wrong formulas by parameter, `names` what formulas can read.
    """
    values, wrong = checked_values(layer.all_params, node.params)
    wrong |= {name: f"{name} is a formula: {fault}" for name, fault in faults.items() if name in values}
    tensors, missing = tensors_of(layer, arrivals, values, fields)
    return Site(node, layer, values, wrong, arrivals, fields, tensors, missing, names)


def problems_of(site: Site) -> list[Problem]:
    """The problems of a node by itself."""
    return [problem for rule in concerning(site.layer, rules.NODE) for problem in rule(site)]


def is_broken(site: Site) -> bool:
    """Whether a wire of the node is wrong; what else is unknown then follows from that."""
    ports = {port.name for port in site.layer.inputs}
    return any(one.edge.target.port not in ports or one.fault for one in site.arrivals)


def evaluate_port(site: Site, type: TensorType | None, field: Field | None) -> Answer:
    """An Input node inside of a block: what arrives at the use of the block, and the data's field it is."""
    problems = tuple(problems_of(site))
    if type is None:
        return Answer(problems=problems)
    return Answer(InputStep(site.name, site.name, type), (type,), problems, field=field, cost=Cost())


def evaluate(site: Site) -> Answer:
    """Check one node and plan its step."""
    problems = problems_of(site)
    if site.layer.target is None and not site.layer.inputs:
        return _input(site, problems)
    known = not site.missing and all(one.type is not None for one in _wired(site))
    broken = is_broken(site) or rules_custom.barred(site)
    if not known or broken or not (site.tensors or all(port.optional for port in site.layer.inputs)):
        return Answer(problems=tuple(problems), missing=() if broken else site.missing)
    for rule in concerning(site.layer, rules.TYPES):
        found = list(rule(site))
        problems += found
        if any(problem.severity == "error" for problem in found):
            return _after_error(site, problems)
    return _finished(site, problems)


def _wired(site: Site) -> list[Any]:
    """The tensors that must be known: all but a loss's target that comes straight from the data."""
    options = {port.name for port in site.layer.inputs if port.from_option}
    brought = {arrival.edge.target.port for arrival in site.arrivals}
    return [one for one in site.tensors if one.port not in options or one.port in brought]


def _input(site: Site, problems: list[Problem]) -> Answer:
    name, type = str(site.values["field"]), dimensions.declared_type(site)
    if type is None:
        return Answer(problems=tuple(problems))
    field = (site.fields or {}).get(name)
    return Answer(InputStep(site.name, name, type), (type,), tuple(problems), field=field, cost=Cost())


def _after_error(site: Site, problems: list[Problem]) -> Answer:
    """A loss or output stays in the plan, so that the drawing's results are still known."""
    made = _loss(site, _arguments(site)) if site.layer.category == "Loss" else None
    return Answer(made, problems=tuple(problems))


def _finished(site: Site, problems: list[Problem]) -> Answer:
    layer = site.layer
    if layer.target is None:
        first = site.tensors[0]
        assert first.type
        return Answer(OutputStep(site.name, first.ref, first.type), (), tuple(problems), cost=Cost())
    ports = tuple(one.port for one in site.tensors)
    arguments = _arguments(site)
    if layer.category == "Loss":
        if said := _refused_by_loss(site, arguments):
            problems.append(said)
        return Answer(_loss(site, arguments), (), tuple(problems), cost=Cost())
    found = shapes.infer(layer, arguments, ports, site.inputs())
    if found.failure:
        problems.append(refused(site, found.failure, found.kwargs))
        return _after_error(site, problems)
    nothing = next((one for one in found.outputs if 0 in one.shape), None)
    if nothing is not None and site.tensors:
        return _after_error(site, [*problems, empty(site, nothing)])
    refs = tuple(one.ref for one in site.tensors)
    outputs = dimensions.named(layer, found.kwargs, site.inputs(), found.outputs)
    options = _applying(site, layer.options)
    step = Step(site.name, layer, found.kwargs, refs, ports, site.inputs(), outputs, options=options)
    try:
        return Answer(step, outputs, tuple(problems), cost=cost_of(step))
    except ValueError as error:
        problems.append(refused(site, shapes.Failure("construct", str(error)), found.kwargs))
        return _after_error(site, problems)


def _arguments(site: Site) -> dict[str, Any]:
    """The parameters that apply; options are not the target's business."""
    return _applying(site, site.layer.params)


def _applying(site: Site, params: Iterable[Param]) -> dict[str, Any]:
    return {param.name: site.values[param.name] for param in params if param.applies(site.values)}


def _loss(site: Site, kwargs: Mapping[str, Any]) -> LossStep | None:
    first = site.first
    if first is None:
        return None
    chosen = site.values.get("metrics", ())
    return LossStep(
        site.name,
        site.layer,
        kwargs,
        tuple(one.ref for one in site.tensors),
        tuple(one.port for one in site.tensors),
        tuple(one.type or assumed_target(site.layer, first) for one in site.tensors),
        float(str(site.values.get("weight", 1.0))),
        reported(chosen, site.values) if isinstance(chosen, tuple) else (),
    )


def _refused_by_loss(site: Site, arguments: Mapping[str, Any]) -> Problem | None:
    """What torch says against a loss that our own checks leave something to be said about."""
    first = site.tensors[0].type
    if site.layer.compares in SETTLED or first is None or any(one.type is None for one in site.tensors):
        return None
    ports = tuple(one.port for one in site.tensors)
    found = shapes.infer(site.layer, arguments, ports, compared_types(site.layer, ports, site.inputs()))
    if found.failure:
        return refused(site, found.failure, found.kwargs)
    return rules_compare.one_number(site, found.outputs[0]) if found.outputs else None
