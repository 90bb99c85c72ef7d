"""Says how far data are made ready, where that takes long."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

from studio.cli.say import tell
from studio.data.progress import progress

EVERY_S = 1.0
STEP = 0.1
"""The share after which it is said anew."""


@contextmanager
def telling_reading() -> Generator[None]:
    """While this lasts, say on stderr what is made ready and how far it is."""
    over = Event()
    thread = Thread(target=_tell, args=(over,), name="reading", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _tell(over: Event) -> None:
    told = ("", 0.0)
    while not over.wait(EVERY_S):
        going = progress.going
        if going is not None and (going.what != told[0] or going.share >= told[1] + STEP):
            told = (going.what, going.share)
            tell(f"{going.what}: {going.share:.0%}")
