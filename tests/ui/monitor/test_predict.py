"""The Predict panel, asking real networks."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot
from sklearn.datasets import load_digits

from studio.analysis.predict import Predictor
from studio.project.project import Data, Setting
from studio.train.events import Event
from studio.ui.monitor.bars import Bars
from studio.ui.monitor.predict import Predict
from studio.ui.theme import DARK, LIGHT, Tokens
from tests.analysis.drawings import regressor, trained
from tests.ui.windows import LONG, find

Run = tuple[Path, list[Event]]
ROW = "59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A zero as a picture file, white on black."""
    path = tmp_path / "zero.png"
    Image.fromarray((load_digits().images[0] * 255 / 16).astype("uint8")).save(path)
    return path


def ready(panel: Predict) -> bool:
    """Whether every line and its button can be used."""
    lines, buttons = panel.findChildren(QLineEdit), panel.findChildren(QPushButton)
    return bool(lines) and not any(one.visibleRegion().isEmpty() for one in (*lines, *buttons))


@pytest.fixture
def ask(qtbot: QtBot) -> Callable[[Path], Predict]:
    def make(run: Path) -> Predict:
        panel = Predict()
        qtbot.addWidget(panel)
        panel.resize(1000, 300)
        panel.show()
        panel.set_run(run)
        qtbot.waitUntil(lambda: ready(panel), timeout=LONG)
        return panel

    return make


def texts(panel: Predict) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def button(panel: Predict) -> QPushButton:
    return next(one for one in panel.findChildren(QPushButton) if one.text() == "Predict")


def test_it_says_what_to_do_first(qtbot: QtBot) -> None:
    panel = Predict()
    qtbot.addWidget(panel)
    panel.show()
    assert "Press Train" in texts(panel)


def test_nothing_is_loaded_before_it_is_seen(qtbot: QtBot, digits: Run) -> None:
    panel = Predict()
    qtbot.addWidget(panel)
    panel.set_run(digits[0])
    qtbot.wait(300)
    assert panel.findChild(QLineEdit) is None
    panel.show()
    qtbot.waitUntil(lambda: panel.findChild(QLineEdit) is not None, timeout=LONG)


def test_a_dropped_picture_is_recognised(
    ask: Callable[[Path], Predict], qtbot: QtBot, digits: Run, picture: Path
) -> None:
    panel = ask(digits[0])
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture))])
    place, left, none = QPointF(200, 150), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(place, Qt.DropAction.CopyAction, data, left, none))
    qtbot.waitUntil(lambda: panel.findChild(Bars) is not None, timeout=LONG)
    (expected,) = Predictor(digits[0]).predict([picture])
    (answer,) = expected.answers.values()
    assert answer.label == "0"
    assert panel.findChild(Bars).accessibleName().startswith(f"0 {100 * answer.shares[0][1]:.1f} %")
    qtbot.waitUntil(lambda: "zero.png" in texts(panel))


def test_an_array_of_several_samples_gives_several_answers(
    ask: Callable[[Path], Predict], qtbot: QtBot, digits: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "some.npy", load_digits().images[:4, None].astype("float32"))
    panel = ask(digits[0])
    line = panel.findChild(QLineEdit)
    qtbot.keyClicks(line, str(tmp_path / "some.npy"))
    qtbot.mouseClick(button(panel), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.findChildren(Bars)) == 4, timeout=LONG)


def test_a_row_of_numbers_gives_a_number_and_mistakes_are_told(
    ask: Callable[[Path], Predict], qtbot: QtBot, diabetes: Run
) -> None:
    panel = ask(diabetes[0])
    line = panel.findChild(QLineEdit)
    assert "age, sex, bmi" in line.placeholderText()
    assert not button(panel).isEnabled()
    qtbot.keyClicks(line, ROW)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    (expected,) = Predictor(diabetes[0]).predict([ROW])
    qtbot.waitUntil(lambda: str(next(iter(expected.answers.values()))) in texts(panel), timeout=LONG)
    line.clear()
    qtbot.keyClicks(line, "1, 2, three")
    qtbot.mouseClick(button(panel), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "takes 10 values, got 3" in panel.message, timeout=LONG)
    line.clear()
    qtbot.keyClicks(line, ROW)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not panel.message, timeout=LONG)


