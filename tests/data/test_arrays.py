"""NumPy files: what arrays become, and that nothing in them is ever run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.data.describe import describe
from studio.data.pipeline import read_source
from studio.data.prepare import prepare
from studio.data.raw import DataError, RawData
from studio.project.project import Data, Setting

RANDOM = np.random.default_rng(0)


def read(folder: Path, target: str = "", **arrays: Any) -> RawData:
    np.savez(folder / "data.npz", **arrays)
    return read_source(Setting("Arrays", {"path": "data.npz", "target": target}), folder)


def test_each_array_is_a_field(tmp_path: Path) -> None:
    raw = read(
        tmp_path,
        tokens=RANDOM.integers(0, 50, (6, 4)),
        weight=RANDOM.random(6),
        photo=RANDOM.integers(0, 255, (6, 5, 7, 3)).astype(np.uint8),
        label=np.array([0, 1, 2, 0, 1, 2]),
    )
    told = {name: (f.shape, f.dtype, f.role, f.picture, f.classes) for name, f in raw.fields.items()}
    assert told == {
        "tokens": ((4,), "int64", "input", False, None),
        "weight": ((1,), "float32", "input", False, None),
        "photo": ((3, 5, 7), "float32", "input", True, None),
        "label": ((), "int64", "target", False, ("0", "1", "2")),
    }
    assert raw.fields["tokens"].high == raw.arrays["tokens"].max()


def test_a_single_array_and_texts_as_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", RANDOM.random((5, 3)))
    raw = read_source(Setting("Arrays", {"path": "data.npy"}), tmp_path)
    assert raw.fields["x"].shape == (3,)
    labelled = read(tmp_path, x=np.zeros((4, 2)), kind=np.array(["b", "a", "b", "a"]), target="kind")
    assert labelled.fields["kind"].classes == ("a", "b")
    assert labelled.arrays["kind"].tolist() == [1, 0, 1, 0]


def test_floats_to_predict_stay_numbers(tmp_path: Path) -> None:
    raw = read(tmp_path, x=np.zeros((4, 2)), y=np.array([0.0, 1.0, 5.0, 2.0]))
    field = raw.fields["y"]
    assert (field.shape, field.dtype, field.classes, field.low, field.high) == ((1,), "float32", None, 0, 5)


def test_train_and_test_arrays_are_one_field_with_its_own_test_part(tmp_path: Path) -> None:
    x, y = RANDOM.integers(0, 255, (10, 4, 4)).astype(np.uint8), np.arange(10) % 2
    raw = read(tmp_path, x_train=x[:7], y_train=y[:7], x_test=x[7:], y_test=y[7:])
    assert set(raw.fields) == {"x", "y"}
    assert raw.fields["x"].shape == (1, 4, 4)
    parts = prepare(Data(Setting("Arrays", {"path": "data.npz"})), tmp_path).parts
    assert parts["test"].rows.tolist() == [7, 8, 9]
    assert parts["test"].tensors["y"].tolist() == y[7:].tolist()


class Bomb:
    """Unpickling it would create a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("bomb"),)


def test_objects_are_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="holds Python objects") as caught:
        read(tmp_path, x=np.array([Bomb(), Bomb()], dtype=object))
    assert "numpy.savez" in caught.value.hint
    np.save(tmp_path / "data.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="holds Python objects"):
        read_source(Setting("Arrays", {"path": "data.npy"}), tmp_path)
    assert not (tmp_path / "bomb").exists()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((4, 2)), "y": np.zeros(3)}, "the arrays differ in length: x 4, y 3"),
        ({"x": np.zeros(()), "y": np.zeros(3)}, "x is a single value"),
        ({"x": np.zeros((0, 2))}, "holds no samples"),
        ({"x": np.zeros((4, 0)), "y": np.zeros(4)}, "x has the shape 4×0: its samples are empty"),
        ({"x": np.array([[1.0], [np.nan]])}, "x, row 1 holds nan"),
        ({"x": np.array([[1.0], [-1e300]])}, "x holds -1e\\+300, which is too large"),
        ({"x": np.array([1, 2**64 - 1], np.uint64)}, "x holds 1.84467e\\+19, which is too large"),
        ({"x": np.zeros((2, 1), complex)}, "x is of type complex128, expected numbers"),
        ({"x": np.zeros((2, 1)), "y": np.array([-1, 1])}, "y holds whole numbers from -1 to 1"),
        ({"x_train": np.zeros((2, 1)), "x_test": np.zeros((2, 3))}, "x_train and x_test differ"),
        ({}, "holds no arrays"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, **arrays)
    assert "data.npz" in caught.value.message
    assert caught.value.hint


def test_an_unknown_target_and_a_damaged_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no array z") as caught:
        read(tmp_path, x=np.zeros((2, 1)), target="z")
    assert caught.value.problem().field == "data.target"
    (tmp_path / "data.npz").write_bytes((tmp_path / "data.npz").read_bytes()[:60])
    told = describe(Data(Setting("Arrays", {"path": "data.npz"})), tmp_path)
    assert told.problems[0].message.startswith("data.npz")
    (tmp_path / "data.npz").write_bytes(b"")
    assert describe(Data(Setting("Arrays", {"path": "data.npz"})), tmp_path).problems[0].hint


def test_truth_values_stay_truth_values(tmp_path: Path) -> None:
    mask = np.array([[True, False]] * 10)
    np.savez(tmp_path / "a.npz", x=np.arange(20.0).reshape(10, 2), mask=mask, label=np.arange(10) % 2)
    data = Data(Setting("Arrays", {"path": "a.npz"}))
    prepared = prepare(data, tmp_path)
    assert (prepared.fields["mask"].dtype, prepared.fields["mask"].shape) == ("bool", (2,))
    part = prepared.parts["train"]
    assert part.tensors["mask"].tolist() == mask[part.rows].tolist()
    assert describe(data, tmp_path).problems == ()
