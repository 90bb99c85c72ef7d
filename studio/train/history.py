"""The events of a run on disk, `events.jsonl`: only ever added to, readable while it grows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from io import FileIO
from pathlib import Path

from studio.project.files import write_atomic
from studio.train.events import (
    EpochEnded,
    Event,
    LayersMeasured,
    Progress,
    Saved,
    Started,
    Validated,
    from_dict,
    to_dict,
)
from studio.train.rescue import append

NAME = "events.jsonl"
BEFORE = "before.jsonl"
"""What a forked run's ancestors reported until it began."""
MOST_WAITING = 2**26
"""Bytes of events that may wait in memory; beyond them those that come most often are dropped."""
PIECE = 256
"""Lines that are written at once."""


class History:
    """Appends events to the file of a run; what finds no room waits in memory until there is some."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / NAME
        self._file: FileIO | None = None
        self._size = 0
        self.waiting: list[bytes] = []
        self.dropped = 0

    def add(self, event: Event) -> None:
        """Write one line and hand it to the system, so that readers see it and a crash of ours keeps it.

        Raises OSError where it has to wait.
        """
        line = json.dumps(to_dict(event), separators=(",", ":")).encode() + b"\n"
        if self._size + len(line) > MOST_WAITING and isinstance(event, Progress | LayersMeasured):
            self.dropped += 1
        else:
            self.waiting.append(line)
            self._size += len(line)
        self.write()

    def write(self) -> None:
        """Write what waits. Raises OSError; then it still waits."""
        try:
            while self.waiting:
                self._file = self._file or self._path.open("a+b", buffering=0)
                piece = self.waiting[:PIECE]
                append(self._file, b"".join(piece))
                del self.waiting[: len(piece)]
                self._size -= sum(map(len, piece))
        except OSError:
            self.close()
            raise

    def follow(self, run_dir: Path) -> None:
        """The run's folder lies there now, with its file."""
        self._path = run_dir / NAME

    def begin_in(self, run_dir: Path) -> None:
        """Write into a new folder from now on, first all that can still be read of the file before."""
        self._path = run_dir / NAME
        if self._file is not None:
            with suppress(OSError):
                self._file.seek(0)
                written = self._file.read()
                self.waiting.insert(0, written)
                self._size += len(written)
        self.close()

    def close(self) -> None:
        """Close the file; it is opened again with the next event."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()


def read_events(run_dir: Path) -> list[Event]:
    """All events in order; none where there is no file. Half and unknown lines are left out.

    Where a run was resumed, what had come after the checkpoint is left out: it was trained anew.
    """
    return _joined(_lines(run_dir / NAME))


def read_before(run_dir: Path) -> list[Event]:
    """What a forked run's ancestors reported until it began; none where it was not forked."""
    return _joined(_lines(run_dir / BEFORE))


def copy_until(run_dir: Path, fork: Path, step: int) -> None:
    """Keep in a fork what its ancestors reported until the step at which it begins. Raises OSError."""
    events = [*read_before(run_dir), *read_events(run_dir)]
    end = Started(0.0, "", "", 0, 1, 0, {}, 0, epoch=_epoch_at(events, step), step=step)
    kept = [one for event in events if (one := _until(event, end)) is not None]
    lines = [json.dumps(to_dict(one), separators=(",", ":")) for one in kept if not isinstance(one, Saved)]
    write_atomic(fork / BEFORE, "".join(f"{line}\n" for line in lines).encode())


class Tail:
    """Reads what a run's file has grown by since the last time, also while another process writes it."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / NAME
        self._read = 0

    def take(self) -> list[Event]:
        """The whole lines that have come since; a half one waits. None where there is no file yet."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._read:  # another run's file has taken its place
                    self._read = 0
                file.seek(self._read)
                content = file.read()
        except OSError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._read += len(whole)
        return _events(whole.splitlines())


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError:
        return []


def _events(lines: list[bytes]) -> list[Event]:
    found: list[Event] = []
    for line in lines:
        try:
            found.append(from_dict(json.loads(line)))
        except (ValueError, AttributeError, TypeError):
            continue
    return found


def by_member(events: Iterable[Event]) -> list[list[Event]]:
    """The events of each seed of a run by themselves; all of a run of one seed. Its end is the last one's."""
    found: list[list[Event]] = [[]]
    at = 0
    for event in events:
        if isinstance(event, Started):
            at = event.member
            found += [[] for _ in range(at + 1 - len(found))]
        found[at].append(event)
    return found


def _joined(lines: list[bytes]) -> list[Event]:
    return [event for events in by_member(_events(lines)) for event in _cut(events)]


def _cut(events: list[Event]) -> list[Event]:
    """Without what was trained anew after a resume."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, Started) and found:
            found = [kept for one in found if (kept := _until(one, event)) is not None]
        found.append(event)
    return found


def _epoch_at(events: list[Event], step: int) -> int:
    """The whole epochs that were trained by a step."""
    ends = [event.epoch for event in events if isinstance(event, EpochEnded) and event.step <= step]
    return max(ends, default=0)


def _until(event: Event, start: Started) -> Event | None:
    """The event as it was when the run went on from its checkpoint, or None if it came later."""
    match event:
        case EpochEnded():
            return event if event.epoch <= start.epoch else None
        case Saved() | Validated() | LayersMeasured():
            return event if event.step <= start.step else None
        case Progress() if event.step > start.step:
            kept = len(event.losses) - (event.step - start.step)
            return replace(event, step=start.step, losses=event.losses[:kept]) if kept > 0 else None
        case _:
            return event
