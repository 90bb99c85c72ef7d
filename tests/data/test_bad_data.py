"""Data that are bad in the ways that data are: each is told in a sentence with file, row and column and what
to do, or is read as it was meant; where it makes sense a repair leaves out what is bad and counts it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.data.describe import describe
from studio.data.pipeline import read_data
from studio.errors import Problem
from studio.project.project import Data, Project, Setting

Write = Callable[[Path], Setting]
GOOD = [f"{at},{at % 5},{at / 4:.2f}" for at in range(40)]


@dataclass(frozen=True)
class Bad:
    """What is written, how what is said begins, the repair that is offered and what is said after it."""

    write: Write
    said: str
    repair: str = ""
    left: str = ""


def csv(lines: list[str] | bytes, **params: str) -> Write:
    def write(folder: Path) -> Setting:
        content = lines if isinstance(lines, bytes) else "\n".join(lines).encode()
        (folder / "rooms.csv").write_bytes(content)
        return Setting("CSV", {"path": "rooms.csv", **params})

    return write


def with_row(row: str, at: int = 10) -> list[str]:
    return ["a,b,y", *GOOD[:at], row, *GOOD[at + 1 :]]


def pictures(spoil: Callable[[Path], object]) -> Write:
    """Twenty pictures in two classes, of which one is spoiled."""

    def write(folder: Path) -> Setting:
        random = np.random.default_rng(0)
        for at in range(20):
            place = folder / "pets" / "ab"[at % 2]
            place.mkdir(parents=True, exist_ok=True)
            pixels = random.integers(0, 255, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(place / f"{at:02}.png")
        spoil(folder / "pets" / "a" / "04.png")
        return Setting("ImageFolder", {"folder": "pets"})

    return write


def huge(path: Path) -> None:
    """The header of a picture of 50 000 × 50 000 points, and nothing of them."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IEND\xaeB`\x82")


def arrays(**given: np.ndarray) -> Write:
    def write(folder: Path) -> Setting:
        np.savez(folder / "some.npz", **given)
        return Setting("Arrays", {"path": "some.npz"})

    return write


NOT_ONE = "1 of 20 pictures cannot be read."
SKIPPED = "1 of 20 pictures cannot be read and are left out"
GBK = "\n".join(["地方,y", *(f"北京市朝阳区{at % 3},{at}" for at in range(30))]).encode("gbk")
BAD: dict[str, Bad] = {
    "a row that is too short": Bad(
        csv(with_row("1,2")),
        "rooms.csv, row 12, column 3: expected 3 values, got 2.",
        "Leave out 1 row",
        "rooms.csv: 1 of 40 rows cannot be read and is left out (row 12).",
    ),
    "a row that is too long": Bad(
        csv(with_row("1,2,3,4")),
        "rooms.csv, row 12, column 4: expected 3 values, got 4.",
        "Leave out 1 row",
        "rooms.csv: 1 of 40 rows cannot be read",
    ),
    "NUL": Bad(csv(with_row("1,\0,3")), "rooms.csv, row 12: there is a NUL character"),
    "GBK": Bad(csv(GBK), "rooms.csv, row 1: the byte 0xb5 is no UTF-8 text.", "Read it as GBK"),
    "empty": Bad(csv(b""), "rooms.csv is empty."),
    "a header alone": Bad(csv(["a,b,y"]), "rooms.csv holds no row of data"),
    "one row": Bad(csv(["a,b,y", "1,2,3"]), "rooms.csv holds one row of data"),
    "text among numbers": Bad(
        csv(with_row("viel,2,3")),
        "rooms.csv, row 12, column a: 'viel' is no number; 39 of 40 values are.",
        "Take 1 value as missing: the median stands in",
        "a: 1 of 40 values is no number and counts as missing. rooms.csv, row 12, column a",
    ),
    "text among numbers, left out": Bad(
        csv(with_row("1,2,viel")),
        "rooms.csv, row 12, column y: 'viel' is no number",
        "Leave out 1 row",
        "y: 1 of 40 values is no number and left out with its row.",
    ),
    "all missing": Bad(
        csv(["a,b,y", *(f",{at},{at}" for at in range(20))]),
        "rooms.csv, row 2, column a: the whole column is empty.",
        "Leave out a",
    ),
    "some missing": Bad(
        csv(with_row("1,,3")),
        "rooms.csv, row 12, column b: the value is missing, as in 1 of 40 rows.",
        "Leave out 1 row",
    ),
    "columns of one name": Bad(
        csv(["a,b,a", *GOOD]),
        "rooms.csv, row 1: the columns 1 and 3 are both called a.",
        "Call the second one a_2",
    ),
    "a picture of 0 bytes": Bad(
        pictures(lambda path: path.write_bytes(b"")), NOT_ONE, "Leave out 1 of 20 pictures", SKIPPED
    ),
    "a picture that is cut off": Bad(
        pictures(lambda path: path.write_bytes(path.read_bytes()[:200])),
        NOT_ONE,
        "Leave out 1 of 20 pictures",
        SKIPPED,
    ),
    "a picture that promises 50 000 × 50 000 points": Bad(
        pictures(huge), NOT_ONE, "Leave out 1 of 20 pictures", "50000×50000 points large"
    ),
    "no picture, whatever its name says": Bad(
        pictures(lambda path: path.write_text("hello" * 100)),
        NOT_ONE,
        "Leave out 1 of 20 pictures",
        "it is none, whatever its name says",
    ),
    "one class": Bad(
        csv(["a,b,kind", *(f"{at},{at % 3},cat" for at in range(20))]),
        "kind, the target, is cat in all 20 samples.",
    ),
    "labels that are no classes": Bad(
        arrays(image=np.zeros((12, 1, 4, 4), np.float32), label=np.array([0, 1, 2, -3] * 3)),
        "some.npz: label holds whole numbers from -3 to 2",
    ),
}


