"""Small pictures on disk to test with: real digits, and odd files of many kinds."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from studio.project.project import Data, FieldSetting, Setting

RANDOM = np.random.default_rng(3)


def noise(folder: Path, name: str, size: tuple[int, int] = (12, 9), mode: str = "RGB") -> Path:
    """A picture of random points; `size` is width and height."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    channels = {"L": (), "RGB": (3,), "CMYK": (4,)}[mode]
    pixels = RANDOM.integers(0, 256, (size[1], size[0], *channels), dtype=np.uint8)
    Image.fromarray(pixels, mode if mode == "CMYK" else None).save(path)
    return path


def png_header(path: Path, width: int, height: int) -> Path:
    """A file that says how large it is, and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def digit_folders(folder: Path, count: int = 300) -> Data:
    """Real handwritten digits as PNG files in class folders."""
    digits = load_digits()
    for at, (image, label) in enumerate(zip(digits.images[:count], digits.target[:count], strict=True)):
        place = folder / str(label)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15.9375).astype(np.uint8)).save(place / f"{at}.png")
    return images(folder)


def images(folder: Path, transforms: tuple[Setting, ...] | None = None, **params: str) -> Data:
    """The settings of pictures in class folders, nothing normalised."""
    fields = {} if transforms is None else {"image": FieldSetting(transforms=transforms)}
    source = Setting("ImageFolder", {"folder": str(folder), **params})
    return Data(source, {"normalize": "none", "workers": 0}, fields=fields)
