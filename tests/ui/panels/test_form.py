"""Forms with real keys: what is accepted, what is refused, what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.project.params import Bool, Choice, Choices, FieldName, FilePath, Float, Int, Ints, Param, Text
from studio.ui.form import Form

PARAMS: tuple[Param, ...] = (
    Int("out_channels", 32, "Number of filters", low=1, high=512),
    Ints("kernel_size", 3, "Size", low=1, lengths=(1, 2)),
    Ints("padding", 0, "Zeros around", low=0, lengths=(1, 2), words=("same", "valid")),
    Float("rate", 0.1, "A share", low=0.0, high=1.0),
    Float("limit", None, "Most, or nothing", low=0.0, optional=True),
    Text("title", "", "A text"),
    Bool("bias", True, "Whether to add a bias"),
    Choice("mode", "zeros", "How to pad", options=("zeros", "reflect")),
    Float("depth", 0.5, "How deep to reflect", when=("mode", ("reflect",))),
    Choices("metrics", ("accuracy",), "What to report", options=("accuracy", "top5")),
    FieldName("target", "label", "The field"),
    FilePath("path", "", "The file", patterns=("*.csv",)),
    Int("groups", 1, "Groups", low=1, advanced=True),
)


class Filled:
    """A form, what it said, and its fields by name."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.said: list[tuple[str, object]] = []
        self.values: dict[str, object] = {}
        form.edited.connect(lambda name, value: self.said.append((name, value)))
        form.edited.connect(self.take)

    def take(self, name: str, value: object) -> None:
        """Do as a project does: hold the value and show it again."""
        self.values[name] = value
        self.form.set_values(self.values)

    def line(self, name: str) -> QLineEdit:
        return self.form.field(name)

    def reasons(self) -> list[str]:
        labels = self.form.findChildren(QLabel)
        return [one.text() for one in labels if one.property("role") == "error" and one.isVisible()]


@pytest.fixture
def filled(qtbot: QtBot, tmp_path: Path) -> Filled:
    form = Form(PARAMS, {"target": ("label", "price")}, lambda: tmp_path)
    qtbot.addWidget(form)
    form.set_values({})
    form.resize(300, 600)
    form.show()
    qtbot.waitExposed(form)
    form.activateWindow()
    return Filled(form)


def retype(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("out_channels", "64", 64),
        ("kernel_size", "3 5", (3, 5)),
        ("kernel_size", "7×7", (7, 7)),
        ("padding", "same", "same"),
        ("rate", "2.5e-1", 0.25),
        ("limit", "1", 1.0),
        ("title", " a b ", " a b "),
        ("path", "data.csv", "data.csv"),
    ],
)
def test_what_is_typed_becomes_a_value(qtbot: QtBot, filled: Filled, name: str, text: str, value) -> None:
    retype(qtbot, filled.line(name), text)
    assert filled.said[-1] == (name, value)
    assert type(filled.said[-1][1]) is type(value)
    assert filled.reasons() == []
    assert filled.line(name).text() == text


def test_a_refused_text_stays_with_its_reason(qtbot: QtBot, filled: Filled) -> None:
    line = filled.line("out_channels")
    retype(qtbot, line, "many")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == "many"
    assert line.property("invalid") is True
    assert filled.reasons() == ["out_channels takes a whole number from 1 to 512, not 'many'"]
    filled.form.set_values({})
    assert line.text() == "many"
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "32"
    assert filled.reasons() == []
    assert line.property("invalid") is False


def test_an_undo_replaces_a_refused_text(qtbot: QtBot, filled: Filled) -> None:
    retype(qtbot, filled.line("out_channels"), "64")
    retype(qtbot, filled.line("out_channels"), "0")
    assert filled.reasons()
    filled.form.set_values({"out_channels": 16})
    assert filled.line("out_channels").text() == "16"


def test_arrow_keys_and_the_wheel_move_numbers(qtbot: QtBot, filled: Filled) -> None:
    line = filled.line("out_channels")
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Up)
    qtbot.keyClick(line, Qt.Key.Key_PageDown)
    assert filled.said == [("out_channels", 33), ("out_channels", 23)]
    wheel(line, 120)
    assert filled.said[-1] == ("out_channels", 24)
    filled.line("rate").setFocus()
    wheel(line, 120)
    assert filled.said[-1] == ("out_channels", 24)
    qtbot.keyClick(filled.line("rate"), Qt.Key.Key_Down)
    assert filled.said[-1] == ("rate", 0.09)
    line.setText("512")
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert filled.said[-1] == ("out_channels", 512)


