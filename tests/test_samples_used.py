"""What the notes of samples promise, from the command line: trained, measured, asked, and exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from studio.cli import main
from studio.places import shipped
from studio.train.checkpoint import load_network

LETTERS = "\n abcdefghijklmnopqrstuvwxyz.,;:!?'-"
"""What a number of the char_transformer stands for."""
PROMISES: dict[str, dict[str, float]] = {
    "unet_digits": {"iou": 0.8},
    "lstm_sunspots": {"r2": 0.8},
    "text_language": {"accuracy": 0.80},
    "char_transformer": {"accuracy": 0.39},
    "autoencoder_digits": {"rmse": 0.13},
    "table_and_picture": {"digit_loss.accuracy": 0.95, "slant_loss.r2": 0.95},
    "recommender_ink": {"r2": 0.68},
    "keras_functional_mnist_mlp": {"accuracy": 0.95},
    "keras_toy_resnet": {"accuracy": 0.95},
    "keras_functional_ensemble": {"r2": 0.45},
}
Said = dict[str, Any]

pytestmark = pytest.mark.slow


def _array(name: str, field: str, row: int) -> np.ndarray:
    with np.load(shipped("samples") / "data" / f"{name}.npz") as stored:
        return stored[field][row]


def _sunspots(first: int, end: int) -> list[str]:
    lines = (shipped("samples") / "data" / "sunspots.csv").read_text("utf-8").splitlines()
    return [line.split(",")[1] for line in lines[first - 1699 : end - 1699]]


def _ids(text: str) -> str:
    return ", ".join(str(LETTERS.index(letter)) for letter in text)


def _saved(folder: Path, array: np.ndarray) -> Path:
    np.save(folder / "given.npy", array)
    return folder / "given.npy"


def _input(name: str, folder: Path) -> str:
    """Something a person would ask."""
    if name == "unet_digits":
        return str(_saved(folder, _array("digit_sheets", "sheet", 0)))
    if name == "lstm_sunspots":
        return ", ".join(_sunspots(1957, 1981))
    if name == "table_and_picture":
        given = {one: _array("digit_profiles", one, 3).tolist() for one in ("profile", "lower")}
        return json.dumps(given)
    if name == "keras_functional_ensemble":
        return "59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.86, 87"
    asked = {
        "text_language": _ids("das passwort ist zu kurz"),
        "char_transformer": _ids("my lord, what say you to th"),
        "recommender_ink": '{"picture": "3", "place": "20"}',
    }
    return asked.get(name) or str(_saved(folder, load_digits().images[3]))


def _check_answer(name: str, answers: dict[str, Said]) -> None:
    said = next(iter(answers.values()))
    numbers = np.array(said["numbers"]) if said["numbers"] is not None else np.zeros(0)
    if name == "unet_digits":
        truth = _array("digit_sheets", "digit", 0)
        assert numbers.shape == truth.shape
        assert (numbers == truth).mean() > 0.95
    elif name == "lstm_sunspots":
        assert abs(float(numbers[0]) - float(_sunspots(1981, 1982)[0])) < 60
    elif name == "char_transformer":
        assert LETTERS[int(numbers[-1])] == "e"
    elif name == "recommender_ink":
        assert 4 < float(numbers[0]) < 17
    elif name == "keras_functional_ensemble":
        assert 100 < float(numbers[0]) < 300
    elif name == "autoencoder_digits":
        assert np.sqrt(((numbers - load_digits().images[3] / 16) ** 2).mean()) < 0.2
    elif name == "text_language":
        assert said["label"] == "German"
    else:
        assert said["label"] == "3"


def _asked(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    capsys.readouterr()
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _check_source(run: Path, source: Path) -> None:
    """The exported network has the weights' names, and computes the same, bit for bit."""
    names: dict[str, Any] = {}
    exec(compile(source.read_text("utf-8"), source.name, "exec"), names)
    *_, written = (one for one in names.values() if isinstance(one, type) and issubclass(one, nn.Module))
    network, plan = load_network(run)
    twin = written()
    twin.load_state_dict(network.state_dict())
    twin.eval()
    inputs = [
        torch.ones(2, *(size if isinstance(size, int) else 9 for size in step.type.shape[1:])).to(
            getattr(torch, step.type.dtype)
        )
        for step in plan.model_inputs
    ]
    with torch.inference_mode():
        ours, theirs = network(*inputs), twin(*inputs)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize("name", PROMISES)
def test_a_sample_keeps_its_promise(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    sample, source = tmp_path / f"{name}.loom", tmp_path / f"{name}.py"
    assert main(["samples", name, str(tmp_path)]) == 0
    assert main(["train", str(sample), "--runs", str(tmp_path / "runs")]) == 0
    run = tmp_path / "runs" / f"{name}-001"
    reached = _asked(capsys, "evaluate", run)["metrics"]
    for metric, figure in PROMISES[name].items():
        assert reached[metric] <= figure if metric == "rmse" else reached[metric] >= figure
    (one,) = _asked(capsys, "predict", run, _input(name, tmp_path))
    _check_answer(name, one["answers"])
    assert main(["export", str(run), "--to", "pytorch", "-o", str(source)]) == 0
    _check_source(run, source)
