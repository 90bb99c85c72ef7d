"""Who is running: a process is told by its number and by when it began, since numbers are used again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def began(pid: int) -> str:
    """When the process began, as this system words it; empty where there is no such process."""
    if pid <= 0:
        return ""
    if sys.platform == "linux":
        return _began_linux(pid)
    if sys.platform == "win32":
        return _began_windows(pid)
    found = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def this_process() -> dict[str, int | str]:
    """What `is_alive` needs to find this process again."""
    return {"pid": os.getpid(), "began": began(os.getpid())}


def is_alive(pid: int, beginning: str) -> bool:
    """Whether the process that `this_process` described still runs."""
    now = began(pid)
    return now != "" and now == beginning


def _began_linux(pid: int) -> str:
    """Ticks since the boot, and the boot: after a restart both numbers may come again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    after_name = stat.rpartition(")")[2].split()
    return "" if after_name[0] in "ZX" else f"{boot}:{after_name[19]}"


def _began_windows(pid: int) -> str:
    import ctypes

    system = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
    query_limited_information = 0x1000
    handle = system.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return ""
    times = [ctypes.c_uint64() for _ in range(4)]
    found = system.GetProcessTimes(handle, *(ctypes.byref(time) for time in times))
    system.CloseHandle(handle)
    return str(times[0].value) if found and times[1].value == 0 else ""
