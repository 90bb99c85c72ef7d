"""Projects inside pictures: hostile, broken and foreign files are refused in one sentence, at little cost."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.interchange.pictures import LARGEST_PICTURE, read_picture, with_project
from studio.project.edits import add_node
from studio.project.project import Project
from studio.project.storage import LARGEST_FILE, dumps

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect/></svg>\n'
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY p SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg"><metadata><neuroloom:project>&c;&p;</neuroloom:project></metadata></svg>
"""


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def held(packed: bytes) -> bytes:
    return chunk(b"iTXt", b"neuroloom-project\0\1\0\0\0" + packed)


def in_svg(packed: bytes) -> bytes:
    return b"<svg><neuroloom:project>" + b64encode(packed) + b"</neuroloom:project></svg>"


def in_pdf(packed: bytes) -> bytes:
    stream = (
        b"\n22 0 obj\n<<\n/Filter /FlateDecode\n/Length 9\n>>\nstream\n" + packed + b"\nendstream\nendobj\n"
    )
    name = "project.loom".encode("utf-16-be")
    return b"%PDF-1.4\n" + stream + b"24 0 obj\n<<\n/F (" + name + b")\n/EF <</F 22 0 R>>\n>>\nendobj\n"


def a_project() -> Project:
    project, _ = add_node(Project(name="größer ×"), "ReLU", (0.0, 0.0), {}, "relu")
    return project


def packed(text: str) -> bytes:
    return zlib.compress(text.encode())


@pytest.mark.parametrize(("suffix", "picture"), [(".svg", SVG), (".png", png())])
def test_what_is_put_in_comes_out(tmp_path: Path, suffix: str, picture: bytes) -> None:
    path = tmp_path / f"drawing{suffix}"
    path.write_bytes(with_project(picture, suffix, a_project()))
    assert read_picture(path) == a_project()


def test_other_chunks_and_spaces_do_not_matter(tmp_path: Path) -> None:
    other = chunk(b"tEXt", b"Software\0other") + chunk(b"iTXt", b"Title\0\0\0\0\0x")
    (tmp_path / "a.png").write_bytes(png(other, held(packed(dumps(a_project())))))
    assert read_picture(tmp_path / "a.png") == a_project()
    spaced = in_svg(packed(dumps(a_project()))).replace(b">eJ", b">\r\n  eJ\n")
    (tmp_path / "a.SVG").write_bytes(spaced)
    assert read_picture(tmp_path / "a.SVG") == a_project()


BAD = {
    "a plain.svg": (SVG, "a picture without one"),
    "a plain.png": (png(), "a picture without one"),
    "a plain.pdf": (b"%PDF-1.4\n%%EOF\n", "a picture without one"),
    "empty.svg": (b"", "a picture without one"),
    "empty.png": (b"", "a picture without one"),
    "empty.pdf": (b"", "a picture without one"),
    "a jpeg.png": (b"\xff\xd8\xff\xe0" + bytes(100), "a picture without one"),
    "entities.svg": (BOMB, "damaged"),
    "no end.svg": (b"<svg><neuroloom:project>eJ", "damaged"),
    "no base64.svg": (b"<svg><neuroloom:project>!!!</neuroloom:project></svg>", "damaged"),
    "no zlib.svg": (in_svg(b"plain"), "damaged"),
    "no zlib.png": (png(held(b"plain")), "damaged"),
    "no zlib.pdf": (in_pdf(b"plain"), "damaged"),
    "cut.svg": (in_svg(packed("{" * 99)[:-6]), "damaged"),
    "cut.png": (png(held(packed("{}")[:-6])), "damaged"),
    "uncompressed.png": (png(chunk(b"iTXt", b"neuroloom-project\0\0\0\0\0{}")), "damaged"),
    "long chunk.png": (png()[:33] + b"\x7f\xff\xff\xffiTXtneuroloom-project\0", "a picture without one"),
    "no utf-8.svg": (in_svg(zlib.compress(b"\xff\xfe")), "damaged"),
    "lost stream.pdf": (in_pdf(b"").replace(b"22 0 obj", b"21 0 obj"), "damaged"),
    "no json.svg": (in_svg(packed("hello")), "valid JSON"),
    "no project.png": (png(held(packed("[1]"))), "a project"),
    "nested.pdf": (in_pdf(packed("[" * 100_000)), "nested"),
    "next version.svg": (in_svg(packed('{"format": 99, "graph": 7}')), "newer Neuroloom"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_holds_no_project_says_so_in_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name][0])
    with pytest.raises(StudioError, match=BAD[name][1]) as caught:
        read_picture(path)
    assert caught.value.message.startswith(str(path))
    assert caught.value.message.count("\n") == 0
    assert caught.value.hint or "nested" in caught.value.message


@pytest.mark.parametrize(("suffix", "wrapped"), [(".svg", in_svg), (".pdf", in_pdf)])
def test_what_would_grow_without_end_is_not_unpacked(tmp_path: Path, suffix: str, wrapped) -> None:
    path = tmp_path / f"bomb{suffix}"
    path.write_bytes(wrapped(zlib.compress(bytes(LARGEST_FILE + 1), 9)))
    assert path.stat().st_size < 200_000
    with pytest.raises(StudioError, match="at most 64 MiB inside"):
        read_picture(path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(LARGEST_PICTURE + 1)
    with pytest.raises(StudioError, match="at most 256 MiB"):
        read_picture(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="cannot be read") as caught:
        read_picture(tmp_path / "gone.png")
    assert caught.value.hint == "Check the path."
    with pytest.raises(StudioError, match="cannot be read"):
        read_picture(_folder(tmp_path))


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder.svg"
    folder.mkdir()
    return folder
