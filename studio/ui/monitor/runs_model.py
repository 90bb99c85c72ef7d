"""The table of runs as Qt sees it: what each column says, how it sorts, and renaming in place."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor

from studio.train.runs import RunInfo
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.wording import duration, metric_text, number
from studio.ui.theme import DARK, Tokens

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole
RUN_ROLE = Qt.ItemDataRole.UserRole + 1
NAME_COLUMN, PROJECT_COLUMN, STATUS_COLUMN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what it says of a run, what it sorts by, and whether it holds numbers."""

    heading: str
    text: Callable[[RunInfo], str]
    key: Callable[[RunInfo], Any]
    numeric: bool = True


def columns() -> tuple[Column, ...]:
    """The columns, in order; made late, so that they speak the chosen language."""
    tr = QCoreApplication.translate
    return (
        Column(tr("Runs", "Run"), lambda run: run.name, lambda run: run.name.lower(), numeric=False),
        Column(
            tr("Runs", "Project"), lambda run: run.project_name, lambda run: run.project_name, numeric=False
        ),
        Column(
            tr("Runs", "Status"), lambda run: status_text(run.status), lambda run: run.status, numeric=False
        ),
        Column(tr("Runs", "Epochs"), _epochs, lambda run: run.epochs_done),
        Column(tr("Runs", "Best loss"), lambda run: _number(run.best), lambda run: _key(run.best)),
        Column(tr("Runs", "Loss (val)"), lambda run: _number(_loss(run)), lambda run: _key(_loss(run))),
        Column(tr("Runs", "Accuracy"), _accuracy_text, lambda run: -_key(_accuracy(run), -math.inf)),
        Column(tr("Runs", "Started"), _started, lambda run: _aware(run.created).timestamp()),
        Column(tr("Runs", "Duration"), lambda run: duration(run.seconds), lambda run: run.seconds),
        Column(tr("Runs", "Device"), lambda run: run.device, lambda run: run.device, numeric=False),
    )


def status_text(status: str) -> str:
    """How a run stands, with a sign so that colour is not needed."""
    tr = QCoreApplication.translate
    texts = {
        "created": tr("Runs", "○ not started"),
        "running": tr("Runs", "▶ running"),
        "completed": tr("Runs", "✓ finished"),
        "early": tr("Runs", "✓ finished early"),
        "stopped": tr("Runs", "■ stopped"),
        "failed": tr("Runs", "✕ failed"),
        "interrupted": tr("Runs", "⚠ interrupted"),
    }
    return texts.get(status, status)


class RunsModel(QAbstractTableModel):
    """Runs in the order in which they were read; a proxy sorts."""

    def __init__(self, rename: Callable[[Path, str], bool]) -> None:
        super().__init__()
        self._rename = rename
        self._runs: list[RunInfo] = []
        self._columns = columns()
        self._tokens = DARK

    @property
    def runs(self) -> Sequence[RunInfo]:
        """The runs that are shown."""
        return self._runs

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        if self._runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._runs) - 1, len(self._columns) - 1))

    def show_runs(self, runs: list[RunInfo]) -> None:
        """Show these; where only their contents differ the rows stay, and with them the selection."""
        if [run.path for run in runs] != [run.path for run in self._runs]:
            self.beginResetModel()
            self._runs = runs
            self.endResetModel()
            return
        for row, (old, new) in enumerate(zip(self._runs, runs, strict=True)):
            if old != new:
                self._runs[row] = new
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME_COLUMN else flags

    def data(self, index: Index, role: int = 0) -> Any:  # noqa: ANN401
        run, column = self._runs[index.row()], self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return column.text(run)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (str(run.path), run.message)))
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(index.column())
            case Qt.ItemDataRole.FontRole:
                return number_font() if column.numeric else None
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(run) if index.column() == STATUS_COLUMN else None
            case _:
                return {SORT_ROLE: column.key(run), RUN_ROLE: run}.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401
        run = self._runs[index.row()]
        return role == Qt.ItemDataRole.EditRole and value != run.name and self._rename(run.path, str(value))

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if self._columns[column].numeric else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _colour(self, run: RunInfo) -> QColor | None:
        tokens = self._tokens
        colours = {
            "running": tokens.accent,
            "completed": tokens.ok,
            "early": tokens.ok,
            "failed": tokens.error,
            "interrupted": tokens.warn,
        }
        return QColor(colours.get(run.status, tokens.secondary))


def _epochs(run: RunInfo) -> str:
    return f"{run.epochs_done} / {run.epochs}"


def _part(run: RunInfo) -> dict[str, float]:
    return dict(run.metrics.get("validation") or run.metrics.get("train") or {})


def _loss(run: RunInfo) -> float | None:
    return _part(run).get("loss")


def _accuracy(run: RunInfo) -> float | None:
    return next((v for name, v in _part(run).items() if name.rpartition(".")[2] == "accuracy"), None)


def _accuracy_text(run: RunInfo) -> str:
    value = _accuracy(run)
    return "–" if value is None else metric_text("accuracy", value)


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)


def _key(value: float | None, missing: float = math.inf) -> float:
    return missing if value is None or math.isnan(value) else value


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _started(run: RunInfo) -> str:
    local = _aware(run.created).astimezone()
    now = datetime.now(UTC).astimezone()
    locale = QLocale()
    clock_text = locale.toString(local.time(), QLocale.FormatType.ShortFormat)
    if local.date() == now.date():
        return clock_text
    return f"{locale.toString(local.date(), QLocale.FormatType.ShortFormat)} {clock_text}"
