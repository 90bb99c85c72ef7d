"""What tests of importing do with the window: open it, click in it, and read what it shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from studio.ui.column_table import ColumnTable
from studio.ui.import_window import ImportWindow
from studio.ui.window import MainWindow
from tests.ui.windows import LONG

TOWNS = ("Rom", "Ulm", "Bern")
PEOPLE = "id,age,town,pays\n" + "".join(
    f"p{n:03d},{'' if n % 10 == 3 else 20 + n % 50},{TOWNS[n % 3]},{'yes' if n % 3 else 'no'}\n"
    for n in range(120)
)


def opened(window: MainWindow, qtbot: QtBot) -> ImportWindow:
    """The import window, once it shows what it found."""
    qtbot.waitUntil(lambda: bool(window.findChildren(ImportWindow)), timeout=LONG)
    made = window.findChildren(ImportWindow)[-1]
    qtbot.waitUntil(lambda: made.use_button.isEnabled(), timeout=LONG)
    return made


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def take(window: MainWindow, qtbot: QtBot) -> None:
    """Use what the import window shows."""
    click(qtbot, opened(window, qtbot).use_button)
    qtbot.waitUntil(lambda: not window.findChildren(ImportWindow), timeout=LONG)


def columns(window: ImportWindow) -> dict[str, tuple[str, ...]]:
    model = window.findChild(ColumnTable).model()
    texts = [[model.index(row, at).data() for at in range(4)] for row in range(model.rowCount())]
    return {row[0]: tuple(text.removesuffix(" ▾") for text in row[1:]) for row in texts}


def told(window: ImportWindow) -> str:
    return " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())
