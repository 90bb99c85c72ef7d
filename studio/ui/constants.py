"""The table of the project's constants: names that formulas in the main graph read."""

from __future__ import annotations

from studio.project.constants import constant_name_error, remove_constant, rename_constant, set_constant
from studio.project.params import Value
from studio.ui.card import Section, label
from studio.ui.named_rows import NamedRows, Words, unused
from studio.ui.session import Session


class Constants(Section):
    """A row for each constant; every edit is one undo step."""

    def __init__(self, session: Session) -> None:
        super().__init__(self.tr("Constants"))
        self._session = session
        self._burst = 0
        hint = self.tr("Every number may be a formula of them, and of the data: 4 * width, image.shape[0]")
        words = Words(
            self.tr("Name of the constant"),
            self.tr("Value"),
            self.tr("Add a constant"),
            self.tr("Remove the constant {name}"),
        )
        self._rows = NamedRows(words, lambda name: constant_name_error(session.project, name))
        self.add(label(hint, "small", wrapped=True))
        self.add(self._rows)
        self._rows.added.connect(lambda _: self._add())
        self._rows.renamed.connect(self._rename)
        self._rows.valued.connect(self._revalue)
        self._rows.removed.connect(self._remove)
        self._rows.finished.connect(self._end_burst)

    def refresh(self) -> None:
        """Follow the project."""
        self._rows.show_rows(self._session.project.constants)

    def _add(self) -> None:
        project = self._session.project
        name = unused("width", list(project.constants))
        self._rows.expect(name)
        text = self.tr("Add the constant {name}").format(name=name)
        self._session.commit(set_constant(project, name, 1), text)

    def _rename(self, old: str, new: str) -> None:
        text = self.tr("Rename the constant {old} to {new}").format(old=old, new=new)
        self._session.commit(rename_constant(self._session.project, old, new), text)

    def _revalue(self, name: str, value: Value) -> None:
        text = self.tr("Set the constant {name}").format(name=name)
        project = set_constant(self._session.project, name, value)
        self._session.commit(project, text, f"constant:{name}:{self._burst}")

    def _remove(self, name: str) -> None:
        text = self.tr("Remove the constant {name}").format(name=name)
        self._session.commit(remove_constant(self._session.project, name), text)

    def _end_burst(self) -> None:
        self._burst += 1
