"""How much memory this process holds, and how much it held at most. No torch."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path


def resident() -> int | None:
    """Bytes of memory in use, or None where the system does not say."""
    try:
        if sys.platform.startswith("linux"):
            return _linux()
        return _windows()[0] if sys.platform == "win32" else _most()
    except (OSError, ValueError, AttributeError):
        return None


def peak() -> int | None:
    """Bytes in use at most since the process began, or since `forget_peak`; None as for `resident`."""
    try:
        if sys.platform.startswith("linux"):
            return _linux_peak()
        return _windows()[1] if sys.platform == "win32" else _most()
    except (OSError, ValueError, AttributeError):
        return None


def forget_peak() -> None:
    """Measure the peak from now on, where the system can: on Linux."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _linux() -> int:
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _linux_peak() -> int:
    """Not getrusage, which remembers the process that this one was started from."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("no VmHWM")
    return int(found.group(1)) * 1024


def _most() -> int:
    """macOS names only the peak without further libraries."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _windows() -> tuple[int, int]:
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of psapi.h."""

        _fields_ = [("size", ctypes.c_uint32), ("faults", ctypes.c_uint32)] + [
            (name, ctypes.c_size_t) for name in ("peak", "resident", "a", "b", "c", "d", "page", "page_peak")
        ]

    counters = Counters(size=ctypes.sizeof(Counters))
    current = ctypes.windll.kernel32.GetCurrentProcess  # type: ignore[attr-defined]
    current.restype = ctypes.c_void_p
    read = ctypes.windll.kernel32.K32GetProcessMemoryInfo  # type: ignore[attr-defined]
    read.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32]
    if not read(current(), ctypes.byref(counters), counters.size):
        raise OSError("GetProcessMemoryInfo")
    return counters.resident, counters.peak
