"""The Predict panel: what a trained network says about a picture, an array or a row of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.errors import StudioError
from studio.ui.background import Background
from studio.ui.contents import empty
from studio.ui.monitor.bars import Bars
from studio.ui.monitor.elided import Elided
from studio.ui.monitor.empty import OrEmpty
from studio.ui.monitor.export import write
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.predict_inputs import Inputs
from studio.ui.theme import DARK, HEADING_PX, Tokens

if TYPE_CHECKING:
    from studio.analysis.answers import Answer
    from studio.analysis.predict import Prediction, Predictor

MOST_SHOWN, MOST_REFUSED = 50, 20
THUMBNAIL = 96
INPUTS_WIDTH = 420


class Predict(QWidget):
    """Give an input, see what the network says. The run is loaded when the panel is first seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = DARK
        self._run: Path | None = None
        self._checkpoint = "best"
        self._predictor: Predictor | None = None
        self._loader, self._worker = Background(self), Background(self)
        self._inputs = Inputs()
        self._found: tuple[Prediction, ...] = ()
        self._button, self._save = QPushButton(self.tr("Predict")), QPushButton(self.tr("Save answers…"))
        self._about, self._message = Elided(), QLabel()
        self._answers = QWidget()
        self._pages = OrEmpty()
        self._arrange()
        self._connect()
        self.clear()

    def clear(self) -> None:
        """Say what appears here."""
        self._run = self._predictor = None
        self._pages.say(
            self.tr("No trained network yet"),
            self.tr("Ask a trained network about a picture, an array or a row of numbers here. Press Train."),
        )

    def set_run(self, run: Path, checkpoint: str = "best") -> None:
        """Predict with this run from now on: with its best weights, or those of another checkpoint."""
        self._run, self._predictor, self._checkpoint = run, None, checkpoint
        self._clear()
        if self.isVisible():
            self._load()

    def run_moved(self, old: Path, new: Path) -> None:
        """A run's folder is elsewhere now; a network that is loaded already needs it no more."""
        if self._run == old:
            self._run = new
            if self._predictor is None and self.isVisible():
                self._load()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for bars in self._answers.findChildren(Bars):
            bars.set_tokens(tokens)

    @property
    def message(self) -> str:
        """Why there is no answer; empty while all is well."""
        return "" if self._message.isHidden() else self._message.text()

    def take_files(self, paths: Sequence[Path]) -> None:
        """Predict on files, as if they were dropped."""
        self._inputs.take_files(paths)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._run is not None and self._predictor is None:
            self._load()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._predictor is not None and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.take_files(files)

    def _load(self) -> None:
        run, checkpoint = self._run, self._checkpoint
        assert run is not None
        self._pages.say(self.tr("Loading {run} …").format(run=run.name), "")
        self._loader.request(lambda: (run, _load(run, checkpoint)))

    def _take_predictor(self, answer: tuple[Path, Predictor]) -> None:
        run, predictor = answer
        if run != self._run:
            return
        self._predictor = predictor
        columns = {name: [column.name for column in of] for name, of in predictor.columns.items()}
        self._inputs.show_fields(predictor.inputs, columns)
        self._about.setText(_source(run, self._checkpoint))
        self._enable()
        self._say_what_comes()
        self._pages.show_body()

    def _say_what_comes(self) -> None:
        self._clear()
        hint = QLabel(self.tr("The answer appears here. Files can be dropped anywhere on this panel."))
        hint.setProperty("role", "secondary")
        hint.setWordWrap(True)
        column = self._answers.layout()
        column.addWidget(hint)

    def _predict(self) -> None:
        given, predictor = self._inputs.given, self._predictor
        if given and predictor is not None:
            self._worker.request(lambda: predictor.predict(given))

    def _show(self, predictions: Sequence[Prediction]) -> None:
        self._clear()
        self._found = tuple(predictions)
        self._save.setEnabled(bool(predictions))
        column = self._answers.layout()
        for text in _refusals(predictions):
            column.addWidget(_said(text, "error"))
        for prediction in [one for one in predictions if not one.refused][:MOST_SHOWN]:
            column.addWidget(self._card(prediction))
        if len(predictions) > MOST_SHOWN:
            text = self.tr("All {count} can be saved as a table.").format(count=len(predictions))
            column.addWidget(QLabel(text))

    def _card(self, prediction: Prediction) -> QWidget:
        card = QWidget()
        row = QHBoxLayout(card)
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(16)
        if picture := _thumbnail(prediction.given):
            row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        for text in (prediction.given, *prediction.notes):
            label = Elided()
            label.setText(text)
            label.setProperty("role", "secondary")
            column.addWidget(label)
        for name, answer in prediction.answers.items():
            if len(prediction.answers) > 1:
                column.addWidget(QLabel(name))
            column.addWidget(self._answer(answer), 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        row.addLayout(column, 1)
        return card

    def _answer(self, answer: Answer) -> QWidget:
        if answer.shares:
            return Bars(answer, self._tokens)
        label = QLabel(str(answer))
        label.setFont(number_font(HEADING_PX))
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return label

    def _clear(self) -> None:
        self._message.hide()
        self._found = ()
        self._save.setEnabled(False)
        empty(self._answers.layout())

    def _ask_where(self) -> None:
        """Write the answers where the person wants them."""
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save answers"), "answers.csv", "CSV (*.csv)")
        if not name:
            return
        from studio.analysis.answer_table import answer_table

        try:
            write(Path(name), answer_table(self._found).encode())
        except StudioError as error:
            self._message.setText(f"{error.message} {error.hint}".strip())
            self._message.show()

    def _refuse(self, error: Exception) -> None:
        """Say why there is no answer, beside the input that asked for it."""
        self._clear()
        known = isinstance(error, StudioError)
        lines = (error.message, error.hint) if known else (self.tr("The prediction failed."), str(error))
        self._message.setText("\n".join(filter(None, lines)))
        self._message.show()
        if not known:
            raise error

    def _fail(self, error: Exception) -> None:
        """The run cannot be loaded."""
        if isinstance(error, StudioError):
            self._pages.say(error.message, error.hint)
        else:
            self._pages.say(self.tr("The run cannot be loaded."), str(error))
            raise error

    def _enable(self) -> None:
        self._button.setEnabled(bool(self._inputs.given) and self._predictor is not None)

    def _connect(self) -> None:
        self._loader.done.connect(self._take_predictor)
        self._loader.failed.connect(self._fail)
        self._worker.done.connect(self._show)
        self._worker.failed.connect(self._refuse)
        self._inputs.changed.connect(self._enable)
        self._inputs.submitted.connect(self._predict)
        self._button.clicked.connect(self._predict)
        self._save.clicked.connect(self._ask_where)

    def _arrange(self) -> None:
        self.setAcceptDrops(True)
        self._about.setProperty("role", "secondary")
        self._button.setToolTip(self.tr("Ask the network"))
        self._save.setToolTip(self.tr("Write all answers as a CSV table, and why some have none"))
        for button in (self._button, self._save):
            button.setAccessibleName(button.text())
        self._save.setEnabled(False)
        self._button.setEnabled(False)
        self._message.setWordWrap(True)
        self._message.setProperty("role", "error")
        self._message.hide()
        answers = QVBoxLayout(self._answers)
        answers.setAlignment(Qt.AlignmentFlag.AlignTop)
        answers.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self._answers)
        area.setAccessibleName(self.tr("Answers"))
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addWidget(self._left())
        row.addWidget(area, 1)
        self._pages.fill(self, body)

    def _left(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(INPUTS_WIDTH)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self._button)
        buttons.addWidget(self._save)
        buttons.addWidget(self._about, 1)
        column.addWidget(self._inputs)
        column.addLayout(buttons)
        column.addWidget(self._message)
        column.addStretch(1)
        return side


