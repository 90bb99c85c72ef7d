"""The Curves panel, driven by events of real runs and by the mouse."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGraphicsView,
    QMenu,
    QMessageBox,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.errors import StudioError
from studio.train.events import EpochEnded, Event, Progress, Started
from studio.train.history import read_events
from studio.train.runs import read_run
from studio.ui.monitor.curves import Curves
from studio.ui.monitor.plot import Plot
from studio.ui.monitor.redraw import REDRAW_MS, SHARE, SLOWEST_MS
from studio.ui.theme import DARK, LIGHT, Tokens

Run = tuple[Path, list[Event]]


@pytest.fixture
def curves(qtbot: QtBot) -> Curves:
    panel = Curves()
    qtbot.addWidget(panel)
    panel.resize(1000, 400)
    panel.set_tokens(DARK)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def shown(curves: Curves, run: Run, qtbot: QtBot) -> list[Plot]:
    curves.show_run(read_run(run[0]), run[1])
    qtbot.waitUntil(lambda: all(plot.legend for plot in curves.plots))
    qtbot.waitUntil(lambda: all(not plot.visibleRegion().isEmpty() for plot in curves.plots))
    qtbot.wait(150)
    return list(curves.plots)


def canvas(plot: Plot) -> QWidget:
    """Where the mouse goes: the viewport of the chart."""
    return plot.findChild(QGraphicsView).viewport()


def test_importing_the_panels_loads_nothing_heavy() -> None:
    code = """
