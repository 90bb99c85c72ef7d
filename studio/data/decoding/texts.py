"""Text from bytes of any encoding: recognised by its mark, as UTF-8, or by what the characters would be."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio.data.raw import DataError

LARGEST = 2**30
"""Bytes of one text file that are read."""
LOOKED_AT = 65_536
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How files begin that say their encoding; the longer mark of two that begin alike comes first."""
_BEYOND = re.compile(rb"[\x80-\xff]+")
Judge = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Read:
    """Text, and the encoding that it was found to be in."""

    text: str
    encoding: str


def read_text(path: Path, encoding: str = "auto") -> str:
    """A file's text, lines ended by a line feed. Raises DataError that names file, line and byte."""
    return recognised(path, encoding).text


@dataclass(frozen=True, slots=True)
class TextReader:
    """What reads files of an encoding, or auto for what each is found to be in."""

    encoding: str = "auto"

    def __call__(self, path: Path) -> str:
        """The text of a file."""
        return read_text(path, self.encoding)


def recognised(path: Path, encoding: str = "auto") -> Read:
    """A file's text and its encoding. Raises DataError."""
    content = _content(path)
    found = decoded(content, path.name, encoding)
    if "\0" in found.text:
        line = found.text.count("\n", 0, found.text.index("\0")) + 1
        raise DataError(
            f"{path.name}, line {line}: there is a NUL character; this is no text file.",
            "Leave the file out, or save it as UTF-8 text.",
        )
    return Read(found.text.replace("\r\n", "\n").replace("\r", "\n"), found.encoding)


def decoded(content: bytes, name: str, encoding: str = "auto") -> Read:
    """Text from bytes; `name` is the file's. Raises DataError with the line and byte at fault."""
    if encoding != "auto":
        return Read(_as(content, name, encoding), encoding)
    for mark, marked in MARKS:
        if content.startswith(mark):
            return Read(_as(content, name, marked), marked)
    try:
        return Read(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        guessed = likely_encoding(content)
        if guessed is None or b"\0" in content:
            raise _wrong(content, name, "utf-8", error) from None
        return Read(_as(content, name, guessed), guessed)


def _as(content: bytes, name: str, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _wrong(content, name, encoding, error) from None
    except LookupError:
        raise DataError(
            f"There is no encoding {encoding}.", "Choose auto or another one.", "encoding"
        ) from None


def _wrong(content: bytes, name: str, encoding: str, error: UnicodeDecodeError) -> DataError:
    line = content.count(b"\n", 0, error.start) + 1
    byte = content[error.start] if error.start < len(content) else 0
    return DataError(
        f"{name}, line {line}: the byte {byte:#04x} is no {encoding} text.",
        "Choose the encoding that the file was saved in, or save it again as UTF-8.",
        "encoding",
    )


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder, not a file.", "Choose a text file.")
        if path.stat().st_size > LARGEST:
            raise DataError(
                f"{path.name} has more than {LARGEST // 2**20} MiB of text.", "Cut it into several files."
            )
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None


def _han(text: str) -> float:
    """The share of Chinese characters that are in use, among those that are not ASCII."""
    return _share(text, lambda c: "\u4e00" <= c <= "\u9fa5" or c in "，。、；：？！“”‘’（）《》【】—…　")


def _kana(text: str) -> float:
    """The share of Japanese characters; 0 without any syllable letters."""
    if not any("\u3041" <= c <= "\u30ff" for c in text):
        return 0.0
    return _share(
        text, lambda c: "\u3041" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fa5" or c in "　、。「」・ー"
    )


def _hangul(text: str) -> float:
    return _share(text, lambda c: "\uac00" <= c <= "\ud7a3")


def _cyrillic(text: str) -> float:
    """The share of Russian letters, where they are small as in most words."""
    return _share(text, lambda c: "\u0430" <= c <= "\u044f" or c in "ё«»—–") if text else 0.0


def _latin(text: str) -> float:
    """The share of letters and signs of European languages."""
    return _share(text, lambda c: "\u00c0" <= c <= "\u00ff" or c in "ŒœŠšŽžŸ’‘“”–—…€£°«»·§¿¡")


CANDIDATES: tuple[tuple[str, Judge], ...] = (
    ("shift_jis", _kana),
    ("euc_jp", _kana),
    ("euc_kr", _hangul),
    ("gb18030", _han),
    ("big5", _han),
    ("cp1251", _cyrillic),
    ("cp1252", _latin),
)


def _share(text: str, known: Callable[[str], bool]) -> float:
    foreign = [c for c in text if c > "\x7f"]
    return sum(map(known, foreign)) / len(foreign) if foreign else 0.0


def _stand_alone(content: bytes) -> bool:
    """Whether most bytes beyond ASCII have none beside them, as accents among plain letters do."""
    runs = [len(one) for one in _BEYOND.findall(content)]
    return 2 * runs.count(1) > len(runs)


def likely_encoding(content: bytes) -> str | None:
    """The encoding in which the characters would make most sense; None where none does."""
    best, sure = None, 0.6
    alone = _stand_alone(content[:LOOKED_AT])
    for encoding, judge in CANDIDATES:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        share = judge(content[:LOOKED_AT].decode(encoding, "ignore"))
        share *= 1.0 if alone == (encoding == "cp1252") else 0.8
        if share > sure:
            best, sure = encoding, share
    return best
