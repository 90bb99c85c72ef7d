"""Which process of a run failed, and why: each tells the others before it ends, so that all tell the same.

A process that was killed tells nothing: then the others say which one they lost, and may go on anew from the
last checkpoint.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

from studio.train.distributed.place import RankPlace
from studio.train.failures import LostError, TrainingError, failed

KEY = "neuroloom/failed"
PATIENCE = 2.0
"""Seconds in which a process that failed has told why."""
SIGNS = ("gloo", "nccl", "connection closed", "connection reset", "broken pipe", "recv failed", "socket")


def tell_failure(store: Any, place: RankPlace, error: Exception) -> None:  # noqa: ANN401
    """Let the others know why this process ends; the first to tell counts."""
    event = failed(error, 0.0, 0, 0)
    told = {
        "rank": place.rank,
        "who": place.told,
        "node": event.node,
        "message": event.message,
        "hint": event.hint,
        "details": event.details,
    }
    with contextlib.suppress(Exception):
        store.compare_set(KEY, "", json.dumps(told))


def blamed(store: Any, place: RankPlace, error: Exception) -> Exception:  # noqa: ANN401
    """The error to tell for one that ended this process: its own, or what another process told."""
    if not echo(error):
        return error
    told = _wait(store)
    if told is None:
        return LostError(
            f"{place.told} lost another process of the run, which was ended from outside.",
            "Look whether its machine ran out of memory. The run can go on from its last checkpoint.",
        )
    if told["rank"] == place.rank:
        return error
    return TrainingError(f"{told['who']}: {told['message']}", told["hint"], told["node"])


def echo(error: Exception) -> bool:
    """Whether an error only says that another process no longer answers."""
    found: BaseException | None = error
    while found is not None:
        text = str(found).lower()
        if type(found).__module__.startswith("torch") and "Dist" in type(found).__name__:
            return True
        if isinstance(found, RuntimeError) and any(sign in text for sign in SIGNS):
            return True
        found = found.__cause__
    return False


def _wait(store: Any) -> dict[str, Any] | None:  # noqa: ANN401
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if store.check([KEY]):
                return json.loads(store.get(KEY))
        except Exception:  # the store went with the process that kept it
            return None
        time.sleep(0.05)
    return None