import sys
import studio.ui.monitor.curves, studio.ui.monitor.status, studio.ui.monitor.runs, studio.ui.monitor.confusion
import studio.ui.monitor.examples, studio.ui.monitor.predict
heavy = {"torch", "numpy", "pyqtgraph", "sklearn", "networkx"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_says_what_will_appear(curves: Curves) -> None:
    assert curves.plots == ()
    texts = [
        label.text() for label in curves.findChildren(QWidget) if hasattr(label, "text") and label.isVisible()
    ]
    assert any("Press Train" in text for text in texts)


def test_a_run_is_followed_live(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    events = digits[1]
    started = next(event for event in events if isinstance(event, Started))
    curves.begin(started, "Run 1")
    for event in events[: len(events) // 2]:
        curves.add([event])
    qtbot.waitUntil(lambda: len(curves.plots) == 2 and bool(curves.plots[1].legend))
    loss, accuracy = curves.plots
    assert (loss.name, accuracy.name) == ("loss", "accuracy")
    assert [entry.name for entry in loss.legend] == ["train", "validation"]
    assert loss.shown[0] == (0, started.epochs * started.steps_per_epoch)
    curves.add(events[len(events) // 2 :])
    curves.flush()
    low, high = accuracy.shown[1]
    ended = [event for event in events if isinstance(event, EpochEnded)]
    assert low <= min(event.validation["accuracy"] for event in ended) <= high <= 1.01


def test_nothing_is_drawn_while_it_cannot_be_seen(qtbot: QtBot, digits: Run) -> None:
    panel = Curves()
    qtbot.addWidget(panel)
    panel.resize(800, 300)
    panel.add(digits[1])
    qtbot.wait(250)
    assert len(panel.plots) == 1
    assert panel.plots[0].legend == ()
    panel.show()
    qtbot.waitUntil(lambda: len(panel.plots) == 2 and all(plot.legend for plot in panel.plots))


def test_it_redraws_at_most_ten_times_a_second(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    shown(curves, digits, qtbot)
    drawn: list[float] = []
    plot = curves.plots[0]
    refresh = plot.refresh
    plot.refresh = lambda: (drawn.append(1), refresh())  # type: ignore[method-assign]
    steps = next(event for event in digits[1] if isinstance(event, Progress))
    for _ in range(50):
        curves.add([steps])
        qtbot.wait(10)
    assert 2 <= len(drawn) <= 8


def test_the_run_before_stays_behind_in_grey(
    curves: Curves, digits: Run, diabetes: Run, qtbot: QtBot
) -> None:
    curves.begin(next(e for e in digits[1] if isinstance(e, Started)), "Run 1")
    curves.add(digits[1])
    curves.begin(next(e for e in diabetes[1] if isinstance(e, Started)), "Run 2")
    curves.add(diabetes[1])
    qtbot.waitUntil(lambda: len(curves.plots) == 4 and len(curves.plots[0].legend) == 3)
    names = [entry.name for entry in curves.plots[0].legend]
    assert names == ["train", "validation", "Run 1"]
    colours = [entry.colour for entry in curves.plots[0].legend]
    assert len(set(colours)) == 3


def test_runs_are_compared_by_name(
    curves: Curves, digits: Run, diabetes: Run, two_losses: Run, qtbot: QtBot
) -> None:
    every = [(read_run(path), read_events(path)) for path, _ in (digits, diabetes, two_losses)]
    curves.overlay(every)
    assert [history.name for history in curves.histories] == [info.name for info, _ in every]
    qtbot.waitUntil(lambda: bool(curves.plots[0].legend))
    assert [e.name for e in curves.plots[0].legend] == [
        "train",
        "validation",
        every[1][0].name,
        every[2][0].name,
    ]
    styles = [entry.style for entry in curves.plots[0].legend[2:]]
    assert len(set(styles)) == 2
    curves.overlay(every[:1])
    assert len(curves.histories) == 1


def test_a_resumed_run_goes_on_in_its_own_curves(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    shown(curves, digits, qtbot)
    started = next(event for event in digits[1] if isinstance(event, Started))
    curves.begin(
        Started(1.0, started.run, *(getattr(started, name) for name in FIELDS), epoch=4, step=80), "x"
    )
    assert len(curves.histories) == 1
    line = curves.histories[0].line("loss", "validation")
    assert line is not None
    assert len(line) == 4


FIELDS = ("device", "epochs", "steps_per_epoch", "batch_size", "samples", "parameters")


def test_the_wheel_zooms_and_a_double_click_shows_everything(
    curves: Curves, digits: Run, qtbot: QtBot
) -> None:
    plot = shown(curves, digits, qtbot)[0]
    whole = plot.shown
    view = canvas(plot)
    middle = QPointF(view.width() / 2, view.height() / 2)
    wheel = QWheelEvent(
        middle, view.mapToGlobal(middle), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, wheel)
    (x0, x1), (y0, y1) = plot.shown
    assert whole[0][0] < x0 < x1 < whole[0][1]
    assert y1 - y0 < whole[1][1] - whole[1][0]
    curves.add([digits[1][-3]])
    curves.flush()
    assert plot.shown[0] == (x0, x1)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    assert plot.shown == whole


def drag(view: QWidget, start: QPoint, end: QPoint, qtbot: QtBot) -> None:
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    kinds = QMouseEvent.Type
    path = [start + (end - start) * (i / 8) for i in range(9)]
    steps = [(kinds.MouseMove, start, none, none), (kinds.MouseButtonPress, start, left, left)]
    steps += [(kinds.MouseMove, point, none, left) for point in path]
    steps += [(kinds.MouseButtonRelease, end, left, none)]
    for kind, point, button, buttons in steps:
        at = QPointF(point)
        event = QMouseEvent(kind, at, view.mapToGlobal(at), button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view, event)
        qtbot.wait(15)  # pyqtgraph leaves out moves that come faster than a hand's


def test_dragging_zooms_into_a_part(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    plot = shown(curves, digits, qtbot)[0]
    whole = plot.shown
    view = canvas(plot)
    qtbot.wait(50)
    drag(view, QPoint(view.width() // 2, 40), QPoint(view.width() - 60, view.height() - 60), qtbot)
    (x0, x1), (y0, y1) = plot.shown
    assert whole[0][0] < x0 < x1 < whole[0][1]
    assert whole[1][0] < y0 < y1 < whole[1][1]
    buttons = {button.text(): button for button in curves.findChildren(QPushButton)}
    qtbot.mouseClick(buttons["Reset zoom"], Qt.MouseButton.LeftButton)
    assert plot.shown == whole
    view.parentWidget().setFocus()
    drag(view, QPoint(view.width() // 2, 40), QPoint(view.width() - 60, view.height() - 60), qtbot)
    assert plot.shown != whole
    qtbot.keyClick(view.parentWidget(), Qt.Key.Key_Home)
    assert plot.shown == whole


def test_the_pointer_reads_values_in_every_plot(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    loss, accuracy = shown(curves, digits, qtbot)
    view = canvas(loss)
    qtbot.wait(50)
    qtbot.mouseMove(view, QPoint(view.width() - 30, view.height() // 2))
    qtbot.waitUntil(lambda: all(entry.value for entry in loss.legend))
    ended = [event for event in digits[1] if isinstance(event, EpochEnded)][-1]
    assert accuracy.legend[1].value == f"{100 * ended.validation['accuracy']:.2f} %"
    assert float(loss.legend[1].value) == pytest.approx(ended.validation["loss"], rel=1e-3)
    loss.hovered.emit(math.nan)
    assert not any(entry.value for plot in (loss, accuracy) for entry in plot.legend)


def test_axis_scale_and_smoothing_are_chosen(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    loss, accuracy = shown(curves, digits, qtbot)
    axis = curves.findChild(QComboBox)
    axis.setCurrentIndex(axis.findData("epoch"))
    assert loss.shown[0] == (0, 8)
    axis.setCurrentIndex(axis.findData("time"))
    assert loss.shown[0][1] >= curves.histories[0].seconds
    plain = loss.shown[1]
    qtbot.mouseClick(curves.findChild(QCheckBox), Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert loss.shown[1][0] > 0 >= plain[0]
    assert accuracy.shown[1][1] <= 1.01
    before = loss.shown
    curves.findChild(QSlider).setValue(0)
    assert loss.shown[1] != before[1]


def test_pictures_and_tables_are_saved(curves: Curves, digits: Run, qtbot: QtBot, tmp_path: Path) -> None:
    shown(curves, digits, qtbot)
    curves.save_picture(tmp_path / "curves.png")
    picture = QImage(str(tmp_path / "curves.png"))
    assert picture.width() > 1200
    colours = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 3)
        for y in range(0, picture.height(), 3)
    }
    assert {DARK.panel, DARK.accent} <= colours
    curves.save_picture(tmp_path / "curves.svg")
    assert QSvgRenderer(str(tmp_path / "curves.svg")).isValid()
    assert (tmp_path / "curves.svg").read_text().count("<polyline") + (
        tmp_path / "curves.svg"
    ).read_text().count("<path") > 10
    curves.save_table(tmp_path / "curves.csv")
    assert len((tmp_path / "curves.csv").read_text().splitlines()) > 160
    with pytest.raises(StudioError, match="cannot be written"):
        curves.save_table(tmp_path / "missing" / "curves.csv")


def test_a_file_is_asked_for_and_failure_is_told(
    curves: Curves, digits: Run, qtbot: QtBot, tmp_path: Path
) -> None:
    shown(curves, digits, qtbot)
    menu = curves.findChild(QMenu)
    menu.actions()[1].trigger()
    dialog = curves.findChild(QFileDialog)
    assert dialog.isVisible()
    dialog.fileSelected.emit(str(tmp_path / "values.csv"))
    assert (tmp_path / "values.csv").exists()
    dialog.fileSelected.emit(str(tmp_path / "missing" / "values.csv"))
    told = curves.findChild(QMessageBox)
    assert "cannot be written" in told.text()
    assert told.informativeText()
    told.close()
    dialog.close()


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_it_looks_like_the_window(
    qtbot: QtBot, two_losses: Run, dressed: Callable[[Tokens], None], pictures: Path | None, tokens: Tokens
) -> None:
    dressed(tokens)
    panel = Curves()
    qtbot.addWidget(panel)
    panel.resize(1290, 420)
    panel.set_tokens(tokens)
    panel.show()
    shown(panel, two_losses, qtbot)
    picture = panel.grab().toImage()
    assert picture.pixelColor(3, 200).name() == tokens.panel
    if pictures:
        picture.save(str(pictures / f"curves_{tokens.scheme}.png"))


def test_every_control_has_a_name_a_tooltip_and_the_focus(curves: Curves) -> None:
    kinds = (QComboBox, QCheckBox, QSlider, QPushButton)
    controls = [control for kind in kinds for control in curves.findChildren(kind)]
    assert len(controls) == 5
    for control in controls:
        assert control.accessibleName() or control.text()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_old_runs_reach_as_far_as_their_steps_were_made(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    info, events = read_run(digits[0]), digits[1]
    shown(curves, digits, qtbot)
    made = info.step
    long = [replace(one, epochs=500) if isinstance(one, Started) else one for one in events[:-1]]
    curves.overlay([(replace(info, id="other", name="other", status="interrupted"), long)])
    assert [plot.shown[0] for plot in curves.plots] == [(0.0, made)] * len(curves.plots)
    curves.show_run(replace(info, status="interrupted"), long)
    assert curves.plots[0].shown[0] == (0.0, made)
    started = next(one for one in long if isinstance(one, Started))
    curves.show_run(replace(info, status="running"), long)
    assert curves.plots[0].shown[0] == (0.0, 500 * started.steps_per_epoch)


def test_the_more_the_window_computes_the_rarer_it_draws(curves: Curves, digits: Run) -> None:
    started, *rest = digits[1]
    assert isinstance(started, Started)
    curves.begin(started, "digits")
    curves.add(rest[:3])
    curves.flush()
    busy = time.thread_time() + SLOWEST_MS / SHARE / 1000
    while time.thread_time() < busy:
        pass
    curves.add(rest)
    curves.flush()
    assert curves._redraw.interval == SLOWEST_MS
    curves.begin(replace(started, run="another"), "another")
    curves.add(rest)
    curves.flush()
    assert curves._redraw.interval == REDRAW_MS
