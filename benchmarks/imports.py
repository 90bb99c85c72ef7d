"""How many models that others wrote become drawings, equal to the original, and source that is equal again.

Run as `python -m benchmarks.imports [--quick] [--json FILE] [--package NAME] [--models FILE] [--own]
[--keras]` where timm, torchvision, transformers and the others of benchmarks/others/listed.py are installed;
--own takes the models of listed_own.py instead, and --keras has each leave as Keras too, on TensorFlow. Each
package has a child process; a model that takes too long, or all memory, is told as failed, and the rest goes
on. Equal means: a relative difference below 1e-5 on new inputs, and on inputs of another batch size.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.others.listed import MODELS
from benchmarks.others.listed_own import OWN
from benchmarks.table import Row, show

LIMIT = 1200.0
"""Seconds by the clock on the wall for one model; the first of a package has to import it too."""
GRACE = 20.0
"""Seconds for a process to end that has said all."""
QUICK = 4
EQUAL = 1e-5
Found = dict[str, Any]


def tried(package: str, names: Sequence[str], keras: bool) -> Iterator[Found]:
    """What became of each model of a package."""
    left = list(names)
    while left:
        yield from _child(package, left, keras)


def _child(package: str, left: list[str], keras: bool) -> Iterator[Found]:
    """The answers of one process, until it ends or is silent for too long; those are left no more."""
    command = [sys.executable, "-m", "benchmarks.others.trying", package]
    command += [*(["--keras"] if keras else []), *left]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with (
        tempfile.TemporaryFile() as noise,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=noise, env=environment) as child,
        selectors.DefaultSelector() as ready,
    ):
        assert child.stdout
        ready.register(child.stdout, selectors.EVENT_READ)
        while ready.select(LIMIT):
            line = child.stdout.readline()
            if not line:
                break
            found = json.loads(line)
            left.remove(found["name"])
            yield found
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
        child.kill()
        if left and child.wait():
            yield {
                "package": package,
                "name": left.pop(0),
                "stage": "died",
                "error": "too slow, or too large",
            }


def equal(found: Found, kind: str) -> bool:
    """Whether what a model became is equal to it; `kind` is drawing or source."""
    return all(found.get(f"{kind}_{on}", 1.0) < EQUAL for on in ("new", "batch"))


def rows(found: Sequence[Found]) -> list[Row]:
    """The table's rows: shares of all models, and the time of one."""
    times = [one["seconds"] for one in found if "seconds" in one]
    made: list[Row] = []
    for package in dict.fromkeys(one["package"] for one in found):
        here = [one for one in found if one["package"] == package]
        for kind in ("drawing", "source"):
            value = sum(equal(one, kind) for one in here)
            made.append(Row(f"{package}: {kind} equal", f"{len(here)} models", value, "models"))
    for kind, least in (("drawing", "≥ 98"), ("source", "≥ 95")):
        share = 100 * sum(equal(one, kind) for one in found) / len(found)
        made.append(Row(f"all: {kind} equal, new batch size too", f"{len(found)} models", share, "%", least))
    if any("keras" in one or "keras_lacks" in one for one in found):
        share = 100 * sum(one.get("keras", 1.0) <= EQUAL for one in found) / len(found)
        made.append(Row("all: leave as Keras, equal to the drawing", f"{len(found)} models", share, "%"))
    if times:
        made.append(Row("drawn and folded, median", "", statistics.median(times), "s CPU", "≤ 1"))
        made.append(Row("drawn and folded, longest", "", max(times), "s CPU"))
    return made


def largest() -> Row:
    """The time of a network of 3000 nodes."""
    command = [sys.executable, "-m", "benchmarks.others.large"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    against = f"{found['nodes']} nodes"
    return Row("drawn, folded and laid out", against, found["seconds"], "s CPU", "≤ 5")


def _told(one: Found) -> str:
    marks = "".join("+" if equal(one, kind) else "-" for kind in ("drawing", "source"))
    size = f"{one.get('nodes', '?')} nodes, {one.get('blocks', '?')} blocks, {one.get('seconds', 0):.1f} s"
    apart = ", ".join(
        f"{key} {one[key]:.0e}" for key in ("drawing_new", "drawing_batch", "source_new", "source_batch")
        if one.get(key, 0) >= EQUAL
    )  # fmt: skip
    if "keras" in one or "keras_lacks" in one:
        apart += f"  Keras: {', '.join(one['keras_lacks'])[:120] if 'keras' not in one else one['keras']}"
    why = f"  {one['stage']}: {one['error']}" if "error" in one else f"  {apart}" if apart else ""
    return f"{marks} {one['package']} {one['name']}  {size}{why}"


def main() -> None:
    """Try all, print a line for each and the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} models of each package")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the rows to this file too")
    parser.add_argument("--models", metavar="FILE", type=Path, help="write what became of each model there")
    parser.add_argument("--package", action="append", choices=list(MODELS), help="this package alone")
    parser.add_argument("--name", action="append", default=[], help="this model alone")
    parser.add_argument("--own", action="store_true", help="models that are not of the list")
    parser.add_argument("--keras", action="store_true", help="have each leave as Keras too")
    given = parser.parse_args()
    models = OWN if given.own else MODELS
    begun, found = time.monotonic(), list[Found]()
    for package in given.package or models:
        names = [one for one in models.get(package, ()) if not given.name or one in given.name]
        for one in tried(package, names[:QUICK] if given.quick else names, given.keras):
            found.append(one)
            print(_told(one), flush=True)
    if not found:
        parser.error("there is no such model")
    print(f"{time.monotonic() - begun:.0f} s")
    show([*rows(found), *([] if given.package or given.own else [largest()])], given.json)
    if given.models:
        given.models.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
