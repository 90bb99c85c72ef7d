"""A run's curves as the event files that TensorBoard reads, written here: the format is small and stays.

Each record is its length, a masked CRC-32C of that, an Event in protocol buffers' wire format, and a masked
CRC-32C of that (tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto).
"""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from studio.errors import StudioError
from studio.project.files import write_atomic
from studio.train.events import EpochEnded, Event, Finished, LayersMeasured, Progress
from studio.train.history import by_member, read_before, read_events
from studio.train.runs import read_run

POLYNOMIAL = 0x82F63B78
MASK = 0xA282EAD8
Point = tuple[str, int, float, float]
"""A tag, a step, the seconds of training, and a value."""


def save_tensorboard(run: Path, folder: Path) -> Path:
    """Write a run's curves into a folder of its name; training and validation lie over each other there.

    Returns that folder. Raises StudioError.
    """
    info = read_run(run)
    target = folder / info.id
    began, seeds = _moment(info.created), by_member(read_events(run))
    seeds[0] = [*read_before(run), *seeds[0]]
    parts = {
        f"seed {at}/{part}" if len(seeds) > 1 else part: points
        for at, events in enumerate(seeds, 1)
        for part, points in _parts(events).items()
    }
    try:
        for part, points in parts.items():
            place = target / part
            place.mkdir(parents=True, exist_ok=True)
            name = f"events.out.tfevents.{int(began)}.{socket.gethostname()}.neuroloom"
            write_atomic(place / name, b"".join(_records(points, began)))
    except OSError as error:
        hint = "Choose a folder that can be written to."
        raise StudioError(f"{target}: cannot be written: {error.strerror or error}", hint) from error
    return target


def _parts(events: Iterable[Event]) -> dict[str, list[Point]]:
    """The points of the step by step, training, validation and test curves, where there are any."""
    found: dict[str, list[Point]] = {"steps": [], "train": [], "validation": [], "test": []}
    for event in events:
        match event:
            case Progress():
                first = event.step - len(event.losses) + 1
                found["steps"] += [("loss", first + i, event.time, one) for i, one in enumerate(event.losses)]
                found["steps"].append(("learning rate", event.step, event.time, event.learning_rate))
            case LayersMeasured():
                found["steps"] += [
                    (f"layers/{path}/{key}", event.step, event.time, one)
                    for path, layer in event.layers.items()
                    for key, one in layer.items()
                ]
            case EpochEnded():
                for part, metrics in (("train", event.train), ("validation", event.validation)):
                    found[part] += [(name, event.step, event.time, one) for name, one in metrics.items()]
            case Finished():
                found["test"] += [(name, event.step, event.time, one) for name, one in event.test.items()]
            case _:
                pass
    return {part: points for part, points in found.items() if points}


def _records(points: Iterable[Point], began: float) -> Iterator[bytes]:
    yield _record(_number(1, began) + _bytes(3, b"brain.Event:2"))
    for tag, step, seconds, value in points:
        shown = value if math.isfinite(value) else math.nan
        scalar = _bytes(1, tag.encode()) + _key(2, 5) + struct.pack("<f", shown)
        summary = _bytes(5, _bytes(1, scalar))
        yield _record(_number(1, began + seconds) + _key(2, 0) + _varint(step) + summary)


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + struct.pack("<I", _masked(length)) + content + struct.pack("<I", _masked(content))


def _number(field: int, value: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", value)


def _bytes(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _varint(len(content)) + content


def _key(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def _masked(content: bytes) -> int:
    crc = crc32c(content)
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def crc32c(content: bytes) -> int:
    """The Castagnoli cyclic redundancy check (RFC 3720, B.4)."""
    table, found = _table(), 0xFFFFFFFF
    for byte in content:
        found = table[(found ^ byte) & 255] ^ found >> 8
    return found ^ 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ POLYNOMIAL if value & 1 else value >> 1
        return value

    return tuple(map(entry, range(256)))


def _moment(when: datetime) -> float:
    return when.timestamp()
