"""Which versions are too many: the more there are from one stretch of time, the longer it is ago."""

from __future__ import annotations

from collections.abc import Sequence

from studio.project.versions import Version

HOUR, DAY, MONTH = 3600.0, 86_400.0, 30 * 86_400.0
MOST, MOST_BYTES = 300, 128 * 2**20


def surplus(versions: Sequence[Version], now: float) -> list[Version]:
    """The versions that may go: all of the last hour stay, then the latest of each hour for a day, of each
    day for a month, and of each month; those that a person keeps stay in any case, and so does the latest.
    """
    newest_first = sorted(versions, key=lambda one: -one.about.time)
    stay: list[Version] = []
    gone: list[Version] = []
    seen: set[tuple[float, int]] = set()
    for version in newest_first:
        stretch = _stretch(version.about.time, now)
        if not version.about.kept and stretch is not None and stretch in seen:
            gone.append(version)
        else:
            stay.append(version)
        if stretch is not None:
            seen.add(stretch)
    return gone + _beyond(stay)


def _beyond(stay: list[Version]) -> list[Version]:
    """The oldest of what stays, as far as there are too many or they take too much room."""
    count, size = len(stay), sum(one.size for one in stay)
    gone: list[Version] = []
    for version in reversed(stay[1:]):
        if count <= MOST and size <= MOST_BYTES:
            break
        if not version.about.kept:
            gone.append(version)
            count, size = count - 1, size - version.size
    return gone


def _stretch(then: float, now: float) -> tuple[float, int] | None:
    """The stretch of time of which one version is enough; None in the last hour.

    Stretches begin at full hours and days, so that what is kept now is not dropped a minute later.
    """
    ago = now - then
    if ago <= HOUR:
        return None
    length = HOUR if ago <= DAY else DAY if ago <= MONTH else MONTH
    return length, int(then // length)
