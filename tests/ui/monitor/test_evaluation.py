"""Confusion and Examples, on evaluations of real runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QListView, QPushButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from studio.analysis.evaluate import Evaluation, evaluate
from studio.train.events import Event
from studio.ui.monitor.confusion import Confusion
from studio.ui.monitor.evaluation import Evaluator
from studio.ui.monitor.examples import PAGE, Examples
from studio.ui.monitor.gallery import words
from studio.ui.monitor.matrix import Matrix
from studio.ui.theme import DARK, LIGHT, Tokens
from tests.ui.windows import LONG

Run = tuple[Path, list[Event]]


@pytest.fixture(scope="session")
def told(digits: Run) -> Evaluation:
    return evaluate(digits[0])


@pytest.fixture
def confusion(qtbot: QtBot, told: Evaluation) -> Confusion:
    panel = Confusion()
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    panel.show_evaluation(told)
    QApplication.processEvents()
    return panel


@pytest.fixture
def examples(qtbot: QtBot, told: Evaluation) -> Examples:
    panel = Examples()
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    panel.show_evaluation(told)
    return panel


def texts(panel: QWidget) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def evaluating(panel: Confusion | Examples) -> Evaluator:
    """An evaluator that tells a panel, as the window wires it."""
    evaluator = Evaluator(panel)
    evaluator.started.connect(panel.expect)
    evaluator.arrived.connect(panel.show_evaluation)
    evaluator.failed.connect(panel.show_failure)
    return evaluator


def test_recall_and_precision_are_those_of_the_counts(confusion: Confusion, told: Evaluation) -> None:
    (table,) = told.confusions.values()
    matrix = confusion.findChild(Matrix)
    assert matrix.count == 10
    for at in range(10):
        assert matrix.recall(at) == pytest.approx(table.counts[at, at] / table.counts[at].sum())
        assert matrix.precision(at) == pytest.approx(table.counts[at, at] / table.counts[:, at].sum())
    assert f"accuracy {100 * told.metrics['accuracy']:.2f} %" in texts(confusion)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_pointer_and_the_keys_read_cells(confusion: Confusion, told: Evaluation, qtbot: QtBot) -> None:
    (table,) = told.confusions.values()
    matrix = confusion.findChild(Matrix)
    qtbot.mouseMove(matrix, matrix.cell(3, 3).center())
    expected = f"3 recognised: {table.counts[3, 3]} of {table.counts[3].sum()}"
    qtbot.waitUntil(lambda: expected in texts(confusion))
    qtbot.keyClick(matrix, Qt.Key.Key_Right)
    assert f"3 taken for 4: {table.counts[3, 4]} of" in texts(confusion)
    for _ in range(20):
        qtbot.keyClick(matrix, Qt.Key.Key_Down)
    assert "9 taken for 4" in texts(confusion)
    place = matrix.cell(8, 1).center()
    QApplication.sendEvent(matrix, QHelpEvent(QEvent.Type.ToolTip, place, matrix.mapToGlobal(place)))
    assert QToolTip.text() == matrix.words(8, 1)
    QToolTip.hideText()


def test_cells_do_not_overlap_and_fit(confusion: Confusion) -> None:
    matrix = confusion.findChild(Matrix)
    cells = [matrix.cell(row, column) for row in range(11) for column in range(11) if row + column < 20]
    assert all(matrix.rect().contains(cell) for cell in cells)
    assert not any(a.intersects(b) for i, a in enumerate(cells) for b in cells[i + 1 :])


def test_several_classifying_losses_are_chosen_among(qtbot: QtBot, two_losses: Run) -> None:
    panel = Confusion()
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    evaluation = evaluate(two_losses[0])
    panel.show_evaluation(evaluation)
    assert panel.findChild(QComboBox).isVisible() == (len(evaluation.confusions) > 1)
    assert panel.findChild(Matrix).count == 10


def test_numbers_have_no_confusion(qtbot: QtBot, diabetes: Run) -> None:
    panel = Confusion()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_evaluation(evaluate(diabetes[0]))
    assert "predicts numbers" in texts(panel)
    assert "mean absolute error" in texts(panel)


@pytest.mark.parametrize("kind", [Confusion, Examples])
def test_a_run_is_evaluated_in_the_background(
    qtbot: QtBot, digits: Run, kind: type[Confusion | Examples]
) -> None:
    panel = kind()
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    assert "Press Train" in texts(panel)
    evaluator = evaluating(panel)
    evaluator.request(digits[0])
    assert "Evaluating" in texts(panel)
    qtbot.waitUntil(lambda: "270 samples" in texts(panel), timeout=LONG)
    evaluator.close()


def test_a_run_is_evaluated_once_somebody_looks(qtbot: QtBot, digits: Run) -> None:
    panel = Confusion()
    qtbot.addWidget(panel)
    evaluator = evaluating(panel)
    evaluator.watch(panel)
    evaluator.request(digits[0])
    qtbot.wait(100)
    assert not evaluator.busy
    panel.show()
    assert evaluator.busy
    qtbot.waitUntil(lambda: "270 samples" in texts(panel), timeout=LONG)
    evaluator.close()


@pytest.mark.parametrize("kind", [Confusion, Examples])
def test_why_a_run_cannot_be_evaluated_is_told(
    qtbot: QtBot, digits: Run, tmp_path: Path, kind: type[Confusion | Examples]
) -> None:
    broken = Path(shutil.copytree(digits[0], tmp_path / "broken"))
    shutil.rmtree(broken / "checkpoints")
    panel = kind()
    qtbot.addWidget(panel)
    panel.show()
    evaluator = evaluating(panel)
    evaluator.request(broken)
    qtbot.waitUntil(lambda: "Evaluating" not in texts(panel), timeout=LONG)
    assert "checkpoint" in texts(panel)
    evaluator.close()


def test_examples_come_worst_first_page_by_page(examples: Examples, told: Evaluation, qtbot: QtBot) -> None:
    losses = [sample.loss for sample in examples.shown]
    assert losses == sorted(losses, reverse=True)
    assert list(examples.shown) == list(told.samples[:PAGE])
    back, further = examples.findChildren(QPushButton)
    assert not back.isEnabled()
    qtbot.mouseClick(further, Qt.MouseButton.LeftButton)
    assert list(examples.shown) == list(told.samples[PAGE : 2 * PAGE])
    while further.isEnabled():
        qtbot.mouseClick(further, Qt.MouseButton.LeftButton)
    assert examples.shown[-1] == told.samples[-1]
    assert f"of {len(told.samples)}" in texts(examples)


def test_only_wrong_ones_are_shown_when_asked(examples: Examples, told: Evaluation) -> None:
    choice = examples.findChild(QComboBox)
    choice.setCurrentIndex(1)
    wrong = [sample for sample in told.samples if sample.truth != sample.prediction]
    assert list(examples.shown) == wrong[:PAGE]
    assert all(words(sample)[1].startswith("✕") for sample in examples.shown)


def test_right_and_wrong_differ_by_more_than_colour(examples: Examples) -> None:
    view = examples.findChild(QListView)
    model = view.model()
    told = [model.index(row, 0).data() for row in range(model.rowCount())]
    for text, sample in zip(told, examples.shown, strict=True):
        assert ("✕" in text) == (sample.truth != sample.prediction)
        assert sample.truth in text
        assert f"{100 * (sample.confidence or 0):.0f} %" in text


def test_values_are_shown_where_there_is_no_picture(qtbot: QtBot, diabetes: Run) -> None:
    panel = Examples()
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    panel.show_evaluation(evaluate(diabetes[0]))
    assert not panel.findChild(QComboBox).isVisible()
    assert "bmi" in panel.findChild(QListView).model().index(0, 0).data()


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_they_look_like_the_window(
    qtbot: QtBot, told: Evaluation, dressed: Callable[[Tokens], None], pictures: Path | None, tokens: Tokens
) -> None:
    dressed(tokens)
    for kind in (Confusion, Examples):
        panel = kind()
        qtbot.addWidget(panel)
        panel.resize(1200, 245)
        panel.set_tokens(tokens)
        panel.show()
        panel.show_evaluation(told)
        QApplication.processEvents()
        picture = panel.grab().toImage()
        assert picture.pixelColor(2, 2).name() == tokens.panel
        if pictures:
            picture.save(str(pictures / f"{kind.__name__.lower()}_{tokens.scheme}.png"))


def test_an_evaluation_that_was_forgotten_says_nothing(digits: Run, qtbot: QtBot, tmp_path: Path) -> None:
    evaluator = Evaluator()
    came: list[object] = []
    evaluator.arrived.connect(came.append)
    evaluator.failed.connect(lambda *told: came.append(told))
    for run in (digits[0], tmp_path / "gone"):
        evaluator.request(run)
        evaluator.forget()
        qtbot.waitUntil(lambda: not evaluator.busy, timeout=LONG)
    assert came == []
    evaluator.request(tmp_path / "gone")
    qtbot.waitUntil(lambda: len(came) == 1, timeout=LONG)
