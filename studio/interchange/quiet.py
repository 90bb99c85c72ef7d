"""Keeps what foreign libraries print, log and warn of off the user's screen while they work."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Generator


@contextlib.contextmanager
def quiet(*loggers: str) -> Generator[io.StringIO]:
    """Nothing is warned of, printed, or logged by these loggers inside; what was printed can be read."""
    found = [logging.getLogger(name) for name in loggers]
    before = [one.level for one in found]
    printed = io.StringIO()
    try:
        for one in found:
            one.setLevel(logging.CRITICAL)
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            warnings.simplefilter("ignore")
            yield printed
    finally:
        for one, level in zip(found, before, strict=True):
            one.setLevel(level)
