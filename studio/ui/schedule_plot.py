"""The learning rate over a whole training, drawn beside the form that sets its schedule."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.catalog.registry import checked_values, registry
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.project.project import Training
from studio.train.schedule import curve
from studio.ui.monitor.wording import number
from studio.ui.theme import DARK, Tokens

HEIGHT, PLOT = 92, 52
STEPS = 2000
"""Steps that the training counts as: how many there are is known only with the data."""


class SchedulePlot(QWidget):
    """The curve with its largest value above, its first and last below."""

    def __init__(self) -> None:
        super().__init__()
        self._rates: list[float] = []
        self._epochs, self._steps = 0, None
        self._tokens = DARK
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Learning rate over the training"))
        self.setFixedHeight(HEIGHT)

    def show_training(self, training: Training) -> None:
        """Show the rate of these settings; what is wrong in them counts as its default."""
        options, _ = checked_values(TRAINING, training.options)
        self._epochs = int(str(options["epochs"]))
        self._steps = options["max_steps"]
        optimizer = registry().component("optimizer", training.optimizer.type)
        rates, _ = checked_values(optimizer.params if optimizer else (), training.optimizer.params)
        try:
            factors = curve(training.schedule, self._epochs, max(1, STEPS // self._epochs), STEPS)
        except StudioError:
            factors = []
        self._rates = [float(str(rates.get("lr", 1.0))) * factor for factor in factors]
        self.setVisible(bool(self._rates))
        self._describe(training.schedule.type == "Plateau")
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rates:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        plot = QRectF(1, line + 4, self.width() - 2, PLOT)
        painter.setPen(QPen(QColor(self._tokens.line), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        self._draw_curve(painter, plot)
        painter.setPen(QColor(self._tokens.secondary))
        self._draw_texts(painter, plot, line)
        painter.end()

    def _draw_curve(self, painter: QPainter, plot: QRectF) -> None:
        most, last = max(self._rates) or 1.0, len(self._rates) - 1
        points = [
            QPointF(plot.left() + plot.width() * at / last, plot.bottom() - (plot.height() - 2) * rate / most)
            for at, rate in enumerate(self._rates)
        ]
        painter.setPen(QPen(QColor(self._tokens.accent), 1.5))
        painter.drawPolyline(QPolygonF(points))

    def _draw_texts(self, painter: QPainter, plot: QRectF, line: int) -> None:
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        top = self.tr("at most {rate}").format(rate=number(max(self._rates)))
        painter.drawText(QRectF(0, 0, self.width(), line), left, top)
        below = QRectF(0, plot.bottom() + 3, self.width(), line)
        painter.drawText(below, left, number(self._rates[0]))
        end = self.tr("{rate} after {time}").format(rate=number(self._rates[-1]), time=self._whole())
        painter.drawText(below, right, end)

    def _whole(self) -> str:
        """How long the training is that the curve spans."""
        if self._steps is not None:
            return self.tr("{steps} steps").format(steps=self._steps)
        return self.tr("{epochs} epochs").format(epochs=self._epochs)

    def _describe(self, plateau: bool) -> None:
        if not self._rates:
            return
        at = self._rates.index(max(self._rates)) / (len(self._rates) - 1)
        text = self.tr(
            "The learning rate starts at {start}, is highest with {peak} in epoch {epoch} and ends at {end} "
            "after {time}."
        ).format(
            start=number(self._rates[0]),
            peak=number(max(self._rates)),
            epoch=max(1, round(at * self._epochs)),
            end=number(self._rates[-1]),
            time=self._whole(),
        )
        if plateau:
            text += " " + self.tr("It is drawn as if the loss no longer fell after the first epoch.")
        self.setAccessibleDescription(text)
        self.setToolTip(text)
