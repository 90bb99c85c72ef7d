"""What is done with runs from the Runs panel: fork, repeat, queue, watch, compare, write for TensorBoard."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from studio.errors import StudioError
from studio.train.drift import Drift, drift, repeat
from studio.train.events import Event, Finished
from studio.train.machine import check_device, check_learns
from studio.train.runs import create_run, default_runs_dir, read_run
from studio.ui.background import Background
from studio.ui.run_queue import RunQueue

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class RunDeeds(QObject):
    """Does what the Runs panel asks for; each window it opens closes by itself."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._panel = window.panels.runs
        self.queue = RunQueue(window.training, self)
        self._writer, self._comparer = Background(self), Background(self)
        self._wire()
        self._show_queue()

    def add_to_queue(self) -> None:
        """Let the project as it is now wait for its turn."""
        session = self._window.session
        checked = session.checked
        if (
            checked is not None
            and checked.project is session.project
            and (checked.errors or not checked.plan.losses)
        ):
            self._window.commands.show_blocked(checked)
            return
        try:
            check_device(session.project)
            if checked is not None:
                check_learns(checked)
            path = create_run(session.project, session.folder, default_runs_dir(session.path))
        except StudioError as error:
            self._window.messages.show_error(error)
            return
        self.queue.add(path)
        self._window.tell(self.tr("{run} waits for its turn").format(run=path.name))

    def begin(self, path: Path, queued: bool = False) -> None:
        """Train a run that was made, now or as soon as it is its turn."""
        if queued or self._window.training.active:
            self.queue.add(path)
            self._window.tell(self.tr("{run} waits for its turn").format(run=path.name))
        else:
            self._window.training.resume_run(path)
        self._panel.refresh()

    def _wire(self) -> None:
        panel, queue = self._panel, self.queue
        self._window.run_views.found.connect(self._window.commands.run_host.offer)
        panel.restored.connect(self._window.commands.restore_run)
        panel.resumed.connect(self._window.training.resume_run)
        panel.asked.connect(self._do)
        panel.deleted.connect(self._drop)
        panel.renamed.connect(self._window.run_views.rename)
        panel.details.used.connect(self._window.run_views.use)
        panel.details.forked.connect(self._fork)
        panel.queue.added.connect(self.add_to_queue)
        panel.queue.ordered.connect(queue.order)
        panel.queue.removed.connect(queue.remove)
        panel.queue.started.connect(queue.go)
        queue.changed.connect(self._show_queue)
        queue.failed.connect(self._window.messages.show_error)
        self._window.training.ended.connect(self._ended)
        for background in (self._writer, self._comparer):
            background.failed.connect(self._fail)
        self._writer.done.connect(self._written)
        self._comparer.done.connect(self._tell_drift)

    def _drop(self, run: Path) -> None:
        session = self._window.session
        self._window.run_views.drop(run, session.project.name, session.path)

    def _show_queue(self) -> None:
        self._panel.show_queue(self.queue.runs, self.queue.going)
        self._panel.refresh()

    def _do(self, deed: str, runs: list[Path]) -> None:
        match deed:
            case "fork":
                self._fork(runs[0], "best")
            case "repeat":
                self._repeat(runs[0])
            case "differences":
                from studio.ui.differences_window import DifferencesWindow

                DifferencesWindow(runs, self._window.appearance.tokens, self._window).show()
            case "tensorboard":
                title = self.tr("A folder for TensorBoard's event files")
                self._ask_folder(title, partial(self._write, runs))
            case "folder":
                self._ask_folder(self.tr("The folder of a run"), self._watch)
            case _:
                raise AssertionError(deed)

    def _fork(self, run: Path, which: str) -> None:
        from studio.ui.fork_window import ForkWindow

        window = self._window
        fork = ForkWindow(run, which, window.session, window.appearance.tokens, window)
        fork.made.connect(self.begin)
        fork.open()

    def _repeat(self, run: Path) -> None:
        try:
            _, _, path = repeat(run)
        except StudioError as error:
            self._window.messages.show_error(error)
            return
        self.begin(path)

    def _ask_folder(self, title: str, then: object) -> None:
        start = str(default_runs_dir(self._window.session.path))
        dialog = QFileDialog(self._window, title, start)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.open()

    def _watch(self, path: Path) -> None:
        """Show a run from anywhere, as it grows."""
        try:
            read_run(path)
        except StudioError as error:
            self._window.messages.show_error(error)
            return
        self._window.run_views.open(path)
        self._window.docks.bring("curves", self._window.panels.canvas)

    def _write(self, runs: list[Path], folder: Path) -> None:
        from studio.train.tensorboard import save_tensorboard

        self._writer.request(lambda: (folder, [save_tensorboard(run, folder) for run in runs]))

    def _written(self, answer: tuple[Path, list[Path]]) -> None:
        folder, written = answer
        text = self.tr("1 run was written to {folder}")
        if len(written) != 1:
            text = self.tr("{count} runs were written to {folder}")
        text = text.format(count=len(written), folder=folder)
        hint = self.tr("To see them: tensorboard --logdir {folder}").format(folder=folder)
        self._window.messages.show_message("ok", text, hint)

    def _ended(self, run_dir: Path, last: Event | None) -> None:
        """A run that repeats another one says how far it strays."""
        if not isinstance(last, Finished):
            return
        try:
            original = read_run(run_dir).reproduces
        except StudioError:
            return
        if original:
            self._comparer.request(partial(drift, run_dir, Path(original)))

    def _tell_drift(self, found: Drift) -> None:
        if not found.curves:
            return
        names = {"run": found.run, "original": found.original}
        messages = self._window.messages
        if found.common_equal:
            text = self.tr("{run} is equal to {original}, to the last digit")
            if found.missing:
                text = self.tr("{run} is equal to {original} as far as both went, to the last digit")
            text = text.format(**names)
            messages.show_message("ok", text, self.tr("Its record lists versions, data and git."))
            return
        text = self.tr("{run} strays from {original}").format(**names)
        changed = ", ".join(one.what for one in found.changes) or self.tr("nothing that is recorded")
        hint = self.tr("Its record in the Runs panel says which digits of which curve. Changed: {changed}")
        messages.show_message("warning", text, hint.format(changed=changed))

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, StudioError):
            raise error
        self._window.messages.show_error(error)
