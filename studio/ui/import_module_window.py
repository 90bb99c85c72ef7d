"""The window in which a network that others wrote is imported: asked for, run aside, and told about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.project.graph import free_name
from studio.ui.card import label, small_button
from studio.ui.files import SUFFIX
from studio.ui.import_module_child import ImportChild
from studio.ui.import_module_form import PASTED, ImportModuleForm
from studio.ui.import_module_report import ImportReport
from studio.ui.theme import Tokens

SIZE = (680, 470)
TICK_MS = 1000
SLOW_S = 60


class ImportModuleWindow(QDialog):
    """Nothing runs before the button is pressed; closing it ends what runs."""

    imported = Signal(Path)
    """A project was written to this file."""

    def __init__(self, folder: Path, kind: str, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._folder, self._confirmed = folder, Path()
        self._pasted = TemporaryDirectory(prefix="neuroloom-")
        self._child = ImportChild(self)
        self._clock, self._ticks = QElapsedTimer(), QTimer(self)
        self._own_place = False
        self.setWindowTitle(self.tr("Import a network"))
        self.resize(*SIZE)
        self.form = ImportModuleForm(folder, kind)
        self.report = ImportReport()
        self._make_place()
        self._make_buttons()
        self._arrange()
        self.set_tokens(tokens)
        self._connect()
        self._follow()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.form.set_tokens(tokens)

    # ---- making

    def _make_place(self) -> None:
        self._place = QLineEdit()
        self._place.setAccessibleName(self.tr("Save as"))
        self._place.setToolTip(self.tr("The project's file; the weights go beside it"))
        self._choose = small_button(self.tr("Place…"), self.tr("Choose where the project is saved"))
        self._choose.setAutoDefault(False)
        self._warning = label("", "secondary", wrapped=True)
        self._step = label("", wrapped=True)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName(self.tr("The import runs"))

    def _make_buttons(self) -> None:
        self.run_button = QPushButton()
        self.run_button.setDefault(True)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.setAccessibleName(self.cancel_button.text())
        self.cancel_button.setToolTip(self.tr("End what runs, and import nothing"))

    def _arrange(self) -> None:
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._place, 1)
        row.addWidget(self._choose)
        self.form.add_row(self.tr("Save as"), place)
        asking = QWidget()
        column = self._column = QVBoxLayout(asking)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.form)
        column.addWidget(self._warning)
        column.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(asking)
        self._pages.addWidget(self.report)
        below = QHBoxLayout()
        below.addWidget(self._step, 1)
        below.addWidget(self.run_button)
        below.addWidget(self.cancel_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.setSpacing(8)
        whole.addWidget(self._pages, 1)
        whole.addWidget(self._busy)
        whole.addLayout(below)

    def _connect(self) -> None:
        self.form.changed.connect(self._follow)
        self._place.textEdited.connect(self._keep_place)
        self._place.textChanged.connect(self._enable)
        self._choose.clicked.connect(self._ask_place)
        self.run_button.clicked.connect(self._run)
        self.cancel_button.clicked.connect(self._cancel)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._tick)
        self._child.step.connect(self._show_step)
        self._child.done.connect(self._show_done)
        self._child.failed.connect(self._show_failed)
        self.finished.connect(self._end)

    # ---- asking

    def _follow(self) -> None:
        """What the form says now, in the place, the sentence and the button."""
        runs = self.form.runs_code
        running = self.tr(
            "This runs that Python code on this computer, with all that you may do here. Import only what "
            "you trust. It runs in a process of its own; nothing is downloaded."
        )
        reading = self.tr("An ONNX file is only read: nothing in it is run as a program.")
        self._warning.setText(running if runs else reading)
        text = self.tr("Run it and import") if runs else self.tr("Import")
        self.run_button.setText(text)
        self.run_button.setAccessibleName(text)
        self.run_button.setToolTip(self.tr("Draw the network, and save it with its weights"))
        self._column.setStretch(0, 100 if self.form.kind == "code" else 0)
        if not self._own_place:
            self._place.setText(str(self._free_place()))
        self._enable()

    def _free_place(self) -> Path:
        try:
            wanted = self.form.wanted(Path(PASTED)).name
        except ValueError:
            wanted = "network"
        taken = {one.stem for one in self._folder.glob(f"*{SUFFIX}")}
        return self._folder / f"{free_name(wanted, taken)}{SUFFIX}"

    def _keep_place(self) -> None:
        self._own_place = bool(self._place.text().strip())

    def _ask_place(self) -> None:
        kinds = self.tr("Neuroloom projects (*.loom)")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the project"), self._place.text(), kinds)
        if name:
            self._own_place = True
            self._confirmed = Path(name).with_suffix(SUFFIX)
            self._place.setText(str(self._confirmed))

    def _enable(self) -> None:
        lacking = self.form.lacking or (
            "" if self._place.text().strip() else self.tr("Name a file to save to.")
        )
        self.run_button.setEnabled(not lacking and not self._child.busy)
        self._busy.setVisible(self._child.busy)
        self._pages.setEnabled(not self._child.busy)
        if not self._child.busy:
            self._step.setText(lacking)

    # ---- running

    def _run(self) -> None:
        pasted = Path(self._pasted.name) / PASTED
        try:
            wanted = self.form.wanted(pasted)
        except ValueError as error:
            text = self.tr("{}: write arguments as name=value, with blanks between.").format(error)
            self._step.setText(text)
            return
        if wanted.code:
            pasted.write_text(wanted.code, encoding="utf-8")
        place = (self._folder / self._place.text().strip()).with_suffix(SUFFIX)
        words = [*wanted.words, "-o", str(place), *(["--force"] if place == self._confirmed else [])]
        self._clock.start()
        self._child.start(words, self._folder)
        self._show_step(self.tr("Starting …"))
        self._ticks.start()
        self._enable()
        self.cancel_button.setFocus()

    def _show_step(self, text: str) -> None:
        self._said = text
        self._tick()

    def _tick(self) -> None:
        seconds = self._clock.elapsed() // 1000
        text = self.tr("{step} {seconds} s").format(step=self._said, seconds=seconds)
        if seconds >= SLOW_S:
            text += " " + self.tr("It takes its time: smaller inputs are quicker, and Cancel ends it.")
        self._step.setText(text)

    def _show_done(self, report: Mapping[str, Any]) -> None:
        self._ticks.stop()
        self.report.show_done(report)
        self._pages.setCurrentWidget(self.report)
        self._enable()
        self._step.setText("")
        self.run_button.hide()
        self.cancel_button.setText(self.tr("Close"))
        self.cancel_button.setAccessibleName(self.cancel_button.text())
        self.cancel_button.setToolTip(self.tr("Go to the drawing"))
        self.cancel_button.setDefault(True)
        self.imported.emit(Path(report["file"]))

    def _show_failed(self, message: str, hint: str) -> None:
        self._ticks.stop()
        self._enable()
        self._step.setText("")
        self.report.show_failed(message, hint)
        self._pages.setCurrentWidget(self.report)
        self.run_button.hide()
        self.cancel_button.setText(self.tr("Back"))
        self.cancel_button.setAccessibleName(self.cancel_button.text())
        self.cancel_button.setToolTip(self.tr("Change what is imported, and try again"))

    def _cancel(self) -> None:
        """End what runs; go back to the form after a failure; else close."""
        failed = self._pages.currentWidget() is self.report and self.report.failed
        if not self._child.busy and not failed:
            self.reject()
            return
        self._child.stop()
        self._ticks.stop()
        self._pages.setCurrentIndex(0)
        self.run_button.show()
        self.cancel_button.setText(self.tr("Cancel"))
        self.cancel_button.setAccessibleName(self.cancel_button.text())
        self._enable()

    def _end(self) -> None:
        self._ticks.stop()
        self._child.stop()
        self._pasted.cleanup()
