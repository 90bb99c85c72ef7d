"""Chooses a component of the catalog (a data source, an optimizer, a schedule) and sets its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from studio.catalog.registry import Component, Kind, Registry
from studio.project.params import Choice, Value
from studio.project.project import Setting
from studio.ui.card import label
from studio.ui.form import Form
from studio.ui.words import declared


class ComponentForm(QWidget):
    """A row to choose the type, what it does, and the form of its parameters."""

    chosen = Signal(object)
    """The Setting of another type; what was set on that type before comes back."""
    edited = Signal(object, str, str)
    """The Setting with a parameter changed, the parameter's name, and the key of the burst of edits."""

    def __init__(self, registry: Registry, kind: Kind, title: str, folder: Callable[[], Path]) -> None:
        super().__init__()
        self._registry, self._kind, self._folder = registry, kind, folder
        self._setting = Setting("")
        self._earlier: dict[str, Setting] = {}
        types = tuple(one.type for one in registry.components(kind))
        self._type = Form((Choice(kind, types[0], title, options=types),))
        self._type.edited.connect(self._choose)
        self._doc = label("", "small", wrapped=True)
        self._form = Form(())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        for widget in (self._type, self._doc, self._form):
            self._column.addWidget(widget)

    def show_setting(self, setting: Setting, problems: Mapping[str, str]) -> None:
        """Show a setting and, by parameter, what is wrong; the kind's name stands for the choice."""
        if setting.type != self._setting.type:
            self._make_form(setting.type)
        self._setting = setting
        own = {self._kind: problems[self._kind]} if self._kind in problems else {}
        self._type.set_values({self._kind: setting.type}, own)
        self._form.set_values(setting.params, problems)

    def params(self) -> set[str]:
        """The names that a problem can be shown at."""
        component = self._component(self._setting.type)
        return {self._kind, *(param.name for param in component.params)} if component else {self._kind}

    def choice(self) -> QComboBox:
        """The box that the type is chosen in."""
        box = self._type.field(self._kind)
        assert isinstance(box, QComboBox)
        return box

    def field(self, name: str) -> QWidget:
        """The widget that edits a parameter."""
        return self._form.field(name)

    def _component(self, type_: str) -> Component | None:
        return self._registry.component(self._kind, type_)

    def _make_form(self, type_: str) -> None:
        component = self._component(type_)
        old = self._form
        self._form = Form(component.params if component else (), folder=self._folder)
        self._form.edited.connect(self._edit)
        self._column.replaceWidget(old, self._form)
        old.hide()
        old.deleteLater()
        self._form.setVisible(bool(component and component.params))
        self._doc.setText(declared(component.doc) if component else self.tr("This version does not know it."))

    def _choose(self, _name: str, value: Value) -> None:
        self._earlier[self._setting.type] = self._setting
        self.chosen.emit(self._earlier.get(str(value), Setting(str(value))))

    def _edit(self, name: str, value: Value) -> None:
        setting = replace(self._setting, params={**self._setting.params, name: value})
        self.edited.emit(setting, name, f"{self._kind}.{name}:{id(self._form)}:{self._form.burst}")
