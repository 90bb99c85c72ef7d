"""check, show and export: what can be said of a project without training it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.catalog.paths import missing_weights
from studio.cli.say import PROBLEMS, problem_values, say, say_json, table, tell_problems
from studio.project.block import PREFIX
from studio.project.project import Project
from studio.project.storage import load

if TYPE_CHECKING:
    from studio.build.check import Checker
    from studio.build.plan import Checked
    from studio.project.graph import Node


def checked(project: Project, folder: Path) -> Checked:
    """The check of a project together with its data; relative paths start from `folder`."""
    return _checked(project, folder)[0]


def _checked(project: Project, folder: Path) -> tuple[Checked, Checker]:
    from studio.build.check import Checker
    from studio.data.describe import describe
    from studio.train.machine import this_machine
    from studio.train.room import room

    found = describe(project.data, folder)
    unknown = not found.fields and found.problems  # no second complaint for every field that is missing then
    checker = Checker()
    fields = None if unknown else found.fields
    told = (*found.problems, *missing_weights(project, folder))
    machine = this_machine()
    return checker.check(project, fields, told, found.parts, room(project), machine), checker


def run_folder(given: str) -> Path:
    """The folder of a run. Raises StudioError where it is none."""
    from studio.train.runs import read_run

    return read_run(Path(given)).path


def check(arguments: Namespace) -> int:
    """neuroloom check FILE: list the problems, each with the fixes that mend it."""
    from studio.build.repair import repaired

    path = Path(arguments.file)
    plain, checker = _checked(load(path), path.parent)
    answer = repaired(plain, checker) or plain
    if arguments.json:
        say_json({"file": str(path), "problems": [problem_values(one) for one in answer.problems]})
    else:
        tell_problems(answer.problems, fixes=True)
        say(_verdict(answer))
    return PROBLEMS if answer.errors else 0


def _verdict(answer: Checked) -> str:
    errors = len(answer.errors)
    warnings = len(answer.problems) - errors
    found = [
        f"{count} {word}{'s' if count > 1 else ''}"
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    nodes = answer.project.node_count
    return f"{answer.project.name}: {', '.join(found) or 'no problems'} in {nodes} nodes"


def show(arguments: Namespace) -> int:
    """neuroloom show FILE: a table of the nodes in the order in which they run, blocks with their inside."""
    path = Path(arguments.file)
    answer = checked(load(path), path.parent)
    rows = [["node", "type", "output", "parameters", "multiply-adds"]]
    rows += _rows(answer)
    total = answer.total
    rows.append(["total", "", "", f"{total.parameters:,}", f"{total.multiply_adds:,}"])
    if total.frozen:
        rows.append(["of these frozen", "", "", f"{total.frozen:,}", ""])
    say(table(rows, right=(3, 4)))
    for line in _open_sizes(answer):
        say(line)
    tell_problems(answer.problems)
    return PROBLEMS if answer.errors else 0


def _rows(answer: Checked, indent: str = "") -> list[list[str]]:
    """The nodes of a drawing; below one that places a block those inside, for the first of its repeats."""
    rows: list[list[str]] = []
    for name in _in_order(answer):
        node = answer.project.graph.nodes[name]
        rows.append([indent + name, _type(node, answer), *_numbers(name, answer)])
        if answer.inner.get(name):
            rows += _rows(answer.inside((name,)), indent + "  ")
    return rows


def _type(node: Node, answer: Checked) -> str:
    """A node's type; with how often a block follows itself, and whether the weights are its own each time."""
    step = answer.steps.get(node.name)
    type = node.type.removeprefix(PREFIX)
    if step is None or step.repeat == 1:
        return type
    return f"{type} × {step.repeat}" + (" (shared)" if len(step.inner) == 1 else "")


def _numbers(name: str, answer: Checked) -> list[str]:
    shapes = [str(type) for end, type in answer.types.items() if end.node == name]
    cost = answer.costs.get(name)
    counts = [f"{cost.parameters:,}", f"{cost.multiply_adds:,}"] if cost else ["", ""]
    return [", ".join(shapes), *counts]


def _open_sizes(answer: Checked) -> list[str]:
    """What is demanded of the sizes that Input nodes leave open, and what these count as in the table."""
    from studio.build.requirements import of_input, sentences
    from studio.build.sizes import ASSUMED

    opened = [step for step in answer.plan.inputs if step.type.open]
    if not opened:
        return []
    lines = [
        f"{step.name}: {sentence}"
        for step in opened
        for sentence in sentences(of_input(step.type, answer.requirements))
    ]
    names = sorted({name for step in opened for name in step.type.open})
    return [*lines, f"Multiply-adds are those where {' and '.join(names)} = {ASSUMED}."]


def _in_order(answer: Checked) -> list[str]:
    plan = answer.plan
    planned = [one.name for part in (plan.inputs, plan.steps, plan.losses, plan.outputs) for one in part]
    rest = sorted(answer.project.graph.nodes.keys() - set(planned))
    return [*planned, *rest]
