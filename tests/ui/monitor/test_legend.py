"""The lines that name what a plot shows: of one earlier run, of many that are compared, in little room."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.train.events import Event
from studio.train.runs import RunInfo, read_run
from studio.ui.contrast import contrast
from studio.ui.monitor.curves import Curves
from studio.ui.monitor.legend import LINE_PX, Entry, Legend, in_columns, told_apart
from studio.ui.monitor.strokes import earlier_colour, looks, validation_colour
from studio.ui.theme import DARK, LIGHT, Tokens

Run = tuple[Path, list[Event]]


@pytest.fixture
def curves(qtbot: QtBot) -> Curves:
    panel = Curves()
    qtbot.addWidget(panel)
    panel.set_tokens(DARK)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_an_earlier_run_is_named_where_the_room_is_short(
    qtbot: QtBot, tokens: Tokens, dressed: Callable[[Tokens], None]
) -> None:
    dressed(tokens)
    legend = Legend()
    qtbot.addWidget(legend)
    names = ("train, mean of 2", "validation, mean of 2", "train", "validation", "cnn_digits-002")
    legend.show_entries(tuple(Entry(name, tokens.text, numbered=name in names[4:]) for name in names))
    legend.show()
    legend.resize(900, legend.height())
    assert (legend.written, legend.height()) == (names, LINE_PX)
    legend.resize(500, legend.height())
    assert (legend.written, legend.height()) == (names, 3 * LINE_PX)
    legend.resize(280, legend.height())
    assert len(legend.written) == 5
    assert "…" in legend.written[1]
    assert legend.written[4].endswith("02")
    legend.resize(100, legend.height())
    assert legend.written[-1] == "+3"
    assert not legend.grab().isNull()


def test_an_earlier_run_stands_below_the_own_lines_and_nothing_moves_with_values(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    mine = tuple(Entry(name, DARK.text) for name in ("train", "validation"))
    legend.show_entries((*mine, Entry("fashion_mnist_mlp-001", DARK.text, numbered=True, part="validation")))
    legend.show()
    legend.resize(380, legend.height())
    before = [cell.room for cell in legend._cells()]
    assert [room.top() for room in before] == [0, 0, LINE_PX]
    assert before[0].right() < before[1].left()
    assert max(room.right() for room in before) <= 380
    assert "fashion_mnist_mlp-001" in legend.written[2]
    legend.show_values(("0.12345", "0.12345", "0.12345"))
    assert [cell.room for cell in legend._cells()] == before
    assert legend.height() == 2 * LINE_PX


def distance(one: str, other: str) -> float:
    """How far two colours are apart, each channel from 0 to 1."""
    channels = ([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] for colour in (one, other))
    return math.dist(*channels)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_runs_that_are_compared_differ_in_colour_and_style(tokens: Tokens) -> None:
    assert looks(1, tokens) == [(earlier_colour(tokens), "line")]
    found = looks(30, tokens)
    apart = [look for look in found if look is not None]
    assert len(set(apart)) == len(apart) == 24
    assert found[24:] == [None] * 6
    colours = [tokens.accent, validation_colour(tokens), *(colour for colour, _ in apart[:8])]
    assert min(distance(one, other) for one, other in combinations(colours, 2)) > 0.15
    assert min(contrast(colour, tokens.panel) for colour in colours) >= 3


def many(run: Run, count: int) -> list[tuple[RunInfo, list[Event]]]:
    """The same run under so many names."""
    info = read_run(run[0])
    names = [f"cnn_digits-{number:03}" for number in range(1, count + 1)]
    return [(replace(info, id=name, name=name), run[1]) for name in names]


def test_runs_that_are_compared_are_all_named(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    curves.resize(1400, 600)
    curves.overlay(many(digits, 9))
    qtbot.waitUntil(lambda: all(len(plot.legend) == 10 for plot in curves.plots))
    legend = curves.plots[0].findChild(Legend)
    assert legend.written == ("train", "validation", *(f"…-{number:03}" for number in range(2, 10)))
    assert legend.height() > LINE_PX
    told = [label.text() for label in curves.plots[0].findChildren(QLabel) if label.isVisible()]
    assert "earlier runs: validation" in told
    fourth = QPointF(
        next(x for x in range(legend.width()) if "digits-004" in legend.told_at(QPointF(x, 27))), 27
    )
    assert legend.told_at(fourth) == "cnn_digits-004, validation"
    before = legend.height(), legend.written
    curves.plots[0].hovered.emit(80.0)
    assert all(entry.value for entry in legend.entries)
    assert (legend.height(), legend.written) == before


def test_runs_without_room_for_their_names_are_counted(curves: Curves, digits: Run, qtbot: QtBot) -> None:
    curves.overlay(many(digits, 30))
    curves.resize(600, 300)
    qtbot.waitUntil(lambda: all(len(plot.legend) == 31 for plot in curves.plots))
    legend = curves.plots[0].findChild(Legend)
    qtbot.waitUntil(lambda: legend.height() > LINE_PX)
    shown = legend.written
    assert shown[-1] == f"+{31 - len(shown) + 1}"
    counted = [legend.told_at(QPointF(x, legend.height() - 9)) for x in range(legend.width())]
    assert any("cnn_digits-030, validation; grey" in text for text in counted)


def test_names_are_shortened_to_what_tells_them_apart() -> None:
    assert told_apart(["mlp_digits-001", "mlp_digits-012"]) == ["…-001", "…-012"]
    assert told_apart(["mlp_digits-001", "wide net"]) == ["mlp_digits-001", "wide net"]
    assert told_apart(["mlp-digits", "mlp-digits-2", "mlp-digits"]) == [
        "mlp-digits",
        "mlp-digits-2",
        "mlp-digits",
    ]
    assert told_apart(["only-one-001"]) == ["only-one-001"]


def test_names_take_no_more_room_than_there_is() -> None:
    assert in_columns(3, 3, 400.0, 100.0, 100.0) == (2, 100.0)
    assert in_columns(3, 3, 150.0, 100.0, 100.0) == (1, 50.0)
    assert in_columns(10, 3, 600.0, 100.0, 100.0) == (4, 50.0)
    columns, length = in_columns(100, 3, 600.0, 100.0, 100.0)
    assert columns * (100.0 + length) <= 600.0
