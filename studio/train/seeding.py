"""The state of every random number generator that a run may draw from, so that it can go on exactly."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor


def seed_all(seed: int) -> None:
    """Seed Python, NumPy and torch (every device)."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def random_state() -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state of all generators: as tensors, and as values for JSON."""
    tensors = {"rng.torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        states = torch.cuda.get_rng_state_all()
        tensors |= {f"rng.cuda{index}": state for index, state in enumerate(states)}
    name, keys, *rest = np.random.get_state(legacy=True)
    assert name == "MT19937"
    tensors["rng.numpy"] = torch.from_numpy(np.asarray(keys, np.int64))
    return tensors, {"python": random.getstate(), "numpy": rest}


def restore_random_state(tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Go on from what `random_state` gave; devices that are not here are left out."""
    torch.set_rng_state(tensors["rng.torch"])
    for index in range(torch.cuda.device_count()):
        if f"rng.cuda{index}" in tensors:
            torch.cuda.set_rng_state(tensors[f"rng.cuda{index}"], index)
    keys = tensors["rng.numpy"].numpy().astype(np.uint32)
    position, has_gauss, gauss = values["numpy"]
    np.random.set_state(("MT19937", keys, position, has_gauss, gauss))
    version, internal, gauss_next = values["python"]
    random.setstate((version, tuple(internal), gauss_next))
