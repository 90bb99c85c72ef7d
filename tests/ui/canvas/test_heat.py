"""Heat on the canvas: bands under the nodes that were measured, painted anew only where they change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from studio.project import edits
from studio.train.events import LayersMeasured
from studio.ui.canvas.heat import HEIGHTS, NOT_FINITE
from studio.ui.canvas.heat_scale import STEPS, colour_of, end_text, span_of, step_of, text_on
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.node_item import MARGIN
from studio.ui.contrast import contrast
from studio.ui.heat import KEYS, Heat
from studio.ui.theme import DARK, LIGHT, Tokens
from tests.ui.canvas.conftest import Hands, enter
from tests.ui.canvas.test_repaints import ROUNDING, ZOOMS, _farthest, _seen

Layers = dict[str, dict[str, float]]
LAYERS: Layers = {
    "images": {"std": 1.0, "zeros": 0.2},
    "conv1": {"std": 0.5, "zeros": 0.0, "gradient": 0.1, "update": 1e-3},
    "conv2": {"std": 5.0, "zeros": 0.0, "gradient": 30.0, "update": 1e-4},
    "merge": {"std": 0.02, "zeros": 0.95},
}


def event(layers: Layers, time: float = 1.0) -> LayersMeasured:
    return LayersMeasured(time, 1, 10, layers, ("images",))


@pytest.fixture
def heat(hands: Hands) -> Heat:
    made = Heat(hands.session, hands.canvas, hands.canvas)
    made.show(event(LAYERS))
    return made


class Painted(QObject):
    """Notes which parts of the viewport are painted."""

    def __init__(self, hands: Hands) -> None:
        super().__init__(hands.canvas)
        self.rects: list[QRect] = []
        hands.port.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.rects += list(event.region())
        return super().eventFilter(watched, event)


def below(hands: Hands, name: str) -> QPoint:
    """In a node's band, beside its number."""
    body = hands.canvas.scene.nodes[name].body
    return hands.pixel(body.bottomLeft()) + QPoint(12, 8)


def seen(hands: Hands) -> QImage:
    return hands.canvas.grab().toImage()


def test_off_it_paints_nothing_and_on_a_band_under_each_node(hands: Hands, heat: Heat) -> None:
    before = seen(hands)
    assert not heat.legend.isVisible()
    heat.switch(True)
    assert set(heat.layer.shown) == set(LAYERS)
    assert heat.legend.isVisible()
    after = seen(hands)
    for name, warmth in heat.layer.shown.items():
        at = below(hands, name)
        assert before.pixelColor(at) != after.pixelColor(at)
        assert after.pixelColor(at).name() == colour_of(warmth.step)
    assert after.pixelColor(below(hands, "relu")) == before.pixelColor(below(hands, "relu"))
    heat.switch(False)
    assert seen(hands) == before


def test_the_numbers_are_in_the_bands(heat: Heat) -> None:
    heat.switch(True)
    assert {name: one.text for name, one in heat.layer.shown.items()} == {
        "images": "1",
        "conv1": "0.5",
        "conv2": "5",
        "merge": "0.02",
    }
    heat.choose("zeros")
    assert heat.layer.shown["merge"].text == "95 %"
    assert heat.layer.shown["merge"].step == STEPS - 1
    heat.choose("gradient")
    assert set(heat.layer.shown) == {"conv1", "conv2"}


def test_what_is_not_finite_is_said_in_red(hands: Hands, heat: Heat) -> None:
    heat.switch(True)
    heat.show(event({**LAYERS, "conv1": {"bad": 1.0}}, 2.0))
    assert heat.layer.shown["conv1"].step == NOT_FINITE
    assert heat.layer.shown["conv1"].text == "not finite"
    assert seen(hands).pixelColor(below(hands, "conv1")) == QColor(DARK.error)


def test_only_nodes_whose_band_changed_are_painted_anew(hands: Hands, heat: Heat) -> None:
    heat.switch(True)
    QTest.qWait(200)
    painted = Painted(hands)
    heat.show(event({**LAYERS, "conv2": {"std": 0.021}}, 2.0))
    QTest.qWait(50)
    body = hands.canvas.scene.nodes["conv2"].bounds
    around = hands.canvas.view.mapFromScene(body).boundingRect().adjusted(-3, -3, 3, 3)
    assert painted.rects
    assert all(around.contains(rect) for rect in painted.rects)
    painted.rects.clear()
    nearly = {name: {key: 1.01 * one for key, one in found.items()} for name, found in LAYERS.items()}
    nearly["conv2"] = {"std": 0.0212}
    heat.show(event(nearly, 3.0))
    QTest.qWait(50)
    assert not painted.rects


