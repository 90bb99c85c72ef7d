"""The window of random changes in training: the changes in order, and nine random results of one sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.catalog.registry import Registry
from studio.errors import StudioError
from studio.project import field_edits
from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.card import Column, label, small_button
from studio.ui.next_steps import changes_for
from studio.ui.session import Session
from studio.ui.shown_value import Shown, shown_value
from studio.ui.spin import Spin
from studio.ui.step_list import StepList
from studio.ui.theme import Tokens
from studio.ui.value_view import ValueView

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

SIZE, SIDE, ACROSS, RESULTS, LEFT = (860, 600), 140, 3, 9, 270
HIGHEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """A sample as it is, random results of it, and how many samples there are."""

    original: Shown
    results: tuple[Shown, ...]
    samples: int


class AugmentWindow(QDialog):
    """Every change of the settings is one undo step of the session, and seen at once."""

    def __init__(
        self, session: Session, registry: Registry, facts: ColumnFacts, tokens: Tokens, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._facts = session, facts
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Random changes of {name}").format(name=facts.name))
        self.resize(*SIZE)
        self.steps = StepList(
            registry, "augmentation", self.tr("Only in training, at random"), lambda: session.folder
        )
        self.steps.offer(changes_for(facts))
        self.steps.edited.connect(self._commit)
        self._original, self.results = ValueView(SIDE), [ValueView(SIDE) for _ in range(RESULTS)]
        self._wrong = label("", "error", wrapped=True)
        self._wrong.hide()
        hint = self.tr("Nothing is changed yet: press Add… and choose a random change to see what it does.")
        self._hint = label(hint, "secondary", wrapped=True)
        self._make_controls()
        self._arrange()
        self._background = Background(self)
        self._background.done.connect(self._show)
        self._background.failed.connect(self._show_failure)
        session.changed.connect(self._follow)
        session.replaced.connect(self.close)
        for view in (self._original, *self.results):
            view.set_tokens(tokens)
        self._follow()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        for view in (self._original, *self.results):
            view.set_tokens(tokens)

    # ---- making

    def _make_controls(self) -> None:
        self.sample = _spin(1, 1, self.tr("Sample"), self.tr("Which sample is changed"))
        self.seed = _spin(0, HIGHEST_SEED, self.tr("Seed"), self.tr("Other results for another seed"))
        self.again = small_button(self.tr("Again"), self.tr("Draw nine other results"))
        self.again.setAutoDefault(False)
        self.again.clicked.connect(lambda: self.seed.setValue(self.seed.value() + 1))
        for spin in (self.sample, self.seed):
            spin.valueChanged.connect(self._ask)

    def _arrange(self) -> None:
        left = Column()
        left.setFixedWidth(LEFT)
        for widget in (self.steps, label(self.tr("As it is"), "section"), self._original):
            left.add(widget)
        row = QHBoxLayout()
        row.setSpacing(6)
        for text, spin in ((self.tr("Sample"), self.sample), (self.tr("Seed"), self.seed)):
            told = QLabel(text)
            told.setBuddy(spin)
            row.addWidget(told)
            row.addWidget(spin)
        row.addWidget(self.again)
        row.addStretch(1)
        grid = QGridLayout()
        grid.setSpacing(8)
        for at, view in enumerate(self.results):
            grid.addWidget(view, at // ACROSS, at % ACROSS)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(row)
        right.addWidget(self._wrong)
        right.addWidget(self._hint)
        right.addLayout(grid)
        right.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(left)
        middle.addLayout(right, 1)
        buttons = QDialogButtonBox()
        closing = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        closing.setAutoDefault(False)
        closing.setToolTip(self.tr("The changes stay as they are set"))
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 12)
        whole.addLayout(middle, 1)
        whole.addWidget(buttons)

    # ---- following

    def _follow(self, _changes: object = None) -> None:
        augment = field_edits.setting_of(self._session.project.data, self._facts.name).augment
        self.steps.show_steps(self._facts.name, augment, proposed=False, chosen=False)
        self._hint.setVisible(not augment)
        self._ask()

    def _ask(self) -> None:
        data, folder = self._session.project.data, self._session.folder
        sample, seed = self.sample.value() - 1, self.seed.value()
        self._background.request(partial(_tried, data, folder, self._facts, sample, seed))

    def _show(self, tried: Tried) -> None:
        self._wrong.hide()
        self.sample.setMaximum(max(1, tried.samples))
        self._original.show_value(
            tried.original, self.tr("sample {number}").format(number=self.sample.value())
        )
        for at, (view, shown) in enumerate(zip(self.results, tried.results, strict=True)):
            view.show_value(shown, str(at + 1))

    def _show_failure(self, error: Exception) -> None:
        told = f"{error.message} {error.hint}" if isinstance(error, StudioError) else str(error)
        self._wrong.setText(told.strip())
        self._wrong.show()

    def _commit(self, steps: tuple[Setting, ...], text: str, burst: str) -> None:
        project = self._session.project
        data = field_edits.with_augment(project.data, self._facts.name, steps)
        self._session.commit(replace(project, data=data), text, burst or None)


def _spin(low: int, high: int, name: str, tip: str) -> Spin:
    spin = Spin()
    spin.setRange(low, high)
    spin.setAccessibleName(name)
    spin.setToolTip(tip)
    spin.setFixedWidth(96)
    return spin


def _tried(data: Data, folder: Path, facts: ColumnFacts, sample: int, seed: int) -> Tried:
    from studio.data.augment.tried import tried
    from studio.data.pipeline import read_data

    ready = read_data(data, folder)
    field = ready.raw.fields[ready.named[facts.name]]
    kind = facts.kinds[-1] if facts.kinds else facts.kind
    original, results = tried(ready, facts.name, min(sample, ready.raw.samples - 1), seed, RESULTS)
    low, high = (field.low, field.high) if field.picture else (None, None)
    if low is None and original.ndim > 1:
        low, high = float(original.min()), float(original.max())

    def shown(value: object) -> Shown:
        return shown_value(value, kind, low, high)

    return Tried(shown(original), tuple(map(shown, results)), ready.raw.samples)
