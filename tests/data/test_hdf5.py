"""HDF5, safetensors, mapped .npy files: large ones by rows, odd ones told; from file to a trained model."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from safetensors.numpy import save_file

from samples import make_arrays
from studio.analysis.evaluate import evaluate
from studio.data import making
from studio.data.cells import Held
from studio.data.lazy import Lazy
from studio.data.pipeline import Ready, read_data, read_once
from studio.data.raw import Array, DataError
from studio.data.sources import _read as read_source_once
from studio.data.sources import hdf5
from studio.data.sources.arrays import load_arrays
from studio.project.graph import Node
from studio.project.project import Data, Project, SampleChanges, Setting, Training
from tests.train.drawings import chain, train

RANDOM = np.random.default_rng(0)


@pytest.fixture
def by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every array were too large for the memory."""
    monkeypatch.setattr(hdf5, "IN_MEMORY", 0)
    monkeypatch.setattr(making, "IN_MEMORY", 0)
    read_source_once.cache_clear()
    read_once.cache_clear()


def written(folder: Path, **arrays: Any) -> Path:
    (folder / "data.h5").unlink(missing_ok=True)
    with h5py.File(folder / "data.h5", "w") as file:
        for name, array in arrays.items():
            file[name.replace("__", "/")] = array
    return folder


def read(folder: Path, changes: SampleChanges | None = None, **params: str) -> Ready:
    data = Data(Setting("HDF5", {"path": "data.h5", **params}), changes=changes or SampleChanges())
    return read_data(data, folder)


def refused(folder: Path, type_: str = "HDF5", **params: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read_data(Data(Setting(type_, {"path": "data.h5", **params})), folder)
    return caught.value


def pictures(count: int) -> Array:
    return RANDOM.integers(0, 255, (count, 6, 5, 3)).astype(np.uint8)


def classifier(field: str, target: str) -> Any:
    return chain(
        Node("image", "Input", {"field": field}),
        Node("flatten", "Flatten"),
        Node("hidden", "Linear", {"out_features": 64}),
        Node("relu", "ReLU"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy", {"target": target}),
    )


def accuracy(data: Data, place: Path, field: str, target: str) -> float:
    options = {"epochs": 3, "batch_size": 64}
    training = Training(Setting("Adam", {"lr": 0.003}), options=options)
    done = train(Project("digits", classifier(field, target), data, training), place)
    assert done.result.failed is None, done.result.failed
    return evaluate(done.result.run_dir, "test").metrics["accuracy"]


def test_arrays_of_a_file_are_fields(tmp_path: Path) -> None:
    written(
        tmp_path,
        group__image=pictures(9),
        weight=RANDOM.random(9),
        label=np.array(["b", "a", "b"] * 3, dtype=h5py.string_dtype()),
        scalar=3.0,
    )
    ready = read(tmp_path)
    told = {name: (f.shape, f.dtype, f.role, f.picture) for name, f in ready.raw.fields.items()}
    assert told == {
        "group_image": ((3, 6, 5), "float32", "input", True),
        "label": ((), "int64", "target", False),
        "weight": ((1,), "float32", "input", False),
    }
    assert ready.raw.fields["label"].classes == ("a", "b")


def test_training_and_test_arrays_are_one_field(tmp_path: Path) -> None:
    x = pictures(10)
    written(tmp_path, x_train=x[:7], x_test=x[7:], y_train=np.arange(7) % 2, y_test=np.arange(3) % 2)
    ready = read(tmp_path)
    assert ready.rows["test"].tolist() == [7, 8, 9]
    assert np.array_equal(ready.raw.arrays["x"], x.transpose(0, 3, 1, 2))


@pytest.mark.usefixtures("by_rows")
def test_large_arrays_are_read_by_rows(tmp_path: Path) -> None:
    x = pictures(10)
    written(tmp_path, x_train=x[:7], x_test=x[7:], y_train=np.arange(7) % 2, y_test=np.arange(3) % 2)
    ready = read(tmp_path, SampleChanges(excluded=("2",)))
    field, array = ready.raw.fields["x"], ready.raw.arrays["x"]
    assert isinstance(array, Lazy)
    assert (field.shape, field.picture, array.shape) == ((3, 6, 5), True, (9, 3, 6, 5))
    rows = np.array([8, 1, 1, 3])
    kept = np.delete(np.arange(10), 2)
    assert np.array_equal(array[rows], x[kept[rows]].transpose(0, 3, 1, 2))
    sent = pickle.loads(pickle.dumps(array))
    assert len(pickle.dumps(array)) < 3000
    assert np.array_equal(sent[rows], array[rows])


@pytest.mark.usefixtures("by_rows")
def test_bounds_of_large_arrays_of_tokens_are_those_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hdf5, "LOOKED_AT", 1)
    monkeypatch.setattr(hdf5, "AT_ONCE", 100)
    tokens = np.zeros((50, 4), np.int64)
    tokens[33, 2] = 77
    written(tmp_path, tokens=tokens, label=np.arange(50) % 2)
    assert read(tmp_path).raw.fields["tokens"].high == 77


@pytest.mark.usefixtures("by_rows")
def test_equal_samples_of_large_arrays_stay_together(tmp_path: Path) -> None:
    x = RANDOM.random((40, 3, 4)).astype(np.float32)
    x[20:] = x[:20]
    x[5, 0, 0] += 1
    written(tmp_path, x=x, label=np.arange(40) % 2)
    ready = read(tmp_path)
    part = {int(row): name for name, rows in ready.rows.items() for row in rows}
    assert all(part[at] == part[at + 20] for at in range(20) if at != 5)


@pytest.mark.usefixtures("by_rows")
def test_a_value_that_is_no_number_is_told_where_it_comes_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hdf5, "LOOKED_AT", 1)
    x = RANDOM.random((30, 4)).astype(np.float32)
    x[17, 2] = np.nan
    written(tmp_path, x=x, label=np.arange(30) % 2)
    array = read(tmp_path).raw.arrays["x"]
    with pytest.raises(DataError, match=r"data\.h5: x, row 17 holds nan"):
        array[np.arange(30)]


