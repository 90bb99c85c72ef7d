"""From "here it is" to a first training: data dropped on the window, and two clicks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from samples import make_pictures, make_sounds, make_tables
from studio.train.events import Finished
from studio.ui.app import open_any
from studio.ui.column_table import ColumnTable
from studio.ui.import_window import ImportWindow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import columns, opened, take, told
from tests.ui.test_files import drop
from tests.ui.windows import LONG

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups
SOON = 120


def make_german(folder: Path) -> None:
    rows = [f"{at};{at % 17},{at % 10};{20 + at % 7 / 2:.1f}".replace(".", ",") for at in range(300)]
    (folder / "messwerte.csv").write_text("\n".join(["nr;wert;preis", *rows]), "cp1252")


def no_text_is_cut(table: ColumnTable) -> bool:
    """Whether all that is said of the columns has room."""
    model, header = table.model(), table.header()
    wanted = [
        (column, table.fontMetrics().horizontalAdvance(str(model.index(row, column).data() or "")))
        for row in range(model.rowCount())
        for column in range(model.columnCount())
        if not table.isColumnHidden(column)
    ]
    return all(header.sectionSize(column) >= width for column, width in wanted)


DATA: tuple[tuple[str, Callable[[Path], None], str], ...] = (
    ("digits", lambda folder: make_pictures.digits(folder, 300), "ImageFolder"),
    ("pictures.csv", lambda folder: make_tables.pictures(folder, 100), "CSV"),
    ("messwerte.csv", make_german, "CSV"),
    ("wine.xlsx", make_tables.wine, "Excel"),
    ("tones", lambda folder: make_sounds.tones(folder, 8), "AudioFolder"),
)


@pytest.mark.parametrize(("name", "make", "source"), DATA, ids=[name for name, *_ in DATA])
def test_dropped_taken_trained(
    ready: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    pictures: Path | None,
    name: str,
    make: Callable[[Path], None],
    source: str,
) -> None:
    make(tmp_path)
    begun = time.monotonic()
    assert drop(ready, tmp_path / name)
    asked: ImportWindow = opened(ready, qtbot)
    if pictures:
        asked.grab().save(str(pictures / f"import_{name}.png"))
    assert asked.network.isChecked()
    table = asked.findChild(ColumnTable)
    qtbot.waitUntil(lambda: no_text_is_cut(table), timeout=LONG)
    take(ready, qtbot)
    assert ready.session.project.data.source.type == source
    qtbot.waitUntil(lambda: ready.session.checked is not None, timeout=LONG)
    assert [one.message for one in ready.session.checked.problems if one.severity == "error"] == []
    train = ready.actions_by_name["train.start"]
    (button,) = [
        one for one in ready.findChildren(QToolButton) if one.defaultAction() is train and one.isVisible()
    ]
    with qtbot.waitSignal(ready.training.ended, timeout=2 * LONG) as ended:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ended.args is not None
    assert isinstance(ended.args[1], Finished)
    assert time.monotonic() - begun < SOON
    if pictures:
        ready.grab().save(str(pictures / f"trained_{name}.png"))


def test_data_named_on_the_command_line_are_imported(ready: MainWindow, qtbot: QtBot, people: Path) -> None:
    assert not open_any(ready, people)
    asked = opened(ready, qtbot)
    assert columns(asked)["pays"] == ("category", "target", "")
    assert "test 18 · predicts pays" in told(asked)
    asked.reject()
