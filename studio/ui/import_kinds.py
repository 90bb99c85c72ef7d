"""What data may be: the proposals, the likeliest first, and every other source; and the settings of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.catalog.paths import relative_path
from studio.catalog.registry import Registry
from studio.project.params import FilePath, Value
from studio.project.project import Setting
from studio.ui.card import Column, Section, label
from studio.ui.form import Form
from studio.ui.import_look import sources_of_files
from studio.ui.words import declared

if TYPE_CHECKING:
    from studio.data.guess import Recognised

WIDTH = 300
MOST_SHOWN = 6


class ImportKinds(Column):
    """A list of proposals, a box with all kinds, and the form of the one that is chosen."""

    chosen = Signal()
    """Another kind, or another setting of it."""

    def __init__(self, registry: Registry, folder: Callable[[], Path]) -> None:
        super().__init__()
        self._registry, self._folder = registry, folder
        self._path: Path | None = None
        self._settings: list[Setting] = []
        self.setting: Setting | None = None
        self.setFixedWidth(WIDTH)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("What it may be"))
        self.list.setToolTip(self.tr("What the data seem to be, the likeliest first"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._choose)
        self.others = QComboBox()
        self.others.setAccessibleName(self.tr("Another kind"))
        self.others.setToolTip(self.tr("Take it as something else"))
        self.others.addItem(self.tr("Something else…"))
        self.others.addItems(sources_of_files([one.type for one in registry.components("source")]))
        self.others.activated.connect(self._choose_other)
        self._doc = label("", "small", wrapped=True)
        self._form = Form(())
        self._kinds = Section(self.tr("What it may be"), ruled=False)
        for widget in (self.list, self.others):
            self._kinds.add(widget)
        self._settings_section = Section(self.tr("Settings"))
        for widget in (self._doc, self._form):
            self._settings_section.add(widget)
        for section in (self._kinds, self._settings_section):
            self.add(section)
        self._settings_section.hide()

    def show_recognised(self, recognised: Recognised, path: Path | None) -> None:
        """Show what something may be, and choose the likeliest."""
        self._path, self.setting = path, None
        self._settings = [one.source for one in recognised.proposals]
        self.list.blockSignals(True)
        self.list.clear()
        for one in recognised.proposals[:MOST_SHOWN]:
            self._add(one.source.type, one.why)
        self.list.setVisible(self.list.count() > 0)
        heights = [self.list.item(row).sizeHint().height() for row in range(self.list.count())]
        self.list.setFixedHeight(sum(heights) + 4)
        self.list.blockSignals(False)
        self.others.setCurrentIndex(0)
        self.others.setEnabled(path is not None)
        self.list.setCurrentRow(0)
        self._choose(self.list.currentRow())

    def forget(self) -> None:
        """Show no kinds and no settings."""
        self._path, self.setting, self._settings = None, None, []
        self.list.blockSignals(True)
        self.list.clear()
        self.list.blockSignals(False)
        self.list.hide()
        self.others.setEnabled(False)
        self._settings_section.hide()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the settings at fault."""
        if self.setting is not None:
            self._form.set_values(self.setting.params, problems)

    def set_param(self, name: str, value: Value) -> None:
        """Set a parameter as if it had been set in the form."""
        if self.setting is not None:
            self._edit(name, value)
            self._form.set_values(self.setting.params)

    def take_proposed(self, setting: Setting) -> None:
        """Show settings that were proposed once the data were read; that is no change of theirs."""
        if setting != self.setting:
            self._keep(setting)
            self._form.set_values(setting.params)

    def params(self) -> set[str]:
        """The names of the settings of the kind that is chosen."""
        component = self._registry.component("source", self.setting.type) if self.setting else None
        return {one.name for one in component.params} if component else set()

    def field(self, name: str) -> QWidget:
        """The widget that edits a setting."""
        return self._form.field(name)

    def _add(self, type_: str, why: str) -> None:
        item = QListWidgetItem(f"{type_}\n{why}", self.list)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{type_}: {why}")
        room = QRect(0, 0, WIDTH - 44, 10_000)
        flags = int(Qt.TextFlag.TextWordWrap)
        height = self.list.fontMetrics().boundingRect(room, flags, item.text()).height()
        item.setSizeHint(QSize(WIDTH - 44, height + 12))
        item.setToolTip(why)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._settings):
            self.others.setCurrentIndex(0)
            self._take(self._settings[row])
        elif self.setting is None:
            self._settings_section.hide()
            self.chosen.emit()

    def _choose_other(self, row: int) -> None:
        if row == 0 or self._path is None:
            return
        type_ = self.others.itemText(row)
        component = self._registry.component("source", type_)
        assert component is not None
        main = next(one.name for one in component.params if isinstance(one, FilePath))
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1)
        self.list.blockSignals(False)
        self._take(Setting(type_, {main: relative_path(self._path, self._folder())}))

    def _take(self, setting: Setting) -> None:
        component = self._registry.component("source", setting.type)
        assert component is not None
        if self.setting is None or self.setting.type != setting.type:
            old = self._form
            self._form = Form(component.params, folder=self._folder)
            self._form.edited.connect(self._edit)
            self._settings_section.body.replaceWidget(old, self._form)
            old.hide()
            old.deleteLater()
        self.setting = setting
        self._doc.setText(declared(component.doc))
        self._form.set_values(setting.params)
        self._settings_section.show()
        self.chosen.emit()

    def _edit(self, name: str, value: Value) -> None:
        assert self.setting is not None
        self._keep(replace(self.setting, params={**self.setting.params, name: value}))
        self.chosen.emit()

    def _keep(self, setting: Setting) -> None:
        self.setting = setting
        row = self.list.currentRow()
        if row >= 0:
            self._settings[row] = setting


def column_of(widget: QWidget) -> QVBoxLayout:
    """A column of widgets without margins."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    return column
