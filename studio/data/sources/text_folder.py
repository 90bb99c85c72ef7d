"""Texts in folders, one file a text and one folder a class; or in one folder, without classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from studio.data.cells import Decoded
from studio.data.decoding.texts import TextReader, read_text
from studio.data.raw import DataError
from studio.data.sources.class_folders import Classed, classed, without_broken
from studio.data.sources.walking import folder_of, walk
from studio.data.table import SourceColumn, Table
from studio.errors import Problem

SUFFIXES = frozenset({".txt", ".md", ".text", ".rst"})
THREADS = 4
TOLD = 5


def files(params: Mapping[str, Any], folder: Path) -> Sequence[Path]:
    """All texts."""
    try:
        return walk(folder_of(params, folder), SUFFIXES).paths
    except DataError:
        return ()


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """`text`, and `label` where there are folders of classes; a text's key is its path below the folder."""
    found = classed(walk(folder_of(params, folder), SUFFIXES), params["classes"], "texts")
    broken, empty = _looked_through(found, params["encoding"])
    found = without_broken(found, broken, params["broken"], "texts")
    columns = {
        "text": SourceColumn(Decoded(found.paths, TextReader(params["encoding"])), "text", "input"),
        **found.label_column(),
    }
    warnings = (*found.warnings, *_empty(empty))
    return Table(
        columns,
        keys=found.names,
        missing="zero",
        warnings=warnings,
        validation=found.rows("validation"),
        test=found.rows("test"),
    )


def _looked_through(found: Classed, encoding: str) -> tuple[dict[int, str], list[str]]:
    """Why files cannot be read, by their number, and the names of those with nothing in them."""

    def look(path: Path) -> str | None:
        try:
            return None if read_text(path, encoding).strip() else ""
        except DataError as error:
            return error.message

    with ThreadPoolExecutor(THREADS) as pool:
        told = list(pool.map(look, found.paths))
    broken = {at: one for at, one in enumerate(told) if one}
    return broken, [found.names[at] for at, one in enumerate(told) if one == ""]


def _empty(names: list[str]) -> tuple[Problem, ...]:
    if not names:
        return ()
    listed = ", ".join(names[:TOLD]) + (" …" if len(names) > TOLD else "")
    text = f"{len(names)} texts hold nothing: {listed}."
    return (Problem("warning", text, "Fill or delete these files.", field="data.folder"),)
