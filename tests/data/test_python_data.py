"""A user's function that gives data: trust, what it may give, its faults; from text to a trained model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from samples.make_arrays import CODE
from studio.analysis.evaluate import evaluate
from studio.catalog.data_python import TEMPLATE
from studio.catalog.trust import trust
from studio.cli import main
from studio.data.describe import describe
from studio.data.pipeline import Ready, read_data
from studio.data.raw import DataError
from studio.project.graph import Node
from studio.project.params import Value
from studio.project.project import Data, Project, Setting, Training
from studio.project.storage import save
from tests.train.drawings import chain, train


def data(code: str, **params: Value) -> Data:
    return Data(Setting("PythonData", {"code": code, **params}))


def read(code: str, folder: Path, **params: Value) -> Ready:
    trust().add(code, keep=False)
    return read_data(data(code, **params), folder)


def refused(code: str, folder: Path, **params: Value) -> DataError:
    with pytest.raises(DataError) as caught:
        read(code, folder, **params)
    return caught.value


def test_nothing_runs_before_it_is_trusted(tmp_path: Path) -> None:
    mark = str(tmp_path / "ran")
    code = f"from pathlib import Path\nPath({mark!r}).touch()\ndef data(): return {{'x': [1.0]}}"
    told = describe(data(code), tmp_path)
    assert [one.message for one in told.problems] == [
        "The Python that gives the data has not been trusted, and so is not run."
    ]
    assert told.problems[0].field == "data.code"
    assert not (tmp_path / "ran").exists()
    trust().add(code, keep=False)
    assert not describe(data(code.replace("[1.0]", "[2.0]")), tmp_path).fields
    assert not (tmp_path / "ran").exists()
    assert list(describe(data(code), tmp_path).fields) == ["x"]
    assert (tmp_path / "ran").exists()


def test_arrays_by_name_are_fields(tmp_path: Path) -> None:
    ready = read(TEMPLATE, tmp_path)
    assert ready.raw.fields["x"].shape == (2,)
    assert ready.raw.fields["label"].classes == ("0", "1")
    assert ready.raw.samples == 200


GIVEN: Mapping[str, tuple[str, Mapping[str, tuple[tuple[int, ...], str]]]] = {
    "pairs": ("[([1.0, 2.0], 0), ([3.0, 4.0], 1)]", {"x": ((2,), "input"), "y": ((), "target")}),
    "mappings": (
        "[{'size': 1.5, 'label': 'a'}, {'size': 2.5, 'label': 'b'}]",
        {"size": ((1,), "input"), "label": ((), "target")},
    ),
    "rows": ("[[1.0, 2.0], [3.0, 4.0]]", {"x": ((2,), "input")}),
    "an iterator": ("(float(n) for n in range(5))", {"x": ((1,), "input")}),
    "a frame": (
        "__import__('pandas').DataFrame({'a': [1.0, 2.0], 'label': ['x', 'y']})",
        {"a": ((1,), "input"), "label": ((), "target")},
    ),
    "pictures": (
        "[(__import__('PIL.Image').Image.new('RGB', (5, 4)), n % 2) for n in range(4)]",
        {"x": ((3, 4, 5), "input"), "y": ((), "target")},
    ),
    "tensors": (
        "__import__('torch.utils.data').utils.data.TensorDataset("
        "*(__import__('torch').zeros(4, *s) for s in ((3,), (2,), (1,))))",
        {"x": ((3,), "input"), "x2": ((2,), "input"), "y": ((1,), "target")},
    ),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_what_a_function_may_give(tmp_path: Path, kind: str) -> None:
    code, expected = GIVEN[kind]
    ready = read(f"def data(): return {code}", tmp_path)
    assert {name: (f.shape, f.role) for name, f in ready.raw.fields.items()} == dict(expected)


def test_texts_are_a_column_like_any_other(tmp_path: Path) -> None:
    code = "def data(): return [{'text': f'a small text {n} of words', 'label': n % 2} for n in range(30)]"
    ready = read(code, tmp_path)
    assert ready.findings["text"].kind == "text"
    assert ready.raw.fields["text"].dtype == "int64"


FAULTS: Mapping[str, tuple[str, str]] = {
    "raises": ("def data():\n    x = 1\n    raise ValueError('no')", "the function, line 3: ValueError: no."),
    "deeper": (
        "import json\ndef inner():\n    json.loads('{')\ndef data():\n    inner()",
        "the function, line 3: JSONDecodeError: Expecting property name",
    ),
    "syntax": ("def data(:\n    pass", "the function, line 1: Python does not understand this line"),
    "exits": (
        "import sys\ndef data():\n    sys.exit()",
        "the function, line 3: it asks the program to exit.",
    ),
    "dies": ("import os\ndef data():\n    os._exit(3)", "the function: its process ended with code 3."),
    "none": ("x = 1", "the function: there is no function; write one that returns a data set"),
    "asks": (
        "def data(path):\n    return path",
        "the function, line 1: the function data asks for arguments",
    ),
    "number": ("def data(): return 5", "the function: the function gave a int, expected a torch Dataset"),
    "nothing": ("def data(): pass", "the function: the function gave nothing, expected"),
    "empty": ("def data(): return []", "the function: the data set is empty."),
    "uneven": ("def data(): return {'a': [1], 'b': [1, 2]}", "the fields differ in length: a 1, b 2."),
    "sizes": ("def data(): return {'a': [[1], [1, 2]]}", "the samples of a differ in size (1, 2)"),
    "objects": ("def data(): return {'a': [object()]}", "the samples of a are object, expected numbers"),
    "lacking": ("def data(): return [{'a': 1}, {'b': 1}]", "sample 1 has not the fields that sample 0 has."),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_told_on_their_line(tmp_path: Path, fault: str) -> None:
    code, message = FAULTS[fault]
    error = refused(code, tmp_path)
    assert message in error.message
    assert error.param == "code"


def test_a_function_is_ended_in_time(tmp_path: Path) -> None:
    began = time.monotonic()
    error = refused("def data():\n    while True: pass", tmp_path, seconds=1)
    assert error.message == "the function: it took longer than 1 seconds and was ended."
    assert error.param == "seconds"
    assert time.monotonic() - began < 20


def test_what_it_prints_does_no_harm(tmp_path: Path) -> None:
    code = "print('hello')\ndef data():\n    print('{}' * 100000)\n    return {'x': [1.0, 2.0]}"
    assert read(code, tmp_path).raw.samples == 2


def test_a_text_in_a_file_which_function_and_which_target(tmp_path: Path) -> None:
    code = "def other(): return {'a': [1.0, 2.0], 'b': [0, 1]}\ndef data(): return {'x': [1.0]}\n"
    (tmp_path / "own.py").write_text(code)
    told = data("", path="own.py", function="other", target="b")
    trust().add(code, keep=False)
    ready = read_data(told, tmp_path)
    assert ready.raw.fields["b"].role == "target"
    with pytest.raises(DataError, match="there is no function third"):
        read_data(data("", path="own.py", function="third"), tmp_path)
    (tmp_path / "own.py").write_text(code.replace("2.0", "3.0"))
    with pytest.raises(DataError, match="has not been trusted") as caught:
        read_data(told, tmp_path)
    assert caught.value.param == "path"


def test_the_command_line_asks_for_trust(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "def data(): return {'x': [1.0, 2.0, 4.0]}  # asked for"
    project = Project("own", data=data(code))
    save(project, tmp_path / "own.loom")
    assert main(["trust", str(tmp_path / "own.loom"), "--yes"]) == 0
    assert "# asked for" in capsys.readouterr().out
    assert read_data(project.data, tmp_path).raw.samples == 3
    assert main(["trust", str(tmp_path / "own.loom"), "--yes"]) == 0
    assert "Nothing in it waits for trust." in capsys.readouterr().out


def test_from_a_dataset_to_a_trained_model(tmp_path: Path) -> None:
    (tmp_path / "digits.py").write_text(CODE)
    trust().add(CODE, keep=False)
    graph = chain(
        Node("image", "Input", {"field": "x"}),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": "= y.classes"}),
        Node("loss", "CrossEntropy", {"target": "y"}),
    )
    source = data("", path=str(tmp_path / "digits.py"))
    training = Training(Setting("Adam", {"lr": 0.01}), options={"epochs": 5, "batch_size": 64})
    done = train(Project("digits", graph, source, training), tmp_path / "runs")
    assert done.result.failed is None
    assert evaluate(done.result.run_dir, "test").metrics["accuracy"] > 0.85
    assert np.isfinite(done.losses).all()
