"""Random changes tried on one sample: what a network would see of it in training, several times over."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from studio.data.augment.kinds import MIXES
from studio.data.augment.running import Augmenter, batch_seed
from studio.data.findings import spread
from studio.data.pipeline import Ready
from studio.data.raw import Array


def tried(ready: Ready, name: str, sample: int, seed: int, count: int = 9) -> tuple[Array, Array]:
    """A column's value of a sample as it is, and `count` random results of it. Raises DataError.

    Where samples are mixed, the others come from all over the data.
    """
    key, settings = ready.named[name], ready.planned[name].augment
    rows = np.full(count, sample)
    if any(one.type in MIXES for one in settings):
        rows = np.concatenate([rows, spread(ready.raw.samples, count)])
    fields = ready.raw.fields
    batch = {
        other: _tensor(ready.raw.arrays[other][rows], one.dtype)
        for other, one in fields.items()
        if other == key or one.role == "target"
    }
    found = Augmenter(fields, {key: settings} if settings else {})(batch, batch_seed(seed, 1, 0))
    return batch[key][0].numpy(), found[key][:count].numpy()


def _tensor(values: Array, dtype: str) -> Tensor:
    return torch.from_numpy(np.array(values)).to(torch.float32 if dtype == "float32" else torch.int64)
