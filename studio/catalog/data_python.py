"""The user's own Python that gives a data set: its text, which has to be trusted before it may run."""

from __future__ import annotations

from pathlib import Path

from studio.project.project import Setting

TYPE = "PythonData"
LARGEST = 2**20
"""Bytes of a text that is run."""
TEMPLATE = '''"""Data of your own: the last function that can be called without arguments gives the samples.

They may be arrays by name (the first dimension is the sample), a list of samples, or a torch Dataset. Fields
named y, label or target are what is predicted; texts of few kinds become classes.
"""

import numpy as np


def data() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 2)).astype(np.float32)
    return {"x": x, "label": (x[:, 0] * x[:, 1] > 0).astype(np.int64)}
'''


def python_of(source: Setting, folder: Path) -> str:
    """The text that a source would run, paths from `folder`; "" where there is none. Raises OSError."""
    if source.type != TYPE:
        return ""
    path = source.params.get("path", "")
    if not isinstance(path, str) or not path.strip():
        code = source.params.get("code", TEMPLATE)
        return code if isinstance(code, str) else ""
    file = folder / Path(path).expanduser()
    if not file.is_file():
        raise OSError(None, "it is no file", str(file))
    if file.stat().st_size > LARGEST:
        raise OSError(None, f"it is larger than {LARGEST // 2**20} MiB", str(file))
    return file.read_text("utf-8", "replace")
