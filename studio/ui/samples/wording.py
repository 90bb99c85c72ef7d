"""What is said of a sample in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.ui.described import part_title

if TYPE_CHECKING:
    from studio.data.browsing.pages import Row


def state_text(sample: Row) -> str:
    """What was changed about a sample, in a word or two; "" where nothing was."""
    tr = QCoreApplication.translate
    told: list[str] = []
    if sample.excluded:
        told.append(tr("Samples", "excluded"))
    if sample.relabelled:
        told.append(tr("Samples", "relabelled"))
    if sample.weight != 1.0:
        told.append(tr("Samples", "× {weight}").format(weight=f"{sample.weight:g}"))
    if sample.wrong:
        told.append(tr("Samples", "unreadable"))
    return ", ".join(told)


def row_text(sample: Row) -> str:
    """All of a sample in one line for tooltips and screen readers."""
    tr = QCoreApplication.translate
    row = tr("Samples", "Row {row}").format(row=sample.row + 1)
    key = "" if sample.key == str(sample.row) else sample.key
    told = [row, key, sample.label, part_title(sample.part), state_text(sample), sample.wrong]
    return ": ".join(filter(None, [row, ", ".join(filter(None, told[1:]))]))
