"""What became of an import: how much was drawn, how equal it is, and what is to be known about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.card import Column, label

CLOSE = 1e-5


class ImportReport(QWidget):
    """A sentence or two, and a list below."""

    def __init__(self) -> None:
        super().__init__()
        self.failed = False
        self._head = label("", "section", wrapped=True)
        self._text = label("", wrapped=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._list = Column()
        self._list.setAccessibleName(self.tr("What is to be known about the import"))
        self._told: list[QWidget] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._head, self._text):
            column.addWidget(widget)
        column.addWidget(self._list, 1)
        column.addStretch(0)

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
        for widget in self._told:
            widget.deleteLater()
        self._told = []
        self._list.setVisible(bool(told))
        for one in told:
            head = label(one["node"] or self.tr("The whole"), "section", wrapped=True)
            text = label(f"{one['message']} {one['hint'] or ''}".strip(), wrapped=True)
            for widget in (head, text):
                widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._list.add(widget)
                self._told.append(widget)
