"""The row of choices above the curves: abscissa, scale, smoothing, zoom, export."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QMenu, QPushButton, QSlider, QWidget

from studio.ui.monitor.legend import number_font
from studio.ui.monitor.strokes import Options
from studio.ui.monitor.wording import grouped

ABSCISSAS = ("step", "epoch", "time")
SLIDER_STEPS = 100
MOST = 0.25
"""The largest share of a run that is smoothed over."""


def share_of(position: int) -> float:
    """The slider's position as a share of the run; finer at the small end."""
    return MOST * (position / SLIDER_STEPS) ** 2


def position_of(share: float) -> int:
    """The slider's position for a share of the run."""
    return round(SLIDER_STEPS * (share / MOST) ** 0.5)


class CurvesBar(QWidget):
    """Choices for all plots."""

    options_changed = Signal(object)
    reset_asked = Signal()
    picture_asked = Signal()
    table_asked = Signal()
    earlier_cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = Options()
        self._total = 0
        self._abscissa = QComboBox()
        self._log = QCheckBox(self.tr("Log scale"))
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._span = QLabel()
        self._reset = QPushButton(self.tr("Reset zoom"))
        self._export = QPushButton(self.tr("Export"))
        self._reset_action = QAction(self.tr("Reset zoom"), self)
        self._picture_action = QAction(self.tr("Save picture…"), self)
        self._table_action = QAction(self.tr("Save values as CSV…"), self)
        self._clear_action = QAction(self.tr("Hide earlier runs"), self)
        self._fill()
        self._arrange()
        self._connect()
        self.show_total(0)

    @property
    def options(self) -> Options:
        """What is chosen."""
        return self._options

    def menu_actions(self) -> list[QAction]:
        """What a context menu over the plots offers."""
        return [self._reset_action, self._clear_action, self._picture_action, self._table_action]

    def show_total(self, steps: int) -> None:
        """Write the smoothing in steps of a run of this length."""
        self._total = steps
        span = self._options.smoothing * steps
        if not self._options.smoothing:
            self._span.setText(self.tr("off"))
        elif not steps:
            self._span.setText(f"{100 * self._options.smoothing:.1f} %")
        else:
            text = self.tr("{count} steps") if round(span) > 1 else self.tr("1 step")
            self._span.setText(text.format(count=grouped(round(span))))

    def _fill(self) -> None:
        labels = (self.tr("by step"), self.tr("by epoch"), self.tr("by time"))
        for label, value in zip(labels, ABSCISSAS, strict=True):
            self._abscissa.addItem(label, value)
        self._abscissa.setAccessibleName(self.tr("Horizontal axis"))
        self._abscissa.setToolTip(self.tr("What the horizontal axis counts: steps, epochs, or training time"))
        self._log.setToolTip(self.tr("Draw losses on a logarithmic scale"))
        self._log.setAccessibleName(self.tr("Logarithmic scale for losses"))
        self._smoothing.setRange(0, SLIDER_STEPS)
        self._smoothing.setValue(position_of(self._options.smoothing))
        self._smoothing.setFixedWidth(96)
        self._smoothing.setAccessibleName(self.tr("Smoothing"))
        self._smoothing.setToolTip(
            self.tr("Over how many steps the training loss is averaged; the pale line is each step's own")
        )
        self._span.setFont(number_font())
        self._span.setMinimumWidth(72)
        self._reset.setToolTip(self.tr("Show the whole run in every plot; a double-click does it for one"))
        self._reset.setAccessibleName(self._reset.text())
        self._picture_action.setToolTip(self.tr("Save all plots as a PNG or SVG picture"))
        self._table_action.setToolTip(self.tr("Save every value of the runs shown as a table"))
        self._clear_action.setToolTip(self.tr("Show the current run alone"))
        self._export.setToolTip(self.tr("Save the curves as a picture or a table"))
        self._export.setAccessibleName(self.tr("Export the curves"))
        menu = QMenu(self._export)
        menu.addActions([self._picture_action, self._table_action])
        self._export.setMenu(menu)

    def _arrange(self) -> None:
        caption = QLabel(self.tr("Smoothing"))
        caption.setBuddy(self._smoothing)
        for label in (caption, self._span):
            label.setProperty("role", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._abscissa, self._log, caption, self._smoothing, self._span):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._reset)
        row.addWidget(self._export)

    def _connect(self) -> None:
        self._abscissa.currentIndexChanged.connect(self._choose)
        self._log.toggled.connect(self._choose)
        self._smoothing.valueChanged.connect(self._choose)
        self._reset.clicked.connect(self._reset_action.trigger)
        self._reset_action.triggered.connect(self.reset_asked)
        self._picture_action.triggered.connect(self.picture_asked)
        self._table_action.triggered.connect(self.table_asked)
        self._clear_action.triggered.connect(self.earlier_cleared)

    def _choose(self) -> None:
        self._options = Options(
            self._abscissa.currentData(), self._log.isChecked(), share_of(self._smoothing.value())
        )
        self.show_total(self._total)
        self.options_changed.emit(self._options)
