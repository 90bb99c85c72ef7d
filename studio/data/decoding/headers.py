"""What the first and last bytes of a picture's file tell: its size, whether it has colour, whether it is all
there. Quick enough for a hundred thousand files.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from studio.data.raw import DataError

if TYPE_CHECKING:
    from PIL import Image

HEAD, TAIL = 4096, 64
MOST_POINTS = 100_000_000
"""A larger picture is refused before anything of it is unpacked."""
Look = Literal["grey", "colour", "deep"]
"""`deep` is grey of more than 8 bits."""
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
LOOKS: dict[int, Look] = {0: "grey", 2: "colour", 3: "colour", 4: "grey", 6: "colour"}
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
TURNED = frozenset({5, 6, 7, 8})
"""Orientations of a camera that change width and height with each other."""


class Header(NamedTuple):
    """A picture as it is shown: turned as the camera was held."""

    width: int
    height: int
    look: Look


def read_header(path: str | Path) -> Header:
    """Size and look of a picture; raises DataError for one that is empty, cut off, no picture or too large.

    What lies wrong in the middle of a file shows when it is decoded.
    """
    try:
        head, tail, size = _ends(path)
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from None
    if not size:
        raise unreadable(path, "it is empty")
    whole = _is_whole(head, tail, size)
    found = _quick(head) if whole else None
    return check_size(path, found or _by_pillow(path, unpack=not whole))


def _ends(path: str | Path) -> tuple[bytes, bytes, int]:
    """The first bytes of a file, its last ones, and how many it has. Raises OSError."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        head, size = os.read(file, HEAD), os.fstat(file).st_size
        if len(head) == size:
            return head, head[-TAIL:], size
        os.lseek(file, -min(size, TAIL), os.SEEK_END)
        return head, os.read(file, TAIL), size
    finally:
        os.close(file)


def plain_header(content: bytes) -> Header | None:
    """That of a JPEG that is all there, has one channel or three and is not to be turned; else None."""
    head, tail = content[:HEAD], content[-TAIL:]
    if not head.startswith(JPEG) or _tells_turn(head) or not _is_whole(head, tail, len(content)):
        return None
    frame = _frame(head)
    return _shown(frame) if frame is not None and frame[2] in (1, 3) else None


def check_size(path: str | Path, header: Header) -> Header:
    """The header, unless it promises more than can be unpacked."""
    width, height, _ = header
    if width * height > MOST_POINTS:
        raise DataError(
            f"{path} is {width}×{height} points large; at most {MOST_POINTS // 10**6} million are read.",
            "Make it smaller in another program, or leave it out.",
        )
    return header


def unreadable(path: str | Path, why: object) -> DataError:
    """A file that is no picture, or not all of one."""
    return DataError(f"{path} cannot be read as a picture ({why}).", "Replace the file, or leave it out.")


def look_of(mode: str) -> Look:
    """The look of one of Pillow's modes."""
    if mode in ("1", "L", "LA", "La"):
        return "grey"
    return "deep" if mode[0] in "IF" else "colour"


def opened(path: str | Path, work: Callable[[Image.Image], Header]) -> Header:
    """What `work` finds in an opened picture; whatever goes wrong in Pillow becomes a DataError."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return work(picture)
    except DataError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"{path} is too large a picture.", "Make it smaller, or leave it out.") from None
    except Exception as error:  # Pillow's formats raise a dozen kinds
        raise unreadable(path, _said(error)) from None


def _said(error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "it is none, whatever its name says"
    if "truncat" in str(error).lower():
        return f"it is cut off: {error}"
    return str(error) or type(error).__name__


def _by_pillow(path: str | Path, *, unpack: bool) -> Header:
    from PIL import ExifTags

    def look(picture: Image.Image) -> Header:
        header = check_size(path, Header(*picture.size, look_of(picture.mode)))
        if unpack:
            picture.load()
        if picture.getexif().get(ExifTags.Base.Orientation) in TURNED:
            return Header(header.height, header.width, header.look)
        return header

    return opened(path, look)


def _is_whole(head: bytes, tail: bytes, size: int) -> bool:
    """Whether the end is there, where the format tells; the others are unpacked to see."""
    if head.startswith(PNG):
        return b"IEND" in tail
    if head.startswith(JPEG):
        return b"\xff\xd9" in tail
    if head.startswith(b"GIF8"):
        return tail.endswith(b";")
    if head.startswith(b"RIFF") and len(head) >= 8:
        return size >= struct.unpack("<I", head[4:8])[0] + 8
    if head.startswith(b"BM") and len(head) >= 6:
        return size >= struct.unpack("<I", head[2:6])[0]
    return False


def _quick(head: bytes) -> Header | None:
    """Read off the first bytes; None where they do not tell, or tell that the picture is to be turned."""
    if _tells_turn(head):
        return None
    if head.startswith(PNG) and len(head) >= 26:
        width, height, depth, kind = struct.unpack(">IIBB", head[16:26])
        look = LOOKS.get(kind, "colour")
        return Header(width, height, "deep" if depth == 16 and kind == 0 else look)
    frame = _frame(head) if head.startswith(JPEG) else None
    return None if frame is None else _shown(frame)


def _tells_turn(head: bytes) -> bool:
    """Whether something may be said of how the camera was held."""
    return b"Exif" in head or b"eXIf" in head or b"tiff:Orientation" in head


def _shown(frame: tuple[int, int, int]) -> Header:
    width, height, channels = frame
    return Header(width, height, "grey" if channels == 1 else "colour")


def _frame(head: bytes) -> tuple[int, int, int] | None:
    """Width, height and channels of a JPEG; None where they do not stand in its first bytes."""
    at = 2
    while at + 10 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], struct.unpack(">H", head[at + 2 : at + 4])[0]
        if marker in FRAMES:
            height, width, channels = struct.unpack(">HHB", head[at + 5 : at + 10])
            return (width, height, channels) if width and height else None
        at += 2 + length
    return None
