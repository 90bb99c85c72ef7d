"""A plan as readable Keras 3 source: layers called in order, and a function for each block.

Images have their channels last, so that it runs on every backend, also where a processor knows no other way.
Layers are named as the nodes, those within blocks as the path to them: layer1_0_conv1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from studio.build.plan import InputStep, Plan, Ref, Step
from studio.build.program import needed_steps
from studio.interchange.keras.copied import copied_lines
from studio.interchange.keras.function import ANCHOR, Body, Written, shape_in
from studio.interchange.keras.naming import Naming, joint, renamed
from studio.interchange.keras.orders import input_orders, port_orders
from studio.interchange.keras.placed import Placed
from studio.interchange.keras.twin import Order
from studio.interchange.pytorch.class_lines import constructor_parameters, docstring
from studio.interchange.pytorch.lines import statement
from studio.interchange.pytorch.shapes import Shapes
from studio.interchange.pytorch.source import results_of
from studio.interchange.pytorch.uses import Kind, kinds_of, use_of, whole
from studio.interchange.pytorch.values import Solved
from studio.project.graph import Endpoint, free_name, name_error
from studio.project.project import Project

BUILDER = "build_model"
RESERVED = ("keras", "layers", "ops", "np", "name", "index", BUILDER)
"""Names that no variable of the source may have."""
TENSOR = "keras.KerasTensor"


@dataclass(frozen=True, slots=True)
class KerasSource:
    """The text of a module whose `build_model()` makes the model.

    `inputs` are the orders of its inputs by node, `outputs` those of its results by name; `renamed` are the
    names of layers that are other than their nodes'.
    """

    text: str
    inputs: Mapping[str, Order]
    outputs: Mapping[str, Order]
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])


def to_keras(project: Project, plan: Plan) -> str:
    """The whole module: docstring, imports, what Keras lacks, a function for each block, and build_model."""
    return keras_source(project, plan).text


def keras_source(project: Project, plan: Plan) -> KerasSource:
    """The same, with what is known of the model's inputs and outputs."""
    if not plan.steps:
        return KerasSource(f'"""{_title(project)}: no layer is drawn yet."""\n', {}, {})
    plan = without_derived(plan)
    found = _source(project, plan, Naming(joint(plan), {}))
    others = renamed(plan, found.text)
    return _source(project, plan, Naming(joint(plan), others)) if others else found


def _source(project: Project, plan: Plan, naming: Naming) -> KerasSource:
    top = use_of(plan, project.constants, apart=_ranks)
    names = {block: _snake(block) for block in sorted(project.blocks)}
    kinds = kinds_of(project, top, _free_names(names), RESERVED)
    taken = {*RESERVED, *(kind.name for kind in kinds)}
    placed: dict[str, Placed] = {}
    solved: dict[str, Solved] = {}
    parts: list[list[str]] = []
    copies: dict[str, None] = {}
    top_kind = whole(project, BUILDER, top, results_of(plan), kinds)
    again = _run_again((*kinds, top_kind))
    for kind in kinds:
        solved[kind.name] = Solved(kind, solved)
        lines, written = _block(solved[kind.name], placed, taken, naming, again=kind.name in again)
        parts.append(lines)
        copies |= dict.fromkeys(written.copies)
    main = Solved(top_kind, solved)
    orders = input_orders(plan.model_inputs, plan.steps, main, placed)
    lines, written = _main(project, plan, main, placed, taken, orders, naming)
    copies |= dict.fromkeys(written.copies)
    parts.append(lines)
    parts = [*copied_lines(copies), *parts]
    body = "\n\n\n".join("\n".join(part) for part in parts)
    head = [f'"""{_title(project)}: a neural network in Keras, drawn with Neuroloom."""', "", *_imports(body)]
    text = "\n".join([*head, "", "", body]) + "\n"
    results = dict(zip(_result_names(plan), written.orders, strict=True))
    return KerasSource(text, orders, results, naming.renamed)