def _source(run: Path, checkpoint: str) -> str:
    tr = QCoreApplication.translate
    if checkpoint == "best":
        return tr("Predict", "with the best weights of {run}").format(run=run.name)
    return tr("Predict", "with the weights of {run}, {checkpoint}").format(
        run=run.name, checkpoint=checkpoint
    )


def _load(run: Path, checkpoint: str) -> Predictor:
    from studio.analysis.predict import Predictor

    return Predictor(run, checkpoint)


def _refusals(predictions: Sequence[Prediction]) -> list[str]:
    """How many samples have no answer, and each of the first with why."""
    from studio.analysis.answer_table import refused_text

    refused = [one for one in predictions if one.refused]
    if not refused:
        return []
    if len(refused) == 1:
        return [refused_text(predictions)]
    return [
        refused_text(predictions).partition(",")[0] + ".",
        *(one.refused for one in refused[:MOST_REFUSED]),
    ]


def _said(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _thumbnail(given: str) -> QLabel | None:
    """The picture that was given, if it was one."""
    picture = (
        QPixmap(given)
        if Path(given).suffix.lower() not in (".npy", ".npz") and len(given) < 1000
        else QPixmap()
    )
    if picture.isNull():
        return None
    label = QLabel()
    label.setFixedWidth(THUMBNAIL)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
    mode = (
        Qt.TransformationMode.SmoothTransformation
        if picture.width() > THUMBNAIL
        else Qt.TransformationMode.FastTransformation
    )
    label.setPixmap(picture.scaled(THUMBNAIL, THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio, mode))
    return label
