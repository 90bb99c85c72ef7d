"""The table of runs as Qt sees it: what each column says, how it sorts, and renaming in place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QCoreApplication,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from studio.train.run_settings import Settings, differing
from studio.train.runs import RunInfo
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.wording import duration, metric_text, metric_title, number, spread_text
from studio.ui.theme import DARK, Tokens

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole
RUN_ROLE = Qt.ItemDataRole.UserRole + 1
TEXT_ROLE = Qt.ItemDataRole.UserRole + 2
NONE = -1
MOST_SETTINGS = 24
NAME_COLUMN, PROJECT_COLUMN, STATUS_COLUMN, TEST_COLUMN = 0, 1, 2, 7
MOST_TESTS = 4


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
            tr("Runs", "Status"),
            lambda run: status_text(run.limit or run.status),
            lambda run: run.status,
            numeric=False,
        ),
        Column(tr("Runs", "Epochs"), _epochs, lambda run: run.epochs_done),
        Column(tr("Runs", "Best loss"), lambda run: _number(run.best), lambda run: _known(run.best)),
        Column(tr("Runs", "Loss (val)"), lambda run: _number(_loss(run)), lambda run: _known(_loss(run))),
        Column(tr("Runs", "Accuracy"), _accuracy_text, lambda run: _known(_accuracy(run))),
        Column(tr("Runs", "Started"), _started, lambda run: _aware(run.created).timestamp()),
        Column(tr("Runs", "Duration"), lambda run: duration(run.seconds), lambda run: run.seconds),
        Column(tr("Runs", "Device"), lambda run: run.device, lambda run: run.device, numeric=False),
        Column(tr("Runs", "Note"), _first_line, lambda run: run.note.lower(), numeric=False),
    )


def test_columns(runs: Iterable[RunInfo]) -> list[Column]:
    """What the runs came to on the test part, where any did: of several seeds the mean and the deviation."""
    found = Counter(name for run in runs for name in run.test)
    order = sorted(found, key=lambda name: (name != "loss", "." in name, -found[name]))
    return [_test_column(name) for name in order[:MOST_TESTS]]


def _test_column(name: str) -> Column:
    def text(run: RunInfo) -> str:
        value = run.test.get(name)
        return "–" if value is None else spread_text(name, value, run.deviation.get(name))

    heading = QCoreApplication.translate("Runs", "{metric} (test)").format(metric=metric_title(name))
    return Column(heading, text, lambda run: _known(run.test.get(name)))


def status_text(status: str) -> str:
    """How a run stands, with a sign so that colour is not needed."""
    tr = QCoreApplication.translate
    texts = {
        "created": tr("Runs", "○ not started"),
        "running": tr("Runs", "▶ running"),
        "completed": tr("Runs", "✓ finished"),
        "minutes": tr("Runs", "✓ ended by max_minutes"),
        "steps": tr("Runs", "✓ ended by max_steps"),
        "early": tr("Runs", "✓ finished early"),
        "stopped": tr("Runs", "■ stopped"),
        "failed": tr("Runs", "✕ failed"),
        "interrupted": tr("Runs", "⚠ interrupted"),
    }
    return texts.get(status, status)


class RunsModel(QAbstractItemModel):
    """Runs in the order in which they were read, those that were forked from one below it; a proxy sorts."""

    def __init__(self, rename: Callable[[Path, str], bool]) -> None:
        super().__init__()
        self._rename = rename
        self._runs: list[RunInfo] = []
        self._places: dict[Path, int] = {}
        self._above: list[int] = []
        self._below: dict[int, list[int]] = {NONE: []}
        self._fixed = columns()
        self._columns = self._fixed
        self._settings: dict[Path, Settings] = {}
        self._queued: dict[Path, int] = {}
        self._tokens = DARK

    @property
    def runs(self) -> Sequence[RunInfo]:
        """The runs that are shown."""
        return self._runs

    @property
    def queued(self) -> Collection[Path]:
        """The runs that wait for their turn."""
        return self._queued

    @property
    def headings(self) -> list[str]:
        """What stands above each column."""
        return [column.heading for column in self._columns]

    @property
    def nested(self) -> bool:
        """Whether any run lies below another."""
        return len(self._below[NONE]) < len(self._runs)

    def text(self, run: RunInfo, column: int) -> str:
        """What a column says of a run."""
        return self._queue_text(run) if column == STATUS_COLUMN else self._columns[column].text(run)

    def font(self, column: int) -> QFont | None:
        """The face of a column, where it is not the table's own."""
        return number_font() if self._columns[column].numeric else None

    def depth(self, run: RunInfo) -> int:
        """How far a run's name is indented: by what it was forked from, and by what opens and closes that."""
        at = self._places[run.path]
        found = int(self.nested)
        while (at := self._above[at]) != NONE:
            found += 1
        return found

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._say_changed()

    def show_queue(self, paths: Sequence[Path]) -> None:
        """Say which runs wait for their turn, and as how many."""
        queued = {path: number for number, path in enumerate(paths, 1)}
        if queued != self._queued:
            self._queued = queued
            self._say_changed()

    def show_runs(self, runs: list[RunInfo], settings: Mapping[Path, Settings] | None = None) -> None:
        """Show these; where only their contents differ the rows stay, and with them the selection."""
        self._settings = dict(settings or {})
        named = map(self._setting_column, differing_settings(self._settings.values()))
        columns = (*self._fixed[:TEST_COLUMN], *test_columns(runs), *self._fixed[TEST_COLUMN:], *named)
        same = [_place(run) for run in runs] == [_place(run) for run in self._runs]
        if not same or [one.heading for one in columns] != self.headings:
            self.beginResetModel()
            self._runs, self._columns = runs, columns
            self._places = {run.path: at for at, run in enumerate(runs)}
            self._above = _above(runs)
            self._below = {at: [] for at in range(NONE, len(runs))}
            for at, above in enumerate(self._above):
                self._below[above].append(at)
            self.endResetModel()
            return
        for at, (old, new) in enumerate(zip(self._runs, runs, strict=True)):
            if old != new:
                self._runs[at] = new
                self.dataChanged.emit(self._index(at, 0), self._index(at, len(self._columns) - 1))

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        below = self._below.get(int(parent.internalId()) if parent.isValid() else NONE, [])
        if row < 0 or row >= len(below) or column < 0 or column >= len(self._columns):
            return QModelIndex()
        return self.createIndex(row, column, below[row])

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: ANN401, B008
        above = self._above[int(index.internalId())] if index.isValid() else NONE
        return QModelIndex() if above == NONE else self._index(above, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if parent.isValid() and parent.column():
            return 0
        return len(self._below[int(parent.internalId()) if parent.isValid() else NONE])

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._columns)

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
        if not index.isValid():
            return None
        run, column = self._runs[int(index.internalId())], self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return self.text(run, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (str(run.path), _origin(run), run.note, run.message)))
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(index.column())
            case Qt.ItemDataRole.FontRole:
                return self.font(index.column())
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(run) if index.column() == STATUS_COLUMN else None
            case _:
                return {SORT_ROLE: column.key(run), RUN_ROLE: run, TEXT_ROLE: self._words(run)}.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401
        run = self._runs[int(index.internalId())]
        return role == Qt.ItemDataRole.EditRole and value != run.name and self._rename(run.path, str(value))

    def _index(self, at: int, column: int) -> QModelIndex:
        return self.createIndex(self._below[self._above[at]].index(at), column, at)

    def _say_changed(self) -> None:
        last = len(self._columns) - 1
        for at in range(len(self._runs)):
            self.dataChanged.emit(self._index(at, 0), self._index(at, last))

    def _setting_column(self, name: str) -> Column:
        def value(run: RunInfo) -> Any:  # noqa: ANN401
            return self._settings.get(run.path, {}).get(name)

        numeric = any(isinstance(one.get(name), int | float) for one in self._settings.values())
        return Column(
            short_name(name), lambda run: value_text(value(run)), lambda run: key_of(value(run)), numeric
        )

    def _queue_text(self, run: RunInfo) -> str:
        if run.status == "created" and run.path in self._queued:
            text = QCoreApplication.translate("Runs", "○ queued {number}")
            return text.format(number=self._queued[run.path])
        return status_text(run.limit or run.status)

    def _words(self, run: RunInfo) -> str:
        """All that a filter looks for."""
        shown = [column.text(run) for column in self._columns]
        return " ".join((*shown, run.note, status_text(run.limit or run.status))).lower()

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


