"""Models of others to ONNX and back: imported, written as ONNX, run there, and read in again.

Run by exports.py as `python -m benchmarks.others.trips PACKAGE NAME …`: one JSON line for each model. The
file is run on inputs of the model's own kind, with a number of samples that nothing was traced with.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from inspect import signature
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.others import make
from benchmarks.others.made import Made
from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.interchange.folding.folding import folded
from studio.interchange.imported import Imported
from studio.interchange.modules.comparing import difference
from studio.interchange.modules.importing import import_module
from studio.interchange.modules.values import placed
from studio.interchange.onnx.reading import import_onnx
from studio.interchange.onnx.running import run_onnx
from studio.interchange.onnx.writing import export_onnx

BATCH, SEED = 5, 31
Found = dict[str, Any]


def tried(package: str, name: str, folder: Path) -> Found:
    """How far the file of one model is from its drawing, and the drawing of the file from the file."""
    found: Found = {"package": package, "name": name, "stage": "import"}
    try:
        made = make(package, name)
        seeds = count(21)
        imported = folded(
            import_module(
                made.module, (), made.inputs(2, 0), name, lambda batch: ((), made.inputs(batch, next(seeds)))
            )
        )
        plan = Checker().check(imported.project, {}).plan
        found["stage"] = "out"
        path = folder / "model.onnx"
        export_onnx(imported.project, plan, path, imported.weights, folder)
        found["out"] = apart(made, imported, plan, path)
        found["stage"] = "in"
        found["in"] = import_onnx(path).largest_difference
        found["stage"] = "done"
    except Exception as error:  # whatever a model does, the next one is tried
        found["error"] = f"{type(error).__name__}: {str(error).strip()[:300]}"
    return found


def apart(made: Made, imported: Imported, plan: Plan, path: Path) -> float:
    """The largest difference of the file from the drawing on inputs of the model, by its largest."""
    inputs = made.inputs(BATCH, SEED)
    bound = signature(made.module.forward).bind(**inputs).arguments
    flat = [tensor for one in bound.values() for _, tensor in placed(one)]
    flat = [one.reshape(-1, 1) if one.dim() == 1 else one for one in flat]
    given: dict[str, Tensor] = dict(zip(imported.trials[0].inputs, flat, strict=True))
    network = Network(plan).eval()
    network.load_state_dict(dict(imported.weights))
    with torch.no_grad():
        answer = network(*(given[step.name] for step in plan.model_inputs))
    mine = [answer] if isinstance(answer, Tensor) else list(answer)
    return max(difference(one, other) for one, other in zip(run_onnx(path, given), mine, strict=True))


def main(package: str, names: Sequence[str]) -> None:
    """Try models, a line for each on what was standard output; all else that is printed goes elsewhere."""
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory(prefix="neuroloom-") as held:
        for name in names:
            lines.write(json.dumps(tried(package, name, Path(held))) + "\n")
            lines.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
