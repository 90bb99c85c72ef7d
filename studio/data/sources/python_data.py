"""A Python function of the user's that gives a data set: run once its text is trusted, in a process of its
own that is ended when it takes too long.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from studio.catalog.data_python import TYPE, python_of
from studio.catalog.python_source import SourceError, parsed
from studio.catalog.trust import trust
from studio.data.cells import Held, Listed
from studio.data.raw import Array, DataError, identifier, located, present
from studio.data.sources.array_parts import pieces, targets_of, test_rows
from studio.data.sources.arrays import field_of
from studio.data.table import SourceColumn, Table, kind_of
from studio.project.project import Setting

PRINTED = 2000
"""Characters of what a text printed that are told when it fails without a word."""


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The file with the text, where it is in one."""
    return present(params["path"], folder) if params["path"].strip() else ()


def state(params: Mapping[str, Any], folder: Path) -> str:
    """Whether the text may run: the samples depend on it."""
    try:
        return str(trust().holds(_text(params, folder)))
    except DataError:
        return ""


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """The fields that the function gives. Raises DataError that tells the line at fault."""
    text = _text(params, folder)
    _check(params, text)
    out = Path(tempfile.mkdtemp(dir=_kept()))
    told = _answer(text, params, folder, out)
    if "error" in told:
        raise _wrong(params, str(told["error"]), int(told.get("line", 0)))
    columns: Mapping[str, Any] = told["columns"]
    stored = {name: _stored(out, about) for name, about in columns.items()}
    return _table(_name(params), stored, params["target"])


def _name(params: Mapping[str, Any]) -> Path:
    return Path(params["path"].strip() or "the function")


def _text(params: Mapping[str, Any], folder: Path) -> str:
    if params["path"].strip() and located(params["path"], folder).is_dir():
        raise DataError(f"{params['path']} is a folder, not a file.", "Choose a Python file.")
    try:
        return python_of(Setting(TYPE, params), folder)
    except OSError as error:
        raise DataError(f"{params['path']} cannot be read: {error.strerror}.") from None


def _check(params: Mapping[str, Any], text: str) -> None:
    """Refuse what Python would not understand, and what nobody has agreed to run."""
    try:
        parsed(text)
    except SourceError as error:
        raise _wrong(params, str(error), error.line) from None
    if not trust().holds(text):
        raise DataError(
            "The Python that gives the data has not been trusted, and so is not run.",
            "Read it, then trust it in the data settings; on the command line use neuroloom trust.",
            _param(params),
        )


def _param(params: Mapping[str, Any]) -> str:
    return "path" if params["path"].strip() else "code"


def _wrong(params: Mapping[str, Any], what: str, line: int) -> DataError:
    where = f"{_name(params)}, line {line}: " if line else f"{_name(params)}: "
    return DataError(f"{where}{what}.", "Correct the Python that gives the data.", _param(params))


def _answer(text: str, params: Mapping[str, Any], folder: Path, out: Path) -> Mapping[str, Any]:
    """Run the text in a process of its own; what it gives lies in a folder."""
    request = {"text": text, "function": params["function"], "folder": str(folder), "out": str(out)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "studio.data.python_run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_root()), *_paths()])},
        text=True,
        start_new_session=True,
    )
    try:
        answer, printed = process.communicate(json.dumps(request) + "\n", timeout=params["seconds"])
    except subprocess.TimeoutExpired:
        _end(process)
        raise DataError(
            f"{_name(params)}: it took longer than {params['seconds']} seconds and was ended.",
            "Make it quicker, or raise the seconds it may take.",
            "seconds",
        ) from None
    if not answer.strip():
        last = printed.strip()[-PRINTED:].rpartition("\n")[2]
        said = f" ({last})" if last else ""
        raise _wrong(params, f"its process ended with code {process.returncode}{said}", 0)
    found: Mapping[str, Any] = json.loads(answer.strip().rpartition("\n")[2])
    return found


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and those it started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def _root() -> Path:
    return Path(__file__).resolve().parents[3]


def _paths() -> list[str]:
    return [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]


@cache
def _kept() -> str:
    """A folder for samples as long as this process lives: they stay mapped."""
    folder = tempfile.mkdtemp(prefix="neuroloom-data-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _stored(out: Path, about: Mapping[str, str]) -> Array | list[str | None]:
    path = out / about["file"]
    if about["form"] == "texts":
        return json.loads(path.read_text("utf-8"))
    return np.lib.format.open_memmap(path, mode="r")


def _table(path: Path, stored: Mapping[str, Array | list[str | None]], target: str) -> Table:
    shapes = {
        name: _Sized((len(one),) if isinstance(one, list) else one.shape) for name, one in stored.items()
    }
    parts = pieces(path, shapes)
    targets = targets_of(path, parts, target)
    columns: dict[str, SourceColumn] = {}
    for name, names in parts.items():
        key = identifier(name, columns)
        columns[key] = _column(path, key, [stored[one] for one in names], name in targets)
    return Table(columns, test=test_rows(shapes, parts))


class _Sized:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape


def _column(path: Path, name: str, found: list[Array | list[str | None]], target: bool) -> SourceColumn:
    texts = [text for one in found if isinstance(one, list) for text in one]
    role = "target" if target else "input"
    if texts:
        return SourceColumn(Listed(texts), "category" if target else "", role if target else "")
    arrays = [one for one in found if not isinstance(one, list)]
    whole = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    array, field = field_of(path, name, whole, target)
    return SourceColumn(Held(array), kind_of(field), role, field)
