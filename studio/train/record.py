"""What a run's numbers depend on besides its project: versions, machine, git state, and the data."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.data.prepare import Part, Prepared
from studio.data.raw import DataError
from studio.data.sources import source_key
from studio.project.project import Data

PACKAGES = ("neuroloom", "torch", "numpy", "safetensors", "scikit-learn", "polars", "pillow", "soundfile")
MOST_READ = 2**24
"""Bytes of each field that are looked at; of what is larger, samples at even distances."""
GIT_SECONDS = 3.0


def environment(device: str) -> dict[str, str]:
    """The versions and the machine that a run's numbers depend on."""
    found = {
        **versions(),
        "torch": torch.__version__,
        "system": platform.platform(),
        "cores": str(os.cpu_count()),
        "threads": str(torch.get_num_threads()),
    }
    if device.startswith("cuda"):
        found["gpu"] = torch.cuda.get_device_name(torch.device(device))
    return found


@cache
def versions() -> dict[str, str]:
    """Python's version and those of the packages that compute or read data."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_state(folder: Path) -> dict[str, Any]:
    """The commit of the project's folder, and whether files in it differ; empty outside a repository."""
    where = folder.resolve()
    if not any((one / ".git").exists() for one in (where, *where.parents)):
        return {}
    commit = _git(where, "rev-parse", "HEAD")
    if not commit:
        return {}
    changed = _git(where, "status", "--porcelain", "--untracked-files=no")
    return {
        "commit": commit,
        "branch": _git(where, "rev-parse", "--abbrev-ref", "HEAD"),
        "changed": bool(changed),
    }


def fingerprint(prepared: Prepared, data: Data, folder: Path) -> dict[str, Any]:
    """Sums that tell whether a run saw the same data: of each part, and of the files' names and sizes."""
    parts = {name: _part(part) for name, part in prepared.parts.items()}
    return {"parts": parts, "files": _files(data, folder)}


def _part(part: Part) -> dict[str, Any]:
    values = hashlib.sha256()
    for name, tensor in sorted(part.tensors.items()):
        values.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        values.update(_bytes(tensor))
    rows = hashlib.sha256(np.ascontiguousarray(part.rows, np.int64).tobytes())
    found = {"samples": len(part), "rows": rows.hexdigest()[:16], "values": values.hexdigest()[:16]}
    return {**found, "streams": sorted(part.streams)} if part.streams else found


def _bytes(tensor: torch.Tensor) -> bytes:
    """A tensor's values; of a large one those of samples at even distances."""
    size = tensor.element_size() * tensor.numel()
    if not size:  # an empty one may have strides that nothing can be viewed by
        return b""
    if size > MOST_READ and len(tensor) > 1:
        count = max(2, len(tensor) * MOST_READ // size)
        tensor = tensor[torch.linspace(0, len(tensor) - 1, count).long()]
    return tensor.detach().cpu().contiguous().numpy().tobytes()


def _files(data: Data, folder: Path) -> dict[str, Any]:
    try:
        *_, stamps = source_key(data.source, folder)
    except DataError:
        return {}
    told = sorted((_name(path, folder), size) for path, _, size in stamps if size > 0)
    total = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    return {"count": len(told), "bytes": sum(size for _, size in told), "sum": total} if told else {}


def _name(path: str, folder: Path) -> str:
    try:
        return Path(path).resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return Path(path).name


def _git(folder: Path, *command: str) -> str:
    quiet: Mapping[str, str] = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *command],
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=False,
            env=quiet,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
