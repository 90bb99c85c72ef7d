"""How far what is exported agrees with the network it came from: samples in every form, and ONNX in again.

Run as `python -m benchmarks.exports [--quick] [--json FILE]`; --quick leaves out the large networks. Each
export is a process of its own, as in the window; the differences are those that the export itself measures,
on samples of the project's own data. What cannot be said in a form is told, and counts as not exported.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, arguments, show
from studio.places import shipped

LARGE = ("resnet50", "mobilenet_v3", "convnext", "unet", "transformer_encoder", "transformer_decoder")
FORMS = {"pytorch": ".py", "keras": ".py", "onnx": ".onnx", "pt2": ".pt2"}
AGAIN = "onnx, in again"
PROMISED = {"pytorch": ("≤ 0", "≥ 1"), "keras": ("≤ 1e-05", ""), "onnx": ("≤ 1e-05", "≥ 1")}
PROMISED[AGAIN] = ("≤ 1e-05", "≥ 0.9")
SECONDS = 600
CHILD = """
import json, sys
from dataclasses import replace
from pathlib import Path
from studio.errors import StudioError
from studio.interchange.weights_from import of_project
from studio.interchange.writers import write
from studio.project.storage import load

source, form, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
found = {}
try:
    project = load(source)
    fresh = replace(of_project(project, source.parent), known=True)  # so that they are written, and compared
    made = write("onnx" if "again" in form else form, fresh, out)
    found["difference"] = made.largest_difference
    if "again" in form:
        from studio.interchange.onnx.reading import import_onnx
        read = import_onnx(out)
        errors = [told.message for told in read.report if told.severity == "error"]
        found["difference"] = read.largest_difference
        found["said"] = errors[0] if errors else ""
except StudioError as error:
    found["said"] = error.message
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one sample in one form; `difference` is None where nothing could be compared."""

    sample: str
    form: str
    difference: float | None
    said: str = ""


def tried(sample: str, form: str, folder: Path) -> Found:
    """Export a sample in a form, or say why not."""
    source = shipped("samples") / f"{sample}.loom"
    out = folder / f"{sample}{FORMS.get(form, '.onnx')}"
    command = [sys.executable, "-c", CHILD, str(source), form, str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Found(sample, form, None, f"took longer than {SECONDS} s")
    if done.returncode:
        return Found(sample, form, None, done.stderr.strip().splitlines()[-1])
    answer = json.loads(done.stdout.splitlines()[-1])
    return Found(sample, form, answer.get("difference"), answer.get("said", ""))


def rows_of(found: list[Found]) -> list[Row]:
    """A row for each sample in each form, then how many of them hold."""
    rows: list[Row] = []
    for form in (*FORMS, AGAIN):
        each, share = PROMISED.get(form, ("≤ 1e-05", ""))
        mine = [one for one in found if one.form == form]
        measured = [one for one in mine if one.difference is not None]
        against = "the file" if form == AGAIN else "the network"
        rows += [Row(f"{one.sample} as {form}", against, one.difference or 0.0, "largest difference", each)
                 for one in measured]  # fmt: skip
        equal = [one for one in measured if one.difference is not None and one.difference <= 1e-5]
        rows.append(Row(f"samples as {form}, equal", "all", len(equal) / len(mine), "of 1", share))
    return rows


def main() -> int:
    """Measure, print a table, write JSON where asked; 1 if a limit does not hold."""
    chosen = arguments(__doc__ or "")
    every = sorted(path.stem for path in shipped("samples").glob("*.loom"))
    samples = [name for name in every if not (chosen.quick and name in LARGE)]
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:
        for form in (*FORMS, AGAIN):
            found += [tried(sample, form, Path(folder)) for sample in samples]
    rows = rows_of(found)
    show(rows, chosen.json)
    for one in found:
        if one.said:
            print(f"Note: {one.sample} as {one.form}: {one.said}")
    return 0 if all(one.holds for one in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
