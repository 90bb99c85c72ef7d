"""Heat of the canvas: switched on and off, which statistic it shows, and what was measured last."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from studio.project.changes import Changes
from studio.train.events import LayersMeasured
from studio.ui.actions import Actions
from studio.ui.canvas.canvas import Canvas
from studio.ui.canvas.heat import NOT_FINITE, HeatLayer, Warmth
from studio.ui.canvas.heat_legend import HeatLegend
from studio.ui.canvas.heat_scale import Span, span_of, step_of
from studio.ui.canvas.ink import Ink
from studio.ui.monitor.layer_series import Statistics, by_drawn
from studio.ui.monitor.layer_words import value_text
from studio.ui.preferences import Preferences
from studio.ui.session import Session
from studio.ui.theme import Tokens

KEYS = ("std", "zeros", "gradient", "update")
ON, KEY = "heat", "heat.statistic"
STEADY = 0.05
"""A number that has changed by less than this share of it, within one colour, stays as it is written."""


_translate = QCoreApplication.translate


class Heat(QObject):
    """What the canvas shows as heat. Off it costs nothing."""

    switched = Signal(bool)
    turned = Signal(str)
    """Another statistic is shown."""

    def __init__(self, session: Session, canvas: Canvas, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._canvas = session, canvas
        self.on, self.key = False, KEYS[0]
        self._event: LayersMeasured | None = None
        self._nodes: Mapping[tuple[str, ...], Statistics] = {}
        self._spans: dict[str, Span] = {}
        self._values: dict[str, float] = {}
        self.layer = HeatLayer(canvas.scene)
        self.legend = HeatLegend(self.titles(), canvas.scene.look.ink, canvas)
        self.legend.chosen.connect(self.choose)
        session.changed.connect(self._follow)
        session.focus_moved.connect(self._refresh)

    def titles(self) -> dict[str, str]:
        """What can be shown."""
        return {
            "std": self.tr("Activation spread"),
            "zeros": self.tr("Share of zeros"),
            "gradient": self.tr("Gradient norm"),
            "update": self.tr("Update ratio"),
        }

    def switch(self, on: bool) -> None:
        """Show heat, or none."""
        if on != self.on:
            self.on = on
            self._refresh()
            self.switched.emit(on)

    def choose(self, key: str) -> None:
        """Show another statistic."""
        if key in KEYS and key != self.key:
            self.key = key
            self._values.clear()
            self._refresh()
            self.turned.emit(key)

    def show(self, event: LayersMeasured | None) -> None:
        """Show what was measured last; None where nothing was."""
        if event is None or (self._event is not None and event.time < self._event.time):
            self._spans.clear()
        if event is not self._event:
            self._event = event
            self._nodes = by_drawn(event.layers) if event is not None else {}
            self._refresh()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.legend.set_ink(Ink(tokens))

    def _follow(self, changes: Changes) -> None:
        if changes.added or changes.removed:
            self._refresh()

    def _refresh(self, *_: object) -> None:
        if not self.on:
            self._values.clear()
            self._paint({})
            self.legend.hide()
            return
        everywhere = [one[self.key] for one in self._nodes.values() if self.key in one]
        if everywhere:
            self._spans[self.key] = span_of(self.key, everywhere, self._spans.get(self.key))
        span = self._spans.get(self.key)
        focus = self._session.focus
        here = ((name, self._nodes.get((*focus, name))) for name in self._session.drawing.graph.nodes)
        found = {name: self._warmth(name, one, span) for name, one in here if one is not None}
        self._paint({name: one for name, one in found.items() if one is not None})
        self.legend.show_scale(self.key, span if everywhere else None)

    def _paint(self, warmth: Mapping[str, Warmth]) -> None:
        if self.layer.show_heat(warmth):
            self._canvas.view.repaint_far()

    def _warmth(self, name: str, one: Statistics, span: Span | None) -> Warmth | None:
        if one.get("bad"):
            return Warmth(NOT_FINITE, self.tr("not finite"))
        value = one.get(self.key)
        if value is None or span is None:
            return None
        step, shown = step_of(self.key, value, span), self.layer.shown.get(name)
        before = self._values.get(name) if shown is not None and shown.step == step else None
        if before is not None and abs(value - before) <= STEADY * abs(before):
            return shown
        self._values[name] = value
        return Warmth(step, value_text(self.key, value))


def heat_menu(heat: Heat, menu: QMenu, actions: Actions, preferences: Preferences) -> None:
    """Fill the menu with the switch and what can be shown; both are as they were left."""
    tip = _translate("Heat", "Colour each node by what was measured of its layer in the run that is shown")
    switch = actions.make(
        "view.heat",
        _translate("Heat", "&Heat of the layers"),
        lambda: heat.switch(not heat.on),
        tip=tip,
        shortcut="Ctrl+Shift+H",
        checkable=True,
    )
    heat.switched.connect(switch.setChecked)
    menu.addAction(switch)
    menu.addSeparator()
    group, made = QActionGroup(menu), dict[str, QAction]()
    for key, title in heat.titles().items():
        tip = _translate("Heat", "Colour the nodes by: {statistic}").format(statistic=title)
        name, run = f"view.heat.{key}", partial(heat.choose, key)
        made[key] = action = actions.make(name, title, run, tip=tip, checkable=True)
        action.setChecked(key == heat.key)
        group.addAction(action)
        menu.addAction(action)
    heat.turned.connect(lambda key: made[key].setChecked(True))
    heat.choose(preferences.text(KEY, heat.key))
    heat.switch(preferences.text(ON, "off") == "on")
    heat.turned.connect(lambda key: preferences.set(KEY, key))
    heat.switched.connect(lambda on: preferences.set(ON, "on" if on else "off"))
