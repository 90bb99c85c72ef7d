"""Who trains a run holds its folder: by a lock, which ends with its holder and needs no room on a disk."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

PATIENCE_S = 2.0
"""Seconds in which whoever only looks, or is about to end, lets go."""


class Hold:
    """Holds a run's folder until it is let go, or the process ends."""

    def __init__(self, run_dir: Path) -> None:
        """Raises BlockingIOError where another one holds it. Without locks nothing is held."""
        self._handle = _opened(run_dir)
        self.real = self._handle is not None
        until = time.monotonic() + PATIENCE_S
        while self._handle is not None:
            try:
                self.real = _lock(self._handle, alone=True)
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    self.let_go()
                    raise
                time.sleep(0.02)

    def whereabouts(self, run_dir: Path) -> Path | None:
        """Where the folder lies that was held at `run_dir`; None where it is gone.

        Where nothing is held, or the disk does not answer, it counts as where it was.
        """
        if self._handle is None:
            return run_dir
        held = os.fstat(self._handle)
        try:
            if os.path.samestat(held, run_dir.stat()):
                return run_dir
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:
            return run_dir
        try:
            there = _path_of(self._handle)
            return there if os.path.samestat(held, there.stat()) else None
        except (OSError, ValueError):
            return None

    def let_go(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            _unlock(self._handle)
            os.close(self._handle)
            self._handle = None


def is_held(run_dir: Path) -> bool:
    """Whether someone holds it, as far as can be told: where folders cannot be locked, nobody does."""
    handle = _opened(run_dir)
    if handle is None:
        return False
    try:
        if _lock(handle, alone=False):
            _unlock(handle)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _opened(folder: Path) -> int | None:
    """The folder, to be locked; Windows opens none."""
    try:
        return None if sys.platform == "win32" else os.open(folder, os.O_RDONLY)
    except OSError:
        return None


def _path_of(handle: int) -> Path:
    """What the system calls an open folder now. Raises OSError where it does not say."""
    if sys.platform == "darwin":
        import fcntl

        return Path(os.fsdecode(fcntl.fcntl(handle, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0")))
    return Path(os.readlink(f"/proc/self/fd/{handle}"))


def _lock(handle: int, alone: bool) -> bool:
    """Whether it can be locked at all. Raises BlockingIOError where another one has locked it."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # some network disks
        return False
    return True


def _unlock(handle: int) -> None:
    """Also for processes that have got a copy of the handle."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)
