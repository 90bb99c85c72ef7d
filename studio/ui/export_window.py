"""The window in which a network leaves: the forms, a sentence on each, weights, place and result."""

from __future__ import annotations

import re
import tempfile
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QColor, QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from studio.catalog.paths import rebase
from studio.errors import StudioError
from studio.interchange.export_process import Cancelled, Request, run_export
from studio.interchange.exported import Exported
from studio.interchange.forms import FORMS
from studio.train.runs import default_runs_dir, run_project
from studio.ui.background import Background
from studio.ui.card import Column, label
from studio.ui.export_picture import draw_project
from studio.ui.export_sources import Run, runs_with_weights
from studio.ui.export_words import file_kinds, groups, lacking, words
from studio.ui.monitor.ask import confirm
from studio.ui.monitor.wording import number
from studio.ui.session import Session
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.ui.window import MainWindow

SIZE = (820, 560)
LIST_WIDTH = 248
ROW, HEADING = 27, 34
POLL_MS = 100
NAME = Qt.ItemDataRole.UserRole
KERAS = ("keras", "keras-program", "keras-model", "savedmodel")
"""Forms that may lack a layer."""


class ExportWindow(QDialog):
    """Writes one form at a time; the drawing does not change meanwhile."""

    def __init__(self, session: Session, checked: Checked, tokens: Tokens, parent: MainWindow) -> None:
        super().__init__(parent)
        self._session, self._checked, self._tokens = session, checked, tokens
        self._words = words()
        self._forms, self._weights, self._place = QListWidget(), QComboBox(), QLineEdit()
        self._title, self._says = label("", "heading"), label("", wrapped=True)
        self._lacks, self._unlike = label("", "error", wrapped=True), label("", "secondary", wrapped=True)
        self._told, self._notes = label("", wrapped=True), label("", "secondary", wrapped=True)
        self._card = QCheckBox(self.tr("A model card beside it"))
        self._bar = QProgressBar()
        self._browse = QPushButton(self.tr("Choose…"))
        self._go, self._close = QPushButton(self.tr("Export")), QPushButton(self.tr("Close"))
        self._show = QPushButton(self.tr("Open the folder"))
        self._stop = Event()
        self._queue: SimpleQueue[str] = SimpleQueue()
        self._runs: dict[str, Run] = {}
        self._twins: str | None = None
        self._done: Exported | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.resize(*SIZE)
        self._workers()
        self._arrange()
        self._fill()
        self.finished.connect(self._end)
        parent.closing.connect(self._end)

    @property
    def result_of(self) -> Exported | None:
        """What was written last."""
        return self._done

    @property
    def form(self) -> str:
        """The form that is chosen."""
        item = self._forms.currentItem()
        return str(item.data(NAME)) if item is not None else ""

    def choose(self, form: str) -> None:
        """Choose a form by its name."""
        for at in range(self._forms.count()):
            if self._forms.item(at).data(NAME) == form:
                self._forms.setCurrentRow(at)

    # ---- what is chosen

    def _follow(self) -> None:
        """Show what belongs to the form that is chosen."""
        name = self.form
        if not name:
            return
        title, says = self._words[name]
        form = FORMS[name]
        self._title.setText(title)
        self._says.setText(says)
        self._lacks.setText(lacking(form))
        self._lacks.setVisible(bool(form.missing))
        self._weights.setEnabled(name not in ("svg", "png", "pdf"))
        self._card.setEnabled(name != "card" and not form.drawn)
        path = Path(self._place.text() or self._session.folder / self._stem())
        self._place.setText(str(path.with_suffix(form.suffix)))
        self._told.setText("")
        self._notes.setText("")
        self._show.setVisible(False)
        self._ask_twins()
        self._enable()

    def _stem(self) -> str:
        return re.sub(r'[\\/:*?"<>|\s]+', "_", self._session.project.name).strip("._") or "network"

    def _ask_twins(self) -> None:
        """Name what Keras lacks before anything is written."""
        shown = self.form in KERAS
        if shown and self._twins is None and not self._checks.busy:
            checked = self._checked
            self._checks.request(lambda: _missing_twins(checked))
        self._unlike.setText((self._twins or "") if shown else "")

    def _take_twins(self, told: list[str]) -> None:
        head = self.tr("What Keras lacks, or does otherwise:")
        self._twins = "\n".join([head, *(f"•  {one}" for one in told)]) if told else ""
        self._ask_twins()

    def _take_runs(self, runs: list[Run]) -> None:
        self._runs = {str(run.info.path): run for run in runs}
        for key, run in self._runs.items():
            info = run.info
            best = "" if info.best is None else self.tr(", loss {loss}").format(loss=number(info.best))
            text = self.tr("{run}: best weights, epoch {epoch}{loss}")
            self._weights.addItem(text.format(run=info.name, epoch=info.best_epoch, loss=best), key)
        first = next((at for at, run in enumerate(runs, 1) if run.same), 0)
        self._weights.setCurrentIndex(first)

    def _explain(self) -> None:
        """Say what a choice of weights means for what leaves."""
        run = self._runs.get(str(self._weights.currentData()))
        text = ""
        if run is not None and not run.same:
            text = self.tr("The network leaves as this run trained it; the drawing has changed since.")
        elif run is None and not self._session.project.training.options.get("weights"):
            text = self.tr("It was not trained: the weights are fresh ones, of the seed that is set.")
        self._weights_told.setText(text)
        self._weights_told.setVisible(bool(text))

    def _enable(self) -> None:
        ready = bool(self.form) and not FORMS[self.form].missing and not self._worker.busy
        self._go.setEnabled(ready and bool(self._place.text().strip()))
        for widget in (self._forms, self._place, self._browse):
            widget.setEnabled(not self._worker.busy)
        self._bar.setVisible(self._worker.busy)
        self._close.setText(self.tr("Cancel") if self._worker.busy else self.tr("Close"))

    def _choose_place(self) -> None:
        name, kinds = self.form, file_kinds(self.form)
        title = self.tr("Export to")
        never = QFileDialog.Option.DontConfirmOverwrite  # asked for typed names too, when it is written
        path, _ = QFileDialog.getSaveFileName(self, title, self._place.text(), kinds, options=never)
        if path:
            suffix = FORMS[name].suffix
            self._place.setText(path if path.endswith(suffix) else f"{path}{suffix}")

    # ---- the export

    def _ask(self) -> None:
        path = Path(self._place.text().strip()).expanduser()
        if not path.is_absolute():
            path = self._session.folder / path
        if path.exists():
            question = self.tr("{name} is there already.").format(name=path.name)
            details = self.tr("What is exported takes its place.")
            confirm(self, question, details, self.tr("Replace"), partial(self._begin, path))
        else:
            self._begin(path)

    def _begin(self, path: Path) -> None:
        self._say(self.tr("Preparing …"))
        self._notes.setText("")
        self._show.setVisible(False)
        form = FORMS[self.form]
        try:
            if form.drawn:
                self._draw(path)
                self._finish(Exported((path,)))
                return
            request = self._request(path)
        except StudioError as error:
            self._fail(error)
            return
        self._stop.clear()
        stop, queue, worker = self._stop, self._queue, self._worker
        worker.request(lambda: run_export(request, queue.put, lambda: stop.is_set() or worker.closed))
        self._timer.start()
        self._enable()

    def _request(self, path: Path) -> Request:
        """What the process of the export gets; the drawing is made here, where Qt is."""
        card = self._card.isChecked() or self.form == "card"
        picture = None
        if card:
            picture = Path(self._held.name) / "drawing.svg"
            self._draw(picture)
        run = self._runs.get(str(self._weights.currentData()))
        where = run.info.path if run is not None else None
        session = self._session
        return Request(self.form, path, session.project, session.folder, where, "best", card, picture)

    def _draw(self, path: Path) -> None:
        from studio.build.plan import Checked

        run = self._runs.get(str(self._weights.currentData())) if not FORMS[self.form].drawn else None
        drawn = self._checked
        if run is not None and not run.same:
            drawn = Checked(run_project(run.info.path))
        inside = rebase(drawn.project, self._session.folder, path.absolute().parent)
        draw_project(drawn, inside, path)

    def _poll(self) -> None:
        try:
            while True:
                self._say(self._queue.get_nowait())
        except Empty:
            pass

    def _finish(self, made: Exported) -> None:
        self._done = made
        self._timer.stop()
        self._say(made.sentence, "ok")
        self._notes.setText("\n".join(made.notes))
        self._show.setVisible(True)
        self._enable()

    def _fail(self, error: Exception) -> None:
        self._timer.stop()
        self._poll()
        if isinstance(error, Cancelled):
            self._say(self.tr("Cancelled; nothing was written."))
        elif isinstance(error, StudioError):
            self._say(f"{error.message} {error.hint}".strip(), "error")
        else:
            raise error
        self._enable()

    def _say(self, text: str, role: str = "") -> None:
        self._told.setText(text)
        self._told.setProperty("role", role)
        self._told.style().polish(self._told)

    def _leave(self) -> None:
        if self._worker.busy:
            self._say(self.tr("Cancelling …"))
            self._stop.set()
        else:
            self.reject()

    def _end(self) -> None:
        """Stop, and leave nothing behind."""
        self._stop.set()
        self._timer.stop()
        for one in (self._worker, self._checks, self._finder):
            one.close()
        self._held.cleanup()

    # ---- making

    def _workers(self) -> None:
        self._held = tempfile.TemporaryDirectory(prefix="neuroloom-")
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._worker, self._checks, self._finder = Background(self), Background(self), Background(self)
        self._worker.done.connect(self._finish)
        self._worker.failed.connect(self._fail)
        self._checks.done.connect(self._take_twins)
        self._finder.done.connect(self._take_runs)

    def _arrange(self) -> None:
        self._weights_told = label("", "secondary", wrapped=True)
        self._names()
        self._forms.setFixedWidth(LIST_WIDTH)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setVisible(False)
        self._bar.setFixedHeight(4)
        place = QHBoxLayout()
        place.addWidget(self._place, 1)
        place.addWidget(self._browse)
        page = Column()
        page.rows.setContentsMargins(0, 2, 0, 0)
        weights = label(self.tr("Weights"), "secondary")
        weights.setBuddy(self._weights)
        for widget in (self._title, self._says, self._lacks, weights, self._weights, self._weights_told):
            page.add(widget)
        page.add(self._card)
        page.add(self._unlike)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(page, 1)
        right.addLayout(place)
        right.addWidget(self._bar)
        right.addWidget(self._told)
        right.addWidget(self._notes)
        upper = QHBoxLayout()
        upper.setSpacing(12)
        upper.addWidget(self._forms)
        upper.addLayout(right, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._show)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addLayout(upper, 1)
        column.addLayout(buttons)

    def _names(self) -> None:
        """What each control is called and for, and what it does."""
        named = (
            (self._forms, self.tr("Form"), self.tr("In which form the network leaves")),
            (self._weights, self.tr("Weights"), self.tr("Which weights the network leaves with")),
            (self._place, self.tr("File"), self.tr("The file or folder to write")),
            (self._card, self._card.text(), self.tr("A page in Markdown, with a picture of the drawing")),
            (self._browse, self.tr("Choose the file"), self.tr("Choose where to write it")),
            (self._go, self._go.text(), self.tr("Write it, and compare it with the network")),
            (self._close, self.tr("Close"), self.tr("Close, or stop what is being written")),
            (self._show, self._show.text(), self.tr("Show what was written in the file manager")),
            (self._bar, self.tr("Progress"), ""),
        )
        for widget, name, tip in named:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self._go.setDefault(True)
        for button in (self._close, self._browse, self._show):
            button.setAutoDefault(False)

    def _fill(self) -> None:
        self._weights.addItem(self._own_weights(), "")
        for heading, names in groups():
            head = QListWidgetItem(heading)
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            head.setForeground(QColor(self._tokens.secondary))
            head.setSizeHint(QSize(0, HEADING))
            self._forms.addItem(head)
            for name in names:
                item = QListWidgetItem(f"    {self._words[name][0]}")
                item.setData(NAME, name)
                item.setSizeHint(QSize(0, ROW))
                self._forms.addItem(item)
        self._forms.currentRowChanged.connect(self._follow)
        self._weights.currentIndexChanged.connect(self._explain)
        self._place.textChanged.connect(self._enable)
        self._browse.clicked.connect(self._choose_place)
        self._go.clicked.connect(self._ask)
        self._close.clicked.connect(self._leave)
        self._show.clicked.connect(self._open_folder)
        self.choose("pytorch")
        self._explain()
        runs_dir, project = default_runs_dir(self._session.path), self._session.project
        self._finder.request(lambda: runs_with_weights(runs_dir, project))

    def _own_weights(self) -> str:
        given = self._session.project.training.options.get("weights")
        if isinstance(given, str) and given:
            return self.tr("The drawing as it is now, with {file}").format(file=Path(given).name)
        return self.tr("The drawing as it is now, not trained")

    def _open_folder(self) -> None:
        if self._done is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._done.paths[0].parent)))


def _missing_twins(checked: Checked) -> list[str]:
    """In the background: what Keras cannot say of the drawing, a sentence each."""
    from studio.interchange.keras.missing import missing_twins

    return [str(one) for one in missing_twins(checked.plan)]
