"""The columns of the data in the Data panel: the list, and everything about the one that is selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.catalog.registry import Registry
from studio.project.project import Data
from studio.ui.card import label
from studio.ui.column_card import ColumnCard
from studio.ui.column_table import ColumnTable
from studio.ui.session import Session
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.describe import Description
    from studio.ui.augment_window import AugmentWindow

Edit = Callable[[Data], Data]


class FieldsPanel(QWidget):
    """Every change is one undo step of the session."""

    def __init__(self, session: Session, registry: Registry) -> None:
        super().__init__()
        self._session, self._registry = session, registry
        self._tokens = DARK
        self._augment: AugmentWindow | None = None
        self._described: Description | None = None
        self.table = ColumnTable(narrow=True)
        self.card = ColumnCard(registry, lambda: session.folder)
        self._hint = label(self.tr("Select a column to see its steps and classes."), "small", wrapped=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.table, self._hint, self.card):
            column.addWidget(widget)
        self.table.edited.connect(self._commit)
        self.table.picked.connect(self.refresh)
        self.card.edited.connect(self._commit)
        self.card.augment_wanted.connect(self.open_augment)

    @property
    def holds(self) -> bool:
        """Whether there are columns to show."""
        return self._described is not None and bool(self._described.facts)

    def show_description(self, description: Description) -> None:
        """Show what is known of the columns."""
        self._described = description
        self.table.show_facts(description.facts, description.samples)
        self.refresh()

    def refresh(self) -> None:
        """Bring the card up to date with the project and the selection."""
        selected = self.table.selected()
        one = selected[0] if len(selected) == 1 and self._described is not None else None
        self.card.setVisible(one is not None)
        self._hint.setVisible(one is None)
        if one is not None and self._described is not None:
            self.card.show_column(one, self._session.project.data, self._described.samples)

    def open_augment(self) -> None:
        """Open the window of random changes of the column that is selected."""
        from studio.ui.augment_window import AugmentWindow

        selected = self.table.selected()
        if len(selected) == 1:
            if self._augment is not None:
                self._augment.close()
            self._augment = AugmentWindow(
                self._session, self._registry, selected[0], self._tokens, self.window()
            )
            self._augment.finished.connect(self._forget)
            self._augment.show()

    def _forget(self) -> None:
        self._augment = None

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.table.set_tokens(tokens)
        self.card.set_tokens(tokens)
        if self._augment is not None:
            self._augment.set_tokens(tokens)

    def _commit(self, edit: Edit, text: str, burst: str = "") -> None:
        project = self._session.project
        self._session.commit(replace(project, data=edit(project.data)), text, burst or None)
