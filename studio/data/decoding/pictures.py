"""Pictures and masks from files: plain functions Path -> array, which raise DataError naming the file.

A picture is turned as its camera was held; where it is transparent it shows white, as on paper; of several
frames the first counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.data.cells import Cells, Decoded
from studio.data.decoding.headers import Header, check_size, look_of, opened, plain_header
from studio.data.files import content_of
from studio.data.raw import Array
from studio.project.project import Setting

if TYPE_CHECKING:
    from PIL import Image

PACKED = 1 << 24
"""Added to a colour (red · 65536 + green · 256 + blue) in a mask, so that it is no grey value."""
FINER = 2
"""A JPEG is unpacked at a size at least so many times the one it is brought to."""


def picture(path: Path) -> Array:
    """Channels, rows, columns: uint8, one channel or three; grey of more bits is uint16 (or float32)."""
    return _read(path, "", None)


def grey_picture(path: Path) -> Array:
    """One channel, uint8."""
    return _read(path, "L", None)


def colour_picture(path: Path) -> Array:
    """Three channels, uint8."""
    return _read(path, "RGB", None)


MODES: dict[Callable[[Path], Array], str] = {picture: "", grey_picture: "L", colour_picture: "RGB"}


@dataclass(frozen=True, slots=True)
class Reduced:
    """A decoder for pictures that are made smaller right after: a JPEG is unpacked at a part of its size."""

    mode: str
    width: int
    height: int

    def __call__(self, path: Path) -> Array:
        """As the function that it stands for, or smaller."""
        side = FINER * max(self.width, self.height)  # the picture may yet be turned
        return _read(path, self.mode, (side, side))


def reduced(cells: Cells, steps: Sequence[Setting]) -> Cells:
    """The same pictures, unpacked at a part of their size where they are made smaller first of all."""
    if not isinstance(cells, Decoded) or not steps or steps[0].type != "Resize":
        return cells
    mode, first = MODES.get(cells.decode), steps[0].params
    width, height = first["width"], first["height"]
    if mode is None or first["by"] == "nearest" or not (isinstance(width, int) and isinstance(height, int)):
        return cells
    return replace(cells, decode=Reduced(mode, width, height))


def mask(path: Path) -> Array:
    """Rows, columns: the number in the palette, the grey value, or PACKED and the colour."""
    found: list[Array] = []

    def read(image: Image.Image) -> Header:
        header = _turned(path, image)
        if image.mode not in ("P", "1", "L") and look_of(image.mode) == "grey":
            found.append(np.asarray(image.convert("L")))
        elif image.mode == "P" or look_of(image.mode) != "colour":
            values = np.asarray(image)
            found.append(values.astype(np.uint8 if values.dtype == np.bool_ else values.dtype))
        else:
            parts = np.asarray(image.convert("RGB"), np.int32)
            found.append(PACKED + (parts[..., 0] << 16) + (parts[..., 1] << 8) + parts[..., 2])
        return header

    opened(path, read)
    return found[0]


def _read(path: Path, mode: str, size: tuple[int, int] | None) -> Array:
    pixels = _plain_jpeg(path, mode) if size is None else None
    if pixels is not None:
        return pixels
    found: list[Array] = []

    def read(image: Image.Image) -> Header:
        if size is not None and image.format == "JPEG":
            check_size(path, Header(*image.size, "colour"))
            image.draft("", size)
        header = _turned(path, image)
        found.append(_channels(image, mode))
        return header

    opened(path, read)
    return found[0]


def _plain_jpeg(path: Path, mode: str) -> Array | None:
    """A JPEG that is not to be turned, in the colours that it has: unpacked at once, in half of the time that
    Pillow takes to look at all that may stand in its head. None for any other file.
    """
    from PIL import Image

    try:
        content = content_of(path)
        header = plain_header(content)
        wanted = "L" if header is not None and header.look == "grey" else "RGB"
        if header is None or mode not in ("", wanted):
            return None
        check_size(path, header)
        image = Image.frombytes(wanted, header[:2], content, "jpeg", wanted, "")
    except (OSError, ValueError):  # the usual way tells what is wrong with it
        return None
    return _channels(image, wanted)


def _turned(path: Path, image: Image.Image) -> Header:
    """Unpack, and turn as the camera was held."""
    from PIL import ImageOps

    header = check_size(path, Header(*image.size, look_of(image.mode)))
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return header


def _channels(image: Image.Image, mode: str) -> Array:
    look = look_of(image.mode)
    if look == "deep":
        return _deep(np.asarray(image), mode)
    wanted = mode or ("L" if look == "grey" else "RGB")
    if image.mode != wanted:
        image = _on_white(image).convert(wanted)
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _deep(values: Array, mode: str) -> Array:
    """Grey of many bits; made eight where those are asked for."""
    if not mode:
        if values.dtype.kind == "f" or values.max(initial=0) > 65535 or values.min(initial=0) < 0:
            return values.astype(np.float32)[None]
        return values.astype(np.uint16)[None]
    whole = 255.0 if values.dtype.kind == "f" else 1 / 257.0
    eight = np.clip(values.astype(np.float64) * whole, 0, 255).astype(np.uint8)
    return np.repeat(eight[None], 1 if mode == "L" else 3, axis=0)


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    if not image.has_transparency_data:
        return image
    front = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", front.size, "white"), front)
