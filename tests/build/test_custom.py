"""Layers of the user's own: never run before they are trusted, told by line, and bounded in time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Checked
from studio.catalog.python_source import SourceError, read_layer
from studio.catalog.template import TEMPLATE
from studio.catalog.trust import Trust, trust
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project
from studio.project.storage import dumps, loads

FIELDS = {"x": Field("x", (3,))}
OWN = TEMPLATE.replace("a learned number", "its own number")
SCALED = "        return input * self.weight"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path))


def drawing(type: str = "PythonLayer", **params: object) -> Project:
    """Three numbers through one layer of the user's own."""
    nodes = [Node("x", "Input", {"field": "x"}), Node("own", type, params), Node("out", "Output")]  # type: ignore[arg-type]
    edges = (
        Edge(Endpoint("x", "output"), Endpoint("own", "input")),
        Edge(Endpoint("own", "output"), Endpoint("out", "input")),
    )
    return Project(graph=Graph({node.name: node for node in nodes}, edges))


def check(project: Project) -> Checked:
    return Checker().check(project, FIELDS)


def test_what_is_not_trusted_does_not_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    source = f"open({str(canary)!r}, 'w').write('ran')\n{TEMPLATE}"
    (problem,) = check(loads(dumps(drawing(source=source)))).errors
    assert "not trusted yet" in problem.message
    assert problem.field == "source"
    assert not canary.exists()
    trust().add(source)
    assert not check(drawing(source=source)).errors
    assert canary.exists()


@pytest.mark.parametrize(
    "start", ["torch.nn.x = ", "torch.nn.x: ", "torch.nn.", TEMPLATE, "\ufefftorch.nn.x = "]
)
def test_a_source_that_begins_like_what_is_ours_is_not_ours(start: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    source = f"{start}open({str(canary)!r}, 'w')\n{TEMPLATE}"
    assert check(drawing(source=source)).errors
    assert not canary.exists()


def test_a_source_of_half_a_character_is_not_trusted() -> None:
    assert not trust().holds("x = '\ud800'")


def test_one_changed_character_is_another_text() -> None:
    trust().add(OWN)
    assert not check(drawing(source=OWN)).errors
    assert check(drawing(source=OWN + " ")).errors


def test_a_check_sees_that_a_text_was_trusted_meanwhile() -> None:
    checker = Checker()
    project = drawing(source=OWN)
    assert checker.check(project, FIELDS).errors
    trust().add(OWN)
    assert not checker.check(project, FIELDS).errors


def test_trust_is_kept_and_a_broken_file_trusts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "somewhere" / "trusted.json"
    Trust(path).add("text")
    assert Trust(path).holds("text")
    path.write_text('{"no": "list"')
    assert not Trust(path).holds("text")
    once = Trust(path)
    once.add("for now", keep=False)
    assert once.holds("for now")
    assert not Trust(path).holds("for now")


def test_the_form_and_the_ports_are_read_off_the_class() -> None:
    source = '''
import torch
from torch import Tensor, nn


class Mixer(nn.Module):
    """Mixes two tensors."""

    def __init__(self, in_features: int, width: int = 8, rate: float = 0.5, name="a", *, on=True):
        super().__init__()
        self.line = nn.Linear(in_features, width)

    def forward(self, first: Tensor, second: Tensor | None = None) -> tuple[Tensor, Tensor]:
        low, high = self.line(first), first
        return low, high
'''
    found = read_layer(source)
    assert found.name == "Mixer"
    assert found.doc == "Mixes two tensors."
    assert [(type(one).__name__, one.name, one.default) for one in found.params] == [
        ("Int", "width", 8),
        ("Float", "rate", 0.5),
        ("Text", "name", "a"),
        ("Bool", "on", True),
    ]
    assert list(found.derived) == ["in_features"]
    assert [(port.name, port.optional) for port in found.inputs] == [("first", False), ("second", True)]
    assert [port.name for port in found.outputs] == ["low", "high"]


def test_it_learns_like_any_layer() -> None:
    checked = check(drawing(start=2.0))
    assert not checked.errors
    network = Network(checked.plan)
    x = torch.rand(4, 3)
    assert torch.equal(network(x), x * 2)
    assert {name: tuple(one.shape) for name, one in network.state_dict().items()} == {"own.weight": (3,)}
    assert checked.costs["own"].parameters == 3


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class A(:", "line 1: Python does not understand this line"),
        ("x = 1", "there is no class with a forward method"),
        (
            "class a:\n    def forward(self, x): return x",
            "line 1: the class's name a must start with a capital",
        ),
        ("class A:\n    def forward(self): return 1", "line 2: forward takes no tensor"),
        (
            "class A:\n    def __init__(self, size): ...\n    def forward(self, x): return x",
            "size needs a default",
        ),
    ],
)
def test_source_that_is_no_layer_is_told_by_line(source: str, said: str) -> None:
    (problem,) = check(drawing(source=source)).errors
    assert said in problem.message
    assert problem.field == "source"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("        return input @ self.weight @ input @ input", "line 17 of its source fails"),
        ("        raise SystemExit(3)", "line 17 of its source fails: it asks the program to exit"),
        ("        return undefined", "line 17 of its source fails: name 'undefined' is not defined"),
    ],
)
def test_what_fails_while_running_is_told_by_line(line: str, said: str) -> None:
    source = TEMPLATE.replace(SCALED, line)
    at = source.splitlines().index(line) + 1
    trust().add(source)
    (problem,) = check(drawing(source=source)).errors
    assert said.replace("17", str(at)) in problem.message


