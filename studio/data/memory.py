"""How much memory there is for data."""

from __future__ import annotations

import os
from pathlib import Path

SHARE = 0.3
UNKNOWN = 4 * 2**30
CGROUP = Path("/sys/fs/cgroup")


def budget() -> int:
    """Bytes that samples may take in memory: a share of what is free now, within the limit of a container."""
    free = _free()
    limit = _left_in_container()
    return int(SHARE * min(free, limit if limit is not None else free))


def _free() -> int:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return UNKNOWN


def _left_in_container() -> int | None:
    """What the container of this process may still take; None where it has no limit."""
    left: list[int] = []
    for place in _groups():
        try:
            most = (place / "memory.max").read_text().strip()
            if most != "max":
                left.append(int(most) - int((place / "memory.current").read_text()))
        except (OSError, ValueError):
            continue
    return max(min(left), 0) if left else None


def _groups() -> list[Path]:
    """The control groups of this process, its own first."""
    try:
        own = Path("/proc/self/cgroup").read_text().strip().split(":")[-1].lstrip("/")
    except OSError:
        return []
    place = CGROUP / own
    return [place, *(one for one in place.parents if one.is_relative_to(CGROUP))]
