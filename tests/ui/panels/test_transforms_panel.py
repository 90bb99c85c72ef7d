"""Steps of a column and random changes in training: added, set, moved, removed, reset, and seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from studio.project.project import Data, FieldSetting, Setting
from studio.ui.augment_window import AugmentWindow
from studio.ui.background import Background
from studio.ui.column_card import ColumnCard
from studio.ui.step_list import StepList
from studio.ui.value_view import ValueView
from tests.ui.panels.conftest import Photograph
from tests.ui.panels.test_fields import KIND, NAME, PEOPLE, Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups
Alt = Qt.KeyboardModifier.AltModifier


def close(desk: Desk) -> None:
    desk.checker.close()
    for background in desk.panel.findChildren(Background):
        background.close()


@pytest.fixture
def people(qtbot: QtBot, tmp_path: Path):
    (tmp_path / "people.csv").write_text(PEOPLE)
    fields = {"age": FieldSetting(missing="median")}
    made = Desk(qtbot, tmp_path, Data(Setting("CSV", {"path": "people.csv"}), fields=fields))
    yield made
    close(made)


@pytest.fixture
def pets(qtbot: QtBot, tmp_path: Path):
    random = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(8):
            pixels = random.integers(0, 255, (16, 24, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number}.png")
    made = Desk(qtbot, tmp_path, Data(Setting("ImageFolder", {"folder": "pets"})))
    yield made
    close(made)


def card(desk: Desk) -> ColumnCard:
    return desk.panel.fields.card


def steps(desk: Desk, name: str) -> list[str]:
    """The types of the steps that the project has for a column."""
    return [one.type for one in desk.session.project.data.fields[name].transforms or ()]


def shown(steps: StepList) -> list[str]:
    return [steps.list.item(row).text().split()[1] for row in range(steps.list.count())]


def open_card(desk: Desk, name: str) -> ColumnCard:
    desk.click(name, NAME)
    desk.until(lambda: card(desk).isVisible())
    return card(desk)


def add(qtbot: QtBot, steps: StepList, type_: str) -> None:
    """Choose a step in the menu of the button."""
    menu = steps.add_button.menu()
    assert isinstance(menu, QMenu)
    menu.popup(QPoint(0, 0))
    entry = next(action for action in menu.actions() if action.text().startswith(f"{type_}\t"))
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())


def type_into(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_proposed_steps_are_shown_as_such_until_changed_and_come_back(people: Desk, qtbot: QtBot) -> None:
    one = open_card(people, "age")
    assert shown(one.steps) == ["Impute"]
    assert "proposed" in people.texts()
    assert not one.steps.reset_button.isVisible()
    add(qtbot, one.steps, "Clip")
    assert people.session.undo_stack.undoText() == "Add Clip to age"
    assert steps(people, "age") == ["Impute", "Clip"]
    assert shown(one.steps) == ["Impute", "Clip"]
    assert "proposed" not in people.texts().split("\n")
    qtbot.mouseClick(one.steps.reset_button, Qt.MouseButton.LeftButton)
    assert people.session.undo_stack.undoText() == "Take the proposed steps of age"
    assert people.session.project.data.fields["age"].transforms is None
    people.until(lambda: shown(one.steps) == ["Impute"])


def test_only_steps_that_take_the_kind_are_offered(people: Desk, qtbot: QtBot) -> None:
    def offered() -> set[str]:
        menu = card(people).steps.add_button.menu()
        assert menu is not None
        return {action.text().partition("\t")[0] for action in menu.actions()}

    open_card(people, "age")
    assert "Log" in offered()
    assert "Days" not in offered()
    people.click("when", NAME)
    people.until(lambda: "TimeOfYear" in offered())
    assert "Resize" not in offered()
    assert shown(card(people).steps) == ["Days"]
    add(qtbot, card(people).steps, "TimeOfYear")
    assert steps(people, "when") == ["TimeOfYear"]  # Days makes a number, which it cannot take


def test_a_step_comes_before_those_that_have_to_follow_it(people: Desk, qtbot: QtBot) -> None:
    one = open_card(people, "town")
    for type_, then in (
        ("JoinRare", ["JoinRare", "Classes"]),
        ("Lowercase", ["JoinRare", "Lowercase", "Classes"]),
        ("OneHot", ["JoinRare", "Lowercase", "OneHot"]),
    ):
        add(qtbot, one.steps, type_)
        people.until(lambda then=then: shown(one.steps) == then)
        assert steps(people, "town") == then
        assert then[one.steps.list.currentRow()] == type_
    people.until(lambda: "The network gets: 3" in people.texts())


def test_a_text_keeps_what_makes_it_even_behind_another_way_to_cut_it(people: Desk, qtbot: QtBot) -> None:
    people.click("town", KIND)
    people.choose("text")
    people.until(lambda: shown(open_card(people, "town").steps) == ["Tokenize", "PadTokens"])
    one = card(people)
    for type_, then in (
        ("Lowercase", ["Lowercase", "Tokenize", "PadTokens"]),
        ("Tokenize", ["Lowercase", "Tokenize", "PadTokens"]),
        ("BagOfWords", ["Lowercase", "BagOfWords"]),
    ):
        people.until(lambda: not people.checker.busy)
        add(qtbot, one.steps, type_)
        assert steps(people, "town") == then
    people.until(lambda: "The network gets: 3" in people.texts())


def test_the_card_tells_why_there_is_nothing_to_see(pets: Desk, qtbot: QtBot) -> None:
    one = open_card(pets, "image")
    pets.until(lambda: any(view.isVisible() for view in one.findChildren(ValueView)))
    add(qtbot, one.steps, "CenterCrop")  # cuts less off where pictures are smaller than is usual
    steps = pets.session.project.data.fields["image"].transforms
    assert steps is not None
    assert dict(steps[-1].params) == {"width": 21, "height": 14}
    pets.until(lambda: not pets.checker.busy)
    line = one.steps.field("width")
    assert isinstance(line, QLineEdit)
    type_into(qtbot, line, "64")
    pets.until(lambda: "no middle of 64×14" in pets.texts())
    assert not any(view.isVisible() for view in one.findChildren(ValueView))
    pets.session.undo_stack.undo()
    pets.until(lambda: any(view.isVisible() for view in one.findChildren(ValueView)))
    assert "no middle of" not in pets.texts()


def test_a_parameter_is_one_step_however_many_letters(people: Desk, qtbot: QtBot) -> None:
    one = open_card(people, "age")
    add(qtbot, one.steps, "Clip")
    count = people.session.undo_stack.count()
    line = one.steps.field("high")
    assert isinstance(line, QLineEdit)
    type_into(qtbot, line, "12.5")
    assert people.session.undo_stack.count() == count + 1
    assert people.session.undo_stack.undoText() == "Set high of Clip"
    found = people.session.project.data.fields["age"].transforms
    assert found is not None
    assert found[-1].params["high"] == 12.5
    assert line.text() == "12.5"
    people.until(lambda: "12.5" in one.steps.list.item(1).text())


def test_order_and_removal_by_keys_and_buttons(people: Desk, qtbot: QtBot) -> None:
    one = open_card(people, "age")
    for type_ in ("Clip", "Log"):
        add(qtbot, one.steps, type_)
        people.until(lambda: not people.checker.busy)
    assert steps(people, "age") == ["Impute", "Clip", "Log"]
    one.steps.list.setFocus()
    qtbot.keyClick(one.steps.list, Qt.Key.Key_Up, Alt)
    assert steps(people, "age") == ["Impute", "Log", "Clip"]
    assert people.session.undo_stack.undoText() == "Reorder the steps of age"
    assert one.steps.list.currentRow() == 1
    qtbot.mouseClick(one.steps.down_button, Qt.MouseButton.LeftButton)
    assert steps(people, "age") == ["Impute", "Clip", "Log"]
    qtbot.keyClick(one.steps.list, Qt.Key.Key_Delete)
    assert steps(people, "age") == ["Impute", "Clip"]
    assert people.session.undo_stack.undoText() == "Remove Log of age"
    people.session.undo_stack.undo()
    people.until(lambda: shown(one.steps) == ["Impute", "Clip", "Log"])


def test_rows_that_are_dragged_change_the_order(people: Desk, qtbot: QtBot) -> None:
    one = open_card(people, "age")
    add(qtbot, one.steps, "Clip")
    model = one.steps.list.model()
    assert model.moveRow(one.steps.list.rootIndex(), 1, one.steps.list.rootIndex(), 0)  # as a drop does
    assert steps(people, "age") == ["Clip", "Impute"]


def test_a_sample_before_and_after(pets: Desk, qtbot: QtBot) -> None:
    one = open_card(pets, "image")
    add(qtbot, one.steps, "Resize")
    line = one.steps.field("width")
    assert isinstance(line, QLineEdit)
    type_into(qtbot, line, "8")
    height = one.steps.field("height")
    assert isinstance(height, QLineEdit)
    type_into(qtbot, height, "10")

    def sizes() -> list[tuple[int, int]]:
        images = [view.image for view in one.findChildren(ValueView) if view.isVisible()]
        return [(image.width(), image.height()) for image in images if image is not None]

    pets.until(lambda: sizes() == [(24, 16), (8, 10)])
    before = one.findChildren(ValueView)[0].image
    qtbot.mouseClick(one.another, Qt.MouseButton.LeftButton)
    pets.until(lambda: one.findChildren(ValueView)[0].image != before)


def opened(desk: Desk, qtbot: QtBot) -> AugmentWindow:
    one = open_card(desk, "image")
    qtbot.mouseClick(one.augment_button, Qt.MouseButton.LeftButton)
    made = desk.panel.window().findChild(AugmentWindow)
    assert made is not None
    desk.until(lambda: all(view.image is not None for view in made.results))
    return made


def pictures(window: AugmentWindow) -> list[QImage]:
    return [QImage(view.image) for view in window.results if view.image is not None]


def seen(window: AugmentWindow) -> list[str]:
    return [one.text() for one in window.findChildren(QLabel) if one.isVisible()]


def unlike(images: list[QImage]) -> int:
    return len({bytes(image.constBits()) for image in images})


def until_changed(desk: Desk, window: AugmentWindow, act: Callable[[], object]) -> None:
    before = pictures(window)
    act()
    desk.until(lambda: pictures(window) != before)


def test_nine_random_results_follow_the_settings(pets: Desk, qtbot: QtBot) -> None:
    window = opened(pets, qtbot)
    assert len(pictures(window)) == 9
    assert unlike(pictures(window)) == 1
    assert any(said.startswith("Nothing is changed yet") for said in seen(window))
    until_changed(pets, window, lambda: add(qtbot, window.steps, "Rotate"))
    assert not any(said.startswith("Nothing is changed yet") for said in seen(window))
    assert pets.session.undo_stack.undoText() == "Add Rotate to image"
    assert [one.type for one in pets.session.project.data.fields["image"].augment] == ["Rotate"]
    assert unlike(pictures(window)) == 9
    first = pictures(window)
    until_changed(pets, window, lambda: qtbot.mouseClick(window.again, Qt.MouseButton.LeftButton))
    assert window.seed.value() == 1
    until_changed(pets, window, lambda: qtbot.keyClick(window.seed, Qt.Key.Key_Down))
    assert pictures(window) == first  # the same seed, the same results
    until_changed(pets, window, lambda: qtbot.keyClick(window.sample, Qt.Key.Key_Up))
    until_changed(pets, window, pets.session.undo_stack.undo)
    assert unlike(pictures(window)) == 1
    window.close()


def test_mixing_shows_other_samples(pets: Desk, qtbot: QtBot) -> None:
    window = opened(pets, qtbot)
    until_changed(pets, window, lambda: add(qtbot, window.steps, "Mixup"))
    line = window.steps.field("alpha")
    assert isinstance(line, QLineEdit)
    until_changed(pets, window, lambda: type_into(qtbot, line, "50"))
    assert unlike(pictures(window)) > 3
    window.close()


def test_a_change_that_cannot_be_is_told(pets: Desk, qtbot: QtBot) -> None:
    window = opened(pets, qtbot)
    until_changed(pets, window, lambda: add(qtbot, window.steps, "Zoom"))
    line = window.steps.field("least")
    assert isinstance(line, QLineEdit)
    type_into(qtbot, line, "5")
    pets.until(lambda: any("is above most" in one.text() for one in window.findChildren(QLabel)))
    window.close()


def test_pictures(pets: Desk, qtbot: QtBot, photograph: Photograph) -> None:
    window = opened(pets, qtbot)
    until_changed(pets, window, lambda: add(qtbot, window.steps, "Rotate"))
    photograph(window, "augment")
    window.close()
    QApplication.processEvents()
    photograph(pets.panel, "transforms")