def test_odd_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "data.h5").write_bytes(b"nothing of the kind")
    assert refused(tmp_path).message.startswith("data.h5 cannot be read as HDF5 (")
    written(tmp_path, x=np.zeros((3, 2)), y=np.zeros(4))
    assert "the arrays differ in length: x 3, y 4" in refused(tmp_path).message
    assert refused(tmp_path, arrays="x, z").message == "data.h5 holds no array z."
    assert read(tmp_path, arrays="x").raw.samples == 3
    written(tmp_path, x=np.zeros((3, 2), np.complex64))
    error = refused(tmp_path)
    assert (error.message, error.param) == (
        "data.h5: x is of type complex64, expected numbers or texts.",
        "arrays",
    )
    written(tmp_path, only=1.0)
    assert refused(tmp_path).message == "data.h5 holds no arrays."
    whole = (written(tmp_path, x=RANDOM.random((500, 20))) / "data.h5").read_bytes()
    (tmp_path / "data.h5").write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path).message.startswith("data.h5 cannot be read as HDF5 (")


def test_safetensors_are_mapped_and_odd_ones_told(tmp_path: Path) -> None:
    x, label = RANDOM.random((8, 2, 3)).astype(np.float32), np.arange(8) % 2
    save_file({"x": x, "label": label}, tmp_path / "data.h5")
    ready = read_data(Data(Setting("SafeTensors", {"path": "data.h5"})), tmp_path)
    assert np.array_equal(ready.raw.arrays["x"], x)
    assert isinstance(ready.raw.arrays["x"], np.memmap)
    assert ready.raw.fields["label"].role == "target"
    content = (tmp_path / "data.h5").read_bytes()
    for broken in (content[:-10], content[:20], b"", b"\xff" * 100):
        (tmp_path / "data.h5").write_bytes(broken)
        assert "data.h5 cannot be read as safetensors" in refused(tmp_path, "SafeTensors").message


def test_types_that_arrays_cannot_hold_are_told(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file as save_tensors

    save_tensors({"x": torch.zeros(3, 2, dtype=torch.bfloat16)}, tmp_path / "data.h5")
    assert "x is of type BF16" in refused(tmp_path, "SafeTensors").message


def test_an_npy_file_is_mapped(tmp_path: Path) -> None:
    array = RANDOM.random((3000, 60))
    np.save(tmp_path / "data.npy", array)
    found = load_arrays(tmp_path / "data.npy")["x"]
    assert isinstance(found, np.memmap)
    assert not found.flags.writeable
    assert np.array_equal(found, array)
    objects = np.array([{"a": 1}] * 200_000, dtype=object)
    np.save(tmp_path / "objects.npy", objects, allow_pickle=True)
    with pytest.raises(DataError, match="holds Python objects"):
        load_arrays(tmp_path / "objects.npy")
    content = (tmp_path / "data.npy").read_bytes()
    (tmp_path / "data.npy").write_bytes(content[: len(content) - 100_000])
    with pytest.raises(DataError, match=r"data\.npy cannot be read as NumPy arrays"):
        load_arrays(tmp_path / "data.npy")


def test_other_processes_get_the_place_of_what_is_mapped(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", RANDOM.random((3000, 4, 5, 3)))
    mapped = load_arrays(tmp_path / "data.npy")["x"]
    for view in (
        mapped,
        mapped.transpose(0, 3, 1, 2),
        mapped[:, None],
        mapped[5:9],
        mapped[::-1],
        mapped[:, 0, 0],
    ):
        sent = pickle.dumps(Held(view))
        assert len(sent) < 500
        assert np.array_equal(pickle.loads(sent).values, view)


@pytest.mark.parametrize("large", [False, True])
def test_from_hdf5_to_a_trained_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))
    if large:
        monkeypatch.setattr(hdf5, "IN_MEMORY", 0)
        monkeypatch.setattr(making, "IN_MEMORY", 0)
    make_arrays.hdf5(tmp_path / "digits.h5")
    data = Data(Setting("HDF5", {"path": str(tmp_path / "digits.h5")}), {"workers": 0})
    assert accuracy(data, tmp_path / "runs", "x", "y") > 0.85


def test_from_safetensors_to_a_trained_model(tmp_path: Path) -> None:
    make_arrays.safetensors(tmp_path / "digits.safetensors")
    data = Data(Setting("SafeTensors", {"path": str(tmp_path / "digits.safetensors")}))
    assert accuracy(data, tmp_path / "runs", "image", "label") > 0.85
