"""A program as one file: its docstring, the imports that its code needs, and its parts, some copied."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence

from studio.interchange.pytorch.imports import import_lines

Function = Callable[..., object]
Part = Sequence[str] | Function
"""Lines, or a function or class that is copied."""
LOADERS = r"\b(load_(?:digits|iris|wine|breast_cancer|diabetes|linnerud))\("
USED = {
    "import argparse": r"\bargparse\.",
    "import gzip": r"\bgzip\.",
    "import json": r"\bjson\.",
    "import random": r"^    random\.seed\(",
    "import numpy as np": r"\bnp\.",
    "import polars as pl": r"\bpl\.",
    "import re": r"\bre\.",
    "import time": r"\btime\.",
    "from collections import Counter": r"\bCounter\(",
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
    parts: Iterable[Part],
    imports: Iterable[str] = (),
    constants: Sequence[str] = (),
) -> str:
    """The file: its parts in their order, each once."""
    blocks = [_text(one) for one in dict.fromkeys(map(_key, parts)) if one]
    body = "\n\n\n".join(blocks)
    code = "\n".join([*constants, body])
    needed = [line for line, pattern in USED.items() if re.search(pattern, code, re.MULTILINE)]
    needed += [f"from sklearn.datasets import {name}" for name in re.findall(LOADERS, code)]
    head = [*([doc, ""] if doc else []), *import_lines(code, {*imports, *needed})]
    head += ["", *constants] if constants else []
    return "\n".join([*head, "", "", body]) + "\n"


def _key(part: Part) -> tuple[str, ...] | Function:
    return part if callable(part) else tuple(part)


def _text(part: tuple[str, ...] | Function) -> str:
    """Lines as they are, and a function or class as it is written in this package."""
    return inspect.getsource(part).rstrip() if callable(part) else "\n".join(part)