def test_bad_rows_of_a_file_are_listed_and_all_answers_saved(
    ask: Callable[[Path], Predict], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rooms.csv").write_text(
        "\n".join(["age,size,y", *(f"{at},{at % 7},{at / 9}" for at in range(40))])
    )
    data = Data(Setting("CSV", {"path": "rooms.csv"}))
    run = trained(regressor("features", "y"), data, tmp_path, 1)
    (tmp_path / "new.csv").write_text("age,size\n1,2\nold,3\n4,5\n1,2,3\n")
    panel = ask(run)
    line, save = panel.findChild(QLineEdit), find(panel, QPushButton, "Save answers…")
    assert not save.isEnabled()
    qtbot.keyClicks(line, str(tmp_path / "new.csv"))
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "2 of 4 have no answer." in texts(panel), timeout=LONG)
    assert save.isEnabled()
    told = texts(panel)
    assert "new.csv, row 3, column age: 'old' is no number" in told
    assert "new.csv, row 5, column 3: expected 2 values, got 3." in told
    target = tmp_path / "answers.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    rows = list(csv.DictReader(target.read_text().splitlines()))
    answers = [name for name in rows[0] if name not in ("input", "no answer because")]
    assert [bool(one[answers[0]]) for one in rows] == [True, False, True, False]
    assert "'old' is no number" in rows[1]["no answer because"]


def test_each_input_of_a_network_has_its_line(
    ask: Callable[[Path], Predict], qtbot: QtBot, two_losses: Run, tmp_path: Path
) -> None:
    panel = ask(two_losses[0])
    lines = panel.findChildren(QLineEdit)
    names = list(Predictor(two_losses[0]).inputs)
    assert [line.accessibleName() for line in lines] == names
    np.save(tmp_path / "half.npy", load_digits().images[0][None, :4].astype("float32"))
    qtbot.keyClicks(lines[0], str(tmp_path / "half.npy"))
    assert not button(panel).isEnabled()
    qtbot.keyClicks(lines[1], str(tmp_path / "half.npy"))
    qtbot.mouseClick(button(panel), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.findChild(Bars) is not None, timeout=LONG)


def test_a_file_is_chosen(ask: Callable[[Path], Predict], qtbot: QtBot, digits: Run, picture: Path) -> None:
    panel = ask(digits[0])
    choose = next(one for one in panel.findChildren(QPushButton) if one.text() == "Choose…")
    qtbot.mouseClick(choose, Qt.MouseButton.LeftButton)
    dialog = panel.findChild(QFileDialog)
    dialog.filesSelected.emit([str(picture)])
    dialog.close()
    qtbot.waitUntil(lambda: panel.findChild(Bars) is not None, timeout=LONG)


def test_a_run_that_cannot_be_loaded_says_why(qtbot: QtBot, digits: Run, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(digits[0], tmp_path / "broken"))
    shutil.rmtree(broken / "checkpoints")
    panel = Predict()
    qtbot.addWidget(panel)
    panel.show()
    panel.set_run(broken)
    qtbot.waitUntil(lambda: "Loading" not in texts(panel), timeout=LONG)
    assert "checkpoint" in texts(panel)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_it_looks_like_the_window(
    ask: Callable[[Path], Predict],
    qtbot: QtBot,
    digits: Run,
    picture: Path,
    dressed: Callable[[Tokens], None],
    pictures: Path | None,
    tokens: Tokens,
) -> None:
    dressed(tokens)
    panel = ask(digits[0])
    panel.set_tokens(tokens)
    panel.take_files([picture])
    qtbot.waitUntil(lambda: panel.findChild(Bars) is not None, timeout=LONG)
    QApplication.processEvents()
    image = panel.grab().toImage()
    assert image.pixelColor(2, 2).name() == tokens.panel
    if pictures:
        image.save(str(pictures / f"predict_{tokens.scheme}.png"))
