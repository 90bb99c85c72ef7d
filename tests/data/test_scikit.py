"""scikit-learn's bundled sets as fields."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from studio.data.describe import Description, describe
from studio.data.sources import scikit
from studio.project.project import Data, Setting


def told(name: str) -> Description:
    found = describe(Data(Setting("ScikitLearn", {"dataset": name})), Path())
    assert found.problems == ()
    assert sum(found.parts.values()) == found.samples
    return found


def test_digits_are_pictures() -> None:
    digits = told("digits")
    image = digits.fields["image"]
    assert (image.shape, image.dtype, image.low, image.high, image.picture) == (
        (1, 8, 8),
        "float32",
        0,
        16,
        True,
    )
    assert digits.fields["label"].classes == tuple("0123456789")
    assert digits.samples == sum(digits.counts["label"]) == 1797


@pytest.mark.parametrize("file_is_there", [True, False])
def test_digits_are_those_of_scikit_learn(file_is_there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not file_is_there:
        monkeypatch.setattr(scikit, "find_spec", lambda name: None)
    found, expected = scikit.read({"dataset": "digits"}, Path()).arrays, load_digits()
    assert np.array_equal(found["image"][:, 0], expected.images)
    assert np.array_equal(found["label"], expected.target)
    assert (found["image"].dtype, found["label"].dtype) == (np.float32, np.int64)


def test_digits_come_without_the_import_of_scikit_learn() -> None:
    program = (
        "import sys; from pathlib import Path; from studio.data.sources.scikit import read\n"
        "read({'dataset': 'digits'}, Path()); print('sklearn' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False"]


@pytest.mark.parametrize(
    ("name", "features", "classes"), [("iris", 4, 3), ("wine", 13, 3), ("breast_cancer", 30, 2)]
)
def test_tables_with_classes(name: str, features: int, classes: int) -> None:
    table = told(name)
    assert table.fields["features"].shape == (features,)
    assert len(table.columns["features"]) == features
    label = table.fields["label"]
    assert (label.shape, label.dtype, label.role, len(label.classes or ())) == (
        (),
        "int64",
        "target",
        classes,
    )


def test_diabetes_is_in_its_original_units() -> None:
    fields = told("diabetes").fields
    assert (fields["features"].shape, fields["target"].shape) == ((10,), (1,))
    assert (fields["target"].low, fields["target"].high) == (25, 346)
    assert fields["features"].high == 301  # cholesterol, which the scaled form hides


def test_wrong_settings_are_problems_at_their_fields() -> None:
    wrong = describe(Data(Setting("ScikitLearn", {"dataset": "mars"})), Path())
    assert [problem.field for problem in wrong.problems] == ["data.dataset"]
    assert describe(Data(Setting("Zip")), Path()).problems[0].field == "data.source"
    assert describe(Data(), Path()) == Description()
