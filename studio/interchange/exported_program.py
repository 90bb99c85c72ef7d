"""Writes a network as torch.export's .pt2, for torch alone to read. None is ever read: that runs its code."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from studio.build.plan import Plan
from studio.interchange.agreement import difference, results_of, told_of
from studio.interchange.exported import Exported
from studio.interchange.onnx.writing import cannot, dynamic_shapes, prepared, traceable, traced_inputs
from studio.interchange.quiet import quiet
from studio.interchange.samples_for import samples_for
from studio.interchange.whole_files import write_whole
from studio.project.project import Project

LOADING = 'Load it with  torch.export.load("{}").module()  and only where you trust the file: that runs code.'


def export_pt2(
    project: Project,
    plan: Plan,
    path: Path,
    weights: Mapping[str, Tensor] | None = None,
    folder: Path | None = None,
    count: int = 8,
    progress: Callable[[str], None] = lambda told: None,
) -> Exported:
    """Write the network with free sizes; compared on `count` samples as `export_onnx`. Raises StudioError."""
    network = prepared(plan, weights)
    progress("Tracing the network …")
    try:
        with quiet("torch.export"), torch.no_grad():
            program = torch.export.export(
                traceable(network), traced_inputs(plan), dynamic_shapes=dynamic_shapes(plan)
            )
            held = io.BytesIO()
            torch.export.save(program, held)
            traced = program.module()
    except Exception as error:
        raise cannot(error, ".pt2") from error
    progress("Writing the file …")
    write_whole(path, held.getvalue())
    progress("Comparing on samples …")
    samples = samples_for(project, plan, folder or path.parent, count)
    try:
        with torch.no_grad(), quiet():
            found = traced(*(samples[step.field] for step in plan.model_inputs))
    except Exception as error:
        raise cannot(error, ".pt2") from error
    theirs = [found] if isinstance(found, Tensor) else list(found)
    largest = difference(results_of(network, plan, samples), theirs)
    notes = (LOADING.format(path.name), *told_of(largest))
    return Exported((path,), largest, notes, len(next(iter(samples.values()), ())))
