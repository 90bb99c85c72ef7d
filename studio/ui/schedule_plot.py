"""The learning rate over a whole training, drawn beside the form that sets its schedule."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.catalog.registry import checked_values, registry
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.project.project import Training
from studio.train.place import total_steps
from studio.train.schedule import curve
from studio.ui.monitor.wording import number
from studio.ui.theme import DARK, Tokens

HEIGHT, PLOT = 92, 52
POINTS = 2000
"""Points of the curve at most, and steps that a training counts as before the data are known."""
DIGITS = 3
"""Of a rate, as the Run panel writes it."""


class SchedulePlot(QWidget):
    """The curve with its largest value above, its first and last below."""

    def __init__(self) -> None:
        super().__init__()
        self._rates: list[float] = []
        self._epochs, self._per_epoch, self._most = 0, 1, None
        self._samples = 0
        self._tokens = DARK
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Learning rate over the training"))
        self.setFixedHeight(HEIGHT)

    def show_training(self, training: Training, samples: int = 0) -> None:
        """Show the rate of these settings with so many samples to train on, 0 where that is not known.

        What is wrong in the settings counts as its default.
        """
        options, _ = checked_values(TRAINING, training.options)
        batch = int(str(options["batch_size"])) * int(str(options["accumulate"]))
        self._samples, self._epochs = samples, int(str(options["epochs"]))
        self._per_epoch = -(-samples // batch) if samples else max(1, POINTS // self._epochs)
        self._most = options["max_steps"]
        steps = total_steps(options if samples else {**options, "max_steps": None}, self._per_epoch)
        optimizer = registry().component("optimizer", training.optimizer.type)
        rates, _ = checked_values(optimizer.params if optimizer else (), training.optimizer.params)
        try:
            factors = curve(training.schedule, self._epochs, self._per_epoch, POINTS, steps)
        except StudioError:
            factors = []
        self._rates = [float(str(rates.get("lr", 1.0))) * factor for factor in factors]
        self.setVisible(bool(self._rates))
        self._describe(training.schedule.type == "Plateau", steps)
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
        top = self.tr("at most {rate}").format(rate=_rate(max(self._rates)))
        painter.drawText(QRectF(0, 0, self.width(), line), left, top)
        below = QRectF(0, plot.bottom() + 3, self.width(), line)
        painter.drawText(below, left, _rate(self._rates[0]))
        painter.drawText(below, right, self._end())

    def _end(self) -> str:
        """What the rate of the last step is, where it is known how many there are."""
        if not self._samples:
            return self.tr("after {time}").format(time=self._whole())
        return self.tr("{rate} after {time}").format(rate=_rate(self._rates[-1]), time=self._whole())

    def _whole(self) -> str:
        """How long the training is that the curve spans."""
        if self._most is not None:
            return self.tr("{steps} steps").format(steps=self._most)
        return self.tr("{epochs} epochs").format(epochs=self._epochs)

    def _describe(self, plateau: bool, steps: int) -> None:
        if not self._rates:
            return
        at = self._rates.index(max(self._rates)) / (len(self._rates) - 1)
        text = self.tr(
            "The learning rate starts at {start}, is highest with {peak} in epoch {epoch} and ends {end}."
        ).format(
            start=_rate(self._rates[0]),
            peak=_rate(max(self._rates)),
            epoch=max(1, round(at * steps / self._per_epoch)),
            end=self._end() if not self._samples else self.tr("at {end}").format(end=self._end()),
        )
        if not self._samples:
            text += " " + self.tr("Its last value depends on the number of samples, which is not known yet.")
        if plateau:
            text += " " + self.tr("It is drawn as if the loss no longer fell after the first epoch.")
        self.setAccessibleDescription(text)
        self.setToolTip(text)


def _rate(value: float) -> str:
    return number(value, DIGITS)
