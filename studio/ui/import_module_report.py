"""What became of an import: how much was drawn, how equal it is, and what is to be known about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from studio.ui.card import label
from studio.ui.theme import Tokens

CLOSE = 1e-5


class ImportReport(QWidget):
    """A sentence or two, and a list below."""

    def __init__(self) -> None:
        super().__init__()
        self.failed = False
        self._head = label("", "section", wrapped=True)
        self._text = label("", wrapped=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._list = QTreeWidget()
        self._list.setHeaderLabels([self.tr("Node"), self.tr("What is to be known")])
        self._list.setRootIsDecorated(False)
        self._list.setWordWrap(True)
        self._list.setAccessibleName(self.tr("What is to be known about the import"))
        self._list.setToolTip(self.tr("What became opaque, was fixed, or differs"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._head, self._text):
            column.addWidget(widget)
        column.addWidget(self._list, 1)
        column.addStretch(0)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens

    def show_done(self, report: Mapping[str, Any]) -> None:
        """An import that is written; `report` as studio.cli.importing gives it."""
        self.failed = False
        self._head.setText(self.tr("{name} is imported").format(name=report["name"]))
        blocks: Mapping[str, int] = report["blocks"]
        lines = [self.tr("{drawn} nodes, drawn as {nodes}.").format(**report)]
        if blocks:
            text = self.tr("What it repeats is in {count} blocks: {names}.")
            lines[0] = self.tr("{drawn} nodes, {nodes} of them in the main drawing.").format(**report)
            lines.append(text.format(count=len(blocks), names=", ".join(blocks)))
        lines.append(self._compared(report["largest_difference"]))
        if report["weights"]:
            numbers, file = f"{report['numbers']:,}", Path(report["weights"]).name
            text = self.tr("Its {numbers} weights are in {file}; training begins with them.")
            lines.append(text.format(numbers=numbers, file=file))
        self._text.setText("\n".join(lines))
        self._show_list(report["told"])

    def show_failed(self, message: str, hint: str) -> None:
        """An import that could not be."""
        self.failed = True
        self._head.setText(self.tr("Nothing was imported"))
        self._text.setText(f"{message}\n{hint}".strip())
        self._show_list([])

    def _compared(self, apart: float | None) -> str:
        if apart is None:
            return self.tr("It could not be compared with the original.")
        if apart <= CLOSE:
            text = self.tr("On new inputs it gives what the original gives (largest difference {}).")
        else:
            text = self.tr("On new inputs it differs from the original, by up to {} of the largest value.")
        return text.format(f"{apart:.1e}" if apart else "0")

    def _show_list(self, told: list[Mapping[str, Any]]) -> None:
        self._list.clear()
        self._list.setVisible(bool(told))
        for one in told:
            text = f"{one['message']} {one['hint'] or ''}".strip()
            item = QTreeWidgetItem([one["node"] or "", text])
            item.setToolTip(1, text)
            self._list.addTopLevelItem(item)
        self._list.resizeColumnToContents(0)
