"""The panel Statistics, driven by events of real runs, by mouse and keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QGraphicsView, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.events import Event, LayersMeasured, Started
from studio.train.history import read_events
from studio.train.statistics import watch
from studio.ui.monitor.layer_series import KEYS, LayerSeries, by_drawn, drawn, turn
from studio.ui.monitor.layer_table import REMARK
from studio.ui.monitor.layer_words import in_short, meaning, remarks, title, value_text
from studio.ui.monitor.layers_panel import LayersPanel
from studio.ui.theme import DARK, LIGHT
from tests.train.drawings import digits, train
from tests.train.test_blocks import with_blocks

LEFT = Qt.MouseButton.LeftButton


def measure_every_step(patch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    patch.setattr("studio.train.report.SHOWN", 0.0)
    for name, value in (("SHORTEST", 0.0), ("LONGEST", 0.0), ("SHARE", 1e9)):
        patch.setattr(watch, name, value)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """A network with blocks that was measured in every step."""
    with pytest.MonkeyPatch.context() as patch:
        measure_every_step(patch)
        run = train(with_blocks(layer_statistics=True), tmp_path_factory.mktemp("layers"))
    assert run.result.finished is not None
    return run.result.run_dir, run.events


@pytest.fixture
def panel(qtbot: QtBot) -> LayersPanel:
    made = LayersPanel()
    qtbot.addWidget(made)
    made.resize(1000, 300)
    made.set_tokens(DARK)
    made.show()
    qtbot.waitExposed(made)
    return made


def texts(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


def click_heading(panel: LayersPanel, column: int) -> None:
    header = panel.table.header()
    at = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=at)


def click_row(
    panel: LayersPanel, path: str, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    table = panel.table
    index = table.model().index(table.paths.index(path), 0)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), LEFT, modifiers, table.visualRect(index).center())


def cell(panel: LayersPanel, path: str, key: str) -> str:
    model = panel.table.model()
    column = REMARK if key == "remark" else KEYS.index(key) + 1
    return str(model.index(panel.table.paths.index(path), column).data() or "")


def event(layers: dict[str, dict[str, float]], inputs: Sequence[str] = ()) -> LayersMeasured:
    return LayersMeasured(1.0, 1, 10, layers, tuple(inputs))


def test_the_blank_panel_says_how_to_switch_it_on(panel: LayersPanel, qtbot: QtBot) -> None:
    assert any("layer_statistics" in text for text in texts(panel))
    button = panel.findChild(QPushButton)
    assert button is not None
    assert button.toolTip()
    with qtbot.waitSignal(panel.wanted):
        QTest.mouseClick(button, LEFT)
    panel.show_setting(True)
    assert not button.isVisible()
    assert any("Press Train" in text for text in texts(panel))


def test_every_node_has_its_row_and_its_numbers(
    panel: LayersPanel, recorded: tuple[Path, list[Event]]
) -> None:
    run_dir, events = recorded
    panel.show_events(run_dir.name, read_events(run_dir))
    last = [one for one in events if isinstance(one, LayersMeasured)][-1]
    assert panel.table.paths == list(last.layers)
    for path, found in last.layers.items():
        for key in KEYS:
            assert cell(panel, path, key) == (value_text(key, found[key]) if key in found else "")
    model = panel.table.model()
    names = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert "units/1/fc" in [str(name).removeprefix("! ") for name in names]
    assert f"step {last.step}, epoch {last.epoch}" in texts(panel)


def test_it_sorts_by_each_column_and_back(panel: LayersPanel, recorded: tuple[Path, list[Event]]) -> None:
    panel.show_events("run", recorded[1])
    before = panel.table.paths
    last = [one for one in recorded[1] if isinstance(one, LayersMeasured)][-1].layers
    click_heading(panel, KEYS.index("zeros") + 1)
    values = [last[path].get("zeros", float("-inf")) for path in panel.table.paths]
    assert values == sorted(values)
    click_heading(panel, KEYS.index("zeros") + 1)
    assert panel.table.paths == sorted(panel.table.paths, key=lambda one: -last[one].get("zeros", -1.0))
    click_heading(panel, KEYS.index("zeros") + 1)
    assert panel.table.paths == before
    click_heading(panel, 0)
    assert panel.table.paths == before


def test_a_click_chooses_the_node_and_draws_its_curve(
    panel: LayersPanel, recorded: tuple[Path, list[Event]], qtbot: QtBot
) -> None:
    panel.show_events("run", recorded[1])
    qtbot.waitUntil(lambda: len(panel.plot.entries) == 5)
    assert [one.name for one in panel.plot.entries] == ["image", "flatten", "units", "same", "scores"]
    with qtbot.waitSignal(panel.chosen) as told:
        click_row(panel, "units/1/fc")
    assert told.args == [(("units", "fc"),)]
    assert [one.name for one in panel.plot.entries] == ["units/2/fc"]
    with qtbot.waitSignal(panel.chosen) as told:
        click_row(panel, "scores", Qt.KeyboardModifier.ControlModifier)
    assert set(told.args[0]) == {("units", "fc"), ("scores",)}
    assert {one.name for one in panel.plot.entries} == {"units/2/fc", "scores"}
    assert len({(one.colour, one.style) for one in panel.plot.entries}) == 2


def test_the_statistic_of_the_curves_is_chosen_by_keys(
    panel: LayersPanel, recorded: tuple[Path, list[Event]], qtbot: QtBot
) -> None:
    panel.show_events("run", recorded[1])
    choice = panel.findChild(QComboBox)
    assert choice is not None
    assert choice.accessibleName() == "Statistic"
    choice.setFocus()
    for _ in range(3):
        QTest.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentText() == "Gradient"
    assert [one.name for one in panel.plot.entries] == ["units", "same", "scores"]
    view = panel.plot.findChild(QGraphicsView)
    assert view is not None
    assert view.accessibleName() == "Plot of Gradient over the steps"
    click_row(panel, "flatten")
    assert not panel.plot.entries
    assert "None of these nodes has this statistic." in texts(panel)
    click_row(panel, "scores")
    middle = view.viewport().rect().center()
    QTest.mouseMove(view.viewport(), middle)
    qtbot.waitUntil(lambda: panel.plot.entries[0].value != "")
    assert float(panel.plot.entries[0].value) > 0


def test_selecting_on_the_canvas_selects_all_turns(
    panel: LayersPanel, recorded: tuple[Path, list[Event]], qtbot: QtBot
) -> None:
    panel.show_events("run", recorded[1])
    with qtbot.assertNotEmitted(panel.chosen):
        panel.show_nodes(("units",), ("norm",))
    assert panel.table.selected == [f"units/{turn}/norm" for turn in range(3)]
    panel.show_nodes((), ())
    assert not panel.table.selected


def test_live_it_follows_and_keeps_what_is_selected(
    panel: LayersPanel, recorded: tuple[Path, list[Event]], qtbot: QtBot
) -> None:
    events = recorded[1]
    told: list[object] = []
    panel.measured.connect(told.append)
    started = next(one for one in events if isinstance(one, Started))
    panel.begin(started, "run")
    half = len(events) // 2
    panel.add(events[:half])
    qtbot.waitUntil(lambda: bool(panel.table.paths))
    panel.table.select(["scores"])
    panel.add(events[half:])
    last = [one for one in events if isinstance(one, LayersMeasured)][-1]
    qtbot.waitUntil(lambda: f"step {last.step}, epoch {last.epoch}" in texts(panel))
    assert panel.table.selected == ["scores"]
    assert told[-1] == last
    panel.begin(started, "another")
    assert told[-1] is None
    assert any("layer_statistics" in text for text in texts(panel))


def test_a_long_run_keeps_few_points_and_the_last() -> None:
    series = LayerSeries()
    for second in range(5000):
        series.add([LayersMeasured(float(second), 1, second + 1, {"fc": {"std": float(second)}})])
    steps, times, values = series.curve("fc", "std")
    assert 300 < len(steps) < 700
    assert (steps[-1], times[-1], values[-1]) == (5000, 4999.0, 4999.0)
    assert series.last is not None
    assert series.last.step == 5000
    series.add([Started(2000.0, "run", "cpu", 1, 9000, 1, {}, 1, step=2000)])
    assert max(series.curve("fc", "std")[0]) <= 2000


def test_curves_are_those_of_the_events(recorded: tuple[Path, list[Event]]) -> None:
    series = LayerSeries()
    series.add(recorded[1])
    found = [one for one in recorded[1] if isinstance(one, LayersMeasured)]
    known = {one.step: one.layers["units/0/relu"]["zeros"] for one in found}
    steps, _, values = series.curve("units/0/relu", "zeros")
    assert [known[step] for step in steps] == pytest.approx(values, rel=1e-5)
    assert series.curve("units/0/relu", "gradient") == ([], [], [])
    assert series.curve("nothing", "std") == ([], [], [])


def test_paths_are_those_of_drawn_nodes() -> None:
    assert drawn("units/2/fc") == ("units", "fc")
    assert turn("units/2/fc") == "units/3/fc"
    layers = {"units/0/fc": {"std": 1.0}, "units/1/fc": {"std": 2.0, "zeros": 0.5}, "fc": {"std": 9.0}}
    assert by_drawn(layers) == {("units", "fc"): {"std": 1.5, "zeros": 0.5}, ("fc",): {"std": 9.0}}


def test_a_dead_network_says_so_in_plain_words(
    tmp_path: Path, panel: LayersPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps that are far too large kill every ReLU: nothing gets through, and no gradient comes back."""
    measure_every_step(monkeypatch)
    layers = (
        Node("wide", "Linear", {"out_features": 64}),
        Node("relu", "ReLU"),
        Node("narrow", "Linear", {"out_features": 32}),
        Node("relu2", "ReLU"),
    )
    project = digits(*layers, optimizer=Setting("SGD", {"lr": 20.0}), epochs=4, layer_statistics=True)
    run = train(project, tmp_path)
    panel.show_events("run", run.events)
    last = [one for one in run.events if isinstance(one, LayersMeasured)][-1]
    found = [one.text for one in remarks(last)]
    assert any(re.fullmatch(r"(All|9\d(\.\d)? %) of relu's values are zero\.", text) for text in found)
    assert any("gets no gradient: nothing is learned there." in text for text in found)
    summary = next(text for text in texts(panel) if "values are zero." in text)
    assert summary == in_short(remarks(last))
    path = remarks(last)[0].path
    assert cell(panel, path, "remark") == remarks(last)[0].text
    model = panel.table.model()
    row = panel.table.paths.index(path)
    assert model.index(row, 0).data() == f"! {path}"
    assert model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) == remarks(last)[0].text
    click_heading(panel, REMARK)
    assert panel.table.paths[0] == next(one for one in last.layers if cell(panel, one, "remark"))


