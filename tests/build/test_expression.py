"""The Expression node: names become inputs, and nothing but the listed functions ever runs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
import torch
from torch import nn

from studio.build.check import Checker
from studio.build.formulas import compiled
from studio.build.network import Network
from studio.catalog.formula import FUNCTIONS, read_formula
from studio.interchange.pytorch.source import to_pytorch
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project


def drawing(expression: str, **inputs: tuple[int, ...]) -> tuple[Project, dict[str, Field]]:
    """Tensors of these shapes into one formula."""
    nodes = [Node(name, "Input", {"field": name}) for name in inputs]
    nodes += [Node("formula", "Expression", {"expression": expression}), Node("out", "Output")]
    edges = [Edge(Endpoint(name, "output"), Endpoint("formula", name)) for name in inputs]
    edges.append(Edge(Endpoint("formula", "output"), Endpoint("out", "input")))
    project = Project(graph=Graph({node.name: node for node in nodes}, tuple(edges)))
    return project, {name: Field(name, shape) for name, shape in inputs.items()}


def test_a_formula_runs_is_typed_and_is_exported() -> None:
    expression = "softmax(q @ transpose(k, 1, 2) / 2, -1) @ v + v.mean(1, keepdim=True)"
    project, fields = drawing(expression, q=(4, 6), k=(5, 6), v=(5, 3))
    checked = Checker().check(project, fields)
    assert not checked.errors
    assert str(checked.types[Endpoint("formula", "output")]) == "N×4×3"
    tensors = {name: torch.rand(2, *field.shape) for name, field in fields.items()}
    given = [tensors[step.field] for step in checked.plan.model_inputs]
    q, k, v = tensors["q"], tensors["k"], tensors["v"]
    expected = torch.softmax(q @ k.transpose(1, 2) / 2, -1) @ v + v.mean(1, keepdim=True)
    assert torch.equal(Network(checked.plan)(*given), expected)
    space: dict = {}
    exec(compile(to_pytorch(project, checked.plan), "model.py", "exec"), space)
    model = next(one for one in space.values() if inspect.isclass(one) and issubclass(one, nn.Module))
    assert torch.equal(model()(*given), expected)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__.__bases__",
        "(lambda: x)()",
        "[y for y in x]",
        "open('file') + x",
        "x.data",
        "torch.load(x)",
        "np.exp(x)",
        "eval('x')",
        "f'{x}'",
        "x if x else x",
        "x := 1",
        "1 + 1",
        "*x",
        "sum(**x)",
        "(" * 3000,
        "_x + 1",
    ],
)
def test_what_is_not_listed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"formula|function|letter|without"):
        read_formula(text)
    project, fields = drawing(text, x=(3,))
    problem = Checker().check(project, fields).errors[0]
    assert problem.field == "expression"
    assert problem.fixes


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_listed_function_is_there(name: str) -> None:
    spaces = {"torch": torch, "F": nn.functional}
    target = FUNCTIONS[name]
    assert callable(getattr(torch.Tensor, target[1:]) if target.startswith(".") else eval(target, spaces))
    assert read_formula(f"{name}(x)").names == ("x",)


def test_a_shape_that_does_not_fit_is_told() -> None:
    project, fields = drawing("a @ b", a=(3, 4), b=(5, 6))
    (problem,) = Checker().check(project, fields).errors
    assert problem.node == "formula"
    assert "N×3×4" in problem.message
    assert compiled("a * 2")(torch.ones(1)).item() == 2


@pytest.mark.parametrize(
    "text", ["x**2**2**2**9", "9**9**9 * x", "((9**64)**64)**64 * x", "2**(1 + 99999) * x"]
)
def test_a_power_that_would_take_forever_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too large a power"):
        read_formula(text)


def test_small_powers_of_numbers_stay() -> None:
    assert read_formula("x * 10**-3 + 2**0.5").names == ("x",)


def test_a_function_that_loads_a_module_when_first_called_runs() -> None:
    text = "from studio.build.formulas import expression; import torch; "
    text += "print(expression(torch.tensor([-3.0, 0.5]), expression='clamp(x, -1.0, 1.0)').tolist())"
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[-1.0, 0.5]"