def differing_settings(settings: Iterable[Settings]) -> list[str]:
    """The settings that tell runs apart: what only some of them have is left out."""
    every = [one for one in settings if one]
    shared = [name for name in differing(every) if all(name in one for one in every)]
    return shared[:MOST_SETTINGS] if len(every) > 1 else []


def short_name(name: str) -> str:
    """A setting as a heading: batch_size, lr, conv1.out_channels."""
    return name.removeprefix("training.").removeprefix("optimizer.")


def value_text(value: Any) -> str:  # noqa: ANN401
    """A setting's value in a cell."""
    match value:
        case None:
            return "–"
        case bool():
            return QCoreApplication.translate("Runs", "on" if value else "off")
        case float():
            return f"{value:g}"
        case tuple():
            return "×".join(value_text(one) for one in value)
        case _:
            return str(value)


def key_of(value: Any) -> Any:  # noqa: ANN401
    """What a setting sorts by; one that is not known comes last."""
    if value is None:
        return None
    return float(value) if isinstance(value, int | float) else str(value)


def _place(run: RunInfo) -> tuple[Path, str]:
    return run.path, str(run.parent.get("id", ""))


def _above(runs: Sequence[RunInfo]) -> list[int]:
    """For each run the place of the one that it was forked from; NONE where that is not among them."""
    places = {run.id: at for at, run in enumerate(runs)}
    found = [places.get(str(run.parent.get("id", "")), NONE) for run in runs]
    return [
        NONE if above != NONE and runs[above].created > runs[at].created else above
        for at, above in enumerate(found)
    ]


def _origin(run: RunInfo) -> str:
    tr = QCoreApplication.translate
    if run.parent:
        text = tr("Runs", "Forked from {run} after epoch {epoch}")
        return text.format(run=run.parent.get("id", ""), epoch=run.parent.get("epoch", 0))
    return tr("Runs", "Repeats {run}").format(run=Path(run.reproduces).name) if run.reproduces else ""


def _first_line(run: RunInfo) -> str:
    return run.note.partition("\n")[0]


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


def _known(value: float | None) -> float | None:
    """What a number sorts by; None where there is none, which comes last."""
    return None if value is None or math.isnan(value) else value


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