def _run_again(kinds: Sequence[Kind]) -> frozenset[str]:
    """The functions of blocks that run on their own results."""
    return frozenset(
        inner.name
        for kind in kinds
        for step in kind.plan.steps
        if step.inner and kind.turns(step) != "one"
        for inner in kind.inner[step.name]
    )


def _ranks(step: Step) -> tuple[int, ...]:
    """How many dimensions the tensors have: code on channels that come last counts them from the front."""
    return tuple(len(one.shape) for one in (*step.inputs, *step.outputs))


def without_derived(plan: Plan) -> Plan:
    """The plan without the arguments that torch reads off shapes, which Keras finds out by itself."""

    def bare(step: Step) -> Step:
        kwargs = {name: value for name, value in step.kwargs.items() if name not in step.layer.derived}
        inner = tuple(map(without_derived, step.inner))
        return replace(step, kwargs=kwargs, layer=replace(step.layer, derived={}), inner=inner)

    return replace(plan, steps=tuple(map(bare, plan.steps)))


def _result_names(plan: Plan) -> list[str]:
    """What the results are called; without losses and Outputs, as the nodes are."""
    return list(plan.results) or [ref.node for ref in results_of(plan) if isinstance(ref, Endpoint)]


def _block(
    solved: Solved, placed: dict[str, Placed], taken: set[str], naming: Naming, *, again: bool
) -> tuple[list[str], Written]:
    """The function of a block, which is then known by its name; run `again`, it gives what it takes."""
    kind = solved.kind
    steps = needed_steps(kind.plan, kind.results)
    orders = port_orders(solved, steps, placed)
    shapes = Shapes(kind, solved, kind.ports)
    body = Body(solved, steps, orders, shapes, placed, taken | {ANCHOR} | _own(solved), naming, "name")
    written = body.write(dict(zip(kind.results, orders.values(), strict=False)) if again else {})
    placed[kind.name] = Placed(kind.name, solved, tuple(orders.values()), written.orders)
    given = [f"{name}: {TENSOR}" for name in orders or (ANCHOR,)]
    given += [*constructor_parameters(solved), "*", "name: str"]
    doc = _sentence(kind.doc or f"The block {kind.block}", _inputs_told(orders, shapes))
    returned = TENSOR if len(written.results) == 1 else f"tuple[{', '.join([TENSOR] * len(written.results))}]"
    end = statement(4, "return ", ", ".join(written.results))
    return [*_signature(kind.name, given, returned), *docstring(doc), *written.lines, *end], written


def _own(solved: Solved) -> set[str]:
    """The parameters of a function."""
    return {*solved.parameters, *(one.name for one in solved.arguments)}


def _main(
    project: Project,
    plan: Plan,
    solved: Solved,
    placed: Mapping[str, Placed],
    taken: set[str],
    orders: Mapping[str, Order],
    naming: Naming,
) -> tuple[list[str], Written]:
    kind = solved.kind
    steps = needed_steps(plan, kind.results)
    shapes = Shapes(kind, solved, tuple(orders))
    variables = {name: name for name in orders}
    body = Body(solved, steps, orders, shapes, placed, taken | _own(solved), naming)
    written = body.write(_wanted_results(plan, kind))
    lines = [*_signature(BUILDER, constructor_parameters(solved), "keras.Model")]
    lines += docstring(_sentence(_purpose(plan), _inputs_told(orders, shapes)))
    for step in plan.model_inputs:
        lines += _input(step, orders[step.name], shapes)
    results = dict(zip(_result_names(plan), written.results, strict=True))
    model = f"keras.Model({_joined(variables)}, {_joined(results)}, name={_model_name(project)})"
    return [*lines, *written.lines, *statement(4, "return ", model)], written


def _wanted_results(plan: Plan, kind: Kind) -> dict[Ref, Order]:
    """Scores of classes at every place have their classes last, as Keras' losses take them."""
    found: dict[Ref, Order] = {}
    for loss in plan.losses:
        if loss.layer.compares == "classes" and len(loss.inputs[0].shape) > 2:
            found[loss.prediction] = "last"
    return found


