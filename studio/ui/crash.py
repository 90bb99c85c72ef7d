"""Our own bugs: a hook keeps a recovery copy and shows a report to copy; the program goes on."""

from __future__ import annotations

import contextlib
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

MODULES = ("torch", "numpy", "pyqtgraph", "networkx", "scikit-learn")


def report(trace: str = "") -> str:
    """Versions of everything that matters, and a traceback below."""
    lines = [
        f"Neuroloom {_version('neuroloom')}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"PySide6 {qt_version}",
        *(f"{name} {_version(name)}" for name in MODULES),
    ]
    return "\n".join([*lines, "", trace] if trace else lines)


class CrashHook(QObject):
    """Takes over sys.excepthook and threading.excepthook while the window lives."""

    def __init__(self, window: QWidget, keep: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._keep = window, keep
        self._waiting: list[str] = []
        self._dialog: QDialog | None = None
        self._before = sys.excepthook, threading.excepthook
        # Threads only leave their report here; the window shows it.
        self._timer = QTimer(self, interval=200)
        self._timer.timeout.connect(self._show)
        self._timer.start()
        sys.excepthook = self._take
        threading.excepthook = self._take_thread

    def close(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before
        self._timer.stop()

    def tell(self, trace: str) -> None:
        """Show a report of a failure that was caught elsewhere."""
        self._waiting.append(trace)

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        with contextlib.suppress(Exception):
            self._keep()
        sys.stderr.write(text)
        self.tell(text)

    def _take_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            text = "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
            sys.stderr.write(text)
            self.tell(text)

    def _show(self) -> None:
        if self._waiting and self._dialog is None:
            trace, self._waiting = self._waiting[0], []
            self._dialog = ReportDialog(
                self.tr("Something went wrong in Neuroloom itself"),
                self.tr("Your work is kept in a recovery copy, and the program goes on. "
                        "This report helps to repair the fault."),
                report(trace),
                self._window,
            )  # fmt: skip
            self._dialog.finished.connect(self._closed)
            self._dialog.open()

    def _closed(self) -> None:
        self._dialog = None


class ReportDialog(QDialog):
    """A text to read and to copy."""

    def __init__(self, title: str, words: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(640, 420)
        rows = QVBoxLayout(self)
        heading, words_label = QLabel(title), QLabel(words, wordWrap=True)
        heading.setProperty("role", "heading")
        rows.addWidget(heading)
        rows.addWidget(words_label)
        self._text = QPlainTextEdit(text, readOnly=True)
        self._text.setProperty("mono", "true")
        self._text.setAccessibleName(self.tr("Report"))
        self._text.setToolTip(self.tr("The report; nothing of it is sent anywhere"))
        rows.addWidget(self._text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy: QPushButton = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip(self.tr("Copy the report to the clipboard"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        buttons.rejected.connect(self.reject)
        rows.addWidget(buttons)


def _version(name: str) -> str:
    from importlib import metadata  # slow to load, and wanted only here

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "–"
