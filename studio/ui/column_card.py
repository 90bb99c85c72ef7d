"""All about one column of the data: why it is what it is, its classes, its steps, and one sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from studio.catalog.registry import Registry
from studio.errors import StudioError
from studio.project import field_edits
from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.card import label, small_button
from studio.ui.column_menus import missing_menu, odd_menu
from studio.ui.column_words import (
    becomes,
    evidence,
    missing_text,
    odd_label,
    odd_word,
    way_label,
    way_word,
)
from studio.ui.count_bars import CountBars
from studio.ui.monitor.wording import grouped
from studio.ui.next_steps import changes_for, transforms_for
from studio.ui.shown_value import Shown
from studio.ui.step_list import StepList
from studio.ui.theme import DARK, Tokens
from studio.ui.value_view import ValueView

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

MOST_CLASSES = 12
SIDE = 76


class ColumnCard(QWidget):
    """Tells every change as an edit of the data settings, the label of its undo step, and its burst."""

    edited = Signal(object, str, str)
    augment_wanted = Signal()
    """The random changes of the column are to be looked at."""

    def __init__(self, registry: Registry, folder: Callable[[], Path]) -> None:
        super().__init__()
        self._folder = folder
        self._facts: ColumnFacts | None = None
        self._data = Data()
        self._sample, self._samples = 0, 0
        self._tokens = DARK
        self._name, self._why = label("", "heading"), label("", "small", wrapped=True)
        self._gets, self._bars = label("", "small", wrapped=True), CountBars()
        self._more = label("", "small")
        self._missing = small_button("", self.tr("What is done where values are missing"))
        self._missing.clicked.connect(self._ask_missing)
        self._odd = small_button("", self.tr("What is done about values of another kind"))
        self._odd.clicked.connect(self._ask_odd)
        self.steps = StepList(registry, "transform", self.tr("Steps"), folder)
        self.changes = StepList(registry, "augmentation", self.tr("Only in training, at random"), folder)
        self._make_look()
        self._arrange()
        self._background = Background(self)
        self._background.done.connect(self._show_stages)
        self._background.failed.connect(self._show_wrong)
        self.steps.edited.connect(self._set_steps)
        self.steps.reset_wanted.connect(self._reset_steps)
        self.changes.edited.connect(self._set_changes)

    def show_column(self, facts: ColumnFacts, data: Data, samples: int) -> None:
        """Show a column of the data as these settings take it."""
        other = self._facts is None or facts.name != self._facts.name
        self._sample = 0 if other else min(self._sample, max(samples - 1, 0))
        stale = other or facts != self._facts or data != self._data
        self._facts, self._data, self._samples = facts, data, samples
        self._name.setText(facts.name)
        self._why.setText(evidence(facts))
        self._gets.setText(self.tr("The network gets: {what}").format(what=becomes(facts)))
        self._missing.setVisible(bool(facts.missing))
        text = self.tr("{count} missing: {way} ▾")
        self._missing.setText(text.format(count=missing_text(facts, samples), way=way_word(facts.policy)))
        self._odd.setVisible(facts.odd != "error")
        self._odd.setText(self.tr("Odd values: {way} ▾").format(way=odd_word(facts.odd)))
        self._show_classes(facts)
        self._show_steps(facts, data)
        if stale:
            self._ask_stages()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._bars.set_tokens(tokens)
        for view in (self._before, self._after):
            view.set_tokens(tokens)

    # ---- making

    def _make_look(self) -> None:
        self._look = QWidget()
        self._before, self._after = ValueView(SIDE), ValueView(SIDE)
        self._arrow = label("→", "secondary")
        self._wrong = label("", "error", wrapped=True)
        self.another = small_button(self.tr("Another"), self.tr("Look at another sample"))
        self.another.clicked.connect(self._next_sample)
        row = QHBoxLayout(self._look)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self._before, self._arrow, self._after):
            row.addWidget(widget)
        self.augment_button = small_button(
            self.tr("Augment…"), self.tr("Choose random changes and see nine results of them")
        )
        self.augment_button.clicked.connect(lambda: self.augment_wanted.emit())

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        for widget in (self._name, self._why):
            column.addWidget(widget)
        for button in (self._missing, self._odd):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self._gets, self._bars, self._more, self.steps):
            column.addWidget(widget)
        for widget in (self._wrong, self._look):
            column.addWidget(widget)
        left = Qt.AlignmentFlag.AlignLeft
        column.addWidget(self.another, 0, left)
        column.addWidget(self.changes)
        column.addWidget(self.augment_button, 0, left)

    # ---- showing

    def _show_classes(self, facts: ColumnFacts) -> None:
        classes = facts.field.classes if facts.field is not None and facts.counts else None
        self._bars.setVisible(bool(classes))
        pairs = sorted(zip(classes or (), facts.counts, strict=False), key=lambda pair: -pair[1])
        self._bars.show_counts(pairs[:MOST_CLASSES])
        self._more.setVisible(len(pairs) > MOST_CLASSES)
        self._more.setText(self.tr("and {count} more").format(count=grouped(len(pairs) - MOST_CLASSES)))

    def _show_steps(self, facts: ColumnFacts, data: Data) -> None:
        setting = field_edits.setting_of(data, facts.name)
        used = facts.role != "ignore"
        for part in (self.steps, self.changes):
            part.setVisible(used)
        chosen = setting.transforms is not None
        shown = setting.transforms if setting.transforms is not None else facts.steps
        self.steps.show_steps(facts.name, shown, proposed=not chosen, chosen=chosen)
        self.changes.show_steps(facts.name, setting.augment, proposed=False, chosen=False)
        self.steps.offer(transforms_for(facts.kind, shown, facts.field))
        offered = changes_for(facts)
        self.changes.offer(offered)
        self.changes.setVisible(used and bool(offered or setting.augment))
        self.augment_button.setVisible(used and bool(offered or setting.augment))

    # ---- one sample before and after

    def _ask_stages(self) -> None:
        facts, data, folder = self._facts, self._data, self._folder()
        self.another.setVisible(False)
        if facts is None or facts.role == "ignore":
            self._wrong.hide()
            self._look.hide()
            return
        self._background.request(partial(_stages, data, folder, facts, self._sample))

    def _show_wrong(self, error: Exception) -> None:
        """Why there is nothing to show."""
        told = (error.message, error.hint) if isinstance(error, StudioError) else (str(error),)
        self._wrong.setText("\n".join(filter(None, told)))
        self._wrong.show()
        self._look.hide()

    def _show_stages(self, shown: tuple[Shown, ...]) -> None:
        self._wrong.hide()
        self._look.setVisible(bool(shown))
        self.another.setVisible(bool(shown) and self._samples > 1)
        if not shown:
            return
        text = self.tr("sample {number}").format(number=grouped(self._sample + 1))
        self._before.show_value(shown[0], text)
        self._after.show_value(shown[-1], self.tr("after all steps"))
        for widget in (self._arrow, self._after):
            widget.setVisible(len(shown) > 1)

    def _next_sample(self) -> None:
        self._sample = (self._sample + 1) % max(self._samples, 1)
        self._ask_stages()

    # ---- changes

    def _set_steps(self, steps: tuple[Setting, ...], text: str, burst: str) -> None:
        name = self._name.text()
        self.edited.emit(lambda data: field_edits.with_transforms(data, name, steps), text, burst)

    def _reset_steps(self) -> None:
        name = self._name.text()
        text = self.tr("Take the proposed steps of {name}").format(name=name)
        self.edited.emit(lambda data: field_edits.with_transforms(data, name, None), text, "")

    def _set_changes(self, steps: tuple[Setting, ...], text: str, burst: str) -> None:
        name = self._name.text()
        self.edited.emit(lambda data: field_edits.with_augment(data, name, steps), text, burst)

    def _ask_missing(self) -> None:
        if self._facts is None:
            return
        name = self._facts.name

        def take(way: str) -> None:
            self.edited.emit(
                lambda data: field_edits.with_missing(data, (name,), way), way_label((name,)), ""
            )

        menu: QMenu = missing_menu((self._facts,), take, self)
        menu.popup(self._missing.mapToGlobal(self._missing.rect().bottomLeft()))

    def _ask_odd(self) -> None:
        if self._facts is None:
            return
        name = self._facts.name

        def take(way: str) -> None:
            self.edited.emit(lambda data: field_edits.with_odd(data, (name,), way), odd_label((name,)), "")

        menu = odd_menu((self._facts,), take, self)
        menu.popup(self._odd.mapToGlobal(self._odd.rect().bottomLeft()))


def _stages(data: Data, folder: Path, facts: ColumnFacts, sample: int) -> tuple[Shown, ...]:
    from studio.data.one_sample import stages
    from studio.data.pipeline import read_data
    from studio.ui.shown_value import shown_value

    values = stages(read_data(data, folder), facts.name, sample)
    kinds = facts.kinds
    field = facts.field
    if field is None or not values:
        return ()
    first = shown_value(values[0], kinds[0], classes=None if len(values) > 1 else field.classes)
    if len(values) == 1:
        return (first,)
    whole = field.shape == ()
    return first, shown_value(values[-1], kinds[-1], field.low, field.high, field.classes if whole else None)
