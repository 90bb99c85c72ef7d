"""Fields that take formulas, tables of values by name, and source: with real keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.project.params import Bool, Choice, Code, Float, Int, Ints, Param, Table, Text
from studio.ui.code_editor import CodeEditor
from studio.ui.form import Form
from studio.ui.value_text import free_value

PARAMS: tuple[Param, ...] = (
    Int("out_channels", 32, "Number of filters", low=1, high=512),
    Ints("kernel_size", 3, "Size", low=1, lengths=(1, 2)),
    Float("rate", 0.1, "A share", low=0.0, high=1.0),
    Bool("bias", True, "Whether to add a bias"),
    Choice("mode", "zeros", "How to pad", options=("zeros", "reflect")),
    Table("overrides", {}, "Set inside"),
    Code("source", "", "Python"),
)
Made = tuple[Form, list[tuple[str, object]]]


@pytest.fixture
def made(qtbot: QtBot) -> Made:
    form = Form(PARAMS, formulas=True)
    form.set_names({"width": 16, "deep": True, "image.shape": (3, 32, 24)})
    said: list[tuple[str, object]] = []
    values: dict[str, object] = {}

    def take(name: str, value: object) -> None:
        said.append((name, value))
        values[name] = value
        form.set_values(values)

    form.edited.connect(take)
    form.set_values({})
    qtbot.addWidget(form)
    form.resize(300, 500)
    form.show()
    qtbot.waitExposed(form)
    return form, said


def retype(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def reasons(form: Form) -> list[str]:
    return [
        one.text() for one in form.findChildren(QLabel) if one.property("role") == "error" and one.isVisible()
    ]


def by_name(parent: QWidget, kind: Callable[..., QWidget], name: str) -> QWidget:
    return next(one for one in parent.findChildren(kind) if one.accessibleName() == name and one.isVisible())


@pytest.mark.parametrize(
    ("name", "text", "result"),
    [
        ("out_channels", "= 4 * width", "64"),
        ("kernel_size", "= (3, width // 4)", "3, 4"),
        ("rate", "=1 / width", "0.0625"),
    ],
)
def test_a_formula_is_kept_and_what_it_comes_to_is_told(qtbot: QtBot, made: Made, name, text, result) -> None:
    form, said = made
    retype(qtbot, form.field(name), text)
    assert said[-1] == (name, text)
    assert form.field(name).text() == text
    assert result in form.field(name).accessibleDescription()
    assert not reasons(form)


@pytest.mark.parametrize(
    ("name", "text", "result"),
    [
        ("out_channels", "4*width", "64"),
        ("out_channels", "image.shape[0]", "3"),
        ("out_channels", "2**5", "32"),
        ("kernel_size", "width // 4, 3", "4, 3"),
        ("rate", "1/width", "0.0625"),
    ],
)
def test_a_number_field_takes_a_formula_without_its_sign(
    qtbot: QtBot, made: Made, name: str, text: str, result: str
) -> None:
    """The formula is kept, the value shown."""
    form, said = made
    line = form.field(name)
    retype(qtbot, line, text)
    assert said[-1] == (name, f"= {text}")
    assert line.text() == text
    assert result in line.accessibleDescription()
    assert not reasons(form)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == f"= {text}"
    assert f"= {text} → {result}" in line.parentWidget().toolTip()


def test_while_nothing_is_known_of_the_data_their_names_are_taken(qtbot: QtBot, made: Made) -> None:
    form, said = made
    form.set_names({"width": 16})
    retype(qtbot, form.field("out_channels"), "image.shape[0]")
    assert said[-1] == ("out_channels", "= image.shape[0]")
    assert "nothing is known of the data" in reasons(form)[0]
    form.set_names({"width": 16, "image.shape": (3, 32, 24)})
    form.set_values({"out_channels": "= image.shape[0]"})
    assert not reasons(form)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("out_channels", "4*wide", "nothing called wide here; there are: width, deep, image.shape"),
        ("out_channels", "many", "whole number from 1 to 512, not 'many'"),
        ("out_channels", "3, 5", "whole number from 1 to 512"),
        ("out_channels", "4*", "'4*' is no formula yet"),
        ("out_channels", "__import__('os')", "nothing called __import__ here"),
        ("rate", "2", "0 to 1"),
    ],
)
def test_what_is_no_formula_of_known_names_is_refused(
    qtbot: QtBot, made: Made, name: str, text: str, says: str
) -> None:
    form, said = made
    retype(qtbot, form.field(name), text)
    assert not any(value == f"= {text}" for _, value in said)
    assert says in reasons(form)[0]


def test_an_unfinished_formula_waits_and_says_so(qtbot: QtBot, made: Made) -> None:
    form, said = made
    retype(qtbot, form.field("out_channels"), "= 4 *")
    assert said[-1] == ("out_channels", "= 4")
    assert "no formula yet" in reasons(form)[0]
    qtbot.keyClicks(form.field("out_channels"), " width")
    assert said[-1] == ("out_channels", "= 4 * width")
    assert not reasons(form)


@pytest.mark.parametrize(
    ("text", "told"),
    [("= 4 * wide", "nothing called wide"), ("= 100 * width", "at least 1"), ("= 1 / 0", "zero")],
)
def test_what_is_wrong_with_a_formula_is_told_below_it(
    qtbot: QtBot, made: Made, text: str, told: str
) -> None:
    form, _ = made
    retype(qtbot, form.field("out_channels"), text)
    expected = told if "width" not in text else "1 to 512"
    assert expected in reasons(form)[0]
    assert form.field("out_channels").property("invalid") is True


def test_arrow_keys_leave_formulas_alone(qtbot: QtBot, made: Made) -> None:
    form, said = made
    retype(qtbot, form.field("out_channels"), "= 4")
    qtbot.keyClick(form.field("out_channels"), Qt.Key.Key_Up)
    assert said[-1] == ("out_channels", "= 4")


def test_settings_take_no_formulas(qtbot: QtBot) -> None:
    form = Form((Int("epochs", 1, "Epochs"), Text("title", "", "A text")))
    said: list[object] = []
    form.edited.connect(lambda name, value: said.append((name, value)))
    qtbot.addWidget(form)
    form.show()
    retype(qtbot, form.field("epochs"), "= 4")
    assert said == []
    retype(qtbot, form.field("title"), "= 4")
    assert said[-1] == ("title", "= 4")


def test_a_switch_with_a_formula_is_a_line_and_comes_back(qtbot: QtBot, made: Made) -> None:
    form, said = made
    assert isinstance(form.field("bias"), QCheckBox)
    form.set_values({"bias": "= deep", "mode": "= 'reflect'"})
    line = form.field("bias")
    assert isinstance(line, QLineEdit)
    assert line.text() == "= deep"
    assert "on" in line.accessibleDescription()
    assert isinstance(form.field("mode"), QLineEdit)
    retype(qtbot, line, "off")
    assert said[-1] == ("bias", False)
    assert isinstance(form.field("bias"), QCheckBox)
    assert isinstance(form.field("mode"), QComboBox)


def test_a_table_is_filled_renamed_and_emptied(qtbot: QtBot, made: Made) -> None:
    form, said = made
    form.suggest("overrides", {"conv.stride": 1, "conv.bias": True, "norm.eps": 1e-5})
    add = by_name(form, QPushButton, "Add…")
    assert isinstance(add, QPushButton)
    menus = [action.menu() for action in add.menu().actions()]
    assert [menu.title() for menu in menus] == ["conv", "norm"]
    menus[0].actions()[0].trigger()
    assert said[-1] == ("overrides", {"conv.stride": 1})
    retype(qtbot, by_name(form, QLineEdit, "Value: conv.stride"), "2")
    assert said[-1] == ("overrides", {"conv.stride": 2})
    retype(qtbot, by_name(form, QLineEdit, "Value: conv.stride"), "= width")
    assert said[-1] == ("overrides", {"conv.stride": "= width"})
    retype(qtbot, by_name(form, QLineEdit, "Name: conv.stride"), "conv.padding")
    qtbot.keyClick(by_name(form, QLineEdit, "Name: conv.stride"), Qt.Key.Key_Return)
    assert said[-1] == ("overrides", {"conv.padding": "= width"})
    qtbot.mouseClick(by_name(form, QToolButton, "Remove conv.padding"), Qt.MouseButton.LeftButton)
    assert said[-1] == ("overrides", {})


def test_source_is_typed_and_indented(qtbot: QtBot, made: Made) -> None:
    form, said = made
    text = form.field("source")
    assert isinstance(text, QPlainTextEdit)
    text.setFocus()
    qtbot.keyClicks(text, "def f():")
    qtbot.keyClick(text, Qt.Key.Key_Return)
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    qtbot.keyClicks(text, "pass")
    assert said[-1] == ("source", "def f():\n    pass")
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert not text.hasFocus()
    assert form.findChild(CodeEditor) is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        ("0.5", 0.5),
        ("on", True),
        ("False", False),
        ("3, 5", (3, 5)),
        ("same", "same"),
        ("= 2 * a", "= 2 * a"),
        ("a, b", "a, b"),
    ],
)
def test_a_free_value_is_what_it_looks_like(text: str, value: object) -> None:
    assert free_value(text) == value
    assert type(free_value(text)) is type(value)
