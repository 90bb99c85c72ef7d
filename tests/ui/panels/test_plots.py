"""Figures of the data: what they hold, that they are drawn, and told as text too."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QListWidget
from pytestqt.qtbot import QtBot

from studio.data.browsing.figures import Bars, Figure, Heat, Pictures, Points, Ranks, offers
from studio.data.browsing.opened import open_data
from studio.data.browsing.relations import correlation_ratio, cramer, ranks
from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.samples.figure_view import FigureView
from studio.ui.samples.plots_panel import PlotsPanel
from studio.ui.theme import DARK, LIGHT
from tests.data.test_checks import pictures, wine, write

LONG = 60_000
DIGITS = Data(Setting("ScikitLearn"))
IRIS = Data(Setting("ScikitLearn", {"dataset": "iris"}))


@pytest.fixture
def panel(qtbot: QtBot):
    made = PlotsPanel()
    qtbot.addWidget(made)
    made.resize(1000, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for background in made.findChildren(Background):
        background.close()


def figure(data: Data, folder: Path, name: str) -> Figure:
    opened = open_data(data, folder)
    return next(one for one in offers(opened) if one.name == name).make(opened)


def tones(folder: Path) -> Data:
    """Two seconds of 1000 Hz, as a real WAV file, in each of two classes."""
    for name in ("low", "high"):
        (folder / "tones" / name).mkdir(parents=True)
        samples = 12_000 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 8000)
        with wave.open(str(folder / "tones" / name / "one.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(samples.astype("<i2").tobytes())
    return Data(Setting("AudioFolder", {"folder": "tones"}))


# ---- what they hold


def test_classes_by_part(tmp_path: Path) -> None:
    found = figure(IRIS, tmp_path, "label: classes")
    assert isinstance(found, Bars)
    assert found.names == ("setosa", "versicolor", "virginica")
    assert list(found.series) == ["train", "validation", "test"]
    assert [sum(one) for one in zip(*found.series.values(), strict=True)] == [50.0, 50.0, 50.0]


def test_a_histogram_holds_every_number(tmp_path: Path) -> None:
    found = figure(IRIS, tmp_path, "petal length (cm): histogram")
    assert isinstance(found, Bars)
    assert sum(sum(one) for one in found.series.values()) == 150
    assert (found.edges[0], found.edges[-1]) == (1.0, 6.9)


def test_missing_numbers_are_told(tmp_path: Path) -> None:
    head, rows = wine()
    rows[4][0] = rows[9][0] = ""
    found = figure(write(tmp_path, head, rows), tmp_path, "alcohol: histogram")
    assert isinstance(found, Bars)
    assert found.note == "2 missing"
    assert sum(sum(one) for one in found.series.values()) == 176


def test_what_goes_with_the_target(tmp_path: Path) -> None:
    found = figure(IRIS, tmp_path, "What goes with label")
    assert isinstance(found, Ranks)
    assert found.names[:2] == ("petal length (cm)", "petal width (cm)")
    assert found.values[0] == pytest.approx(0.970, abs=0.001)
    assert set(found.measures) == {"correlation ratio η"}
    diabetes = figure(
        Data(Setting("ScikitLearn", {"dataset": "diabetes"})), tmp_path, "What goes with target"
    )
    assert isinstance(diabetes, Ranks)
    bmi = diabetes.names.index("bmi")
    assert diabetes.measures[bmi] == "Pearson's r"
    assert diabetes.values[bmi] == pytest.approx(0.586, abs=0.001)


def test_measures_agree_with_scipy() -> None:
    from scipy import stats

    random = np.random.default_rng(3)
    one = random.integers(0, 4, 400)
    other = (one + random.integers(0, 2, 400)) % 4
    table = np.zeros((4, 4))
    np.add.at(table, (one, other), 1)
    phi = stats.chi2_contingency(table, correction=False)[0] / 400
    unbiased = phi - 9 / 399
    assert cramer(one, other) == pytest.approx(np.sqrt(unbiased / (4 - 9 / 399 - 1)), abs=1e-9)
    values = one + random.normal(size=400)
    spread = stats.f_oneway(*(values[one == at] for at in range(4))).statistic
    eta = np.sqrt(spread * 3 / (spread * 3 + 396))
    assert correlation_ratio(values, one) == pytest.approx(eta, abs=1e-9)
    assert (ranks(np.array([3.0, 1.0, 3.0])) == stats.rankdata([3, 1, 3]) - 1).all()


def test_the_mean_picture_of_all_and_of_each_class(tmp_path: Path) -> None:
    found = figure(DIGITS, tmp_path, "image: mean")
    assert isinstance(found, Pictures)
    assert found.names == ("all", *map(str, range(10)))
    from sklearn.datasets import load_digits

    loaded = load_digits()
    zero = loaded.images[loaded.target == 0].mean(axis=0) * 255 / 16
    assert np.abs(found.pixels[1][:, :, 0] - zero).max() <= 1


def test_sizes_of_pictures(tmp_path: Path) -> None:
    found = figure(pictures(tmp_path), tmp_path, "image: sizes")
    assert isinstance(found, Points)
    assert (found.x, found.y, found.counts) == ((64.0,), (64.0,), (24,))


def test_a_spectrogram_is_loudest_at_the_tone(tmp_path: Path) -> None:
    found = figure(tones(tmp_path), tmp_path, "sound: spectrogram")
    assert isinstance(found, Heat)
    loudest = found.values.mean(axis=1).argmax() / (len(found.values) - 1) * found.hertz
    assert loudest == pytest.approx(1000, abs=20)
    assert found.seconds == pytest.approx(2.0)


def test_lengths_of_texts(tmp_path: Path) -> None:
    lines = [f'"{"word " * (1 + at % 7)}number {at} of many different ones",{at % 2}' for at in range(70)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,kind", *lines]))
    found = figure(Data(Setting("CSV", {"path": "texts.csv"})), tmp_path, "text: lengths")
    assert isinstance(found, Bars)
    counts = np.sum(list(found.series.values()), axis=0)
    assert counts.tolist() == [10.0] * 7


# ---- how they are drawn


def shot(view: FigureView) -> QImage:
    return view.grab().toImage()


def holds(image: QImage, colour: str) -> int:
    """How many points of a picture are of a colour."""
    wanted = QColor(colour).rgb()
    return sum(
        image.pixel(x, y) == wanted for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)
    )


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_bars_are_drawn_in_the_colours_of_the_parts(tokens, tmp_path: Path, qtbot: QtBot) -> None:
    view = FigureView(figure(IRIS, tmp_path, "label: classes"), tokens)
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    qtbot.waitExposed(view)
    image = shot(view)
    assert holds(image, tokens.accent) > 4 * holds(image, tokens.warn) > 0
    assert holds(image, tokens.ok) > 0


def test_values_are_told_as_text(tmp_path: Path, qtbot: QtBot) -> None:
    view = FigureView(figure(IRIS, tmp_path, "label: classes"))
    qtbot.addWidget(view)
    assert view.toolTip().splitlines()[0].startswith("setosa: 50 (training 3")
    assert "virginica: 50" in view.accessibleDescription()
    ranked = FigureView(figure(IRIS, tmp_path, "What goes with label"))
    qtbot.addWidget(ranked)
    assert ranked.toolTip().startswith("petal length (cm): 0.97 (correlation ratio η)")


def test_a_figure_is_chosen_from_the_list(panel: PlotsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(panel.drawn, timeout=LONG) as drawn:
        panel.show_data(DIGITS, tmp_path)
    assert drawn.args == ["label: classes"]
    names = panel.findChild(QListWidget)
    with qtbot.waitSignal(panel.drawn, timeout=LONG) as drawn:
        qtbot.keyClick(names, Qt.Key.Key_Down)
    assert drawn.args == ["image: mean"]
    titles = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "Mean of image" in titles


def test_nothing_is_read_while_nobody_looks(qtbot: QtBot, tmp_path: Path) -> None:
    hidden = PlotsPanel()
    qtbot.addWidget(hidden)
    hidden.show_data(IRIS, tmp_path)
    qtbot.wait(100)
    assert hidden.findChild(QListWidget).count() == 0
    with qtbot.waitSignal(hidden.drawn, timeout=LONG):
        hidden.show()
    for background in hidden.findChildren(Background):
        background.close()


def test_without_data_it_says_what_will_be_there(panel: PlotsPanel) -> None:
    assert any(label.text() == "No data yet" for label in panel.findChildren(QLabel))


def test_a_missing_file_is_told(panel: PlotsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    panel.show_data(Data(Setting("CSV", {"path": "nowhere.csv"})), tmp_path)
    qtbot.waitUntil(
        lambda: any("nowhere.csv" in label.text() for label in panel.findChildren(QLabel)), timeout=LONG
    )


def test_pictures(panel: PlotsPanel, qtbot: QtBot, tmp_path: Path, photograph) -> None:
    for data, row in ((DIGITS, 0), (DIGITS, 1), (IRIS, 1), (tones(tmp_path), 1)):
        panel.show_data(data, tmp_path)
        qtbot.waitSignal(panel.drawn, timeout=LONG).wait()
        names = panel.findChild(QListWidget)
        if names.currentRow() != row:
            with qtbot.waitSignal(panel.drawn, timeout=LONG):
                names.setCurrentRow(row)
        photograph(panel, f"plots_{names.currentItem().text().replace(': ', '_').replace(' ', '_')}")


# ---- what is drawn of pictures of several sizes, of masks and of dates


def test_the_mean_of_pictures_of_several_sizes_is_of_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for at, (width, height) in enumerate(((8, 8), (16, 12), (24, 16))):
        grey = np.zeros((height, width), np.uint8)
        lit = (np.s_[:, : width // 2], np.s_[:, width // 2 :], np.s_[height // 2 :])[at]
        grey[lit] = 255
        Image.fromarray(grey).save(tmp_path / "pictures" / f"{at}.png")
    found = figure(Data(Setting("ImageFolder", {"folder": "pictures"})), tmp_path, "image: mean")
    assert isinstance(found, Pictures)
    assert found.note == "brought to 16 × 12"
    mean = found.pixels[0][..., 0].astype(int)
    assert mean.shape == (12, 16)
    assert np.ptp(mean[1, [1, 14]]) <= 1  # left of the first, right of the second
    assert (mean[10] > mean[1] + 100).all()  # below of the third


def test_how_many_points_of_masks_each_class_has(tmp_path: Path) -> None:
    for folder in ("images", "masks"):
        (tmp_path / "shapes" / folder).mkdir(parents=True)
    for at in range(4):
        Image.new("RGB", (10, 10)).save(tmp_path / "shapes" / "images" / f"{at}.png")
        mask = np.zeros((10, 10), np.uint8)
        mask[:2], mask[9] = 1, 255
        Image.fromarray(mask).save(tmp_path / "shapes" / "masks" / f"{at}.png")
    params = {"folder": "shapes/images", "masks": "shapes/masks"}
    found = figure(Data(Setting("ImageMasks", params)), tmp_path, "mask: classes")
    assert isinstance(found, Bars)
    totals = [sum(one) for one in zip(*found.series.values(), strict=True)]
    assert dict(zip(found.names, totals, strict=True)) == {"0": 280.0, "1": 80.0}


def test_a_histogram_of_dates_is_told_in_dates(qtbot: QtBot, tmp_path: Path) -> None:
    rows = "".join(f"2024-{at % 12 + 1:02}-15,{at % 3}\n" for at in range(48))
    (tmp_path / "days.csv").write_text("day,pays\n" + rows)
    found = figure(Data(Setting("CSV", {"path": "days.csv"})), tmp_path, "day: histogram")
    assert isinstance(found, Bars)
    assert found.dates
    assert found.names[0].startswith("2024-01-15")
    view = FigureView(found, LIGHT)
    qtbot.addWidget(view)
    ticks = view._body.getPlotItem().getAxis("bottom")._tickLevels[0]
    assert all(word.startswith("2024-") for _, word in ticks)
    assert 2 <= len(ticks) <= 8
