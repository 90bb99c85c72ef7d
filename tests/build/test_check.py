"""The check as a whole: what it remembers never changes what it says, and it is quick."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace

import pytest

from benchmarks.drawings import tower
from studio.build.check import Checker
from studio.build.plan import Checked
from studio.catalog.blocks import catalog_of
from studio.catalog.registry import registry
from studio.project import block_edits, edits
from studio.project.block import graph_of, within
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint
from studio.project.project import Project
from studio.project.storage import dumps, loads
from tests.build.drawings import FIELDS, classifier, node, residual
from tests.build.test_blocks import nested


def said(checked: Checked) -> tuple[object, ...]:
    """All that a check says, in a form that compares."""
    problems = [
        (p.severity, p.message, p.hint, p.node, p.field, [fix.label for fix in p.fixes])
        for p in checked.problems
    ]
    return problems, dict(checked.types), dict(checked.costs), checked.plan, dict(checked.steps)


def inside(checked: Checked) -> list[object]:
    """All that a check says of the inside of blocks."""
    return [
        (path, said(checked.inside(path)), inside(checked.inside(path)))
        for name, turns in checked.inner.items()
        for path in [(f"{name}.{turn}",) for turn in range(len(turns))]
    ]


def random_block_edit(project: Project, dice: random.Random) -> Project:
    """One edit of blocks, in the main drawing or inside of one."""
    where = dice.choice([None, *project.blocks])
    kind = dice.randrange(7)
    uses = [name for name, node in project.graph.nodes.items() if node.type.startswith("block:")]
    if kind == 0 and uses:
        values = {"width": dice.choice([4, 8, "= size", "= size /"]), "repeat": dice.choice([1, 2, 3])}
        values |= {"overrides": dice.choice([{}, {"conv1.padding": 0}, {"a.norm.affine": False}, {"b": 1}])}
        return edits.set_params(project, dice.choice(uses), values | {"shared": dice.random() < 0.5})
    if kind == 1:
        return replace(project, constants={"size": dice.choice([4, 8])})
    if kind == 2:
        graph = graph_of(project, where)
        chosen = dice.sample(sorted(graph.nodes), min(2, len(graph.nodes)))
        try:
            return block_edits.make_block(project, chosen, f"B{dice.randrange(10**6)}", where)[0]
        except ValueError:
            return project
    if kind == 3 and uses:
        try:
            return block_edits.unpack(project, dice.choice(uses))[0]
        except ValueError:
            return project
    if kind == 4 and project.blocks:
        placed = "block:" + dice.choice([*project.blocks, "Missing"])
        return within(project, where, lambda seen: edits.add_node(seen, placed, (0.0, 0.0))[0])
    return within(project, where, lambda seen: random_edit(seen, dice) if seen.graph.nodes else seen)


def random_edit(project: Project, dice: random.Random) -> Project:
    """One edit of the kind that people make, sound or not."""
    names = list(project.graph.nodes)
    layers = list(registry().layers.values())
    one = dice.choice(names)
    kind = dice.randrange(8)
    if kind == 0:
        return edits.add_node(project, dice.choice(layers).type, (0.0, 0.0))[0]
    if kind == 1 and len(names) > 4:
        return edits.delete(project, [one])
    if kind == 2:
        return edits.set_muted(project, [one], dice.random() < 0.5)
    if kind == 3 and project.graph.edges:
        return edits.disconnect(project, dice.choice(project.graph.edges))
    layer = catalog_of(project).layer_of(project.graph.nodes[one])
    if kind == 4 and layer and layer.all_params:
        param = dice.choice(layer.all_params)
        return edits.set_params(project, one, {param.name: dice.choice([0, 1, 2, 5, "label", None, (1, 2)])})
    if kind == 5:
        return edits.move(project, {one: (dice.random(), 1.0)})
    target = dice.choice(names)
    other = catalog_of(project).layer_of(project.graph.nodes[target])
    if layer and other and layer.outputs and other.inputs:
        source = Endpoint(one, dice.choice(layer.outputs).name)
        port = dice.choice(other.inputs)
        return edits.connect(project, source, Endpoint(target, port.name), port.variadic)
    return project


@pytest.mark.parametrize("seed", range(12))
def test_an_incremental_check_says_what_a_fresh_one_says(seed: int) -> None:
    dice = random.Random(seed)
    checker = Checker()
    project = residual()
    for _ in range(25):
        project = random_edit(project, dice)
        fields = dice.choice([FIELDS, FIELDS, FIELDS, None, {}])
        assert said(checker.check(project, fields)) == said(Checker().check(project, fields))


@pytest.mark.parametrize("seed", range(16))
def test_with_blocks_it_says_the_same_too(seed: int) -> None:
    dice = random.Random(seed)
    checker = Checker()
    project = nested()
    for _ in range(25):
        project = random_block_edit(project, dice)
        fields = dice.choice([FIELDS, FIELDS, FIELDS, None])
        one, other = checker.check(project, fields), Checker().check(project, fields)
        assert said(one) == said(other)
        assert inside(one) == inside(other)
        assert loads(dumps(project)) == project


def test_going_back_says_the_same_again() -> None:
    checker = Checker()
    before = said(checker.check(residual(), FIELDS))
    checker.check(edits.delete(residual(), ["relu", "lstm"]), FIELDS)
    assert said(checker.check(residual(), FIELDS)) == before


def test_unknown_data_is_no_mistake_and_a_given_shape_stands_in() -> None:
    project = classifier(node("conv1", "Conv2d"))
    unknown = Checker().check(project, None)
    assert unknown.problems == ()
    assert unknown.types == {}
    shaped = edits.set_params(project, "x", {"shape": (1, 8, 8)})
    known = Checker().check(shaped, None)
    assert str(known.types[Endpoint("conv1", "output")]) == "N×32×6×6"
    assert [loss.name for loss in known.plan.losses] == ["loss"]


def test_the_data_gives_the_shape_where_it_has_the_field() -> None:
    project = edits.set_params(classifier(), "x", {"shape": (9,)})
    assert str(Checker().check(project, FIELDS).types[Endpoint("x", "output")]) == "N×1×8×8"
    other = {**FIELDS, "image": Field("image", (3, 4, 4))}
    checker = Checker()
    checker.check(project, FIELDS)
    assert str(checker.check(project, other).types[Endpoint("flatten", "output")]) == "N×48"


def test_costs_and_plan_hold_what_is_drawn() -> None:
    checked = Checker().check(residual(), FIELDS)
    assert checked.total.parameters == sum(cost.parameters for cost in checked.costs.values()) > 0
    assert [step.name for step in checked.plan.model_inputs] == ["image"]
    assert list(checked.plan.results) == ["result"]


def test_a_thousand_nodes_stay_without_problems_after_edits() -> None:
    project = tower(1000)
    checker = Checker()
    assert checker.check(project, FIELDS).problems == ()
    for width in (20, 21, 22):
        project = edits.set_params(project, "conv3a", {"out_channels": width})
        assert checker.check(project, FIELDS).problems == ()


def test_a_long_chain_needs_no_deep_recursion() -> None:
    row = [node(f"same{i}", "Dropout", p=0.1) for i in range(3000)]
    assert Checker().check(classifier(*row), FIELDS).problems == ()


def test_the_module_loads_without_torch() -> None:
    code = "import sys, studio.build.check; print(sorted({'torch', 'networkx', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_wire_twice_at_one_place_is_still_ordered() -> None:
    graph = residual().graph
    doubled = graph.with_edges(Edge(Endpoint("image", "output"), Endpoint("skip", "inputs", 1)))
    project = residual().with_graph(doubled)
    assert said(Checker().check(project, FIELDS)) == said(Checker().check(project, FIELDS))
