"""Steps that are carried out in order, each with its form: what is done to the values of a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from studio.catalog.registry import Kind, Registry
from studio.project.params import Value
from studio.project.project import Setting
from studio.ui.card import label, small_button
from studio.ui.form import Form
from studio.ui.next_steps import Place, with_step
from studio.ui.value_text import text_of
from studio.ui.words import declared

ROW, MOST_ROWS = 24, 8
Steps = tuple[Setting, ...]


class StepList(QWidget):
    """Shows steps and tells every change as the new steps, the label of the undo step and its burst."""

    edited = Signal(object, str, str)
    reset_wanted = Signal()
    picked = Signal(int)
    """Another step is selected."""

    def __init__(self, registry: Registry, kind: Kind, title: str, folder: Callable[[], Path]) -> None:
        super().__init__()
        self._registry, self._kind, self._folder = registry, kind, folder
        self._steps: Steps = ()
        self._offered: Mapping[str, Place] = {}
        self._came_in: int | None = None
        self._of = ""
        self._shown_form: tuple[str, str, int] = ("", "", -1)
        self._title = label(title, "section")
        self._proposed = label(self.tr("proposed"), "small")
        self._proposed.setToolTip(self.tr("Chosen by the program for this kind, until you change something"))
        self.reset_button = small_button(self.tr("Proposed"), self.tr("Take the proposed steps again"))
        self.reset_button.clicked.connect(self.reset_wanted)
        self.add_button = small_button(self.tr("Add…"), self.tr("Add a step: {what}").format(what=title))
        self.list = _List()
        self.list.setAccessibleName(title)
        self.list.setToolTip(self.tr("Alt with ↑ or ↓ moves a step, Del removes it; it can be dragged, too"))
        self._doc = label("", "small", wrapped=True)
        self._form = Form(())
        self._make_buttons()
        for button in (self.reset_button, self.add_button, self.up_button, self.down_button):
            button.setAutoDefault(False)
        self.remove_button.setAutoDefault(False)
        self._arrange()
        self.list.currentRowChanged.connect(self._pick)
        self.list.moved.connect(self._reorder)
        self.list.shift.connect(self._shift)
        self.list.remove.connect(self.remove_button.click)

    def show_steps(self, of: str, steps: Steps, *, proposed: bool, chosen: bool) -> None:
        """Show the steps of a column. `proposed`: not chosen by the user; `chosen`: they could be reset."""
        row = self.list.currentRow() if of == self._of else 0
        grew = of == self._of and len(steps) == len(self._steps) + 1
        if self._came_in is not None and self._came_in < len(steps):
            row, grew = self._came_in, False
        self._came_in = None
        self._of, self._steps = of, steps
        self.list.blockSignals(True)
        self.list.clear()
        for at, step in enumerate(steps):
            self.list.addItem(self._item(at, step))
        self.list.setCurrentRow(len(steps) - 1 if grew else min(max(row, 0), len(steps) - 1))
        self.list.blockSignals(False)
        self.list.setVisible(bool(steps))
        self.list.setFixedHeight(min(len(steps), MOST_ROWS) * ROW + 4)
        self._proposed.setVisible(proposed and bool(steps))
        self.reset_button.setVisible(chosen)
        self._show_form()

    def offer(self, places: Mapping[str, Place]) -> None:
        """Let these types be added, each at its place."""
        if places == self._offered:
            return
        self._offered = dict(places)
        menu = QMenu(self.add_button)
        menu.setToolTipsVisible(True)
        ends = max((place.at for place in places.values()), default=0)
        later = [type_ for type_, place in places.items() if place.at == ends]
        among = [type_ for type_, place in places.items() if place.at < ends and not place.instead_of]
        instead = [type_ for type_, place in places.items() if place.at < ends and place.instead_of]
        for type_ in later:
            self._offer_one(menu, type_)
        if among:
            menu.addSection(self.tr("Before later steps"))
        for type_ in among:
            self._offer_one(menu, type_)
        if instead:
            menu.addSection(self.tr("In place of later steps"))
        for type_ in instead:
            self._offer_one(menu, type_)
        old = self.add_button.menu()
        self.add_button.setMenu(menu)
        self.add_button.setEnabled(not menu.isEmpty())
        if old is not None:
            old.deleteLater()

    def _offer_one(self, menu: QMenu, type_: str) -> None:
        component = self._registry.component(self._kind, type_)
        if component is not None:
            action = menu.addAction(f"{type_}\t{declared(component.doc)}")
            action.setToolTip(declared(component.doc))
            action.triggered.connect(lambda _=False: self._add(type_))

    def field(self, name: str) -> QWidget:
        """The widget that edits a parameter of the step that is selected."""
        return self._form.field(name)

    # ---- making

    def _make_buttons(self) -> None:
        self.up_button = small_button("↑", self.tr("Carry this step out earlier"))
        self.down_button = small_button("↓", self.tr("Carry this step out later"))
        self.remove_button = small_button("✕", self.tr("Remove this step"))
        self.up_button.clicked.connect(lambda: self._shift(-1))
        self.down_button.clicked.connect(lambda: self._shift(1))
        self.remove_button.clicked.connect(self._remove)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._title)
        head.addWidget(self._proposed)
        head.addStretch(1)
        for button in (self.reset_button, self.add_button):
            head.addWidget(button)
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(4)
        tools.addWidget(self._doc, 1)
        for button in (self.up_button, self.down_button, self.remove_button):
            tools.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)
        self._column.addLayout(head)
        for widget in (self.list, self._tools, self._form):
            self._column.addWidget(widget)

    def _item(self, at: int, step: Setting) -> QListWidgetItem:
        component = self._registry.component(self._kind, step.type)
        told = ""
        if component is not None:
            shown = [one for one in component.params if one.essential]
            told = ", ".join(text_of(step.params.get(one.name, one.default)) or "–" for one in shown)
        item = QListWidgetItem(f"{at + 1}   {step.type}   {told}".rstrip())
        item.setSizeHint(QSize(0, ROW))
        item.setToolTip(declared(component.doc) if component else self.tr("This version does not know it."))
        item.setData(Qt.ItemDataRole.UserRole, at)
        return item

    # ---- the form of one step

    def _pick(self, row: int) -> None:
        self._show_form()
        self.picked.emit(row)

    def _show_form(self) -> None:
        row = self.list.currentRow()
        step = self._steps[row] if 0 <= row < len(self._steps) else None
        self._tools.setVisible(step is not None)
        self._form.setVisible(step is not None)
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(row < len(self._steps) - 1)
        if step is None:
            self._shown_form = ("", "", -1)
            return
        component = self._registry.component(self._kind, step.type)
        if self._shown_form != (self._of, step.type, row):
            self._shown_form = (self._of, step.type, row)
            self._make_form(step)
        self._doc.setText(declared(component.doc) if component else self.tr("This version does not know it."))
        self._form.set_values(step.params)

    def _make_form(self, step: Setting) -> None:
        component = self._registry.component(self._kind, step.type)
        old = self._form
        self._form = Form(component.params if component else (), folder=self._folder)
        self._form.edited.connect(self._set)
        self._column.replaceWidget(old, self._form)
        old.hide()
        old.deleteLater()

    # ---- changes

    def _set(self, name: str, value: Value) -> None:
        row = self.list.currentRow()
        step = self._steps[row]
        changed = replace(step, params={**step.params, name: value})
        text = self.tr("Set {param} of {node}").format(param=name, node=step.type)
        burst = f"{self._kind}.{self._of}.{row}.{name}:{id(self._form)}:{self._form.burst}"
        self._tell((*self._steps[:row], changed, *self._steps[row + 1 :]), text, burst)

    def _add(self, type_: str) -> None:
        text = self.tr("Add {step} to {name}").format(step=type_, name=self._of)
        place = self._offered[type_]
        self._came_in = min(place.at, len(self._steps))
        self._tell(with_step(self._steps, type_, place), text)

    def _remove(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._steps):
            text = self.tr("Remove {step} of {name}").format(step=self._steps[row].type, name=self._of)
            self._tell((*self._steps[:row], *self._steps[row + 1 :]), text)

    def _shift(self, by: int) -> None:
        row = self.list.currentRow()
        if 0 <= row + by < len(self._steps):
            order = list(range(len(self._steps)))
            order[row], order[row + by] = order[row + by], order[row]
            self.list.blockSignals(True)
            self.list.setCurrentRow(row + by)
            self.list.blockSignals(False)
            self._reorder(order)

    def _reorder(self, order: Sequence[int]) -> None:
        if list(order) != sorted(order):
            text = self.tr("Reorder the steps of {name}").format(name=self._of)
            self._tell(tuple(self._steps[at] for at in order), text)

    def _tell(self, steps: Steps, text: str, burst: str = "") -> None:
        self.edited.emit(steps, text, burst)


class _List(QListWidget):
    """Rows that are dragged, or moved and removed by keys."""

    moved = Signal(object)
    shift = Signal(int)
    remove = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.model().rowsMoved.connect(lambda *_: self.moved.emit(self._order()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.shift.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove.emit()
        else:
            super().keyPressEvent(event)

    def _order(self) -> list[int]:
        return [self.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.count())]
