"""How much memory there is for data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHARE = 0.3
UNKNOWN = 4 * 2**30
CGROUP = Path("/sys/fs/cgroup")


def budget() -> int:
    """Bytes that samples may take in memory: a share of what is free now."""
    return int(SHARE * free())


def free() -> int:
    """Bytes of memory that are free now, within the limit of a container."""
    here = _free()
    limit = _left_in_container()
    return min(here, limit if limit is not None else here)


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


@dataclass(frozen=True, slots=True)
class _Group:
    """A control group, and what the files of its version are called."""

    place: Path
    limit: str
    taken: str
    cached: tuple[str, str]

    def left(self) -> int | None:
        """What it may still take; files that it holds count as free, since they go where room is needed."""
        try:
            most = (self.place / self.limit).read_text().strip()
            if not most.isdigit():
                return None
            lines = [line.split() for line in (self.place / "memory.stat").read_text().splitlines()]
            cached = sum(int(words[1]) for words in lines if words[0] in self.cached)
            return int(most) - int((self.place / self.taken).read_text()) + cached
        except (OSError, ValueError, IndexError):
            return None


def _left_in_container() -> int | None:
    """What the container of this process may still take; None where it has no limit."""
    left = [one for group in _groups() if (one := group.left()) is not None]
    return max(min(left), 0) if left else None


def _groups() -> Iterator[_Group]:
    """The control groups of this process, of both versions, each before those it is in."""
    try:
        lines = Path("/proc/self/cgroup").read_text().split()
    except OSError:
        return
    for line in lines:
        _, controllers, own = line.split(":", 2)
        if controllers == "":
            root, names = CGROUP, ("memory.max", "memory.current", ("inactive_file", "active_file"))
        elif "memory" in controllers.split(","):
            cached = ("total_inactive_file", "total_active_file")
            root, names = CGROUP / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes", cached)
        else:
            continue
        place = root / own.lstrip("/")
        yield from (_Group(one, *names) for one in (place, *place.parents) if one.is_relative_to(root))
