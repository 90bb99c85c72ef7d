"""Runs a user's function that gives a data set, in a process of its own: python -m studio.data.python_run.

It reads a request from its input, writes the samples as plain arrays into a folder, and prints what there is
as one line of JSON. What the text itself prints goes to the standard error output. The text has been trusted
by whoever starts this.
"""

from __future__ import annotations

import inspect
import json
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np

NAME = "<data>"
MOST_BYTES = 16 * 2**30
GREATEST_LINE = 200


class TextError(Exception):
    """What is wrong with the text; `line` counts from 1, 0 where it is about all of it."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def main() -> None:
    """Answer one request."""
    request: dict[str, Any] = json.loads(sys.stdin.readline())
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        sys.path.append(request["folder"])
        os.chdir(request["folder"])
        found = _called(request["text"], request["function"])
        told: dict[str, Any] = {"columns": _saved(found, Path(request["out"]))}
    except TextError as error:
        told = {"error": str(error), "line": error.line}
    except BaseException as error:
        told = {"error": _described(error), "line": _line(error)}
    answers.write(json.dumps(told) + "\n")
    answers.flush()
    os._exit(0)


def _called(text: str, name: str) -> Any:  # noqa: ANN401
    linecache.cache[NAME] = (len(text), None, text.splitlines(keepends=True), NAME)
    module = ModuleType("data_of_the_project")
    sys.modules[module.__name__] = module
    exec(compile(text, NAME, "exec"), module.__dict__)
    return _function(module, name)()


def _function(module: ModuleType, name: str) -> Callable[[], Any]:
    """The function that is named, or the last one of the text that can be called without arguments."""
    own = [
        one
        for one in vars(module).values()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not one.__name__.startswith("_")
    ]
    if name:
        own = [one for one in own if one.__name__ == name]
        if not own:
            raise TextError(f"there is no function {name}")
    if not own:
        raise TextError("there is no function; write one that returns a data set: def data(): …")
    callable_ = [one for one in own if not _asks(one)]
    if not callable_:
        raise TextError(
            f"the function {own[-1].__name__} asks for arguments; it is called without any",
            own[-1].__code__.co_firstlineno,
        )
    return callable_[-1]


def _asks(function: Callable[..., Any]) -> bool:
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return any(
        one.default is inspect.Parameter.empty and one.kind not in kinds
        for one in inspect.signature(function).parameters.values()
    )


def _saved(found: Any, out: Path) -> dict[str, Any]:  # noqa: ANN401
    """Write each field; tell its file and form."""
    columns = _columns(found)
    if not columns:
        raise TextError("the function gave a data set without fields")
    lengths = {name: len(one) for name, one in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise TextError(f"the fields differ in length: {told}")
    if not all(lengths.values()):
        raise TextError("the data set is empty")
    return {name: _written(name, one, out / f"{at}") for at, (name, one) in enumerate(columns.items())}


def _columns(found: Any) -> dict[str, Any]:  # noqa: ANN401
    """The values of each field: of a table of arrays, or of the samples of a Dataset."""
    if isinstance(found, Mapping):
        return {str(name): one for name, one in cast("Mapping[Any, Any]", found).items()}
    if _is_frame(found):
        return {str(name): list(found[name]) for name in found.columns}
    if not hasattr(found, "__getitem__") and not hasattr(found, "__iter__"):
        raise TextError(
            f"the function gave {_a(found)}, expected a torch Dataset, a list of samples, or arrays by name"
        )
    samples = [found[at] for at in range(len(found))] if hasattr(found, "__len__") else list(found)
    if not samples:
        raise TextError("the data set is empty")
    return _by_field(samples)


def _is_frame(found: Any) -> bool:  # noqa: ANN401
    return type(found).__name__ == "DataFrame" and hasattr(found, "columns")


def _by_field(samples: list[Any]) -> dict[str, list[Any]]:
    """Fields by the keys of samples, or by their place: x and y of pairs, else x, x2, …, y."""
    first = samples[0]
    if isinstance(first, Mapping):
        names: list[Any] = list(cast("Mapping[Any, Any]", first))
        keys = names
    elif isinstance(first, tuple | list) and _is_record(cast("list[Any]", first)):
        count = len(cast("list[Any]", first))
        names = list(range(count))
        keys = ["x", *(f"x{at}" for at in range(2, count)), "y"] if count > 1 else ["x"]
    else:
        return {"x": samples}
    columns: dict[str, list[Any]] = {str(key): [] for key in keys}
    for at, sample in enumerate(samples):
        try:
            for key, name in zip(keys, names, strict=True):
                columns[str(key)].append(sample[name])
        except (KeyError, IndexError, TypeError):
            raise TextError(f"sample {at} has not the fields that sample 0 has") from None
    return columns


def _is_record(first: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a list is a sample's fields rather than a row of numbers."""
    return isinstance(first, tuple) or not all(isinstance(one, int | float) for one in first)


def _written(name: str, values: Any, path: Path) -> dict[str, Any]:  # noqa: ANN401
    plain = [_plain(one) for one in values] if isinstance(values, list | tuple) else _plain(values)
    if isinstance(plain, list) and any(isinstance(one, str) or one is None for one in plain):
        texts = [None if one is None else str(one) for one in plain]
        path.write_text(json.dumps(texts), "utf-8")
        return {"file": path.name, "form": "texts"}
    try:
        array = np.asarray(plain)
    except ValueError:
        sizes = list(dict.fromkeys(np.shape(one) for one in plain))[:3]
        told = ", ".join("×".join(map(str, size)) or "one number" for size in sizes)
        raise TextError(f"the samples of {name} differ in size ({told}); make them equal") from None
    if array.dtype.kind == "U":
        path.write_text(json.dumps(array.tolist()), "utf-8")
        return {"file": path.name, "form": "texts"}
    if array.dtype.kind not in "buif":
        raise TextError(f"the samples of {name} are {array.dtype}, expected numbers or texts")
    if array.nbytes > MOST_BYTES:
        raise TextError(f"{name} has {array.nbytes / 2**30:.0f} GiB; at most {MOST_BYTES // 2**30} are taken")
    with path.open("wb") as file:
        np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
    return {"file": path.name, "form": "array"}


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Tensors and pictures as arrays."""
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    if type(value).__module__.startswith("PIL."):
        array = np.asarray(value if value.mode in ("L", "RGB") else value.convert("RGB"))
        return array if array.ndim == 2 else array.transpose(2, 0, 1)
    return value


def _a(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def _described(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"Python does not understand this line: {error.msg}"
    if isinstance(error, SystemExit):
        return "it asks the program to exit"
    text = str(error).strip().partition("\n")[0][:GREATEST_LINE]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line(error: BaseException) -> int:
    """The last line of the text that an exception came through."""
    if isinstance(error, SyntaxError) and error.filename == NAME:
        return error.lineno or 0
    lines = [
        frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME
    ]
    return lines[-1] if lines else 0


if __name__ == "__main__":
    main()
