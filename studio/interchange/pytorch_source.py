"""A plan as readable PyTorch source: a class whose modules are named as the nodes, and its forward.

With the same weights it gives the same output as Network, bit for bit; with the same seed the same weights.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from studio.build import calls
from studio.build.network import needed_steps
from studio.build.plan import Plan, Ref, Step, TensorType
from studio.errors import StudioError
from studio.interchange import source_text as text
from studio.project.files import write_atomic
from studio.project.graph import Endpoint, free_name, name_error
from studio.project.project import Project


def to_pytorch(project: Project, plan: Plan) -> str:
    """The whole module: docstring, imports, what blocks.py has that torch lacks, and the class."""
    if not plan.steps:
        return f'"""{_title(project)}: no layer is drawn yet."""\n'
    results = results_of(plan)
    steps = needed_steps(plan, results)
    body = _class(project, plan, results, steps)
    copied = _copied(plan.steps)
    code = "\n".join([*copied, *body])
    head = [f'"""{_title(project)}: a neural network in PyTorch, drawn with Neuroloom."""', ""]
    return "\n".join([*head, *_imports(code), "", "", *copied, *body]) + "\n"


def export_pytorch(project: Project, plan: Plan, path: Path) -> None:
    """Write the source to a file. Raises StudioError if that cannot be done."""
    try:
        write_atomic(path, to_pytorch(project, plan).encode())
    except OSError as error:
        raise StudioError(
            f"{path} cannot be written: {error.strerror or error}", "Choose another place."
        ) from error


def snippet(step: Step) -> str:
    """The one line that a step is in code: how the module is made, or the call."""
    if step.layer.is_module:
        return text.constructor(step.layer, step.kwargs)
    names = [ref.node if isinstance(ref, Endpoint) else ref.field for ref in step.args]
    return text.call(step.layer, step.kwargs, names, step.ports)


def results_of(plan: Plan) -> list[Ref]:
    """What forward returns; before there is a loss or an Output, every tensor that is not used further."""
    results = list(plan.results.values())
    if results:
        return results
    used = {ref for step in plan.steps for ref in step.args}
    firsts = (Endpoint(step.name, step.layer.outputs[0].name) for step in plan.steps)
    return [ref for ref in firsts if ref not in used]


def _class(project: Project, plan: Plan, results: list[Ref], steps: Sequence[Step]) -> list[str]:
    names = _variables(plan, steps)
    lines = [f"class {class_name(project.name)}(nn.Module):", f'    """{_purpose(plan)}"""', ""]
    lines += ["    def __init__(self) -> None:", "        super().__init__()"]
    for step in plan.steps:
        if step.layer.is_module:
            made = text.constructor(step.layer, step.kwargs)
            lines += text.statement(8, f"self.{_attribute(step.name)} = ", made)
    lines += ["", *_signature(plan, results, names), f'        """{_shapes(plan)}"""']
    returned = steps[-1] if steps and _ends_in(steps[-1], results) else None
    for step in steps:
        start = "return " if step is returned else f"{_target(step, names)} = "
        lines += text.statement(8, start, _expression(step, names), _comment(step, names))
    if returned is None:
        lines += text.statement(8, "return ", ", ".join(names[ref] for ref in results))
    return lines


def _ends_in(step: Step, results: list[Ref]) -> bool:
    """Whether the last step's one tensor is the one result, so that it needs no name."""
    return not step.layer.returns and results == [Endpoint(step.name, step.layer.outputs[0].name)]


def _expression(step: Step, names: Mapping[Ref, str]) -> str:
    inputs = [names[ref] for ref in step.args]
    if step.layer.is_module:
        given = ", ".join(text.tensors(step.layer, inputs, step.ports))
        return f"self.{_attribute(step.name)}({given})"
    return text.call(step.layer, step.kwargs, inputs, step.ports)


def _target(step: Step, names: Mapping[Ref, str]) -> str:
    """What the result is assigned to; parts that nothing uses become `_`."""
    first = Endpoint(step.name, step.layer.outputs[0].name)
    if not step.layer.returns:
        return names[first]
    known = {port.name: names.get(Endpoint(step.name, port.name), "_") for port in step.layer.outputs}
    pattern = re.sub(r"\w+", lambda match: known.get(match.group(), "_"), step.layer.returns)
    return re.sub(r"\((?:_(?:, )?)+\)", "_", pattern)


