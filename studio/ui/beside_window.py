"""The window that trains a drawing in PyTorch and in TensorFlow side by side: plots and a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
)

from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.interchange.beside.comparison import Compared, Comparison, told_of
from studio.interchange.beside.figures import Figures
from studio.interchange.beside.told import TITLES, Begun, Ended, EpochOver, Losses, Stage, Told
from studio.interchange.extras import needed
from studio.ui.background import Background
from studio.ui.beside_plot import BesidePlot
from studio.ui.beside_table import BesideTable
from studio.ui.card import label
from studio.ui.spin import Spin
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.ui.window import MainWindow

SIZE = (940, 680)
POLL_MS = 150
MOST_NOTES = 3


class BesideWindow(QDialog):
    """Over the window until it is closed, so that no run starts meanwhile; nothing of it is kept."""

    def __init__(self, checked: Checked, folder: Path, tokens: Tokens, parent: MainWindow) -> None:
        super().__init__(parent)
        self._checked, self._folder = checked, folder
        self._comparison: Comparison | None = None
        self._figures = Figures()
        self._said = label("", wrapped=True)
        self._notes = label("", "secondary", wrapped=True)
        self._epochs = Spin(minimum=1, maximum=1_000_000)
        self._plot, self._table = BesidePlot(tokens), BesideTable()
        self._start, self._stop = QPushButton(self.tr("Start")), QPushButton(self.tr("Stop"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Train beside TensorFlow"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.resize(*SIZE)
        self._arrange()
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._background = Background(self)
        self._background.done.connect(self._show_notes)
        self._background.failed.connect(self._refuse)
        self.finished.connect(self._end)
        parent.closing.connect(self._end)
        self._background.request(lambda: _differences(checked))
        self._said.setText(self.tr("Looking for what differs …"))

    @property
    def figures(self) -> Figures:
        """What was told so far."""
        return self._figures

    @property
    def comparison(self) -> Comparison | None:
        """The one that runs, or ran last."""
        return self._comparison

    # ---- what is done

    def _begin(self) -> None:
        self._figures = Figures()
        comparison = Comparison(Compared(self._checked.project, self._folder, self._epochs.value()))
        try:
            comparison.start()
        except (StudioError, OSError) as error:
            self._refuse(error)
            return
        self._comparison = comparison
        self._show_running(True)
        self._timer.start()

    def _halt(self) -> None:
        if self._comparison is not None:
            self._stop.setEnabled(False)
            self._said.setText(self.tr("Stopping …"))
            self._comparison.stop()

    def _end(self) -> None:
        """Leave nothing behind; the processes end by themselves, and are not waited for."""
        self._timer.stop()
        self._background.close()
        if self._comparison is not None:
            self._comparison.stop()

    # ---- what is told

    def _poll(self) -> None:
        assert self._comparison is not None
        found = self._comparison.poll()
        for told in found:
            self._figures.take(told)
            self._tell(told)
        if any(isinstance(told, Begun | Losses | EpochOver) for told in found):
            self._plot.show_figures(self._figures)
        if any(isinstance(told, Begun | EpochOver) for told in found):
            self._table.show_figures(self._figures)

    def _tell(self, told: Told) -> None:
        if isinstance(told, Begun):
            self._show_notes(told.notes)
        elif isinstance(told, Stage):
            self._say(self._doing(told))
        elif isinstance(told, Ended):
            self._timer.stop()
            self._show_running(False)
            self._conclude(told)

    def _doing(self, stage: Stage) -> str:
        if stage.doing == "reading":
            return self.tr("Reading the data …")
        if stage.doing == "loading" or stage.framework is None:
            return self.tr("Loading TensorFlow …")
        text = self.tr("Epoch {epoch} of {epochs}: {framework} trains …")
        epochs = self._figures.begun.epochs if self._figures.begun else stage.epoch
        return text.format(epoch=stage.epoch, epochs=epochs, framework=TITLES[stage.framework])

    def _conclude(self, ended: Ended) -> None:
        largest = self._figures.largest
        if ended.reason == "failed":
            self._say(f"{told_of(ended)} {ended.hint}".strip(), "error", ended.details)
        elif largest is None:
            self._say(self.tr("Stopped before both had trained an epoch."))
        else:
            text = self.tr("Their training losses are at most {share} apart in {count} epochs.")
            self._say(text.format(share=f"{largest:.1e}", count=len(self._figures.rows)))

    def _show_notes(self, notes: tuple[str, ...]) -> None:
        shown = [f"• {one}" for one in notes[:MOST_NOTES]]
        if len(notes) > MOST_NOTES:
            shown.append(self.tr("and {count} more").format(count=len(notes) - MOST_NOTES))
        self._notes.setText("\n".join(shown))
        self._notes.setToolTip("\n".join(notes))
        self._notes.setVisible(bool(notes))
        if self._comparison is None:
            self._show_running(False)
            self._start.setFocus(Qt.FocusReason.OtherFocusReason)
            self._say(self.tr("Ready. TensorFlow takes some seconds to load, and to make its first graph."))

    def _refuse(self, error: Exception) -> None:
        told = error if isinstance(error, StudioError) else StudioError(str(error))
        self._say(f"{told.message} {told.hint}".strip(), "error")

    def _say(self, text: str, role: str = "", details: str = "") -> None:
        self._said.setText(text)
        self._said.setToolTip(details[-2000:])
        self._said.setProperty("role", role)
        self._said.style().unpolish(self._said)
        self._said.style().polish(self._said)

    def _show_running(self, running: bool) -> None:
        self._start.setEnabled(not running)
        self._epochs.setEnabled(not running)
        self._stop.setEnabled(running)

    # ---- making

    def _arrange(self) -> None:
        told = self.tr(
            "The drawing is trained in both, from the same weights, on the same batches, with the same "
            "optimizer, schedule and loss. They take turns, an epoch each. Nothing of this is kept."
        )
        self._notes.setVisible(False)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(label(told, "secondary", wrapped=True))
        column.addWidget(self._notes)
        column.addLayout(self._controls())
        column.addWidget(self._plot, 1)
        column.addWidget(self._table)

    def _controls(self) -> QHBoxLayout:
        epochs = values_of(TRAINING, self._checked.project.training.options)["epochs"]
        self._epochs.setValue(int(epochs))
        self._epochs.setAccessibleName(self.tr("Epochs"))
        self._epochs.setToolTip(self.tr("Passes over the training part, in each of the two"))
        name = label(self.tr("Epochs"))
        name.setBuddy(self._epochs)
        close = QPushButton(self.tr("Close"))
        tips = (
            (self._start, self.tr("Train in both"), self._begin),
            (self._stop, self.tr("Stop both; what was trained stays in view"), self._halt),
            (close, self.tr("Stop both and leave"), self.reject),
        )
        for button, tip, slot in tips:
            button.setToolTip(tip)
            button.setAccessibleName(button.text())
            button.clicked.connect(slot)
            button.setAutoDefault(button is self._start)
        self._start.setEnabled(False)
        self._stop.setEnabled(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (name, self._epochs, self._start, self._stop):
            row.addWidget(widget)
        row.addWidget(self._said, 1)
        row.addWidget(close)
        return row


def _differences(checked: Checked) -> tuple[str, ...]:
    """In the background: what is named before the start."""
    needed("tensorflow", "tensorflow", "keras")
    from studio.interchange.beside.differences import differences

    return differences(checked)
