"""What to say, and to note in the run's folder, where the process that trained is gone."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.train.events import Event, Failed, Finished
from studio.train.history import History
from studio.train.rescue import holder_of
from studio.train.runs import read_json, write_run

KILLS = (Path("/proc/vmstat"), Path("/sys/fs/cgroup/memory.events"))
"""Where Linux counts the processes that it ended for want of memory: in all, and in this container."""


def out_of_memory_kills() -> int:
    """How many processes the system has ended for want of memory; 0 where it does not say."""
    counts = [0]
    for file in KILLS:
        with suppress(OSError, ValueError):
            words = [line.split() for line in file.read_text().splitlines()]
            counts += [int(one[1]) for one in words if one[0] == "oom_kill"]
    return max(counts)


def words(code: int | None, memory: bool, likely: bool = False) -> str:
    """How a process ended, by its exit code. `memory` says that the system ended one for want of it, `likely`
    that what it needed makes that probable.
    """
    if code is None:
        return "The process that trains could not be started."
    number = -code
    if number == 9 and memory:
        return "There was not enough memory: the system ended the process that trained."
    if number == 9:
        cause = ", most likely for want of memory" if likely else ""
        return f"The process that trained was ended from outside (signal 9){cause}."
    if number > 0:
        name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
        return f"The process that trained broke down in native code (signal {number}, {name})."
    if code > 255 or code < 0:  # Windows
        return f"The process that trained broke down in native code (code {code & 0xFFFFFFFF:#x})."
    return (
        f"The process that trained ended by itself with exit code {code}: something in a layer called exit."
    )


def advice(run_dir: Path) -> str:
    """From where the run can go on."""
    place = last_checkpoint(run_dir)
    if place is None:
        return "The window is not affected. There is no checkpoint yet: train again."
    epoch, step = place
    return f"The window is not affected. Resume from the last checkpoint (step {step}, epoch {epoch})."


def last_checkpoint(run_dir: Path) -> tuple[int, int] | None:
    """Whole epochs and steps of a run's last checkpoint; None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        folder = holder_of(run_dir, "last") / "checkpoints"
        content: dict[str, Any] = json.loads((folder / "last.json").read_text("utf-8"))
        return int(content["epoch"]), int(content["step"])
    return None


def note(run_dir: Path, last: Failed | Finished) -> None:
    """Say in the run's folder how it ended, in place of the process that could not."""
    with suppress(OSError, StudioError):
        status, message = ("failed", last.message) if isinstance(last, Failed) else (last.reason, "")
        write_run(run_dir, {**read_json(run_dir), "status": status, "message": message})
    keep_word(run_dir, last)


def keep_word(run_dir: Path, event: Event) -> None:
    """Add an event to those of a run that no process trains at this moment."""
    with suppress(OSError):
        history = History(run_dir)
        history.add(event)
        history.close()