def _joined(tensors: Mapping[str, str]) -> str:
    """One tensor, or several in a dictionary by name."""
    if len(tensors) == 1:
        return next(iter(tensors.values()))
    return "{" + ", ".join(f'"{name}": {variable}' for name, variable in tensors.items()) + "}"


def _input(step: InputStep, order: Order, shapes: Shapes) -> list[str]:
    """An Input of the model; open sizes are None."""
    sizes = [str(size) if isinstance(size, int) else "None" for size in step.type.shape[1:]]
    if order == "last":
        sizes = [*sizes[1:], sizes[0]]
    shape = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
    dtype = (
        "" if step.type.dtype == "float32" else f', dtype="{INTEGERS.get(step.type.dtype, step.type.dtype)}"'
    )
    made = f'keras.Input({shape}{dtype}, name="{step.name}")'
    told = shape_in(shapes.text([step.type]), order)
    return statement(4, f"{step.name} = ", made, told)


INTEGERS = {"int64": "int32"}
"""Whole numbers have 32 bits in Keras' own layers, and in JAX unless it is told otherwise."""


def _inputs_told(orders: Mapping[str, Order], shapes: Shapes) -> str:
    """What a reader must know of the inputs."""
    told: list[str] = []
    for name, order in orders.items():
        known = shapes.input(name)
        shape, _, dtype = known.rpartition(" ")
        if known:
            last = ", channels last" if order == "last" else ""
            told.append(f"{name} is {shape_in(shape, order)} {dtype}{last}")
    return "; ".join(told)


def _sentence(doc: str, told: str) -> str:
    """A docstring's text, which ends in a point."""
    plain = doc.rstrip(". ")
    return f"{plain}; {told}." if told else f"{plain}."


def _signature(name: str, parameters: Sequence[str], returned: str) -> list[str]:
    line = f"def {name}({', '.join(parameters)}) -> {returned}:"
    if len(line) <= 88:
        return [line]
    inner = "    " + ", ".join(parameters)
    body = [inner] if len(inner) <= 88 else [f"    {one}," for one in parameters]
    return [f"def {name}(", *body, f") -> {returned}:"]


def _purpose(plan: Plan) -> str:
    losses = [f"{loss.layer.type} ({loss.name})" for loss in plan.losses]
    return f"Build the network, trained with {' and '.join(losses)}" if losses else "Build the network"


def _title(project: Project) -> str:
    shown = "".join(c for c in project.name if c.isprintable() and c not in '"\\')
    return shown.strip() or "Model"


def _model_name(project: Project) -> str:
    return f'"{_snake(project.name)}"'


def _snake(title: str) -> str:
    """InvertedResidual becomes inverted_residual; what cannot be a function's name becomes block."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", title)
    words = re.findall(r"[A-Za-z0-9]+", spaced)
    name = "_".join(words).lower()
    return name if name and name[0].isalpha() and name_error(name) is None else f"block_{name}".rstrip("_")


def _free_names(names: Mapping[str, str]) -> dict[str, str]:
    """A function's name for each block, none of them twice."""
    found: dict[str, str] = {}
    for block, name in names.items():
        found[block] = free_name(name, {*found.values(), *RESERVED})
    return found


STANDARD = {"import math": r"\bmath\.", "from itertools import product": r"\bproduct\("}
USED = {"from keras import layers": r"\blayers\.", "from keras import ops": r"\bops\."}


def _imports(body: str) -> Iterator[str]:
    """The imports that the code needs, in ruff's order."""
    standard = [line for line, pattern in STANDARD.items() if re.search(pattern, body)]
    yield from [*standard, ""] if standard else []
    yield "import keras"
    if re.search(r"\bnp\.", body):
        yield "import numpy as np"
    names = [line.rpartition(" ")[2] for line, pattern in USED.items() if re.search(pattern, body)]
    if names:
        yield f"from keras import {', '.join(names)}"


def all_steps(plans: Iterable[Plan]) -> Iterator[Step]:
    """All steps, those within blocks too."""
    for plan in plans:
        for step in plan.steps:
            yield step
            yield from all_steps(step.inner)