@pytest.mark.parametrize("zoom", ZOOMS)
def test_nothing_is_left_behind(zoom: float, hands: Hands, heat: Heat) -> None:
    hands.canvas.zoom_to(zoom)
    heat.switch(True)
    QTest.qWait(200)
    before = _seen(hands)
    heat.show(event({**LAYERS, "merge": {"std": 60.0}, "conv1": {"std": 0.003}}, 2.0))
    QTest.qWait(100)
    in_its_place = _seen(hands)
    hands.port.repaint()
    assert _farthest(in_its_place, _seen(hands)) <= ROUNDING
    assert _farthest(in_its_place, before) > 10 * ROUNDING
    hands.drag(hands.at("merge"), hands.at("merge") + QPoint(40, 30))
    hands.session.commit(edits.rename(hands.project, "conv1", "other"), "Rename")
    QTest.qWait(100)
    in_its_place = _seen(hands)
    hands.port.repaint()
    assert _farthest(in_its_place, _seen(hands)) <= ROUNDING
    assert "other" not in heat.layer.shown
    heat.switch(False)
    QTest.qWait(100)
    in_its_place = _seen(hands)
    hands.port.repaint()
    assert _farthest(in_its_place, _seen(hands)) <= ROUNDING


@pytest.mark.parametrize("zoom", [0.3, 0.1])
def test_from_afar_there_are_bands_too(zoom: float, hands: Hands, heat: Heat) -> None:
    hands.canvas.zoom_to(zoom)
    QTest.qWait(150)
    heat.switch(True)
    heat.choose("zeros")
    QTest.qWait(50)
    found = seen(hands)
    body = hands.canvas.scene.nodes["merge"].body
    rect = hands.canvas.view.mapFromScene(body).boundingRect()
    column = {
        found.pixelColor(rect.center().x(), y).name() for y in range(rect.top() - 2, rect.bottom() + 12)
    }
    assert colour_of(STEPS - 1) in column


def test_bands_stay_within_what_is_painted_with_a_node() -> None:
    assert all(high + 2 <= MARGIN for high in HEIGHTS.values())


def test_inside_a_block_its_own_nodes_are_heated(drawn: Hands) -> None:
    """Of a block that follows itself all turns together."""
    heat = Heat(drawn.session, drawn.canvas, drawn.canvas)
    heat.switch(True)
    turns = {f"layer1/{at}/join": {"std": value} for at, value in enumerate((1.0, 3.0))}
    heat.show(event({"stem": {"std": 2.0}, "stem/conv": {"std": 4.0}, "layer1": {"std": 8.0}, **turns}))
    assert {name: one.text for name, one in heat.layer.shown.items()} == {"stem": "2", "layer1": "8"}
    enter(drawn, "stem")
    QTest.qWait(400)
    assert {name: one.text for name, one in heat.layer.shown.items()} == {"conv": "4"}
    drawn.session.look(("layer1",))
    QTest.qWait(400)
    assert heat.layer.shown["join"].text == "2"


def test_the_legend_says_the_scale_and_chooses(hands: Hands, heat: Heat) -> None:
    heat.switch(True)
    assert heat.legend.key == "std"
    choice = heat.legend.findChild(QComboBox)
    assert choice is not None
    assert choice.accessibleName() == "What the heat shows"
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert heat.key == "zeros"
    names = [one.accessibleName() for one in heat.legend.children() if hasattr(one, "accessibleName")]
    assert "From 0 % to 100 %" in names
    assert hands.canvas.rect().contains(heat.legend.geometry())
    hands.canvas.resize(900, 500)
    QTest.qWait(20)
    assert hands.canvas.rect().contains(heat.legend.geometry())
    assert heat.legend.geometry().bottom() > 460
    heat.show(None)
    assert not heat.layer.shown
    assert any(getattr(one, "text", str)() == "Nothing measured yet" for one in heat.legend.children())


def test_a_scale_only_grows_while_a_run_goes_on() -> None:
    first = span_of("gradient", [0.02, 0.3], None)
    assert first == (-2.0, 0.0)
    assert span_of("gradient", [0.05, 20.0], first) == (-2.0, 2.0)
    assert span_of("gradient", [0.05], (-2.0, 2.0)) == (-2.0, 2.0)
    assert span_of("gradient", [0.0], None) == (-3.0, 0.0)
    assert span_of("zeros", [0.5], None) == (0.0, 1.0)
    assert [end_text("gradient", at) for at in (-2.0, 1.0)] == ["10⁻²", "10¹"]
    assert [step_of("gradient", one, (-2.0, 2.0)) for one in (0.0, 1e-9, 0.01, 1.0, 99.0, 1e9)] == [
        *(0, 0, 0, 8),
        *(15, 15),
    ]


def luminances() -> Iterator[float]:
    for step in range(STEPS):
        yield 21.0 / contrast(colour_of(step), "#ffffff")


def test_colours_grow_lighter_all_the_way_and_numbers_can_be_read() -> None:
    found = list(luminances())
    assert found == sorted(found)
    assert len(set(found)) == STEPS
    for step in range(STEPS):
        assert contrast(text_on(colour_of(step)), colour_of(step)) >= 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_in_both_themes(tokens: Tokens, hands: Hands, heat: Heat) -> None:
    hands.canvas.set_tokens(tokens)
    heat.set_tokens(tokens)
    heat.switch(True)
    for key in KEYS:
        heat.choose(key)
        found = seen(hands)
        for name, warmth in heat.layer.shown.items():
            assert found.pixelColor(below(hands, name)).name() == colour_of(warmth.step)
    assert contrast(text_on(Ink(tokens).error.name()), Ink(tokens).error.name()) >= 4.5
