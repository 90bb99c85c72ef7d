"""The table of runs: a tree of forks that is sorted and filtered, and remembers what is selected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QModelIndex, QRegularExpression, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
)

from studio.errors import StudioError
from studio.train.run_settings import Settings
from studio.train.runs import RunInfo
from studio.ui.monitor.runs_model import (
    NAME_COLUMN,
    PROJECT_COLUMN,
    RUN_ROLE,
    SORT_ROLE,
    TEXT_ROLE,
    Index,
    RunsModel,
)
from studio.ui.theme import Tokens

WIDEST, NAME_WIDTH, WIDEST_NAME = 260, 140, 400
PADDING = 20
"""Left and right of what a cell says, as the style sheet has it."""


class _Sorted(QSortFilterProxyModel):
    """Sorts so that what is not known comes last, upwards and downwards."""

    def lessThan(self, left: Index, right: Index) -> bool:
        one, other = left.data(SORT_ROLE), right.data(SORT_ROLE)
        if one is None or other is None:
            downwards = self.sortOrder() == Qt.SortOrder.DescendingOrder
            return one is not other and (one is None) == downwards
        if isinstance(one, str) != isinstance(other, str):
            return isinstance(other, str)
        return one < other


class _Names(QStyledItemDelegate):
    """Leaves a name's end, where its number is, when it has to be shortened."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class RunTable(QTreeView):
    """Runs, one a row; those that were forked from one lie below it."""

    def __init__(self, rename: Callable[[Path, str], bool]) -> None:
        super().__init__()
        self._model = RunsModel(rename)
        self._fitted: dict[str, int] = {}
        self._by_hand: dict[str, int] = {}
        self._fitting = False
        self._sorted = _Sorted(self, sortRole=SORT_ROLE)
        self._sorted.setSourceModel(self._model)
        self._sorted.setFilterRole(TEXT_ROLE)
        self._sorted.setRecursiveFilteringEnabled(True)
        self.setModel(self._sorted)
        self.setItemDelegateForColumn(NAME_COLUMN, _Names(self))
        self.setRootIsDecorated(False)
        # Room at the right for the arrow of what they are sorted by.
        cells = f"padding: 4px {PADDING - 5}px 4px 5px;"
        sheet = f"QTreeView::item {{ {cells} }} QHeaderView::section {{ padding-right: 18px; }}"
        self.setStyleSheet(sheet)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSortingEnabled(True)
        self.header().setSortIndicatorClearable(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.header().sectionResized.connect(self._keep_width)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Runs"))
        self.setToolTip(self.tr("Double-click opens a run; select several to compare them"))

    @property
    def editing(self) -> bool:
        """Whether a name is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    @property
    def shown(self) -> list[RunInfo]:
        """The runs as they are listed now, from top to bottom."""
        return [self._sorted.data(index, RUN_ROLE) for index in self._rows()]

    @property
    def selected(self) -> list[RunInfo]:
        """The selected runs, from top to bottom."""
        chosen = self.selectionModel()
        rows = [index for index in self._rows() if chosen.isRowSelected(index.row(), index.parent())]
        return [self._sorted.data(index, RUN_ROLE) for index in rows]

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._model.set_tokens(tokens)

    def show_queue(self, paths: list[Path]) -> None:
        """Say which runs wait for their turn."""
        with self._fits():
            self._model.show_queue(paths)
            self._fit_columns(self._model.runs)

    def show_runs(self, runs: list[RunInfo], settings: Mapping[Path, Settings]) -> None:
        """List these, with what was selected."""
        chosen = [run.path for run in self.selected]
        before = {run.path: run for run in self._model.runs}
        shape = self._model.headings, self._model.nested
        with self._fits():
            self._model.show_runs(runs, settings)
            self.setRootIsDecorated(self._model.nested)
            self.expandAll()
            if chosen != [run.path for run in self.selected]:
                self.select(chosen)
            if len(before) != len(runs):
                self.setColumnHidden(PROJECT_COLUMN, len({run.project_name for run in runs}) < 2)
            if not before:
                self._fitted.clear()
            same = bool(before) and shape == (self._model.headings, self._model.nested)
            self._fit_columns([run for run in runs if before.get(run.path) != run] if same else runs)

    @property
    def runs(self) -> Sequence[RunInfo]:
        """All runs, those that the filter hides among them."""
        return self._model.runs

    @property
    def count(self) -> int:
        """How many runs there are, those that the filter hides among them."""
        return len(self._model.runs)

    @property
    def waiting(self) -> Collection[Path]:
        """The runs that wait for their turn."""
        return self._model.queued

    def select(self, paths: list[Path]) -> None:
        """Select these runs."""
        model = self.selectionModel()
        model.clearSelection()
        for index in self._rows():
            if self._sorted.data(index, RUN_ROLE).path in paths:
                model.select(index, model.SelectionFlag.Select | model.SelectionFlag.Rows)
                model.setCurrentIndex(index, model.SelectionFlag.NoUpdate)

    def search(self, text: str) -> None:
        """List the runs that hold all these words, and those that they were forked from."""
        words = [QRegularExpression.escape(word) for word in text.lower().split()]
        pattern = "".join(f"(?=.*{word})" for word in words)
        option = QRegularExpression.PatternOption.DotMatchesEverythingOption
        self._sorted.setFilterRegularExpression(QRegularExpression(f"^{pattern}" if words else "", option))
        self.expandAll()

    def edit_name(self) -> None:
        """Type another name for the selected run."""
        index = self.selectionModel().selectedRows()[0]
        self.setCurrentIndex(index)
        if not self.editing:
            self.edit(index)

    def check_name(self, path: Path, name: str) -> None:
        """Raises StudioError where another run has this name."""
        wanted = " ".join(name.split()) or path.name
        if any(run.name == wanted and run.path != path for run in self.runs):
            raise StudioError(
                self.tr("Another run is called {name} already.").format(name=wanted),
                self.tr("Give this one a name that no other run has."),
            )

    def _rows(self, above: QModelIndex | None = None) -> Iterator[QModelIndex]:
        """All rows from top to bottom, those of forks below their own run."""
        above = QModelIndex() if above is None else above
        for row in range(self._sorted.rowCount(above)):
            index = self._sorted.index(row, 0, above)
            yield index
            yield from self._rows(index)

    @contextmanager
    def _fits(self) -> Iterator[None]:
        """Widths that change meanwhile are not what a person wants."""
        self._fitting = True
        try:
            yield
        finally:
            self._fitting = False

    def _keep_width(self, column: int, _before: int, width: int) -> None:
        header = self.header()
        if not self._fitting and column != header.logicalIndex(
            header.count() - 1
        ):  # the last one is stretched
            self._by_hand[self._model.headings[column]] = width

    def _fit_columns(self, runs: Iterable[RunInfo]) -> None:
        """Make room for what is said of these runs, but leave the widths that a person chose."""
        self.ensurePolished()
        for column, heading in enumerate(self._model.headings):
            known = self._fitted.get(heading, 0)
            self._fitted[heading] = max(known, self._needed(column, runs))
            self.setColumnWidth(column, self._by_hand.get(heading, self._fitted[heading]))

    def _needed(self, column: int, runs: Iterable[RunInfo]) -> int:
        """The width of what stands in a column, shown or not, within limits."""
        measure = QFontMetricsF(self._model.font(column) or self.font())
        margin = 2 * (self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self) + 1)
        name = column == NAME_COLUMN
        widths = [
            measure.horizontalAdvance(self._model.text(run, column))
            + (self.indentation() * self._model.depth(run) if name else 0)
            for run in runs
        ]
        wide = max(widths, default=0.0) + PADDING + margin + 1
        least = max(self.header().sectionSizeHint(column), NAME_WIDTH if name else 0)
        return min(WIDEST_NAME if name else WIDEST, max(round(wide), least))
