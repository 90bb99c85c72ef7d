"""The window in which a network leaves: what is chosen there, the process that writes, and the result."""

from __future__ import annotations

import re
import tempfile
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QVBoxLayout

from studio.build.plan import Checked
from studio.catalog.paths import rebase
from studio.errors import StudioError
from studio.interchange.export_process import Cancelled, Request, run_export
from studio.interchange.exported import Exported
from studio.interchange.forms import FORMS
from studio.train.runs import default_runs_dir, run_project
from studio.ui.background import Background
from studio.ui.export_page import ExportPage
from studio.ui.export_picture import draw_project
from studio.ui.export_sources import Run, runs_with_weights
from studio.ui.export_words import file_kinds
from studio.ui.monitor.ask import confirm
from studio.ui.monitor.wording import number
from studio.ui.session import Session
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.ui.window import MainWindow

SIZE = (820, 560)
POLL_MS = 100
KERAS = ("keras", "keras-program", "keras-model", "savedmodel")
"""Forms that may lack a layer."""


class ExportWindow(QDialog):
    """Writes one form at a time; the drawing does not change meanwhile."""

    def __init__(self, session: Session, checked: Checked, tokens: Tokens, parent: MainWindow) -> None:
        super().__init__(parent)
        self._session, self._checked = session, checked
        self.page = ExportPage(tokens)
        self._stop = Event()
        self._queue: SimpleQueue[str] = SimpleQueue()
        self._runs: dict[str, Run] = {}
        self._twins: str | None = None
        self._done: Exported | None = None
        self._held = tempfile.TemporaryDirectory(prefix="neuroloom-")
        self._timer = QTimer(self, interval=POLL_MS)
        self._worker, self._checks, self._finder = Background(self), Background(self), Background(self)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.resize(*SIZE)
        QVBoxLayout(self).addWidget(self.page)
        self._connect()
        parent.closing.connect(self._end)
        self.page.weights.addItem(self._own_weights(), "")
        self.page.choose("pytorch")
        runs_dir, project = default_runs_dir(session.path), session.project
        self._finder.request(lambda: runs_with_weights(runs_dir, project))

    @property
    def written(self) -> Exported | None:
        """What was written last."""
        return self._done

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._worker.busy

    def _connect(self) -> None:
        page = self.page
        self._timer.timeout.connect(self._poll)
        self._worker.done.connect(self._finish)
        self._worker.failed.connect(self._fail)
        self._checks.done.connect(self._take_twins)
        self._finder.done.connect(self._take_runs)
        page.forms.currentRowChanged.connect(self._follow)
        page.weights.currentIndexChanged.connect(self._explain)
        page.place.textChanged.connect(self._enable)
        page.browse.clicked.connect(self._choose_place)
        page.go.clicked.connect(self._ask)
        page.leave.clicked.connect(self._leave)
        page.show_folder.clicked.connect(self._open_folder)
        self.finished.connect(self._end)

    # ---- what is chosen

    def _follow(self) -> None:
        """Show what belongs to the form that is chosen."""
        page = self.page
        if not page.form:
            return
        page.show_form()
        path = Path(page.place.text() or self._session.folder / self._stem())
        page.place.setText(str(path.with_suffix(FORMS[page.form].suffix)))
        page.say("")
        page.show_folder.setVisible(False)
        self._explain()
        self._ask_twins()
        self._enable()

    def _stem(self) -> str:
        return re.sub(r'[\\/:*?"<>|\s.]+', "_", self._session.project.name).strip("_") or "network"

    def _ask_twins(self) -> None:
        """Name what Keras lacks before anything is written."""
        shown = self.page.form in KERAS
        if shown and self._twins is None and not self._checks.busy:
            checked = self._checked
            self._checks.request(lambda: _missing_twins(checked))
        self.page.unlike.setText((self._twins or "") if shown else "")

    def _take_twins(self, told: list[str]) -> None:
        head = self.tr("What Keras lacks, or does otherwise:")
        self._twins = "\n".join([head, *(f"•  {one}" for one in told)]) if told else ""
        self._ask_twins()

    def _own_weights(self) -> str:
        given = self._session.project.training.options.get("weights")
        if isinstance(given, str) and given:
            return self.tr("The drawing as it is now, with {file}").format(file=Path(given).name)
        return self.tr("The drawing as it is now, not trained")

    def _take_runs(self, runs: list[Run]) -> None:
        self._runs = {str(run.info.path): run for run in runs}
        for key, run in self._runs.items():
            info = run.info
            loss = "" if info.best is None else self.tr(", loss {loss}").format(loss=number(info.best))
            text = self.tr("{run}: best weights, epoch {epoch}{loss}")
            self.page.weights.addItem(text.format(run=info.name, epoch=info.best_epoch, loss=loss), key)
        own = bool(self._session.project.training.options.get("weights"))
        latest = next((at for at, run in enumerate(runs, 1) if run.same), 0)
        self.page.weights.setCurrentIndex(0 if own and not latest else latest)

    @property
    def _run(self) -> Run | None:
        return self._runs.get(str(self.page.weights.currentData()))

    def _explain(self) -> None:
        """Say what a choice of weights means for what leaves."""
        run, text = self._run, ""
        if self.page.form and FORMS[self.page.form].drawn:
            text = self.tr("A picture holds no weights.")
        elif run is not None and not run.same:
            text = self.tr("The network leaves as this run trained it; the drawing has changed since.")
        elif run is None and not self._session.project.training.options.get("weights"):
            text = self.tr("It was not trained: the weights are fresh ones, of the seed that is set.")
        self.page.of_weights.setText(text)
        self.page.of_weights.setVisible(bool(text))

    def _enable(self) -> None:
        self.page.show_busy(self._worker.busy)

    def _choose_place(self) -> None:
        form = FORMS[self.page.form]
        never = QFileDialog.Option.DontConfirmOverwrite  # it is asked when it is written, for typed names too
        title, at = self.tr("Export to"), self.page.place.text()
        path, _ = QFileDialog.getSaveFileName(self, title, at, file_kinds(form.name), options=never)
        if path:
            self.page.place.setText(path if path.endswith(form.suffix) else f"{path}{form.suffix}")

    # ---- the export

    def _ask(self) -> None:
        path = Path(self.page.place.text().strip()).expanduser()
        path = path if path.is_absolute() else self._session.folder / path
        if path.exists():
            question = self.tr("{name} is there already.").format(name=path.name)
            details = self.tr("What is exported takes its place.")
            confirm(self, question, details, self.tr("Replace"), partial(self._begin, path))
        else:
            self._begin(path)

    def _begin(self, path: Path) -> None:
        self.page.say(self.tr("Preparing …"))
        self.page.show_folder.setVisible(False)
        try:
            if FORMS[self.page.form].drawn:
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
        form, session, run = self.page.form, self._session, self._run
        card = self.page.card.isChecked() or form == "card"
        picture = Path(self._held.name) / "drawing.svg" if card else None
        if picture is not None:
            self._draw(picture, run)
        where = run.info.path if run is not None else None
        return Request(form, path, session.project, session.folder, where, "best", card, picture)

    def _draw(self, path: Path, run: Run | None = None) -> None:
        changed = run is not None and not run.same
        drawn = Checked(run_project(run.info.path)) if run is not None and changed else self._checked
        inside = rebase(drawn.project, self._session.folder, path.absolute().parent)
        draw_project(drawn, inside, path)

    def _poll(self) -> None:
        try:
            while True:
                self.page.say(self._queue.get_nowait())
        except Empty:
            pass

    def _finish(self, made: Exported) -> None:
        self._done = made
        self._timer.stop()
        self._poll()
        self.page.say(made.sentence, "ok", "\n".join(made.notes))
        self.page.show_folder.setVisible(True)
        self._enable()

    def _fail(self, error: Exception) -> None:
        self._timer.stop()
        self._poll()
        self._enable()
        if isinstance(error, Cancelled):
            self.page.say(self.tr("Cancelled; nothing was written."))
        elif isinstance(error, StudioError):
            self.page.say(error.message, "error", error.hint)
        else:
            raise error

    def _leave(self) -> None:
        if self._worker.busy:
            self.page.say(self.tr("Cancelling …"))
            self._stop.set()
        else:
            self.reject()

    def _open_folder(self) -> None:
        if self._done is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._done.paths[0].parent)))

    def _end(self) -> None:
        """Stop, and leave nothing behind."""
        self._stop.set()
        self._timer.stop()
        for one in (self._worker, self._checks, self._finder):
            one.close()
        self._held.cleanup()


def _missing_twins(checked: Checked) -> list[str]:
    """In the background: what Keras cannot say of the drawing, a sentence each."""
    from studio.interchange.keras.missing import missing_twins

    return [str(one) for one in missing_twins(checked.plan)]
