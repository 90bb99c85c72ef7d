"""MNIST's files: packed or not, their own test part, and what damaged ones say."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.data.describe import Description, describe
from studio.data.prepare import prepare
from studio.data.sources import idx
from studio.project.project import Data, Setting

RANDOM = np.random.default_rng(0)
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def packed(array: np.ndarray) -> bytes:
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(np.uint8).tobytes()


def write(folder: Path, zipped: bool = False, test: bool = True) -> dict[str, np.ndarray]:
    arrays = {IMAGES: RANDOM.integers(0, 255, (30, 5, 4)), LABELS: np.arange(30) % 3}
    if test:
        arrays["t10k-images-idx3-ubyte"] = RANDOM.integers(0, 255, (6, 5, 4))
        arrays["t10k-labels-idx1-ubyte"] = np.arange(6) % 3
    for name, array in arrays.items():
        content = packed(array)
        path = folder / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(content) if zipped else content)
    return arrays


def settings(path: Path | str) -> Data:
    return Data(Setting("IDX", {"folder": str(path)}), {"normalize": "none"})


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("chosen", ["folder", "file"])
def test_its_own_test_files_are_the_test_part(tmp_path: Path, zipped: bool, chosen: str) -> None:
    arrays = write(tmp_path, zipped)
    path = tmp_path if chosen == "folder" else tmp_path / (f"{IMAGES}.gz" if zipped else IMAGES)
    told = describe(settings(path), tmp_path)
    assert told.problems == ()
    assert told.parts == {"train": 25, "validation": 5, "test": 6}
    assert told.counts["label"] == (12, 12, 12)
    image = told.fields["image"]
    assert (image.shape, image.low, image.high, image.picture) == ((1, 5, 4), 0, 255, True)
    test = prepare(settings(path), tmp_path).parts["test"]
    assert np.array_equal(test.tensors["image"].numpy()[:, 0], arrays["t10k-images-idx3-ubyte"])
    assert np.array_equal(test.tensors["label"].numpy(), arrays["t10k-labels-idx1-ubyte"])


def test_without_test_files_the_split_is_random(tmp_path: Path) -> None:
    write(tmp_path, test=False)
    assert describe(settings(tmp_path), tmp_path).parts == {"train": 20, "validation": 5, "test": 5}


def test_dotted_names_work_too(tmp_path: Path) -> None:
    write(tmp_path, test=False)
    (tmp_path / IMAGES).rename(tmp_path / "train-images.idx3-ubyte")
    (tmp_path / LABELS).rename(tmp_path / "train-labels.idx1-ubyte")
    assert describe(settings(tmp_path), tmp_path).samples == 30


def _cut(folder: Path) -> None:
    (folder / IMAGES).write_bytes((folder / IMAGES).read_bytes()[:-100])


def _cut_gzip(folder: Path) -> None:
    content = gzip.compress((folder / IMAGES).read_bytes())
    (folder / IMAGES).unlink()
    (folder / f"{IMAGES}.gz").write_bytes(content[: len(content) // 2])


def _wrong_magic(folder: Path) -> None:
    (folder / IMAGES).write_bytes(b"\x89PNG\r\n")


def _fewer_labels(folder: Path) -> None:
    (folder / LABELS).write_bytes(packed(np.zeros(29)))


def _labels_as_images(folder: Path) -> None:
    (folder / IMAGES).write_bytes(packed(np.zeros(30)))


def _no_labels(folder: Path) -> None:
    (folder / LABELS).unlink()


def _no_images(folder: Path) -> None:
    (folder / IMAGES).unlink()


def _empty(folder: Path) -> None:
    (folder / IMAGES).write_bytes(b"")


def _two_sets(folder: Path) -> None:
    (folder / f"letters-{IMAGES}").write_bytes(packed(np.zeros((3, 2, 2))))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_cut, f"{IMAGES} says it holds 30×5×4 values, 616 bytes, but has 516 bytes"),
        (_cut_gzip, f"{IMAGES}.gz cannot be unpacked, it is cut off or damaged"),
        (_wrong_magic, f"{IMAGES} is no IDX file: it begins with 89 50 4e 47"),
        (_fewer_labels, f"{IMAGES} holds 30 images and {LABELS} 29 labels"),
        (_labels_as_images, f"{IMAGES} holds 1 dimensions where images have 3"),
        (_no_labels, f"holds {IMAGES} but not its labels, {LABELS}"),
        (_no_images, "holds no training images"),
        (_empty, f"{IMAGES} is no IDX file: it begins with nothing"),
        (_two_sets, "holds several sets of training images"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, damage: Callable[[Path], None], message: str) -> None:
    write(tmp_path, test=False)
    assert describe(settings(tmp_path), tmp_path).problems == ()
    damage(tmp_path)
    (problem,) = describe(settings(tmp_path), tmp_path).problems
    assert message in problem.message
    assert problem.field == "data.folder"
    assert problem.hint


def test_a_missing_set_of_debian_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = str(tmp_path / "usr" / "share" / "fashion-mnist")
    monkeypatch.setattr(idx, "DEBIAN", nowhere)
    (problem,) = describe(settings(nowhere), tmp_path).problems
    assert nowhere in problem.message
    assert "apt install dataset-fashion-mnist" in problem.hint
    elsewhere = describe(settings(tmp_path / "other"), tmp_path)
    assert "dataset-fashion-mnist" not in elsewhere.problems[0].hint


@pytest.mark.skipif(not Path(idx.DEBIAN).is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_the_whole_fashion_mnist() -> None:
    told: Description = describe(settings(idx.DEBIAN), Path("/"))
    assert told.parts == {"train": 51_000, "validation": 9_000, "test": 10_000}
    assert told.counts["label"] == (7000,) * 10
    assert told.fields["label"].classes == idx.FASHION
