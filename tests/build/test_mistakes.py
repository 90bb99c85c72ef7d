"""Every kind of mistake is seen, told where it is, and mended by the first fix that is offered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import wraps
from pathlib import Path

import pytest

from studio.build import evaluation, rules, rules_counts
from studio.build.check import Checker
from studio.build.plan import Checked
from studio.build.repair import key_of, repaired, without_fixes
from studio.data.describe import describe
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.block import Block
from studio.project.project import Project
from studio.project.storage import load
from tests.build.drawings import draw, node, residual
from tests.build.mistakes import DATA, MISTAKES, Mistake
from tests.build.mistakes.__main__ import line
from tests.build.mistakes.making import SOUND, classes, conv, meeting, minus, numbers, plus, row, scores

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.loom"))


def answered(mistake: Mistake) -> tuple[Checked, Checker]:
    checker = Checker()
    plain = checker.check(mistake.project, mistake.fields, parts=mistake.parts)
    answer = repaired(plain, checker)
    assert answer is not None
    return answer, checker


def tried(project: Project) -> list[Problem]:
    checker = Checker()
    answer = repaired(checker.check(project, DATA), checker)
    assert answer is not None
    return list(answer.problems)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.kind)
def test_a_mistake_is_told_and_the_first_fix_mends_it(mistake: Mistake) -> None:
    answer, checker = answered(mistake)
    (problem,) = answer.problems
    assert problem.message == mistake.says
    assert (problem.severity, _place(problem)) == (mistake.severity, mistake.at)
    assert problem.hint.endswith((".", "?"))
    assert problem.fixes[0].label == mistake.fix
    for fix in problem.fixes:
        mended = checker.trial(fix.edit(mistake.project))
        assert mended.project != mistake.project
        assert mistake.says not in [one.message for one in mended.problems]
        if mistake.severity == "warning":
            assert mended.problems == ()
    assert checker.trial(problem.fixes[0].edit(mistake.project)).errors == ()


def _place(problem: Problem) -> str:
    return ".".join(part for part in (problem.node, problem.field) if part)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.kind)
def test_a_fix_leaves_a_project_alone_that_it_no_longer_fits(mistake: Mistake) -> None:
    answer, _ = answered(mistake)
    for fix in answer.problems[0].fixes:
        assert isinstance(fix.edit(Project()), Project)


def test_there_are_many_kinds_and_each_is_another() -> None:
    assert len(MISTAKES) >= 60
    assert max(Counter(one.kind for one in MISTAKES).values()) == 1
    assert max(Counter(one.says for one in MISTAKES if one.severity == "error").values()) <= 2


def test_every_rule_about_designs_numbers_and_training_is_broken_by_some_mistake() -> None:
    every = (*rules.NODE, *rules.TYPES, *rules.WHOLE)
    mine = {rule for rule in every if rule.__module__.endswith(("rules_counts", "rules_training"))}
    counted = {rule for found in rules_counts.OF.values() for rule in found}
    wanted = {rule.__name__ for rule in (*rules.DESIGN, *mine, *counted)}
    spoke: set[str] = set()

    def listening(rule):
        @wraps(rule)
        def listened(*given):
            found = list(rule(*given))
            spoke.update([rule.__name__] if found else [])
            return found

        return listened

    with pytest.MonkeyPatch.context() as patch:
        for table in ("NODE", "TYPES", "WHOLE", "DESIGN"):
            patch.setattr(rules, table, tuple(map(listening, getattr(rules, table))))
        every_count = {key: tuple(map(listening, found)) for key, found in rules_counts.OF.items()}
        patch.setattr(rules_counts, "OF", every_count)
        for mistake in MISTAKES:
            Checker().check(mistake.project, mistake.fields, parts=mistake.parts)
    assert wanted <= spoke


def test_a_check_that_does_not_concern_a_layer_has_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> list[list[str]]:
        checks = (Checker().check(one.project, one.fields, parts=one.parts) for one in MISTAKES)
        return [[problem.message for problem in check.problems] for check in checks]

    few = said()
    monkeypatch.setattr(evaluation, "concerning", lambda layer, rules: rules)
    assert said() == few


def test_the_table_has_a_line_for_a_kind() -> None:
    kernel = next(one for one in MISTAKES if one.kind == "a kernel larger than the picture")
    assert line(kernel) == " | ".join((kernel.kind, "error", kernel.says, kernel.fix))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_sample_gives_rise_to_a_doubt(path: Path) -> None:
    project = load(path)
    found = describe(project.data, path.parent)
    checked = Checker().check(project, found.fields or None, (), found.parts)
    assert [one.message for one in checked.problems if one.severity == "warning"] == []


@pytest.mark.parametrize(
    "project",
    [
        SOUND,
        residual(),
        classes(conv("conv1", bias=False), node("norm", "BatchNorm2d"), node("relu1", "ReLU")),
        # a low-rank pair, a depthwise pair, and a layer taken apart by axes
        row(node("down", "Linear", out_features=2), *scores(), field="rows"),
        classes(
            conv("stem", 8), node("relu1", "ReLU"), conv("depth", 8, groups=8), conv("point", 16, padding=0),
            node("relu2", "ReLU"),
        ),
        classes(
            node("tall", "Conv2d", out_channels=4, kernel_size=(3, 1), padding=(1, 0)),
            node("wide", "Conv2d", out_channels=4, kernel_size=(1, 3), padding=(0, 1)),
            node("relu1", "ReLU"),
        ),
        # dilations that grow as far as the layers before can see
        classes(
            conv("a"), node("r1", "ReLU"), conv("b", dilation=2, padding=2), node("r2", "ReLU"),
            conv("c", dilation=4, padding=4), node("r3", "ReLU"),
        ),
        # a gate: one number per pixel that is multiplied with all channels
        meeting([conv("a"), node("ra", "ReLU")], [conv("gate", 1), node("squeeze", "Sigmoid")],
                node("merge", "Multiply")),
        # a way around a residual branch at a stride
        meeting(
            [conv("a"), node("ra", "ReLU"), conv("b", 16, stride=2)],
            [conv("c"), node("rc", "ReLU"), conv("skip", 16, kernel_size=1, padding=0, stride=2)],
            node("merge", "Add"),
        ),
        numbers(node("fc", "Linear", out_features=1), node("squeeze", "Sigmoid"), target="share"),
        numbers(node("fc", "Linear", out_features=1), node("squeeze", "Sigmoid"), target="share", loss="L1"),
    ],
    ids=lambda project: " ".join(project.graph.nodes),
)  # fmt: skip
def test_a_design_that_is_meant_so_gives_rise_to_no_doubt(project: Project) -> None:
    checked = Checker().check(project, DATA, parts={"train": 1000})
    assert [one.message for one in checked.problems] == []


def test_two_to_four_fixes_are_offered_for_wires_that_do_not_fit() -> None:
    merge = meeting(
        [conv("a", 16), node("ra", "ReLU")], [conv("b"), node("rb", "ReLU")], node("merge", "Add")
    )
    assert [fix.label for fix in tried(merge)[0].fixes] == [
        "Set out_channels of b to 16",
        "Set out_channels of a to 8",
        "Insert 1×1 Conv2d to 16 channels after rb",
        "Insert 1×1 Conv2d to 8 channels after ra",
    ]


def test_a_fix_that_does_not_mend_is_not_offered() -> None:
    def wrong(project: Project) -> Project:
        return edits.move(project, {"conv1": (1.0, 1.0)})

    project = classes(conv("conv1", kernel_size=11), node("relu1", "ReLU"))
    checker = Checker()
    plain = checker.check(project, DATA)
    (problem,) = plain.problems
    tricks = (
        Fix("Move it", wrong, -9),
        Fix("Do nothing", lambda project: project, -9),
        Fix("Cut it off", lambda project: minus(project, "x > conv1"), -9),
        Fix("Rename what is not there", lambda project: edits.rename(project, "relu1", "not a name"), -9),
        *(replace(fix, rank=-8) for fix in (*problem.fixes, *problem.fixes)),
    )
    answer = repaired(replace(plain, problems=(replace(problem, fixes=tricks),)), checker)
    assert answer is not None
    labels = [fix.label for fix in answer.problems[0].fixes]
    assert labels[0] == problem.fixes[0].label
    assert len(set(labels)) == len(labels)
    assert not {"Move it", "Do nothing", "Cut it off", "Rename what is not there"} & set(labels)


def test_one_of_several_mistakes_can_be_mended() -> None:
    project = classes(conv("conv1", kernel_size=11), node("relu1", "ReLU"), conv("conv2", kernel_size=12))
    (first,) = tried(project)
    assert first.node == "conv1"
    left = tried(first.fixes[0].edit(project))
    assert [one.node for one in left if one.severity == "error"] == ["conv2"]


def test_stopping_between_two_trials_gives_no_answer() -> None:
    checker = Checker()
    plain = checker.check(MISTAKES[0].project, DATA)
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 1

    assert repaired(plain, checker, stop) is None
    assert len(asked) == 2


def test_trials_are_forgotten() -> None:
    mistake = next(one for one in MISTAKES if one.kind == "a kernel larger than the picture")
    checker = Checker()
    plain = checker.check(mistake.project, DATA)
    repaired(plain, checker)
    again = checker.check(mistake.project, DATA)
    assert [key_of(one) for one in again.problems] == [key_of(one) for one in plain.problems]
    assert again.types == plain.types


def test_the_plain_answer_keeps_the_fixes_of_a_problem_that_is_still_there() -> None:
    mistake = next(one for one in MISTAKES if one.kind == "a kernel larger than the picture")
    answer, checker = answered(mistake)
    moved = edits.move(mistake.project, {"relu1": (4.0, 4.0)})
    plain = checker.check(moved, DATA)
    assert without_fixes(plain).problems[0].fixes == ()
    assert without_fixes(plain, answer.problems).problems[0].fixes == answer.problems[0].fixes


def test_trials_end_where_there_are_too_many_problems() -> None:
    side = [node(f"side{i}", "MaxPool2d", kernel_size=30) for i in range(60)]
    project = plus(SOUND, *side, wires=tuple(f"x > {one.name}" for one in side))
    found = tried(project)
    assert len(found) == 60
    assert found[0].fixes
    assert not found[-1].fixes


def test_a_wrong_wire_tells_how_its_shape_came_about() -> None:
    names = [f"pool{i}" for i in range(1, 5)]
    pools = [node(name, "MaxPool2d") for name in names]
    (problem,) = tried(classes(conv("conv1"), node("relu1", "ReLU"), *pools))
    assert problem.trace == (
        "x: 1×8×8",
        "conv1 (Conv2d): 8×8×8",
        "relu1 (ReLU): 8×8×8",
        "pool1 (MaxPool2d): 8×4×4",
        "pool2 (MaxPool2d): 8×2×2",
        "pool3 (MaxPool2d): 8×1×1",
    )
    relus = [node(f"same{i}", "Dropout") for i in range(9)]
    (problem,) = tried(row(conv("conv1"), *relus, node("lstm", "LSTM"), node("out", "Output")))[:1]
    assert problem.trace[1] == "… 6 more …"
    assert len(problem.trace) == 6


def test_wires_that_meet_each_tell_their_way_from_where_they_part() -> None:
    stem = [conv("stem", 4), node("rs", "ReLU")]
    merge = meeting([*stem, conv("a", 16)], [node("rb", "Dropout")], node("merge", "Add"))
    shared = plus(minus(merge, "x > rb"), wires=("rs > rb",))
    (problem,) = tried(shared)
    assert problem.trace == (
        "x: 3×16×16",
        "stem (Conv2d): 4×16×16",
        "rs (ReLU): 4×16×16",
        "① a (Conv2d): 16×16×16",
        "② rb (Dropout): 4×16×16",
    )


def test_a_mistake_inside_of_a_block_is_mended_there() -> None:
    inside = draw(
        [node("enter", "Input"), conv("a", 16), node("r", "ReLU"), conv("b", stride=2), node("add", "Add"),
         node("leave", "Output")],
        "enter > a", "a > r", "r > b", "b > add.inputs.0", "enter > add.inputs.1", "add > leave",
    )  # fmt: skip
    nodes = [
        node("x", "Input", field="photo"),
        conv("stem"),
        node("one", "block:Res"),
        node("two", "block:Res"),
    ]
    wires = ("x > stem", "stem > one.enter", "one.leave > two.enter", "two.leave > flatten", "flatten > fc")
    drawn = draw([*nodes, node("flatten", "Flatten"), *scores()], *wires, "fc > loss.prediction")
    project = replace(drawn, blocks={"Res": Block(inside.graph)})
    problem = tried(project)[0]
    assert (problem.path, problem.block, problem.node) == (("one",), "Res", "add")
    assert problem.trace[0] == "enter: 8×16×16"
    assert len(problem.fixes) >= 2
    for fix in problem.fixes:
        mended = fix.edit(project)
        assert mended.graph == project.graph
        assert Checker().check(mended, DATA).errors == ()
