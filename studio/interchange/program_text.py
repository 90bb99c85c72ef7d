"""A program as one file: its docstring, the imports that its code needs, what is copied, its parts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence

from studio.interchange.source_imports import import_lines

Function = Callable[..., object]
USED = {
    "import argparse": r"\bargparse\.",
    "import gzip": r"\bgzip\.",
    "import json": r"\bjson\.",
    "import random": r"^    random\.seed\(",
    "import numpy as np": r"\bnp\.",
    "import polars as pl": r"\bpl\.",
    "from bisect import bisect_right": r"\bbisect_right\(",
    "from collections.abc import Callable": r"\bCallable\[",
    "from collections.abc import Iterable": r"\bIterable\[",
    "from collections.abc import Iterator": r"\bIterator\[",
    "from contextlib import contextmanager": r"@contextmanager\b",
    "from functools import partial": r"\bpartial\(",
    "from pathlib import Path": r"\bPath\b",
    "from typing import Any": r"\bAny\b",
    "from numpy.lib.stride_tricks import sliding_window_view": r"\bsliding_window_view\(",
    "from PIL import Image": r"\bImage\.",
    "from PIL import ImageOps": r"\bImageOps\.",
    "from safetensors.torch import load_file": r"\bload_file\(",
    "from safetensors.torch import save_file": r"\bsave_file\(",
}
"""Imports, and what in the code needs them."""


def module_text(
    doc: str,
    parts: Sequence[Sequence[str]],
    functions: Iterable[Function] = (),
    imports: Iterable[str] = (),
    constants: Sequence[str] = (),
) -> str:
    """The file: what is copied comes before the `parts`, which are blocks of lines."""
    copied = [source_of(one) for one in dict.fromkeys(functions)]
    blocks = ["\n".join(lines) for lines in parts if lines]
    body = "\n\n\n".join([*copied, *blocks])
    code = "\n".join([*constants, body])
    needed = [line for line, pattern in USED.items() if re.search(pattern, code, re.MULTILINE)]
    needed += [
        f"from sklearn.datasets import {name}"
        for name in re.findall(r"\b(load_(?:digits|iris|wine|breast_cancer|diabetes|linnerud))\(", code)
    ]
    aliases = [line for line in constants if line]
    head = [*([doc, ""] if doc else []), *import_lines(code, {*imports, *needed})]
    head += ["", *aliases] if aliases else []
    return "\n".join([*head, "", "", body]) + "\n"


def source_of(function: Function) -> str:
    """A function or class as it is written here."""
    return inspect.getsource(function).rstrip()
