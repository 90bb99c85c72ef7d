"""Runs jobs in a process of their own, where Keras lives; it never enters this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from studio.errors import StudioError
from studio.interchange.extras import needed
from studio.interchange.keras.weights import LayerWeights

CHILD = "studio.interchange.keras.child"
POLL = 0.2
"""Seconds between two looks at whether to stop."""
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}


@dataclass(frozen=True, slots=True)
class Job:
    """A model to build from source: its weights, samples with what is expected of them, files to save.

    `save` are paths by form: "weights" (.weights.h5), "keras" (.keras) or "savedmodel" (a folder). `calls`
    names a function of the source to call in place of the model, and the samples that it takes.
    """

    source: str
    weights: LayerWeights
    samples: Mapping[str, np.ndarray] = field(default_factory=dict)
    expected: Mapping[str, np.ndarray] = field(default_factory=dict)
    save: Mapping[str, Path] = field(default_factory=dict)
    calls: tuple[str, ...] = ()


def backend() -> str:
    """Keras' usual backend where it is installed, else torch, which always is."""
    return "tensorflow" if find_spec("tensorflow") else "torch"


def run_jobs(
    jobs: Sequence[Job], on: str = "", stopped: Callable[[], bool] = lambda: False
) -> list[dict[str, Any]]:
    """What the child tells of each job: "difference", or "error" with its "trace".

    `on` is Keras' backend. Raises StudioError where Keras is missing, the child dies, or it was stopped.
    """
    needed("keras", "keras")
    with tempfile.TemporaryDirectory(prefix="neuroloom-keras-") as folder:
        _write(Path(folder), jobs)
        errors, result = Path(folder) / "errors.txt", Path(folder) / "result.json"
        with errors.open("wb") as told:
            process = subprocess.Popen(
                [sys.executable, "-m", CHILD, folder],
                env={**os.environ, **QUIET, "KERAS_BACKEND": on or backend()},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=told,
            )
            _wait(process, stopped)
        if not result.is_file():
            raise StudioError("Keras ended without a result.", _last_words(errors))
        return json.loads(result.read_text("utf-8"))


def _wait(process: subprocess.Popen[bytes], stopped: Callable[[], bool]) -> None:
    while True:
        try:
            process.wait(POLL)
        except subprocess.TimeoutExpired:
            if not stopped():
                continue
            process.kill()
            process.wait()
            raise StudioError("The export was stopped.", "Nothing was written.") from None
        return


def _last_words(errors: Path) -> str:
    said = errors.read_text("utf-8", "replace").strip().splitlines()
    return said[-1] if said else "It may have run out of memory."


def _write(folder: Path, jobs: Sequence[Job]) -> None:
    arrays: dict[str, np.ndarray] = {}
    told: list[dict[str, Any]] = []
    for at, job in enumerate(jobs):
        for layer, several in job.weights.items():
            arrays |= {f"{at}/weights/{layer}/{number}": one for number, one in enumerate(several)}
        arrays |= {f"{at}/samples/{name}": one for name, one in job.samples.items()}
        arrays |= {f"{at}/expected/{name}": one for name, one in job.expected.items()}
        saved = {form: str(path) for form, path in job.save.items()}
        told.append({"source": job.source, "save": saved, **({"calls": job.calls} if job.calls else {})})
    named: dict[str, Any] = dict(arrays)
    np.savez(folder / "arrays.npz", **named)
    (folder / "job.json").write_text(json.dumps(told), "utf-8")
