"""Every kind of data that the program reads: from small real files, as they are recognised and proposed, to a
first network that has learned them; its source code and its answers to new files.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from torch import nn

from samples import make_arrays, make_pictures, make_sounds, make_tables, make_texts
from studio.analysis.answers import Answer
from studio.analysis.evaluate import evaluate
from studio.analysis.predict import Predictor
from studio.catalog.trust import trust
from studio.cli import main
from studio.data.prepare import prepare
from studio.data.recognise import recognise
from studio.project.project import Data, Project
from studio.train.checkpoint import load_network
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event
from studio.train.job import Job
from studio.train.runs import create_run, data_folder, run_project
from studio.train.samples import Samples
from studio.ui.import_look import look

TONES, SHEETS, MESSAGES, LETTERS = 16, 300, 200, 32_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What is given, the source that it is recognised as, and what a metric of the test part must reach; a
    loss must fall to it.
    """

    given: str
    source: str
    metric: str
    reached: float


KINDS = (
    Kind("digits", "ImageFolder", "accuracy", 0.85),
    Kind("photos", "ImageFolder", "accuracy", 0.8),
    Kind("pictures.csv", "CSV", "accuracy", 0.8),
    Kind("tones.csv", "CSV", "accuracy", 0.7),
    Kind("sheets.csv", "CSV", "iou", 0.4),
    Kind("wine.csv", "CSV", "accuracy", 0.85),
    Kind("wine.tsv", "CSV", "accuracy", 0.85),
    Kind("wine_comma.csv", "CSV", "accuracy", 0.85),
    Kind("wine", "Parquet", "accuracy", 0.85),
    Kind("wine.arrow", "Arrow", "accuracy", 0.85),
    Kind("wine.jsonl", "JSONLines", "accuracy", 0.85),
    Kind("wine.xlsx", "Excel", "accuracy", 0.85),
    Kind("digits.npz", "Arrays", "accuracy", 0.9),
    Kind("digits.npy", "Arrays", "loss", 0.4),
    Kind("digits.safetensors", "SafeTensors", "accuracy", 0.9),
    Kind("digits_idx", "IDX", "accuracy", 0.8),
    Kind("digits.h5", "HDF5", "accuracy", 0.8),
    Kind("messages", "TextFolder", "accuracy", 0.45),
    Kind("lines", "TextLines", "accuracy", 0.45),
    Kind("messages.csv", "CSV", "accuracy", 0.45),
    Kind("plays.txt", "TextLines", "accuracy", 0.3),
    Kind("tones", "AudioFolder", "accuracy", 0.7),
    Kind("sunspots.csv", "TimeSeries", "r2", 0.6),
    Kind("sheets", "ImageMasks", "iou", 0.4),
    Kind("iris", "ScikitLearn", "accuracy", 0.7),
    Kind("diabetes", "ScikitLearn", "r2", 0.3),
    Kind("digits_set", "HuggingFace", "accuracy", 0.85),
    Kind("digits.py", "PythonData", "accuracy", 0.9),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small real file of every kind."""
    folder = tmp_path_factory.mktemp("own")
    make_tables.make(folder)
    make_texts.make(folder, MESSAGES)
    plays = (folder / "plays.txt").read_text("utf-8")
    (folder / "plays.txt").write_text(plays[:LETTERS], "utf-8")
    make_sounds.tones(folder, TONES)
    make_pictures.digits(folder, 900)
    make_pictures.photos(folder, 40)
    make_pictures.sheets(folder, SHEETS)
    make_arrays.make(folder)
    return folder


def trained(given: str, files: Path, folder: Path) -> tuple[str, Path, list[EpochEnded]]:
    """Recognise data, take what is proposed, and train the first network: the source, the run, its epochs."""
    path = files / given
    proposals = recognise(path if path.exists() else given, files).proposals
    found = look(Project(), Data(proposals[0].source), files)
    assert found.sound, found.description.problems
    assert found.network is not None
    made = create_run(found.network, files, folder / "runs")
    events: list[Event] = []
    result = run(Job(found.network, files, made), events.append, Control())
    assert result.failed is None, result.failed
    return proposals[0].source.type, made, [one for one in events if isinstance(one, EpochEnded)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.given)
def test_from_a_file_to_a_network_that_has_learned_it(kind: Kind, files: Path, tmp_path: Path) -> None:
    trust().add(make_arrays.CODE, keep=False)
    source, made, epochs = trained(kind.given, files, tmp_path)
    assert source == kind.source
    assert epochs[-1].train["loss"] < 0.9 * epochs[0].train["loss"]
    reached = evaluate(made, "test").metrics[kind.metric]
    assert reached <= kind.reached if kind.metric == "loss" else reached >= kind.reached


def _picture(folder: Path) -> Any:
    images, labels = make_arrays.digits()
    Image.fromarray(images[list(labels).index(3)]).resize((20, 20)).save(folder / "new.png")
    return folder / "new.png"


def _wines(folder: Path) -> Any:
    """Wines without their grapes."""
    make_tables.wine(folder)
    with (folder / "wine.csv").open(encoding="utf-8") as file:
        rows = [row[:-1] for row in csv.reader(file)]
    with (folder / "new.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows[:4])
    return folder / "new.csv"


def _sound(folder: Path) -> Any:
    pitch = np.linspace(310, 1190, 9000)
    wave = 0.5 * np.sin(2 * np.pi * np.cumsum(pitch) / make_sounds.RATE)
    noise = np.random.default_rng(3).normal(0, 0.02, len(wave))
    soundfile.write(folder / "new.flac", wave + noise, make_sounds.RATE)
    return folder / "new.flac"


def _text(folder: Path) -> Any:
    (folder / "new.txt").write_text("das passwort ist zu kurz", "utf-8")
    return folder / "new.txt"


def _years(folder: Path) -> Any:
    """The years up to 1957, in the middle of many spots."""
    make_tables.sunspots(folder)
    rows = (folder / "sunspots.csv").read_text().splitlines()
    (folder / "new.csv").write_text("\n".join(rows[:259]))
    return folder / "new.csv"


def _sheet(folder: Path) -> Any:
    make_pictures.sheets(folder, 1)
    return folder / "sheets" / "images" / "000.png"


def _says(*labels: str) -> Callable[[list[Answer], Path], None]:
    def check(answers: list[Answer], _: Path) -> None:
        assert tuple(one.label for one in answers) == labels

    return check


def _many_spots(answers: list[Answer], _: Path) -> None:
    (number,) = np.ravel(np.asarray(answers[0].numbers, float))
    assert number == pytest.approx(184.8, abs=50)  # 1958


def _digits_found(answers: list[Answer], folder: Path) -> None:
    truth = np.asarray(Image.open(folder / "sheets" / "masks" / "000.png"))
    assert (np.array(answers[0].numbers, int) == truth).mean() > 0.85


LEFT_WITH = {
    "digits": (_picture, _says("3")),
    "wine.csv": (_wines, _says("Barolo", "Barolo", "Barolo")),
    "tones": (_sound, _says("rising")),
    "messages": (_text, _says("German")),
    "sunspots.csv": (_years, _many_spots),
    "sheets": (_sheet, _digits_found),
}


@pytest.mark.parametrize("given", LEFT_WITH)
def test_what_one_leaves_with(given: str, files: Path, tmp_path: Path) -> None:
    """Source code that computes the same, and answers to a file that was not there before."""
    _, made, _ = trained(given, files, tmp_path)
    asked, check = LEFT_WITH[given]
    found = Predictor(made).predict([asked(tmp_path)])
    check([next(iter(one.answers.values())) for one in found], tmp_path)
    _check_source(made, tmp_path / "network.py")


def _check_source(made: Path, source: Path) -> None:
    """On samples of the test part."""
    assert main(["export", str(made), "--to", "pytorch", "-o", str(source)]) == 0
    names: dict[str, Any] = {}
    exec(compile(source.read_text("utf-8"), source.name, "exec"), names)
    *_, written = (one for one in names.values() if isinstance(one, type) and issubclass(one, nn.Module))
    network, plan = load_network(made)
    twin = written()
    twin.load_state_dict(network.state_dict())
    twin.eval()
    part = prepare(run_project(made).data, data_folder(made)).parts["test"]
    samples = Samples(part, [step.field for step in plan.model_inputs], torch.device("cpu"))
    batch = samples.between(0, 5)
    inputs = [batch[step.field] for step in plan.model_inputs]
    with torch.inference_mode():
        torch.testing.assert_close(network(*inputs), twin(*inputs), rtol=0, atol=0)
