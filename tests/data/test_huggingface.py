"""Data sets of Hugging Face: features as columns, parts, nothing downloaded unasked; to a trained model."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
import soundfile
from PIL import Image

from samples import make_arrays
from studio.analysis.evaluate import evaluate
from studio.data.pipeline import Ready, read_data
from studio.data.raw import DataError
from studio.data.sources import hugging_face
from studio.project.graph import Node
from studio.project.params import Value
from studio.project.project import Data, FieldSetting, Project, Setting, Training
from tests.train.drawings import chain, train

COUNT = 24


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))
    datasets.disable_progress_bars()


def a_set(count: int = COUNT) -> Any:
    """One feature of each kind."""
    content = {
        "text": [f"word{at % 5} is {at}" for at in range(count)],
        "label": [at % 2 for at in range(count)],
        "image": [Image.new("RGB", (4, 3), (at, 0, 0)) for at in range(count)],
        "tokens": [[1, 2, 3][: at % 3 + 1] for at in range(count)],
        "size": [None if at == 3 else float(at) for at in range(count)],
        "grid": [[[1.0, 2.0], [3.0, 4.0]]] * count,
        "said": [{"en": f"hello {at}", "fr": f"bonjour {at}"} for at in range(count)],
    }
    features = {
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["no", "yes"]),
        "image": datasets.Image(),
        "tokens": datasets.List(datasets.Value("int64")),
        "size": datasets.Value("float32"),
        "grid": datasets.Array2D((2, 2), "float32"),
        "said": {"en": datasets.Value("string"), "fr": datasets.Value("string")},
    }
    return datasets.Dataset.from_dict(content, features=datasets.Features(features))


def with_sounds(count: int = COUNT) -> Any:
    """The library itself makes sounds only with a package for it."""
    file = io.BytesIO()
    soundfile.write(file, np.full(800, 0.1), 8000, format="WAV")
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    table = pa.table(
        {
            "sound": pa.array([{"bytes": file.getvalue(), "path": None}] * count, kind),
            "label": pa.array([at % 2 for at in range(count)]),
        }
    )
    features = datasets.Features({"sound": datasets.Audio(decode=False), "label": datasets.Value("int64")})
    return datasets.Dataset(table, info=datasets.DatasetInfo(features=features))


def read(folder: Path, **params: Value) -> Ready:
    fields = {"size": FieldSetting(missing="mean")} if params.pop("mean", True) else {}
    return read_data(Data(Setting("HuggingFace", {"path": "set", **params}), fields=fields), folder)


def refused(folder: Path, **params: Value) -> DataError:
    with pytest.raises(DataError) as caught:
        read(folder, mean=False, **params)
    return caught.value


def test_features_are_columns_of_their_kinds(tmp_path: Path) -> None:
    datasets.DatasetDict({"train": a_set(), "test": a_set(6), "more": a_set(3)}).save_to_disk(
        tmp_path / "set"
    )
    ready = read(tmp_path)
    kinds = {name: finding.kind for name, finding in ready.findings.items()}
    assert kinds == {
        "text": "text",
        "label": "category",
        "image": "image",
        "tokens": "tokens",
        "size": "number",
        "grid": "number",
        "said_en": "text",
        "said_fr": "text",
    }
    fields = ready.raw.fields
    assert fields["label"].classes == ("no", "yes")
    assert fields["label"].role == "target"
    assert (fields["image"].shape, fields["image"].picture) == ((3, 3, 4), True)
    assert (fields["tokens"].shape, fields["tokens"].dtype) == ((3,), "int64")
    assert fields["grid"].shape == (2, 2)
    assert ready.raw.arrays["image"][5][0].tolist() == [[5] * 4] * 3
    assert ready.raw.arrays["tokens"][1].tolist() == [1, 2, 0]
    assert ready.raw.arrays["size"][3, 0] == pytest.approx(np.nanmean([*range(3), *range(4, 24)]), rel=0.5)
    assert ready.rows["test"].tolist() == list(range(COUNT, COUNT + 6))
    assert [one.message for one in ready.raw.warnings] == [
        "The parts more of the data set are left out; used: train, test."
    ]


def test_sounds_are_heard_without_further_packages(tmp_path: Path) -> None:
    with_sounds().save_to_disk(tmp_path / "set")
    ready = read(tmp_path, mean=False)
    assert ready.findings["sound"].kind == "audio"
    assert ready.raw.arrays["sound"][0].shape[0] == 1
    assert ready.raw.fields["label"].role == "target"


def test_labels_that_are_not_known_are_missing(tmp_path: Path) -> None:
    plain = a_set().select_columns(["text", "label"])
    unknown = plain.map(lambda one, at: {"label": -1 if at == 5 else one["label"]}, with_indices=True)
    unknown.save_to_disk(tmp_path / "set")
    assert "label, sample 5: the value is missing" in refused(tmp_path, target="label").message


def test_what_cannot_be_had_is_told(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    assert "set cannot be read as a saved data set" in refused(tmp_path).message
    (tmp_path / "file").write_text("x")
    assert refused(tmp_path, path="file").message.endswith("file is a file, not a folder.")
    assert refused(tmp_path, path=" ").message == "No data set is chosen."
    a_set().save_to_disk(tmp_path / "other")
    error = refused(tmp_path, path="other", target="gone")
    assert (error.message, error.param) == ("The data set has no column gone.", "target")


def test_nothing_is_asked_of_the_net_without_being_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    error = refused(tmp_path, path="someone/something")
    assert error.message == "There is no folder someone/something."
    assert "switch download on" in error.hint


def test_a_name_without_a_net_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(hugging_face.socket, "create_connection", unreachable)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    error = refused(tmp_path, path="someone/something", download=True)
    assert "someone/something is not on this computer, and Hugging Face cannot be reached" in error.message


def test_without_the_package_it_is_told_how_to_install_it(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['datasets'] = None\n"
        "from pathlib import Path\n"
        "from studio.data.describe import describe\n"
        "from studio.project.project import Data, Setting\n"
        f"told = describe(Data(Setting('HuggingFace', {{'path': {str(tmp_path)!r}}})), Path('.'))\n"
        "print(told.problems[0].message, told.problems[0].hint)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "need the package datasets, which is not installed" in told.stdout
    assert "pip install 'neuroloom[huggingface]'" in told.stdout


def test_from_a_saved_set_to_a_trained_model(tmp_path: Path) -> None:
    make_arrays.hugging_face(tmp_path / "set")
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": "= label.classes"}),
        Node("loss", "CrossEntropy"),
    )
    data = Data(Setting("HuggingFace", {"path": str(tmp_path / "set")}), {"workers": 0})
    training = Training(Setting("Adam", {"lr": 0.01}), options={"epochs": 5, "batch_size": 32})
    done = train(Project("digits", graph, data, training), tmp_path / "runs")
    assert done.result.failed is None, done.result.failed
    assert evaluate(done.result.run_dir, "test").metrics["accuracy"] > 0.8