def test_what_stands_out() -> None:
    usual = {name: {"std": 1.0, "gradient": 1.0, "update": 1e-3} for name in ("a", "b", "c", "d")}
    assert remarks(event(usual)) == []
    found = {
        "image": {"zeros": 0.95, "std": 1.0},
        **usual,
        "flat": {"zeros": 0.951, "std": 1.0},
        "relu2": {"zeros": 0.9, "std": 1.0},
        "after": {"zeros": 0.9003, "std": 1.0},
        "same": {"mean": 3.0, "std": 0.0},
        "large": {"largest": 3.2e6, "std": 1.0},
        "vanished": {"gradient": 1e-6},
        "exploded": {"gradient": 5000.0},
        "fast": {"update": 0.23, "gradient": 1.0},
        "slow": {"update": 1e-8, "gradient": 1.0},
        "broken": {"bad": 1.0},
        "blocks/0/fc": {"bad": 1.0},
    }
    told = {one.path: one.text for one in remarks(event(found, ["image"]))}
    assert told == {
        "broken": "broken has values that are no finite numbers.",
        "blocks/0/fc": "blocks/1/fc has values that are no finite numbers.",
        "relu2": "90 % of relu2's values are zero.",
        "same": "same gives the same number everywhere: 3.",
        "large": "large's values grow very large: up to 3,200,000.",
        "vanished": "vanished hardly gets a gradient: 1,000,000 times less than is usual here.",
        "exploded": "exploded's gradient is very large: 5,000.",
        "fast": "One step moves fast's weights by 23 %: a lower learning rate may help.",
        "slow": "slow's weights hardly move: 100,000 times less than is usual here.",
    }
    short = in_short(remarks(event(found, ["image"])))
    assert short.startswith("broken has values that are no finite numbers. (And 1 more.) 90 % of relu2's")


def test_a_block_is_not_told_of_beside_the_nodes_in_it() -> None:
    layers = {
        "block": {"gradient": 0.0, "std": 1.0},
        "block/fc": {"gradient": 0.0, "std": 1.0},
        "fc": {"gradient": 1.0, "std": 1.0},
    }
    assert [one.path for one in remarks(event(layers))] == ["block/fc"]


def test_both_themes_draw_and_every_statistic_is_explained(
    panel: LayersPanel, recorded: tuple[Path, list[Event]], request: pytest.FixtureRequest
) -> None:
    panel.show_events("run", recorded[1])
    pictures = []
    for tokens in (DARK, LIGHT):
        panel.set_tokens(tokens)
        pictures.append(panel.grab().toImage())
        if folder := request.config.getoption("--pictures", default=None):
            pictures[-1].save(str(Path(folder) / f"layers-{tokens.scheme}.png"))
    assert pictures[0] != pictures[1]
    header = panel.table.model()
    for column, key in enumerate(KEYS, 1):
        assert header.headerData(column, Qt.Orientation.Horizontal) == title(key)
        tip = header.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert tip == meaning(key)
    assert panel.table.accessibleName() == "Statistics of layers"