def wheel(line: QLineEdit, delta: int) -> None:
    centre = QPointF(line.rect().center())
    event = QWheelEvent(
        centre,
        line.mapToGlobal(centre),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(line, event)


def test_boxes_and_combos(qtbot: QtBot, filled: Filled) -> None:
    box: QCheckBox = filled.form.field("bias")
    assert box.text() == "on"
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert filled.said[-1] == ("bias", False)
    assert box.text() == "off"
    mode: QComboBox = filled.form.field("mode")
    assert not filled.form.field("depth").isVisible()
    mode.setFocus()
    qtbot.keyClick(mode, Qt.Key.Key_Down)
    assert filled.said[-1] == ("mode", "reflect")
    assert filled.form.field("depth").isVisible()
    metrics = [one for one in filled.form.findChildren(QCheckBox) if one.text() == "top5"]
    qtbot.keyClick(metrics[0], Qt.Key.Key_Space)
    assert filled.said[-1] == ("metrics", ("accuracy", "top5"))


def test_field_names_are_offered_and_others_accepted(qtbot: QtBot, filled: Filled) -> None:
    combo: QComboBox = filled.form.field("target")
    assert [combo.itemText(row) for row in range(combo.count())] == ["label", "price"]
    retype(qtbot, combo.lineEdit(), "extra")
    assert filled.said[-1] == ("target", "extra")


def test_seldom_used_ones_are_folded_until_one_is_wrong(qtbot: QtBot, filled: Filled) -> None:
    assert not filled.form.field("groups").isVisible()
    qtbot.mouseClick(filled.form.more, Qt.MouseButton.LeftButton)
    assert filled.form.field("groups").isVisible()
    qtbot.mouseClick(filled.form.more, Qt.MouseButton.LeftButton)
    filled.form.set_values({"groups": 5}, {"groups": "32 channels cannot be split into 5 groups"})
    assert filled.form.field("groups").isVisible()
    assert filled.reasons() == ["32 channels cannot be split into 5 groups"]


def test_the_default_is_dimmed_and_can_be_had_again(qtbot: QtBot, filled: Filled) -> None:
    line = filled.line("out_channels")
    assert line.property("dimmed") is True
    retype(qtbot, line, "64")
    assert line.property("dimmed") is False
    reset = next(action for action in line.actions() if action.isEnabled())
    reset.trigger()
    assert filled.said[-1] == ("out_channels", 32)
    assert line.text() == "32"


def test_several_values_until_one_is_given(qtbot: QtBot, filled: Filled) -> None:
    filled.form.set_values({}, {}, ("out_channels", "bias", "mode"))
    assert filled.line("out_channels").text() == ""
    assert filled.line("out_channels").placeholderText() == "several"
    qtbot.keyClicks(filled.line("out_channels"), "8")
    assert filled.said == [("out_channels", 8)]


def test_tab_goes_down_the_form(qtbot: QtBot, filled: Filled) -> None:
    names = ["out_channels", "kernel_size", "padding", "rate", "limit", "title", "bias", "mode"]
    filled.line(names[0]).setFocus()
    for name in names[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is filled.form.field(name)


def test_every_field_has_a_name_and_a_buddy(filled: Filled) -> None:
    for label in filled.form.findChildren(QLabel):
        if label.property("role") == "secondary":
            assert label.buddy().accessibleName() == label.text()
            assert label.toolTip()


def test_one_burst_ends_with_enter(qtbot: QtBot, filled: Filled) -> None:
    before = filled.form.burst
    retype(qtbot, filled.line("out_channels"), "128")
    assert filled.form.burst == before
    qtbot.keyClick(filled.line("out_channels"), Qt.Key.Key_Return)
    assert filled.form.burst > before


def test_browsing_gives_a_relative_path(qtbot: QtBot, filled: Filled, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.csv").write_text("x,y\n1,2\n")
    button = next(one for one in filled.form.findChildren(QPushButton) if one.text() == "…")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialogue = filled.form.findChild(QFileDialog)
    dialogue.selectFile(str(tmp_path / "sub" / "a.csv"))
    dialogue.accept()
    assert filled.said[-1] == ("path", "sub/a.csv")
    assert filled.line("path").text() == "sub/a.csv"


def test_fixed_rows_are_shown(filled: Filled) -> None:
    filled.form.set_fixed({"in_channels": "1 (inferred)"})
    texts = [one.text() for one in filled.form.findChildren(QLabel) if one.isVisible()]
    assert "in_channels" in texts
    assert "1 (inferred)" in texts


@pytest.mark.parametrize("layer", registry().layers.values(), ids=lambda layer: layer.type)
def test_every_layer_has_a_form(qtbot: QtBot, layer) -> None:
    form = Form(layer.all_params)
    qtbot.addWidget(form)
    form.set_values({})
    for param in layer.all_params:
        assert form.field(param.name).accessibleName() == param.name


def test_picture(filled: Filled, photograph) -> None:
    filled.form.set_values({"out_channels": 64, "kernel_size": (3, 5)}, {"rate": "rate is too large here"})
    filled.form.set_fixed({"in_channels": "1 (inferred)"})
    photograph(filled.form, "form")
