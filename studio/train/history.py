"""The events of a run on disk, `events.jsonl`: only ever added to, readable while it grows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from studio.train.events import EpochEnded, Event, Progress, Saved, Started, from_dict, to_dict

NAME = "events.jsonl"


class History:
    """Appends events to the file of a run. Raises OSError where that cannot be done."""

    def __init__(self, run_dir: Path) -> None:
        self._file = (run_dir / NAME).open("ab")
        if self._file.tell() and not _ends_whole(run_dir / NAME):
            self._file.write(b"\n")

    def add(self, event: Event) -> None:
        """Write one line and hand it to the system, so that readers see it and a crash of ours keeps it."""
        self._file.write(json.dumps(to_dict(event), separators=(",", ":")).encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_events(run_dir: Path) -> list[Event]:
    """All events in order; none where there is no file. Half and unknown lines are left out.

    Where a run was resumed, what had come after the checkpoint is left out: it was trained anew.
    """
    found: list[Event] = []
    try:
        lines = (run_dir / NAME).read_bytes().splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            event = from_dict(json.loads(line))
        except (ValueError, AttributeError, TypeError):
            continue
        if isinstance(event, Started) and found:
            found = [kept for one in found if (kept := _until(one, event)) is not None]
        found.append(event)
    return found


def _until(event: Event, start: Started) -> Event | None:
    """The event as it was when the run went on from its checkpoint, or None if it came later."""
    match event:
        case EpochEnded():
            return event if event.epoch <= start.epoch else None
        case Saved():
            return event if event.step <= start.step else None
        case Progress() if event.step > start.step:
            kept = len(event.losses) - (event.step - start.step)
            return replace(event, step=start.step, losses=event.losses[:kept]) if kept > 0 else None
        case _:
            return event


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"
