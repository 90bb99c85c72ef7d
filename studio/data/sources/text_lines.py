"""A text file: each line a sample, or one running text in pieces, of which the next tokens are predicted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.cells import Held, Listed
from studio.data.decoding.texts import read_text
from studio.data.raw import DataError, located
from studio.data.sources.walking import walk
from studio.data.table import SourceColumn, Table
from studio.data.transforms.tokens import WORD
from studio.project.project import Setting

SUFFIXES = frozenset({".txt", ".md", ".text"})
LETTERS_PER_PIECE = 4
"""About so many characters have the tokens of byte-pair coding; pieces that come out longer are cut."""


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The file, or those of the folder."""
    try:
        return tuple(_paths(params, folder))
    except DataError:
        return ()


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """`text` and, from a folder of files, `label` (the file's name); or `text` and `next`."""
    paths = _paths(params, folder)
    if params["content"] == "running text":
        return _running(paths, params)
    return _lines(paths, params["encoding"])


def _paths(params: Mapping[str, Any], folder: Path) -> list[Path]:
    path = located(params["path"], folder)
    if not path.is_dir():
        return [path]
    found = [one for one in walk(path, SUFFIXES).paths if one.parent == path]
    if not found:
        raise DataError(f"{path} holds no text files.", "Choose another folder, or a file.")
    return found


def _lines(paths: list[Path], encoding: str) -> Table:
    """Lines without those that are empty; the key of a line is its number in its file."""
    texts: list[str] = []
    labels: list[str] = []
    keys: list[str] = []
    for path in paths:
        for number, line in enumerate(read_text(path, encoding).split("\n"), 1):
            if line.strip():
                texts.append(line.strip())
                labels.append(path.stem)
                keys.append(f"{path.name}:{number}" if len(paths) > 1 else str(number))
    if len(texts) < 2:
        count = "one line" if texts else "no line"
        raise DataError(f"{paths[0].name} holds {count} of text; at least two are needed.", "Choose another.")
    columns = {"text": SourceColumn(Listed(texts), "text", "input")}
    if len(paths) > 1:
        columns["label"] = SourceColumn(Listed(labels), "category", "target")
    return Table(columns, keys=keys, missing="zero")


def _running(paths: list[Path], params: Mapping[str, Any]) -> Table:
    """Pieces of a running text, each with the one token that follows."""
    length, unit = int(params["length"]), str(params["unit"])
    pieces: list[str] = []
    for path in paths:
        pieces += _pieces(read_text(path, params["encoding"]), length, unit)
    if len(pieces) < 2:
        raise DataError(
            f"{paths[0].name} makes {len(pieces)} pieces of {length} {_WORDS[unit]}; "
            "at least two are needed.",
            "Choose a shorter length, or a longer text.",
            "length",
        )
    cells = Listed(pieces)
    steps = _steps(length, params)
    columns = {
        "text": SourceColumn(cells, "text", "input", steps=(*steps, _cut(0, length))),
        "next": SourceColumn(cells, "text", "target", steps=(*steps, _cut(1, length))),
        "position": SourceColumn(Held(np.arange(len(pieces))), "number", "ignore"),
    }
    return Table(columns)


_WORDS = {"words": "words", "characters": "characters", "pieces": "pieces of words"}


def _cut(skip: int, length: int) -> Setting:
    return Setting("CutTokens", {"skip": skip, "length": length})


def _steps(length: int, params: Mapping[str, Any]) -> tuple[Setting, ...]:
    """Both columns learn from the same texts, so that they number tokens alike."""
    told = {"unit": params["unit"], "vocabulary": params["vocabulary"]}
    tokens = Setting("Tokenize", told)
    if params["unit"] != "pieces":
        return (tokens,)
    return tokens, Setting("PadTokens", {"length": length + 1})


def _pieces(text: str, length: int, unit: str) -> list[str]:
    """Texts of one token more than the length; the next begins with the last token of the one before."""
    if unit == "words":
        ends = [(one.start(), one.end()) for one in re.finditer(WORD, text)]
        starts = range(0, len(ends) - length, length)
        return [text[ends[at][0] : ends[at + length][1]] for at in starts]
    size = length if unit == "characters" else LETTERS_PER_PIECE * length
    return [text[at : at + size + 1] for at in range(0, len(text) - size, size)]
