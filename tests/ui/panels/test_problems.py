"""The list of problems, with real clicks and keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.build.plan import Checked
from studio.build.repair import repaired
from studio.errors import Fix, Problem
from studio.project.project import Project
from studio.ui.fix_button import FixButton
from studio.ui.problem_row import ProblemRow
from studio.ui.problems import PAGE, Problems
from studio.ui.trace import TraceLine
from tests.build.drawings import node
from tests.build.mistakes.making import DATA, conv, meeting
from tests.ui.panels.drawing import checked, digits


@pytest.fixture
def problems(qtbot: QtBot) -> Problems:
    made = Problems()
    qtbot.addWidget(made)
    made.resize(700, 240)
    made.show()
    qtbot.waitExposed(made)
    return made


def rows(problems: Problems) -> list[ProblemRow]:
    return [row for row in problems.findChildren(ProblemRow) if row.isVisible()]


def texts(problems: Problems) -> str:
    return "\n".join(label.text() for label in problems.findChildren(QLabel) if label.isVisible())


def test_lists_errors_first_and_counts_them(problems: Problems, qtbot: QtBot) -> None:
    with qtbot.waitSignal(problems.count_changed) as count:
        problems.show_checked(checked(digits()))
    assert count.args == [1, 1]
    assert [row.problem.severity for row in rows(problems)] == ["error", "warning"]
    assert "Add needs equal shapes; 16×6×6 and 32×8×8" in texts(problems)
    assert rows(problems)[0].accessibleName().startswith("Error: merge")


def test_a_click_and_enter_choose_the_node(problems: Problems, qtbot: QtBot) -> None:
    problems.show_checked(checked(digits()))
    first, second = rows(problems)
    with qtbot.waitSignal(problems.node_chosen) as chosen:
        qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert chosen.args == ["merge"]
    with qtbot.waitSignal(problems.problem_chosen) as chosen:
        qtbot.keyClick(first, Qt.Key.Key_Space)
    assert chosen.args == [first.problem]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is second
    with qtbot.waitSignal(problems.node_chosen):
        qtbot.keyClick(second, Qt.Key.Key_Return)


def test_a_button_gives_the_repair(problems: Problems, qtbot: QtBot) -> None:
    project = digits()
    problems.show_checked(checked(project))
    button = next(one for one in problems.findChildren(QPushButton) if one.text() == "Remove slope")
    with qtbot.waitSignal(problems.fix_requested) as asked:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args[0].edit(project).graph.nodes["act"].params == {}


def test_says_when_all_is_well(problems: Problems) -> None:
    problems.show_checked(checked(digits()))
    problems.show_checked(checked(digits(wrong=False)))
    assert rows(problems) == []
    assert "No problems" in texts(problems)


def test_the_same_problems_keep_their_rows_and_get_the_newer_repairs(problems: Problems) -> None:
    problems.show_checked(checked(digits()))
    before, newer = rows(problems), checked(digits())
    problems.show_checked(newer)
    assert rows(problems) == before
    assert {id(row.problem) for row in before} == {id(one) for one in newer.problems}


def test_very_many_come_page_by_page(problems: Problems, qtbot: QtBot) -> None:
    many = tuple(Problem("error", f"problem {number}") for number in range(PAGE + 50))
    problems.show_checked(Checked(Project(), problems=many))
    assert len(rows(problems)) == PAGE
    more = next(one for one in problems.findChildren(QPushButton) if one.text() == "50 more …")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert [row.problem for row in rows(problems)] == list(many[: 2 * PAGE])
    problems.show_checked(Checked(Project(), problems=many[3:8]))
    assert sorted(row.problem.message for row in rows(problems)) == [f"problem {at}" for at in range(3, 8)]
    assert not more.isVisible()


def test_an_empty_drawing_is_told_what_it_needs(problems: Problems) -> None:
    problems.show_checked(Checked(Project()))
    assert "needs an Input, layers and a loss" in texts(problems)


def test_picture(problems: Problems, photograph) -> None:
    problems.show_checked(checked(digits()))
    photograph(problems, "problems")


def test_a_long_repair_gives_way_to_the_width(problems: Problems) -> None:
    label = "Connect a_layer_with_a_name_that_goes_on_and_on_and_on_beyond_all_that_is_reasonable"
    project = digits()
    fix = Fix(label, lambda project: project)
    told = Problem("error", "merge: nothing is connected to input", "Draw a wire.", "merge", None, (fix,))
    problems.resize(300, 240)
    problems.show_checked(replace(checked(project), problems=(told,)))
    QApplication.processEvents()
    (button,) = (one for one in rows(problems)[0].findChildren(QPushButton) if one.isVisible())
    assert "…" in button.text()
    assert button.mapTo(problems, button.rect().topRight()).x() < 300
    assert button.accessibleName() == label
    problems.resize(900, 240)
    QApplication.processEvents()
    assert button.text() == label


def traced() -> Checked:
    """Two branches that differ, with the fixes that mend."""
    checker = Checker()
    project = meeting(
        [conv("a", 16), node("ra", "ReLU")], [conv("b"), node("rb", "ReLU")], node("merge", "Add")
    )
    answer = repaired(checker.check(project, DATA), checker)
    assert answer is not None
    return answer


def test_a_wrong_shape_unfolds_to_the_nodes_that_made_it(problems: Problems, qtbot: QtBot) -> None:
    problems.show_checked(traced())
    (line,) = problems.findChildren(TraceLine)
    folded = line.findChild(QToolButton)
    assert folded is not None
    assert folded.accessibleName() == "from x → ① a → ra · ② b → rb"
    assert "① ra (ReLU): 16×16×16" not in texts(problems)
    qtbot.mouseClick(folded, Qt.MouseButton.LeftButton)
    assert "① ra (ReLU): 16×16×16" in texts(problems)
    qtbot.keyClick(folded, Qt.Key.Key_Space)
    assert "① ra (ReLU): 16×16×16" not in texts(problems)


def test_up_to_four_fixes_are_offered_the_best_first(problems: Problems) -> None:
    problems.show_checked(traced())
    buttons = [one.accessibleName() for one in problems.findChildren(FixButton) if one.isVisible()]
    assert buttons == [
        "Set out_channels of b to 16",
        "Set out_channels of a to 8",
        "Insert 1×1 Conv2d to 16 channels after rb",
        "Insert 1×1 Conv2d to 8 channels after ra",
    ]
