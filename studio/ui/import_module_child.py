"""The process in which an import runs: foreign code never runs in the window's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

BEGIN = """import json, sys
sys.path[:] = json.loads(sys.argv.pop(1))
from studio.cli import main
sys.exit(main())"""
LIMIT_S = 900
"""An import that takes longer is ended: a network this slow on one small input does not run here."""
GRACE_MS = 3000
KEPT = 2000


class ImportChild(QObject):
    """Runs `neuroloom import … --json`, one at a time."""

    step = Signal(str)
    """What it is at."""
    done = Signal(object)
    """The report, as studio.cli.importing.report_of gives it."""
    failed = Signal(str, str)
    """What went wrong, and what to do."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._answer: Mapping[str, Any] = {}
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.setInterval(LIMIT_S * 1000)
        self._limit.timeout.connect(self._end_slow)

    @property
    def busy(self) -> bool:
        """Whether an import runs."""
        return self._process is not None

    def start(self, arguments: Sequence[str], folder: Path) -> None:
        """Begin; `folder` is where the code is looked for, and paths start."""
        assert self._process is None
        self._answer = {}
        process = self._process = QProcess(self)
        process.setWorkingDirectory(str(folder))
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._refuse)
        whole = ["-c", BEGIN, json.dumps(sys.path), "import", *arguments, "--json"]
        process.start(sys.executable, whole)
        process.closeWriteChannel()
        self._limit.start()

    def stop(self) -> None:
        """End it at once; nothing is told."""
        self._limit.stop()
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(GRACE_MS)
            process.deleteLater()

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            self._take(bytes(self._process.readLine().data()))

    def _take(self, line: bytes) -> None:
        """One line: ours is JSON; what else is printed there counts for nothing."""
        try:
            told = json.loads(line)
        except ValueError:
            return
        if not isinstance(told, dict):
            return
        if "step" in told:
            self.step.emit(str(told["step"]))
        elif "done" in told or "failed" in told:
            self._answer = told

    def _refuse(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self.stop()
            self.failed.emit(self.tr("No process could be started for it."), "")

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        self._process = None
        self._limit.stop()
        noise = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
        code, crashed = process.exitCode(), process.exitStatus() == QProcess.ExitStatus.CrashExit
        process.deleteLater()
        if "done" in self._answer:
            self.done.emit(self._answer["done"])
        elif "failed" in self._answer:
            self.failed.emit(str(self._answer["failed"]), str(self._answer.get("hint", "")))
        else:
            self._tell_lost(noise, code, crashed)

    def _tell_lost(self, noise: str, code: int, crashed: bool) -> None:
        """The process ended without an answer."""
        told = [
            line.removeprefix("neuroloom: ") for line in noise.splitlines() if line.startswith("neuroloom: ")
        ]
        if told and not crashed:
            self.failed.emit(told[-1], "")
            return
        ended = self.tr("its process ended by the signal {}").format(code) if crashed else ""
        ended = ended or self.tr("its process ended with the code {}").format(code)
        text = self.tr("That code could not be run to its end: {}.").format(ended)
        self.failed.emit(text, noise[-KEPT:] or self.tr("Perhaps it needs more memory than there is."))

    def _end_slow(self) -> None:
        self.stop()
        text = self.tr("It took longer than {} minutes and was ended.").format(LIMIT_S // 60)
        self.failed.emit(text, self.tr("Give smaller inputs, or a smaller network of the same kind."))
