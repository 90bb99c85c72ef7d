"""C of ours, compiled once on the machine where it runs; where there is no compiler, others do its work."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread

from studio.places import cache_folder

COMPILERS = ("cc", "gcc", "clang")
OPTIONS = ("-O3", "-ffp-contract=off", "-fPIC", "-shared")
THREADED = ("-fopenmp",)
"""Where this is not known, what is compiled works in one thread."""
LONGEST = 60.0
"""Seconds that a compiler may take."""
_lock = Lock()


def compiled(source: Path) -> ctypes.CDLL | None:
    """The functions of a C file; None where it cannot be compiled here."""
    with _lock:
        return _compiled(source)


class Coming:
    """The functions of a C file that is compiled while others do its work."""

    def __init__(self, source: Path) -> None:
        self._source, self._thread = source, None
        self._found: ctypes.CDLL | None = None
        self._beginning = Lock()

    def begin(self) -> Thread:
        """Compile it, unless that has begun; waits for no compiler."""
        with self._beginning:
            if self._thread is None:
                self._thread = Thread(target=self._compile, daemon=True)
                self._thread.start()
        return self._thread

    def now(self) -> ctypes.CDLL | None:
        """The functions, where they are there."""
        return self._found

    def _compile(self) -> None:
        self._found = compiled(self._source)


@cache
def _compiled(source: Path) -> ctypes.CDLL | None:
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None or sys.platform == "win32":
        return None
    written = [one.read_bytes() for one in (source, *sorted(source.parent.glob("*.h")))]
    told = (written, OPTIONS, THREADED, sys.platform, platform.machine())
    name = sha256(repr(told).encode()).hexdigest()[:32]
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
        call = [compiler, *OPTIONS, "-o", os.fspath(made), os.fspath(source), "-lm"]
        if _run([*call, *THREADED]).returncode:
            _run(call).check_returncode()
        made.replace(place)


def _run(call: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(call, check=False, capture_output=True, timeout=LONGEST)
