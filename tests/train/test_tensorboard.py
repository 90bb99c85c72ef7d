"""Event files for TensorBoard, read back by the rules of the format alone."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from studio.train.events import EpochEnded, Finished, LayersMeasured
from studio.train.history import read_events
from studio.train.tensorboard import crc32c, save_tensorboard
from tests.train.drawings import digits, everything, train


def records(file: Path):
    """The contents of a file's records, whose checksums are looked at."""
    data, at = file.read_bytes(), 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        content = data[at + 12 : at + 12 + length]
        for part, place in ((data[at : at + 8], at + 8), (content, at + 12 + length)):
            crc = crc32c(part)
            masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
            assert struct.unpack_from("<I", data, place)[0] == masked
        yield content
        at += 16 + length


def fields(data: bytes):
    """The fields of a message in protocol buffers' wire format."""
    at = 0

    def varint() -> int:
        nonlocal at
        found, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 2:
            size = varint()
            yield key >> 3, data[at : at + size]
            at += size
        else:
            size, form = (8, "<d") if key & 7 == 1 else (4, "<f")
            yield key >> 3, struct.unpack_from(form, data, at)[0]
            at += size


def scalars(folder: Path):
    """(tag, step, value) of every scalar in a folder of event files."""
    (file,) = folder.glob("events.out.tfevents.*")
    first, *rest = [dict(fields(content)) for content in records(file)]
    assert first[3] == b"brain.Event:2"
    found = []
    for event in rest:
        value = dict(fields(dict(fields(event[5]))[1]))
        found.append((value[1].decode(), event[2], value[2]))
    return found


def test_the_check_is_that_of_the_standard():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


def test_every_value_is_written_with_its_step(tmp_path):
    ran = train(everything(epochs=2), tmp_path)
    path = save_tensorboard(ran.result.run_dir, tmp_path / "board")
    assert {one.name for one in path.iterdir()} == {"steps", "train", "validation", "test"}
    ends = [event for event in ran.events if isinstance(event, EpochEnded)]
    wanted = [
        (name, end.step, pytest.approx(value)) for end in ends for name, value in end.validation.items()
    ]
    assert scalars(path / "validation") == wanted
    losses = [value for tag, _, value in scalars(path / "steps") if tag == "loss"]
    assert losses == pytest.approx(ran.losses)
    assert [step for tag, step, _ in scalars(path / "steps") if tag == "loss"] == list(range(1, 41))
    (end,) = [event for event in read_events(ran.result.run_dir) if isinstance(event, Finished)]
    assert {tag: value for tag, _, value in scalars(path / "test")} == pytest.approx(dict(end.test))


def test_each_seed_has_a_folder(tmp_path):
    path = save_tensorboard(train(digits(epochs=1, seeds=2), tmp_path).result.run_dir, tmp_path / "board")
    assert {one.name for one in path.iterdir()} == {"seed 1", "seed 2"}
    one, two = (scalars(path / name / "validation") for name in ("seed 1", "seed 2"))
    assert [tag for tag, _, _ in one] == [tag for tag, _, _ in two]
    assert one != two


def test_statistics_of_layers_are_among_them(tmp_path: Path) -> None:
    run = train(digits(layer_statistics=True), tmp_path / "runs").result.run_dir
    found = set(scalars(save_tensorboard(run, tmp_path / "board") / "steps"))
    measured = [event for event in read_events(run) if isinstance(event, LayersMeasured)]
    assert measured
    for event in measured:
        gradient = struct.unpack("<f", struct.pack("<f", event.layers["scores"]["gradient"]))[0]
        assert ("layers/scores/gradient", event.step, gradient) in found
