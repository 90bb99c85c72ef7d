"""What can be wrong with blocks and their uses: where it is told, and the repairs that mend it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.build.check import Checker
from studio.build.plan import Checked
from studio.build.repair import repaired
from studio.errors import Problem
from studio.project import edits
from studio.project.block import Argument, Block, within
from studio.project.graph import Endpoint, Graph, Node
from studio.project.params import Value
from studio.project.project import Project
from tests.build.drawings import FIELDS, node, wire
from tests.build.test_blocks import block, chain, check, residual


def stem(width: int = 4) -> Node:
    return node("stem", "Conv2d", out_channels=width, padding=1)


def uses(*names: str, blocks: dict[str, Block] | None = None, **params: Value) -> Project:
    """A classifier with nodes in a row that place the block Residual."""
    row = [node(name, "block:Residual", **params) for name in names]
    return chain(stem(), *row, blocks=blocks or {"Residual": residual()})


def inner(project: Project, name: str, **values: Value) -> Project:
    """The project with parameters set inside of the block Residual."""
    return within(project, "Residual", lambda seen: edits.set_params(seen, name, values))


def only(checked: Checked) -> Problem:
    assert len(checked.problems) == 1, [one.message for one in checked.problems]
    return checked.problems[0]


def mended(project: Project, problem: Problem, at: int = 0) -> Checked:
    """The check after a fix; every other fix gives a project too."""
    for fix in problem.fixes:
        assert isinstance(fix.edit(project), Project)
    return check(problem.fixes[at].edit(project))


def test_a_mistake_inside_has_its_path_and_its_fix_edits_the_block() -> None:
    project = inner(uses("a"), "conv1", kernel_size=-3)
    problem = only(check(project))
    assert (problem.path, problem.block, problem.node, problem.field) == (
        ("a",),
        "Residual",
        "conv1",
        "kernel_size",
    )
    assert (
        problem.message == "a.conv1: kernel_size takes whole numbers (1 or 2 of them) of at least 1, not -3"
    )
    assert mended(project, problem).problems == ()


def test_the_same_mistake_in_several_uses_is_told_once() -> None:
    project = inner(uses("a", "b", "c"), "conv1", kernel_size=-3)
    problem = only(check(project))
    assert problem.path == ("a",)
    assert problem.message.endswith(", not -3 (and in 2 more uses of Residual)")
    assert mended(project, problem).problems == ()


def test_what_does_not_fit_inside_has_its_trace() -> None:
    problem = only(check(inner(uses("a"), "conv1", padding=0)))
    assert (problem.path, problem.node) == (("a",), "skip")
    assert any("conv2 (Conv2d)" in line for line in problem.trace)


def test_a_mistake_in_one_use_alone_names_that_one() -> None:
    project = chain(
        stem(),
        node("a", "block:Residual"),
        node("b", "block:Residual", width=5),
        blocks={"Residual": residual()},
    )
    problem = only(check(project))
    assert (problem.path, problem.node) == (("b",), "skip")
    assert "more use" not in problem.message


def test_mistakes_of_nested_blocks_have_the_whole_path() -> None:
    outer = block(
        [
            node("x", "Input"),
            node("one", "block:Residual"),
            node("two", "block:Residual"),
            node("y", "Output"),
        ],
        "x > one.x",
        "one.y > two.x",
        "two.y > y",
    )
    project = chain(
        stem(),
        node("s1", "block:Stage"),
        node("s2", "block:Stage"),
        blocks={"Residual": residual(), "Stage": outer},
    )
    assert check(project).problems == ()
    broken = inner(project, "norm", momentum="much")
    problem = only(check(broken))
    assert (problem.path, problem.block, problem.node) == (("s1", "one"), "Residual", "norm")
    assert problem.message.startswith("s1.one.norm: ")
    assert "3 more uses" in problem.message
    assert mended(broken, problem).problems == ()
    assert check(broken).inside(("s2", "two")).problems[0].path == ("s2", "two")


def test_no_such_block_offers_the_nearest() -> None:
    project = chain(stem(), node("a", "block:Residul"), blocks={"Residual": residual()})
    problem = next(one for one in check(project).problems if one.node == "a")
    assert problem.message == "a: there is no block called Residul"
    assert problem.fixes[0].label == "Make it Residual"
    assert mended(project, problem).problems == ()


def test_a_block_cannot_be_inside_of_itself() -> None:
    first = block([node("x", "Input"), node("b", "block:B"), node("y", "Output")], "x > b.x", "b.y > y")
    second = block([node("x", "Input"), node("a", "block:A"), node("y", "Output")], "x > a.x", "a.y > y")
    project = chain(stem(), node("use", "block:A"), blocks={"A": first, "B": second})
    problem = next(one for one in check(project).problems if "inside of itself" in one.message)
    assert problem.message == "use.b: a block cannot be inside of itself: A in B in A"
    assert (problem.path, problem.block, problem.node) == (("use",), "A", "b")
    assert not any("inside of itself" in one.message for one in mended(project, problem).problems)
    own = chain(stem(), node("use", "block:A"), blocks={"A": replace(second)})
    assert any("A in A" in one.message for one in check(own).problems)


def test_blocks_nest_only_so_deep() -> None:
    blocks = {"B0": block([node("x", "Input"), node("r", "ReLU"), node("y", "Output")], "x > r", "r > y")}
    for depth in range(1, 40):
        blocks[f"B{depth}"] = block(
            [
                node("x", "Input"),
                node("b", f"block:B{depth - 1}"),
                node("c", f"block:B{depth - 1}"),
                node("y", "Output"),
            ],
            "x > b.x",
            "b.y > c.x",
            "c.y > y",
        )
    deep = only_error(check(chain(stem(), node("use", "block:B39"), blocks=blocks)))
    assert deep.message == "use: B39 nests blocks deeper than 32"
    large = check(chain(stem(), node("use", "block:B20"), blocks=blocks)).errors[0]
    assert large.message.startswith("use.b.b.b: this comes to 131,072 layers; at most 100,000 ")
    assert check(chain(stem(), node("use", "block:B3"), blocks=blocks)).errors == ()


def only_error(checked: Checked) -> Problem:
    assert len(checked.errors) == 1, [one.message for one in checked.errors]
    return checked.errors[0]


def test_a_block_without_output_gets_one() -> None:
    silent = block([node("x", "Input"), node("r", "ReLU")], "x > r")
    project = chain(stem(), node("a", "block:Silent"), blocks={"Silent": silent})
    problem = next(one for one in check(project).problems if "has no Output" in one.message)
    assert problem.node == "a"
    after = problem.fixes[0].edit(project)
    assert [one.type for one in after.blocks["Silent"].graph.nodes.values()] == ["Input", "ReLU", "Output"]
    assert not any("has no Output" in one.message for one in check(after).problems)


def test_more_results_than_the_next_repeat_takes() -> None:
    two = block([node("x", "Input"), node("y", "Output"), node("z", "Output")], "x > y", "x > z")
    project = chain(stem(), node("a", "block:Two", repeat=2), blocks={"Two": two})
    problem = only_error(check(project))
    assert problem.message == "a: Two gives 2 tensors; the next repeat takes 1 tensor"
    assert mended(project, problem).errors == ()


def test_shared_weights_take_the_same_each_time() -> None:
    smaller = block(
        [node("x", "Input"), node("pool", "MaxPool2d"), node("y", "Output")], "x > pool", "pool > y"
    )
    project = chain(stem(), node("a", "block:Smaller", repeat=2, shared=True), blocks={"Smaller": smaller})
    problem = only_error(check(project))
    assert (
        problem.message == "a: with shared weights each repeat takes the same; x gets N×4×8×8, then N×4×4×4"
    )
    after = mended(project, problem)
    assert after.errors == ()
    assert str(after.types[Endpoint("a", "y")]) == "N×4×2×2"


def test_a_later_repeat_that_fails_is_named() -> None:
    smaller = block(
        [node("x", "Input"), node("pool", "MaxPool2d"), node("y", "Output")], "x > pool", "pool > y"
    )
    project = chain(stem(), node("a", "block:Smaller", repeat=4), blocks={"Smaller": smaller})
    problem = only_error(check(project))
    assert problem.path == ("a",)
    assert "(in repeat 4)" in problem.message


def test_a_loss_inside_becomes_an_output() -> None:
    learning = block(
        [node("x", "Input"), node("r", "ReLU"), node("loss", "CrossEntropy")], "x > r", "r > loss.prediction"
    )
    project = chain(stem(), node("a", "block:Learning"), blocks={"Learning": learning})
    problem = next(one for one in check(project).problems if one.path)
    assert problem.message.startswith("a.loss: CrossEntropy is a loss, and Learning is a block")
    after = problem.fixes[0].edit(project)
    assert after.blocks["Learning"].graph.nodes["loss"].type == "Output"
    assert not any("is a loss" in one.message for one in check(after).problems)


def test_wrong_arguments_are_told_at_the_use() -> None:
    problem = only(check(uses("a", width="many")))
    assert (problem.node, problem.path, problem.field) == ("a", (), "width")
    assert mended(uses("a", width="many"), problem).problems == ()
    unknown = only(check(uses("a", widht=4)))
    assert (unknown.severity, unknown.field) == ("warning", "widht")
    assert mended(uses("a", widht=4), unknown, 1).problems == ()


def test_arguments_that_nothing_reads_are_told_once() -> None:
    project = uses("a", "b", blocks={"Residual": residual(depth=3)})
    problem = only(check(project))
    assert (problem.severity, problem.node, problem.field) == ("warning", "a", "depth")
    assert problem.message == "a: nothing inside of Residual reads its argument depth"
    assert mended(project, problem).problems == ()


def test_a_formula_that_reads_an_unknown_name() -> None:
    project = inner(uses("a", "b"), "conv1", out_channels="= 2 * widht")
    problem = only_error(check(project))
    assert problem.message.startswith(
        "a.conv1: out_channels is a formula: there is nothing called widht here"
    )
    assert (problem.node, problem.field) == ("conv1", "out_channels")
    assert mended(project, problem).errors == ()
    assert problem.fixes[0].label == "Set out_channels to '= 2 * width'"


def test_a_formula_in_the_main_drawing_reads_the_constants() -> None:
    project = edits.set_params(uses("a", width="= base"), "stem", {"out_channels": "= base"})
    assert check(project).errors[0].message.startswith("stem: out_channels is a formula: there is nothing")
    known = replace(project, constants={"base": 4})
    assert check(known).problems == ()
    other = check(replace(project, constants={"base": 6}))
    assert str(other.types[Endpoint("a", "y")]) == "N×6×8×8"


def test_overrides_change_one_use() -> None:
    project = edits.set_params(
        uses("a", "b"), "b", {"overrides": {"conv1.kernel_size": 1, "conv1.padding": 0}}
    )
    checked = check(project)
    assert checked.problems == ()
    assert checked.inside(("a",)).steps["conv1"].kwargs["kernel_size"] == 3
    assert checked.inside(("b",)).steps["conv1"].kwargs["kernel_size"] == 1


def test_overrides_of_what_is_not_there_are_warned_about() -> None:
    table: dict[str, Value] = {
        "conv1.kernel_size": 3,
        "conv9.stride": 2,
        "conv1.colour": 1,
        "norm": 1,
        "norm.a.b": 1,
    }
    project = uses("a", overrides=table)
    found = check(project).problems
    assert [one.field for one in found] == ["overrides"] * 4
    assert {one.severity for one in found} == {"warning"}
    for one in found:
        project = one.fixes[0].edit(project)
    assert project.graph.nodes["a"].params["overrides"] == {"conv1.kernel_size": 3}
    assert check(project).problems == ()


def test_a_wrong_override_can_be_removed() -> None:
    project = edits.set_params(uses("a", "b"), "b", {"overrides": {"conv1.kernel_size": -1}})
    problem = only(check(project))
    assert (problem.path, problem.node) == (("b",), "conv1")
    assert problem.fixes[0].label == "Remove the override conv1.kernel_size"
    assert mended(project, problem).problems == ()


def test_nested_overrides_reach_the_inner_use() -> None:
    outer = block(
        [node("x", "Input"), node("one", "block:Residual"), node("y", "Output")], "x > one.x", "one.y > y"
    )
    project = chain(
        stem(6),
        node("s", "block:Stage", overrides={"one.width": 6, "one.norm.affine": False}),
        blocks={"Residual": residual(), "Stage": outer},
    )
    checked = check(project)
    assert checked.problems == ()
    assert checked.inside(("s", "one")).steps["norm"].kwargs["affine"] is False
    assert checked.inside(("s", "one")).steps["conv2"].kwargs["out_channels"] == 6


def test_a_missing_wire_and_a_circle_inside_are_told() -> None:
    project = uses("a")
    cut = within(project, "Residual", lambda seen: edits.disconnect(seen, *seen.graph.incoming("conv2")))
    problem = next(one for one in check(cut).problems if one.severity == "error")
    assert problem.message == "a.conv2: nothing is connected to input"
    assert mended(cut, problem).errors == ()
    turned = within(
        project,
        "Residual",
        lambda seen: edits.connect(seen, Endpoint("conv2", "output"), Endpoint("conv1", "input")),
    )
    circle = next(one for one in check(turned).problems if "circle" in one.message)
    assert circle.path == ("a",)
    assert not any("circle" in one.message for one in mended(turned, circle).problems)


def test_a_use_without_a_wire_is_told_with_what_is_wrong_inside() -> None:
    project = inner(uses("a"), "norm", momentum="much")
    project = edits.disconnect(project, *project.graph.incoming("a"))
    messages = [one.message for one in check(project).errors]
    assert "a: nothing is connected to x" in messages
    assert any(one.startswith("a.norm: ") for one in messages)


def test_a_muted_use_passes_its_first_input() -> None:
    project = edits.set_muted(uses("a", width=99), ["a"], True)
    checked = check(project)
    assert checked.errors == ()
    assert str(checked.types[Endpoint("a", "y")]) == "N×4×8×8"


def test_ports_cannot_be_muted() -> None:
    project = within(uses("a"), "Residual", lambda seen: edits.set_muted(seen, ["x", "y"], True))
    assert check(project).problems == ()


@pytest.mark.parametrize("path", [("nothing",), ("a", "conv1"), ("a.7",), ("stem",)])
def test_the_inside_of_what_is_no_use_is_empty(path: tuple[str, ...]) -> None:
    inside = check(uses("a")).inside(path)
    assert dict(inside.types) == {}
    assert inside.plan.steps == ()


def test_defaults_may_be_formulas_of_other_arguments() -> None:
    made = replace(residual(), arguments=(Argument("base", 2), Argument("width", "= 2 * base")))
    project = chain(stem(4), node("a", "block:Residual"), blocks={"Residual": made})
    assert check(project).errors == ()
    other = chain(stem(6), node("a", "block:Residual", base=3), blocks={"Residual": made})
    assert check(other).errors == ()
    wrong = chain(stem(6), node("a", "block:Residual", base=4), blocks={"Residual": made})
    assert only_error(check(wrong)).node == "skip"
    bad = replace(made, arguments=(Argument("width", "= 2 * base"),))
    told = only_error(check(chain(stem(4), node("a", "block:Residual"), blocks={"Residual": bad})))
    assert (told.node, told.field) == ("a", "width")


def test_arguments_are_of_the_kind_of_the_parameter_they_go_to() -> None:
    made = block(
        [
            node("x", "Input"),
            node("conv", "Conv2d", padding="= pad", padding_mode="= mode"),
            node("y", "Output"),
        ],
        "x > conv",
        "conv > y",
        pad=1,
        mode="zeros",
    )
    good = chain(stem(), node("a", "block:C", pad="same", mode="reflect"), blocks={"C": made})
    assert check(good).problems == ()
    bad = chain(stem(), node("a", "block:C", mode="mirror"), blocks={"C": made})
    assert only(check(bad)).message.startswith("a: mode takes one of zeros, reflect")


def test_graph_of_a_use_is_the_blocks() -> None:
    inside = check(uses("a")).inside(("a",))
    assert isinstance(inside.project.graph, Graph)
    assert inside.project.graph == residual().graph
    assert Checker().check(uses("a"), FIELDS).first_uses() == {"Residual": ("a",)}
    assert wire("x > conv1") in inside.project.graph.edges


def test_an_argument_that_fits_nothing_is_set_at_its_use_first() -> None:
    """Before anything of the block is changed, which other uses share."""
    project = uses("a", "b")
    wrong = edits.set_params(project, "b", {"width": 9})
    checker = Checker()
    answer = repaired(checker.check(wrong, FIELDS), checker)
    assert answer is not None
    problem = only(answer)
    assert problem.path == ("b",)
    assert problem.fixes[0].label == "Set width of b to 4"
    fixed = problem.fixes[0].edit(wrong)
    assert fixed.blocks == project.blocks
    assert fixed.graph.nodes["b"].params == {"width": 4}
    assert check(fixed).problems == ()
