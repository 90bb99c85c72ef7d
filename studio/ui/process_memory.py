"""How much memory this process holds."""

from __future__ import annotations

import sys
from pathlib import Path


def resident() -> int | None:
    """Bytes of memory in use, or None where the system does not say."""
    try:
        if sys.platform.startswith("linux"):
            return _linux()
        return _windows() if sys.platform == "win32" else _peak()
    except (OSError, ValueError, AttributeError):
        return None


def _linux() -> int:
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _peak() -> int:
    """macOS names only the peak without further libraries."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _windows() -> int:
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
    return counters.resident