def test_a_loop_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.build import custom

    monkeypatch.setattr(custom.bounded.__wrapped__, "__defaults__", (0.2,))
    source = TEMPLATE.replace(SCALED, "        while True: pass")
    trust().add(source)
    (problem,) = check(drawing(source=source)).errors
    assert "it took longer than 0.2 seconds" in problem.message


FIRST = """
import sys
from contextlib import contextmanager
from studio.build import custom
from studio.catalog.trust import trust
from tests.build.test_custom import OWN, check, drawing

bounded, loaded = custom.bounded, []

@contextmanager
def watched(*seconds):
    before = set(sys.modules)
    with bounded(*seconds):
        yield
    loaded.append(set(sys.modules) - before)

custom.bounded = watched
trust().add(OWN)
assert not check(drawing(source=OWN)).errors
print(len(loaded), set().union(*loaded))
"""


def test_what_torch_loads_for_its_first_answer_is_not_taken_off_a_layers_time(tmp_path: Path) -> None:
    environment = {**os.environ, "NEUROLOOM_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", FIRST], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("3 set()\n", "")


def test_a_module_by_its_path() -> None:
    checked = check(drawing("Module", path="torch.nn.Softshrink", lambd=0.1))
    assert not checked.errors
    x = torch.randn(4, 3)
    assert torch.equal(Network(checked.plan)(x), torch.nn.Softshrink(0.1)(x))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("Linear", "no dotted path"),
        ("nowhere.at.All", "no package nowhere is installed"),
        ("torch.nn.NoSuchLayer", "torch.nn has no class NoSuchLayer"),
        ("sklearn.linear_model.Ridge", "Ridge has no forward method"),
    ],
)
def test_a_path_that_leads_nowhere(path: str, said: str) -> None:
    (problem,) = check(drawing("Module", path=path)).errors
    assert said in problem.message
    assert problem.field == "path"


def test_a_module_is_not_imported_before_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "canary"
    (tmp_path / "strangers_package.py").write_text(
        f"open({str(canary)!r}, 'w').write('ran')\nfrom torch import nn\n\n"
        "class Twice(nn.Module):\n    def forward(self, x):\n        return 2 * x\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    project = drawing("Module", path="strangers_package.Twice")
    renamed = project.graph.without_edges(*project.graph.incoming("own")).with_edges(
        Edge(Endpoint("x", "output"), Endpoint("own", "x"))
    )
    project = project.with_graph(renamed)
    (problem,) = check(project).errors
    assert "strangers_package.Twice is not trusted yet" in problem.message
    assert not canary.exists()
    trust().add("strangers_package.Twice")
    assert not check(project).errors
    assert canary.exists()


def test_reading_hostile_source_never_hangs() -> None:
    with pytest.raises(SourceError):
        read_layer("(" * 100_000)


def test_code_of_ones_own_may_take_whole_numbers() -> None:
    source = (
        "class Words(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.table = nn.Embedding(10, 4)\n\n"
        "    def forward(self, input):\n"
        "        return self.table(input)\n"
    )
    trust().add(source)
    checked = Checker().check(drawing(source=source), {"x": Field("x", (7,), "int64")})
    assert not checked.errors
    assert checked.types[Endpoint("own", "output")].described.startswith("N × ")
    (wrong,) = check(drawing(source=source)).errors
    assert "own" in wrong.message
