"""A run goes on with the data that it began with: with other, what it learned from would validate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.train.failures import RefusedError
from studio.train.record import environment, fingerprint
from studio.train.runs import read_json
from studio.train.seed_runs import first_seed, whole_run
from studio.train.work import Work

Record = Mapping[str, Any]
ELSEWHERE = ("threads", "cores", "gpu")
"""What of a run's environment data does not depend on."""


def refuse_other_data(work: Work, trained: bool) -> None:
    """Raises RefusedError where the data is not what was trained on: by this run, if it has `trained`, or by
    the first seed of those that it belongs to.
    """
    of = first_seed(work.job.run_dir) or (work.job.run_dir if trained else None)
    record = read_json(of) if of is not None else {}
    before: Record = record.get("data") or {}
    if not before.get("parts"):  # of a run that is older than its record
        return
    now = fingerprint(work.prepared, work.job.project.data, work.job.folder)
    if told := list(data_changes(before, now, _computes_alike(record, str(work.device)))):
        raise RefusedError(
            f"{whole_run(work.job.run_dir).name}: the data is not what it was trained on: {'; '.join(told)}.",
            "Bring the data back as it was, then resume; or fork the run to go on with this data "
            "(neuroloom train --from RUN).",
        )


def data_changes(before: Record, now: Record, alike: bool) -> Iterator[str]:
    """What differs between two fingerprints, in words. Values have the same sums only where what computes
    them is `alike`, and as much of them is in memory; else files tell.
    """
    exact, told = alike, False
    for name in dict.fromkeys((*before["parts"], *now["parts"])):
        old, new = before["parts"].get(name, {}), now["parts"].get(name, {})
        held = not new.get("streams") and not old.get("streams")
        exact = exact and held
        comparable = alike and old.get("streams") == new.get("streams")
        if words := _part_change(old, new, comparable):
            told = True
            yield f"the {name} part {words}"
    old, new = before.get("files", {}), now.get("files", {})
    if old and new and (told or not exact) and _size(old) != _size(new):
        yield f"its files are {_size(new)}, where they were {_size(old)}"


def _computes_alike(record: Record, device: str) -> bool:
    """Whether values are computed by the versions and on the system that they were."""
    old, new = record.get("environment") or {}, environment(device)
    return all(old.get(name) == new.get(name) for name in (*old, *new) if name not in ELSEWHERE)


def _part_change(old: Record, new: Record, comparable: bool) -> str:
    """How a part differs; empty where it does not."""
    counts = [int(one.get("samples", 0)) for one in (old, new)]
    if counts[0] != counts[1]:
        return f"has {counts[1]:,} samples, where it had {counts[0]:,}"
    if old.get("rows") != new.get("rows"):
        return "has other rows of the data"
    return "has other values" if comparable and old.get("values") != new.get("values") else ""


def _size(files: Record) -> str:
    """How many files of how many bytes."""
    count, size = files.get("count", 0), files.get("bytes", 0)
    return f"{count:,} file{'' if count == 1 else 's'} of {size:,} bytes"