def _variables(plan: Plan, steps: Sequence[Step]) -> dict[Ref, str]:
    """A name for every tensor that is used: the node's, with the port's behind it for further outputs."""
    used = {ref for step in steps for ref in step.args} | set(results_of(plan))
    taken = {short for step in plan.steps if (short := text.short(step.layer.target or "")).isidentifier()}
    names: dict[Ref, str] = {}
    wanted: list[tuple[Endpoint, str]] = []
    for step in plan.model_inputs:
        names[Endpoint(step.name, "output")] = free_name(step.name, taken)
        taken.add(free_name(step.name, taken))
    for step in steps:
        for index, port in enumerate(step.layer.outputs):
            piece = re.fullmatch(r"output(\d+)", port.name)
            name = f"{step.name}_{piece[1] if piece else port.name}" if index or piece else step.name
            wanted.append((Endpoint(step.name, port.name), name))
    for ref, name in wanted:
        if ref in used:
            names[ref] = free_name(name, taken)
            taken.add(names[ref])
    return names


def _attribute(node: str) -> str:
    """The attribute's name, which is the node's as long as that is a valid one."""
    return node if name_error(node) is None else free_name(node, ())


def _signature(plan: Plan, results: list[Ref], names: Mapping[Ref, str]) -> list[str]:
    inputs = [f"{names[Endpoint(step.name, 'output')]}: Tensor" for step in plan.model_inputs]
    returned = "Tensor" if len(results) == 1 else f"tuple[{', '.join(['Tensor'] * len(results))}]"
    line = f"    def forward({', '.join(['self', *inputs])}) -> {returned}:"
    if len(line) <= text.WIDTH:
        return [line]
    inner = " " * 8 + ", ".join(["self", *inputs])
    body = [inner] if len(inner) <= text.WIDTH else [f"        {one}," for one in ["self", *inputs]]
    return ["    def forward(", *body, f"    ) -> {returned}:"]


def _comment(step: Step, names: Mapping[Ref, str]) -> str:
    """The shapes of the results that are used."""
    ports = zip(step.layer.outputs, step.outputs, strict=True)
    used = (type for port, type in ports if Endpoint(step.name, port.name) in names)
    return " and ".join(map(_shape, used))


def _shape(type: TensorType) -> str:
    sizes = [str(size) for size in type.shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def _shapes(plan: Plan) -> str:
    inputs = [f"{_attribute(one.name)} is {_shape(one.type)} {one.type.dtype}" for one in plan.model_inputs]
    return f"Run the network; {', '.join(inputs) or 'it has no inputs'}."


def _purpose(plan: Plan) -> str:
    losses = [f"{loss.layer.type} ({loss.name})" for loss in plan.losses]
    return f"Trained with {' and '.join(losses)}." if losses else "The network as it was drawn."


def _title(project: Project) -> str:
    shown = "".join(c for c in project.name if c.isprintable() and c not in '"\\')
    return shown.strip() or "Model"


def class_name(title: str) -> str:
    """mlp_digits becomes MlpDigits; what cannot be a class's name becomes Model."""
    words = re.findall(r"[A-Za-z0-9]+", title)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if name and name[0].isalpha() and name_error(name) is None and name != "F" else f"Model{name}"


def _copied(steps: Iterable[Step]) -> list[str]:
    """The functions and modules of blocks.py that are used and have no plain expression."""
    targets = dict.fromkeys(
        step.layer.target
        for step in steps
        if step.layer.target and text.is_copied(step.layer.target) and not _plain(step)
    )
    lines: list[str] = []
    for target in targets:
        lines += [*inspect.getsource(calls.resolve(target)).rstrip().splitlines(), "", ""]
    return lines


def _plain(step: Step) -> bool:
    return bool(step.layer.joined or step.layer.source)


def _imports(code: str) -> list[str]:
    """The imports that the code uses, sorted as ruff does."""
    uses = {name for name in ("math", "torch", "F", "Tensor", "nn") if re.search(rf"\b{name}\b", code)}
    lines = ["import math", ""] if "math" in uses else []
    lines += ["import torch"] if re.search(r"\btorch\.", code) else []
    lines += ["import torch.nn.functional as F"] if re.search(r"\bF\.", code) else []
    return [*lines, f"from torch import {', '.join(name for name in ('Tensor', 'nn') if name in uses)}"]
