"""C of ours, compiled once on the machine where it runs; where there is no compiler, others do its work."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from threading import Lock

from studio.data.store import digest
from studio.places import cache_folder

COMPILERS = ("cc", "gcc", "clang")
OPTIONS = ("-O3", "-ffp-contract=off", "-fPIC", "-shared")
LONGEST = 60.0
"""Seconds that a compiler may take."""
_lock = Lock()


def compiled(source: Path) -> ctypes.CDLL | None:
    """The functions of a C file; None where it cannot be compiled here."""
    with _lock:
        return _compiled(source)


@cache
def _compiled(source: Path) -> ctypes.CDLL | None:
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None or sys.platform == "win32":
        return None
    name = digest(source.read_bytes(), OPTIONS, sys.platform, platform.machine())
    place = cache_folder() / "compiled" / f"{source.stem}-{name}.so"
    try:
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            _compile(compiler, source, place)
        return ctypes.CDLL(os.fspath(place))
    except (OSError, subprocess.SubprocessError):
        return None


def _compile(compiler: str, source: Path, place: Path) -> None:
    """Put it there whole, or not at all. Raises OSError and SubprocessError."""
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        made = Path(folder) / place.name
        subprocess.run(
            [compiler, *OPTIONS, "-o", made, source, "-lm"], check=True, capture_output=True, timeout=LONGEST
        )
        made.replace(place)
