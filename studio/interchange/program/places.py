"""Where a program finds the files that it reads and writes, as code."""

from __future__ import annotations

import os
from pathlib import Path

from studio.interchange.program.data import DataCode
from studio.interchange.pytorch.lines import statement
from studio.interchange.pytorch.text import literal


def beside(path: Path, what: str) -> Path:
    """The file of that use beside a program."""
    return path.with_name(f"{path.stem}_{what}.safetensors")


def near(name: str) -> str:
    """A file by its place relative to the program's folder."""
    return f"Path(__file__).parent / {literal(name)}"


def found_from(file: Path, path: Path) -> str:
    """A file as a program at a path finds it: from there if both lie in one tree, else by its whole path."""
    file, path = file.absolute(), path.absolute()
    if file.parts[:2] != path.parts[:2]:
        return f"Path({literal(file.as_posix())})"
    return near(Path(os.path.relpath(file, path.parent)).as_posix())


def data_constants(code: DataCode, path: Path) -> list[str]:
    """The lines that name the data, and the file with the rows of each part."""
    lines: list[str] = []
    if code.reads:
        where = near(beside(path, "data").name) if code.path is None else found_from(code.path, path)
        lines += statement(0, "DATA = ", where)
    if code.plain and code.beside:
        lines += statement(0, "ROWS = ", near(beside(path, "rows").name))
    return lines
