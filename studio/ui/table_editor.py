"""The editor of a table: values by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QWidget

from studio.project.params import Param, Value
from studio.ui.field_editors import Editor
from studio.ui.named_rows import NamedRows, Words, in_order, unused


class TableEditor(Editor):
    """A row for each name; `suggest` says which names are offered where one is added."""

    def __init__(self, param: Param, *, formulas: bool = False) -> None:
        super().__init__(param)
        words = Words(self.tr("Name"), self.tr("Value"), self.tr("Add…"), self.tr("Remove {name}"))
        self._rows = NamedRows(words, self._refused)
        self._offered: Mapping[str, Value] = {}
        self._adopt(self._rows)
        self._rows.renamed.connect(lambda old, new: self._take(in_order(self._table(), old, new)))
        self._rows.valued.connect(lambda name, value: self._take({**self._table(), name: value}))
        self._rows.removed.connect(self._remove)
        self._rows.added.connect(self._add)
        self._rows.finished.connect(self.finished)

    def suggest(self, values: Mapping[str, Value]) -> None:
        """Offer these names with their present values."""
        if values != self._offered:
            self._offered = values
            self._rows.suggest(values)

    def _table(self) -> Mapping[str, Value]:
        return self._value if isinstance(self._value, Mapping) else {}

    def _show(self, value: Value, several: bool) -> None:
        self._rows.show_rows({} if several else self._table())

    def _take(self, table: Mapping[str, Value]) -> None:
        self._enter(dict(table))
        self._rows.show_rows(self._table())

    def _add(self, name: str) -> None:
        name = name or unused("name", list(self._table()))
        self._rows.expect(name)
        self._take({**self._table(), name: self._offered.get(name, 1)})
        self.finished.emit()

    def _remove(self, name: str) -> None:
        self._take({key: value for key, value in self._table().items() if key != name})
        self.finished.emit()

    def _refused(self, name: str) -> str | None:
        if not name:
            return self.tr("a name is needed")
        return self.tr("{name} is there already").format(name=name) if name in self._table() else None

    def _marked(self) -> Sequence[QWidget]:
        return []