def error(data: Data, folder: Path) -> Problem:
    (found,) = [one for one in describe(data, folder).problems if one.severity == "error"]
    return found


@pytest.mark.parametrize("name", BAD)
def test_it_is_told_and_mended(tmp_path: Path, name: str) -> None:
    bad = BAD[name]
    data = Data(bad.write(tmp_path))
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    problem = error(data, tmp_path)
    assert problem.message.startswith(bad.said)
    assert problem.hint
    if bad.repair:
        (fix,) = [one for one in problem.fixes if one.label == bad.repair]
        data = fix.edit(Project(data=data)).data
        told = describe(data, tmp_path)
        assert [one for one in told.problems if one.severity == "error"] == []
        assert bad.left in "\n".join(one.message for one in told.problems)
        assert read_data(data, tmp_path).raw.samples > 10
    else:
        assert problem.fixes == ()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files


def saved(mode: str, suffix: str) -> Callable[[Path], None]:
    """A picture of another look under the name of the one it replaces."""

    def spoil(path: Path) -> None:
        deep = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
        picture = Image.fromarray(deep) if mode == "I;16" else Image.new(mode, (16, 16))
        other = path.with_name(f"other{suffix}")
        picture.save(other)
        other.rename(path)

    return spoil


READ: dict[str, Write] = {
    "a mark of the byte order": csv(("\ufeff" + "\n".join(["a,b,y", *GOOD])).encode()),
    "semicolons": csv([line.replace(",", ";") for line in ["a,b,y", *GOOD]]),
    "tabs": csv([line.replace(",", "\t") for line in ["a,b,y", *GOOD]]),
    "16 bit": pictures(saved("I;16", ".png")),
    "CMYK": pictures(saved("CMYK", ".jpg")),
    "a GIF under another name": pictures(saved("P", ".gif")),
    "a palette": pictures(saved("P", ".png")),
    "a JPEG under another name": pictures(saved("RGB", ".jpg")),
    "a link to the folder above": pictures(
        lambda path: (path.parent / "loop").symlink_to(path.parent.parent)
    ),
    "two links to each other": pictures(
        lambda path: [
            (path.parent / "here").symlink_to(path.parent / "there"),
            (path.parent / "there").symlink_to(path.parent / "here"),
        ]
    ),
}


@pytest.mark.parametrize("name", READ)
def test_it_is_read_as_it_was_meant(tmp_path: Path, name: str) -> None:
    data = Data(READ[name](tmp_path))
    assert describe(data, tmp_path).problems == ()
    ready = read_data(data, tmp_path)
    assert ready.raw.samples == (20 if data.source.type == "ImageFolder" else 40)
    for array in ready.raw.arrays.values():
        assert np.isfinite(np.asarray(array[np.arange(len(array))], np.float64)).all()
