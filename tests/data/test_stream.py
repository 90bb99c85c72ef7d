"""Samples from files: decoded once, by other processes too, and kept on disk by what they are made of."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.data.cells import Decoded
from studio.data.lazy import Lazy
from studio.data.raw import Array, DataError
from studio.data.store import attach, close_store, open_store
from studio.data.stream import Feeder, kept, taken

SHAPE = (12, 3, 4, 5)


def decode(path: Path) -> Array:
    """A picture as channels, rows, columns."""
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty.", "Leave it out.")
    return np.asarray(Image.open(path)).transpose(2, 0, 1)


@dataclass
class Pictures:
    folder: Path
    pixels: Array

    def field(self) -> Lazy:
        paths = [self.folder / f"{at}.png" for at in range(len(self.pixels))]
        return Lazy("image", Decoded(paths, decode), (), SHAPE, np.dtype(np.uint8))


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    pixels = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
    for at, one in enumerate(pixels):
        Image.fromarray(one.transpose(1, 2, 0)).save(tmp_path / f"{at}.png")
    return Pictures(tmp_path, pixels)


def test_rows_are_decoded_once_and_kept(pictures: Pictures, tmp_path: Path) -> None:
    one = kept(pictures.field(), tmp_path / "cache")
    assert one is not None
    rows = np.array([3, 1, 3])
    assert np.array_equal(taken(one, rows), pictures.pixels[rows])
    (tmp_path / "3.png").write_bytes(b"")
    assert np.array_equal(taken(one, rows), pictures.pixels[rows])
    assert one.store.lacking(np.arange(4)).tolist() == [0, 2]


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_in_order_from_processes_too(pictures: Pictures, tmp_path: Path, workers: int) -> None:
    batches = [np.array([5, 0, 7]), np.array([1, 2]), np.array([11, 10, 9, 8])]
    held = np.arange(12.0)
    one = kept(pictures.field(), tmp_path / "cache")
    assert one is not None
    for image in (one, pictures.field()):
        feeder = Feeder({"image": image, "x": held}, workers)
        came = list(feeder.through(batches))
        feeder.close()
        for rows, batch in zip(batches, came, strict=True):
            assert np.array_equal(batch["image"], pictures.pixels[rows])
            assert batch["x"].tolist() == rows.tolist()
    assert one.store.complete is False
    assert len(one.store.lacking(np.arange(12))) == 3


def test_a_file_that_cannot_be_read_is_named(pictures: Pictures, tmp_path: Path) -> None:
    (tmp_path / "4.png").write_bytes(b"")
    for workers in (0, 1):
        feeder = Feeder({"image": pictures.field()}, workers)
        with pytest.raises(DataError, match=r"4\.png is empty"):
            list(feeder.through([np.array([4])]))
        feeder.close()


def ending(path: Path) -> Array:
    """As `decode`, but the process is killed at one file: once, or always where there is a file so named."""
    mark = path.parent / "was here"
    if path.name == "6.png" and not mark.exists():
        if not (path.parent / "always").exists():
            mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return decode(path)


@pytest.mark.parametrize("stored", [True, False])
def test_a_process_that_is_killed_costs_no_batch(pictures: Pictures, tmp_path: Path, stored: bool) -> None:
    lazy = replace(pictures.field(), cells=Decoded(pictures.field().cells.paths, ending))
    one = kept(lazy, tmp_path / "cache") if stored else lazy
    feeder = Feeder({"image": one}, 2)
    batches = [np.array([at, at + 1]) for at in range(0, 12, 2)]
    came = list(feeder.through(batches))
    feeder.close()
    for rows, batch in zip(batches, came, strict=True):
        assert np.array_equal(batch["image"], pictures.pixels[rows])
    ((message, hint),) = feeder.take_warnings()
    assert "ended from outside" in message
    assert "goes on with 1 in place of 2" in message
    assert "workers in the data settings" in hint
    assert feeder.take_warnings() == []


def test_processes_that_are_killed_again_and_again_are_told(pictures: Pictures, tmp_path: Path) -> None:
    (tmp_path / "always").touch()
    lazy = replace(pictures.field(), cells=Decoded(pictures.field().cells.paths, ending))
    feeder = Feeder({"image": lazy}, 2)
    with pytest.raises(
        DataError, match="processes that decode image were ended from outside 4 times"
    ) as caught:
        list(feeder.through([np.array([at]) for at in range(12)]))
    assert caught.value.param == "workers"
    assert "last checkpoint" in caught.value.hint
    feeder.close()


def test_another_file_makes_another_store(pictures: Pictures, tmp_path: Path) -> None:
    first = kept(pictures.field(), tmp_path / "cache")
    again = kept(pictures.field(), tmp_path / "cache")
    Image.new("RGB", (5, 4)).save(tmp_path / "0.png")
    other = kept(pictures.field(), tmp_path / "cache")
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.name == again.name != other.name


def test_a_store_that_was_not_closed_before_a_restart_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = np.dtype(np.uint8)
    store = open_store(tmp_path, "one", (4, 2), kind)
    assert store is not None
    store.put(np.array([1]), np.array([[7, 8]], np.uint8))
    monkeypatch.setattr("studio.data.store._started", lambda: "another start")
    again = open_store(tmp_path, "one", (4, 2), kind)
    assert again is not None
    assert again.lacking(np.arange(4)).tolist() == [0, 1, 2, 3]
    again.put(np.array([1]), np.array([[7, 8]], np.uint8))
    close_store(tmp_path, "one", again)
    monkeypatch.setattr("studio.data.store._started", lambda: "a third")
    third = open_store(tmp_path, "one", (4, 2), kind)
    assert third is not None
    assert third.values[1].tolist() == [7, 8]


def test_large_rows_are_written_where_they_belong(tmp_path: Path) -> None:
    dtype = np.dtype(np.uint8)
    store = open_store(tmp_path, "large", (5, 3, 128, 128), dtype)
    assert store is not None
    values = np.random.default_rng(0).integers(0, 255, (2, 3, 128, 128), np.uint8)
    store.put(np.array([4, 1]), values[:, :, ::-1])
    assert store.lacking(np.arange(5)).tolist() == [0, 2, 3]
    again = attach(tmp_path, "large", (5, 3, 128, 128), dtype)
    assert np.array_equal(again.values[[4, 1]], values[:, :, ::-1])
    assert not again.values[[0, 2, 3]].any()
