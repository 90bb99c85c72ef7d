"""How far each sample's network, written in each form, is from the network itself, on its own data.

Run as `python -m benchmarks.exports [--quick] [--json FILE] [--form NAME] [--sample NAME]`. ONNX is read in
again too, and the drawing that comes of it compared with the file. What cannot be written says why.

With --models it is thirty models that others wrote instead, imported, to ONNX and back (others/trips.py),
where their packages are installed.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.others.trips_listed import MODELS
from benchmarks.table import Row, parser, show
from studio.errors import StudioError
from studio.interchange.forms import FORMS
from studio.interchange.onnx.reading import import_onnx
from studio.interchange.weights_from import Trained, of_project
from studio.interchange.writers import write
from studio.places import shipped
from studio.project.storage import load

COMPARED = ("pytorch", "onnx", "pt2", "keras", "keras-model", "savedmodel")
QUICK = ("linear_regression", "mlp_digits", "cnn_digits", "lstm_digits", "char_transformer")
CLOSE = 1e-5
EQUAL = "≤ 1e-05"


def rows_of(sample: str, forms: Sequence[str], folder: Path) -> Iterator[Row]:
    """The difference of each form of a sample."""
    path = shipped("samples") / f"{sample}.loom"
    project = load(path)
    try:
        trained = of_project(project, path.parent)
    except StudioError as error:
        yield Row(sample, f"not checked: {error.message}"[:90], float("nan"), "")
        return
    known = Trained(trained.checked, trained.weights, trained.folder)  # fresh weights leave too
    for form in forms:
        out = folder / f"{sample}{FORMS[form].suffix}"
        yield _row(sample, form, known, out)
        if form == "onnx" and out.exists():
            back = import_onnx(out)
            value = float("nan") if back.largest_difference is None else back.largest_difference
            yield Row(f"{sample} from onnx", "its file", value, "", EQUAL)


def _row(sample: str, form: str, trained: Trained, out: Path) -> Row:
    if FORMS[form].missing:
        return Row(
            f"{sample} as {form}", f"not installed: {', '.join(FORMS[form].missing)}", float("nan"), ""
        )
    try:
        made = write(form, trained, out)
    except StudioError as error:
        return Row(f"{sample} as {form}", f"refused: {error.message}"[:90], float("nan"), "")
    value = float("nan") if made.largest_difference is None else made.largest_difference
    return Row(f"{sample} as {form}", f"its network, {made.samples} samples", value, "", EQUAL)


def trips() -> list[Row]:
    """Models of others to ONNX and back: a row for each, and the shares of all."""
    found: list[dict[str, Any]] = []
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    for package, names in MODELS.items():
        command = [sys.executable, "-m", "benchmarks.others.trips", package, *names]
        child = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        said = [json.loads(line) for line in child.stdout.splitlines()]
        silent = set(names) - {one["name"] for one in said}
        found += [*said, *({"package": package, "name": name, "error": "died"} for name in silent)]
    rows: list[Row] = []
    for one in found:
        work, why = f"{one['package']} {one['name']}", one.get("error", "")[:90]
        rows.append(Row(f"{work} as onnx", why or "its drawing", _value(one, "out"), "", EQUAL))
        rows.append(Row(f"{work} from onnx", why or "its file", _value(one, "in"), "", EQUAL))
    kinds = (("out", "out, another number of samples", "≥ 100"), ("in", "in again", "≥ 90"))
    for kind, told, least in kinds:
        share = 100 * sum(_value(one, kind) <= CLOSE for one in found) / len(found)
        rows.append(Row(f"all: ONNX {told}", f"{len(found)} models", share, "%", least))
    return rows


def _value(one: dict[str, Any], kind: str) -> float:
    value = one.get(kind)
    return math.nan if value is None else float(value)


def main() -> None:
    """Write all, and print the table."""
    reader = parser(__doc__ or "")
    reader.add_argument(
        "--models", action="store_true", help="models that others wrote, in place of the samples"
    )
    reader.add_argument("--form", action="append", choices=COMPARED, help="this form alone")
    reader.add_argument("--sample", action="append", help="this sample alone")
    given = reader.parse_args()
    if given.models:
        show(trips(), given.json)
        return
    every = sorted(one.stem for one in shipped("samples").glob("*.loom"))
    samples = given.sample or (QUICK if given.quick else every)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="neuroloom-") as held:
        for sample in samples:
            rows += rows_of(sample, given.form or COMPARED, Path(held))
    show(rows, given.json)


if __name__ == "__main__":
    main()
