"""A project inside a picture of its drawing: SVG, PNG and PDF files that can be opened again.

SVG holds it as an element <neuroloom:project> (zlib, base64), PNG as a compressed iTXt chunk
(https://www.w3.org/TR/png-3/#11iTXt), PDF as an attached file. Reading looks for just that: no XML is parsed,
no pixel is decoded and nothing of the picture is drawn, so what else a file holds cannot matter.
"""

from __future__ import annotations

import re
import struct
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from studio.errors import StudioError
from studio.project.project import Project
from studio.project.storage import LARGEST_FILE, dumps, loads
from studio.project.strict_json import refuse

SUFFIXES = (".svg", ".png", ".pdf")
ATTACHED = "project.loom"
"""The name of the file attached to a PDF."""
LARGEST_PICTURE = 256 * 1024 * 1024
_KEYWORD = b"neuroloom-project"
_PNG = b"\x89PNG\r\n\x1a\n"
_AFTER_HEADER = len(_PNG) + 25
_OPENING, _CLOSING = b"<neuroloom:project", b"</neuroloom:project>"
_ATTACHMENT = re.compile(rb"/EF\s*<<\s*/F\s+(\d{1,9})\s+0\s+R")
_COMPRESSED = re.compile(rb"<<[^<>]{0,400}/FlateDecode[^<>]{0,400}>>\s*stream\r?\n")
_HINT = "Pictures hold their project only if Neuroloom exported them so; open the .loom file instead."
_DAMAGED = "The picture was changed by another program or cut off; take an earlier copy of it."


def is_picture(path: Path) -> bool:
    """Whether a file is of a kind that may hold a project."""
    return path.suffix.lower() in SUFFIXES


def with_project(picture: bytes, suffix: str, project: Project) -> bytes:
    """An SVG or PNG picture with the project inside. Raises StudioError where that is too large."""
    packed = zlib.compress(dumps(project).encode(), 9)
    return _in_svg(picture, packed) if suffix == ".svg" else _in_png(picture, packed)


def read_picture(path: Path) -> Project:
    """The project inside a picture. Raises StudioError that says why there is none."""
    try:
        size = path.stat().st_size
        if size > LARGEST_PICTURE:
            refuse(str(path), "", "a picture of at most 256 MiB", f"{size:,} bytes", _HINT)
        data = path.read_bytes()
    except OSError as error:
        hint = "Check the path." if isinstance(error, FileNotFoundError) else "Check the file and its rights."
        raise StudioError(f"{path}: cannot be read: {error.strerror or error}", hint) from error
    return loads(_text(data, path), str(path))


def _text(data: bytes, path: Path) -> str:
    finders = {".svg": _from_svg, ".png": _from_png, ".pdf": _from_pdf}
    packed = finders[path.suffix.lower()](data, str(path))
    if packed is None:
        refuse(str(path), "", "a drawing with its project inside", "a picture without one", _HINT)
    try:
        return _unpacked(packed, str(path)).decode()
    except UnicodeDecodeError:
        _refuse_damaged(str(path))


def _unpacked(packed: bytes | memoryview, where: str) -> bytes:
    """What was compressed, as far as it is no larger than a project may be."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(packed, LARGEST_FILE + 1)
    except zlib.error:
        _refuse_damaged(where)
    if len(text) > LARGEST_FILE:
        refuse(where, "", "a project of at most 64 MiB inside", "a larger one", _HINT)
    if not unpacking.eof:
        _refuse_damaged(where)
    return text


def _refuse_damaged(where: str) -> NoReturn:
    refuse(where, "", "a drawing with its project inside", "one that is damaged", _DAMAGED)


# ---- SVG


def _in_svg(picture: bytes, packed: bytes) -> bytes:
    end = picture.rindex(b"</svg>")
    opening = _OPENING + b' xmlns:neuroloom="urn:neuroloom" encoding="base64" compression="zlib">'
    held = b"<metadata>" + opening + b64encode(packed) + _CLOSING + b"</metadata>\n"
    return picture[:end] + held + picture[end:]


def _from_svg(data: bytes, where: str) -> bytes | None:
    begin = data.find(_OPENING)
    if begin < 0:
        return None
    start, end = data.find(b">", begin), data.find(_CLOSING, begin)
    if start < 0 or end < start:
        _refuse_damaged(where)
    try:
        return b64decode(b"".join(data[start + 1 : end].split()), validate=True)
    except NoBase64:
        _refuse_damaged(where)


# ---- PNG


def _in_png(picture: bytes, packed: bytes) -> bytes:
    """With a chunk after the first: keyword, compressed, by zlib, in no language, without translated key."""
    content = _KEYWORD + b"\0\1\0\0\0" + packed
    chunk = struct.pack(">I", len(content)) + b"iTXt" + content
    chunk += struct.pack(">I", zlib.crc32(chunk[4:]))
    return picture[:_AFTER_HEADER] + chunk + picture[_AFTER_HEADER:]


def _from_png(data: bytes, where: str) -> memoryview | None:
    for kind, content in _chunks(data):
        if kind == b"iTXt" and bytes(content[: len(_KEYWORD) + 1]) == _KEYWORD + b"\0":
            head = len(_KEYWORD) + 5
            if bytes(content[len(_KEYWORD) + 1 : head]) != b"\1\0\0\0":
                _refuse_damaged(where)
            return content[head:]
    return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The kind and the content of each whole chunk of a PNG."""
    if not data.startswith(_PNG):
        return
    at, view = len(_PNG), memoryview(data)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            return
        yield data[at + 4 : at + 8], view[at + 8 : at + 8 + length]
        at += 12 + length


# ---- PDF


def _from_pdf(data: bytes, where: str) -> memoryview | None:
    """The attached file, as Qt's PDF writer puts it: a compressed stream that a file specification names."""
    found = _ATTACHMENT.search(data) if data.startswith(b"%PDF-") else None
    if found is None or ATTACHED.encode("utf-16-be") not in data:
        return None
    begin = data.find(b"\n" + found[1] + b" 0 obj")
    stream = _COMPRESSED.search(data, begin, begin + 1000) if begin >= 0 else None
    if stream is None:
        _refuse_damaged(where)
    return memoryview(data)[stream.end() :]
