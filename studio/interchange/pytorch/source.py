"""A plan as readable PyTorch source: a class for the network and one for each block, and their forward.

Modules are named as the nodes. With the same weights it gives the same output as Network, bit for bit; with
the same seed the same weights.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.build import calls
from studio.build.plan import Plan, Ref, Step
from studio.interchange.exported import Exported
from studio.interchange.pytorch import text
from studio.interchange.pytorch.check import Weights, compared, save_tensors
from studio.interchange.pytorch.class_lines import class_lines
from studio.interchange.pytorch.imports import import_lines
from studio.interchange.pytorch.own_source import imported_modules, own_sources
from studio.interchange.pytorch.uses import kinds_of, use_of, whole
from studio.interchange.pytorch.values import Solved
from studio.interchange.whole_files import write_whole
from studio.project.block import block_name
from studio.project.graph import Endpoint, free_name, name_error
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class Module:
    """The network's class by `name`, after those that it is made of, and the imports that they need beside
    torch's.
    """

    name: str
    classes: tuple[list[str], ...]
    imports: tuple[str, ...]
    own_names: frozenset[str] = frozenset()
    """What the user's own layers are called."""


def to_pytorch(project: Project, plan: Plan, weights: str = "") -> str:
    """The whole module: docstring, imports, what torch lacks, a class for each block, and the network's.

    Where the name of a file of `weights` is given, the docstring says how they are loaded.
    """
    if not plan.steps:
        return f'"""{_title(project)}: no layer is drawn yet."""\n'
    made = module_of(project, plan)
    body = "\n\n\n".join("\n".join(lines) for lines in made.classes)
    title = f'"""{_title(project)}: a neural network in PyTorch, drawn with Neuroloom.'
    head = [*_titled(title, made.name, weights), ""]
    return "\n".join([*head, *import_lines(body, made.imports), "", "", body]) + "\n"


def _titled(title: str, name: str, weights: str) -> list[str]:
    """The docstring."""
    if not weights:
        return [f'{title}"""']
    file = "".join(c for c in weights if c.isprintable() and c not in '"\\')
    return [
        title,
        "",
        "    from safetensors.torch import load_file",
        "",
        f"    model = {name}()",
        f'    model.load_state_dict(load_file("{file}"))',
        '"""',
    ]


def module_of(project: Project, plan: Plan, reserved: Iterable[str] = ()) -> Module:
    """The classes of a plan that has steps; none of them is called by a name that is `reserved`."""
    steps = steps_within(plan)
    taken = {*_taken(steps), *reserved}
    name = _network_name(project, taken)
    imports, own = own_sources(steps)
    classes = _classes(project, plan, name, taken)
    own_names = frozenset(step.layer.target or "" for step in steps if step.layer.code)
    return Module(name, (*_copied(steps), *own, *classes), (*imports, *imported_modules(steps)), own_names)


def _classes(project: Project, plan: Plan, name: str, reserved: set[str]) -> Iterator[list[str]]:
    """The lines of each class, those first that others are made of."""
    top = use_of(plan, project.constants)
    taken = {name, *reserved}
    kinds = kinds_of(project, top, _class_names(project, taken), taken)
    solved: dict[str, Solved] = {}
    for kind in kinds:
        solved[kind.name] = Solved(kind, solved)
        doc = kind.doc or f"The block {kind.block}."
        yield class_lines(solved[kind.name], solved, doc, "block")
    main = Solved(whole(project, name, top, results_of(plan), kinds), solved)
    yield class_lines(main, solved, _purpose(plan), "network")


def _class_names(project: Project, taken: set[str]) -> dict[str, str]:
    """A class's name for each block; none of them is another's, or that of something copied."""
    names: dict[str, str] = {}
    for block in sorted(project.blocks):
        names[block] = free_name(class_name(block), {*taken, *names.values()})
    return names


def _network_name(project: Project, taken: set[str]) -> str:
    name = class_name(project.name)
    return free_name(f"{name}Network", taken) if name in taken else name


def _taken(steps: Iterable[Step]) -> set[str]:
    """Names of what is copied, and of the user's own classes."""
    return {text.short(step.layer.target or "") for step in steps}


def steps_within(plan: Plan) -> list[Step]:
    """All steps, those within blocks too."""
    found: list[Step] = []
    for step in plan.steps:
        found.append(step)
        for inner in step.inner:
            found += steps_within(inner)
    return found


def export_pytorch(
    project: Project, plan: Plan, path: Path, weights: Weights | None = None, folder: Path | None = None
) -> Exported:
    """Write the source to a file and, where there are weights, these beside it as safetensors.

    They are loaded into the source and compared with the network on samples of the data, whose relative paths
    start from `folder`. Raises StudioError.
    """
    if weights is None or not plan.steps:
        write_whole(path, to_pytorch(project, plan).encode())
        return Exported((path,))
    file = path.with_suffix(".safetensors")
    source = to_pytorch(project, plan, file.name)
    write_whole(path, source.encode())
    save_tensors(weights, file)
    found, count = compared(project, plan, source, module_of(project, plan).name, weights, folder)
    return Exported((path, file), found, samples=count)


def snippet(step: Step) -> str:
    """The one line that a step is in code: how the module is made, or the call."""
    if step.inner:
        return _placed(step)
    if step.layer.is_module:
        return text.constructor(step.layer, step.kwargs)
    names = [ref.node if isinstance(ref, Endpoint) else ref.field for ref in step.args]
    return text.call(step.layer, step.kwargs, names, step.ports)


def _placed(step: Step) -> str:
    """How a block's module is made, as far as its use alone tells."""
    defaults = {param.name: param.default for param in step.layer.params}
    given = [
        f"{name}={text.literal(value)}" for name, value in step.kwargs.items() if defaults[name] != value
    ]
    made = f"{class_name(block_name(step.layer.type) or '')}({', '.join(given)})"
    return made if len(step.inner) == 1 else f"nn.Sequential(*[{made} for _ in range({step.repeat})])"


def results_of(plan: Plan) -> list[Ref]:
    """What forward returns; before there is a loss or an Output, every tensor that is not used further."""
    results = list(plan.results.values())
    if results:
        return results
    used = {ref for step in plan.steps for ref in step.args}
    firsts = (Endpoint(step.name, step.layer.outputs[0].name) for step in plan.steps)
    return [ref for ref in firsts if ref not in used]


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


def _copied(steps: Iterable[Step]) -> list[list[str]]:
    """The functions and modules of blocks.py that are used and have no plain expression."""
    targets = dict.fromkeys(
        step.layer.target
        for step in steps
        if step.layer.target and text.is_copied(step.layer.target) and not _plain(step)
    )
    return [inspect.getsource(calls.resolve(target)).rstrip().splitlines() for target in targets]


def _plain(step: Step) -> bool:
    return bool(step.layer.joined or step.layer.source)
