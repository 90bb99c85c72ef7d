"""One model imported: drawn, folded, run on new inputs and at a new batch size, exported, and run once more.

Run by imports.py as `python -m benchmarks.others.trying PACKAGE [--keras] NAME …`: one JSON line for each
model. Models print, warn and may take all memory, so this is a process of its own with a limit.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from inspect import signature
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.others import make
from benchmarks.others.made import Made
from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.errors import StudioError
from studio.interchange.folding.folding import folded
from studio.interchange.imported import Imported
from studio.interchange.keras.comparing import job_of, network_of
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.running import run_jobs
from studio.interchange.modules.comparing import difference
from studio.interchange.modules.importing import import_module
from studio.interchange.modules.values import placed
from studio.interchange.pytorch.source import to_pytorch

MEMORY = 14 * 2**30
AGAIN = ((2, 11), (5, 12))
"""Batch sizes and seeds of the inputs that results are compared on: new ones, and another batch size."""
Found = dict[str, Any]


def tried(package: str, name: str, keras: bool) -> Found:
    """What became of one model; `stage` is how far it came, and `error` why no further.

    With `keras` it is said in Keras, too: how far that is from the drawing, or what Keras lacks.
    """
    found: Found = {"package": package, "name": name, "stage": "make"}
    try:
        made = make(package, name)
        found["stage"] = "import"
        begun = time.process_time()
        seeds = count(21)
        imported = import_module(
            made.module, (), made.inputs(2, 0), "model", lambda batch: ((), made.inputs(batch, next(seeds)))
        )
        found |= {
            "nodes": len(imported.project.graph.nodes),
            "told": [one.message for one in imported.report],
        }
        found["seconds_drawn"] = time.process_time() - begun
        found["stage"] = "fold"
        whole = folded(imported)
        found["seconds"] = time.process_time() - begun
        found |= {"blocks": len(whole.project.blocks), "main": len(whole.project.graph.nodes)}
        _compare(made, whole, found)
        if keras:
            found |= in_keras(whole)
    except Exception as error:  # whatever a foreign model does, the next one is tried
        found["error"] = f"{type(error).__name__}: {str(error).strip()[-300:]}"
    return found


def _compare(made: Made, imported: Imported, found: Found) -> None:
    found["stage"] = "drawing"
    plan = Checker().check(imported.project, {}).plan
    network = Network(plan).eval()
    network.load_state_dict(dict(imported.weights))
    for kind, (batch, seed) in zip(("drawing_new", "drawing_batch"), AGAIN, strict=True):
        found[kind] = apart(made, imported, network, plan, batch, seed)
    found["stage"] = "source"
    text = to_pytorch(imported.project, plan)
    space: dict[str, Any] = {"__name__": "model"}
    exec(compile(text, "model.py", "exec"), space)
    kinds = [one for one in space.values() if isinstance(one, type) and issubclass(one, nn.Module)]
    exported = kinds[-1]().eval()
    exported.load_state_dict(dict(imported.weights))
    found["lines"] = text.count("\n")
    for kind, (batch, seed) in zip(("source_new", "source_batch"), AGAIN, strict=True):
        found[kind] = apart(made, imported, exported, plan, batch, seed)
    found["stage"] = "done"


def in_keras(imported: Imported) -> Found:
    """The drawing as a Keras model on TensorFlow, compared on the inputs of the import."""
    plan = Checker().check(imported.project, {}).plan
    lacks = sorted({one.nearest for one in missing_twins(plan) if not one.said})
    if lacks:
        return {"keras_lacks": lacks}
    inputs = imported.trials[0].inputs
    samples = {step.field: inputs[step.name] for step in plan.model_inputs}
    try:
        job = job_of(imported.project, plan, network_of(plan, imported.weights), samples)
        (told,) = run_jobs([job], "tensorflow")
    except StudioError as error:
        return {"keras_lacks": [error.message]}
    return {"keras": told["difference"]} if "difference" in told else {"keras_lacks": [told["error"][:300]]}


def apart(made: Made, imported: Imported, network: nn.Module, plan: Plan, batch: int, seed: int) -> float:
    """The largest difference of a network from the original, as a share of the largest value."""
    inputs = made.inputs(batch, seed)
    bound = signature(made.module.forward).bind(**inputs).arguments
    names = list(imported.trials[0].inputs)
    flat = [tensor for one in bound.values() for _, tensor in placed(one)]
    given: Mapping[str, Tensor] = dict(zip(names, flat, strict=True))
    given = {name: one.reshape(-1, 1) if one.dim() == 1 else one for name, one in given.items()}
    with torch.no_grad():
        torch.manual_seed(20_000)
        wanted = [tensor.clone() for _, tensor in placed(made.module(**inputs))]
        torch.manual_seed(20_000)
        answer = network(*(given[step.name] for step in plan.model_inputs))
    answers = dict(zip(plan.results, [answer] if isinstance(answer, Tensor) else answer, strict=True))
    results = zip(imported.trials[0].results, wanted, strict=True)
    return max(difference(answers[name], one) for name, one in results)


def main(package: str, names: Sequence[str], keras: bool) -> None:
    """Try models, a line for each on what was standard output; all else that is printed goes elsewhere."""
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    for name in names:
        found = tried(package, name, keras)
        lines.write(json.dumps(found) + "\n")
        lines.flush()
        if any(word in found.get("error", "") for word in ("memory", "primitive")):
            os._exit(0)  # what is left of it stands in the way of the next, which another process tries
        gc.collect()


if __name__ == "__main__":
    main(sys.argv[1], [one for one in sys.argv[2:] if one != "--keras"], "--keras" in sys.argv)
