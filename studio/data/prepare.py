"""From data settings to tensors: split, and normalised by what the training part teaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.pipeline import Learned, read_data
from studio.data.raw import Array, DataError, RawData
from studio.data.scale import Scale, fit
from studio.project.fields import Field
from studio.project.project import Data

DTYPES = {"int64": np.int64, "bool": np.bool_}
"""How fields that are no real numbers are held."""


@dataclass(frozen=True, slots=True)
class Part:
    """The samples of one part: a tensor per field, rows first, and the number of each row in the source."""

    tensors: Mapping[str, torch.Tensor]
    rows: Array

    def __len__(self) -> int:
        """How many samples."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Fields, the parts "train", "validation" and "test", how each normalised field was scaled, and what the
    columns' own steps learned.
    """

    fields: Mapping[str, Field]
    parts: Mapping[str, Part]
    scales: Mapping[str, Scale]
    learned: Learned = field(default_factory=dict)


def prepare(
    data: Data, folder: Path, scales: Mapping[str, Scale] | None = None, learned: Learned | None = None
) -> Prepared:
    """Read, split and normalise; raises StudioError.

    Inputs of real numbers are normalised; targets and integers are not touched. `scales` and
    `learned` of an earlier run are used as they are: nothing is learned anew then.
    """
    ready = read_data(data, folder, learned)
    raw, rows = ready.raw, ready.rows
    if not len(rows["train"]):
        raise DataError("The data holds no samples to train on.", "Choose other data.", "source")
    fitted = (
        _fitted(raw, rows["train"], str(values_of(DATA, data.options)["normalize"]))
        if scales is None
        else dict(scales)
    )
    parts = {
        name: Part({key: _tensor(raw, key, of, fitted.get(key)) for key in raw.fields}, of)
        for name, of in rows.items()
    }
    return Prepared(raw.fields, parts, fitted, ready.learned)


def scales_to_json(scales: Mapping[str, Scale]) -> dict[str, Any]:
    """Scales as JSON values, exact."""
    return {
        name: {"offset": scale.offset.tolist(), "factor": scale.factor.tolist()}
        for name, scale in scales.items()
    }


def scales_from_json(values: Mapping[str, Any]) -> dict[str, Scale]:
    """The scales that `scales_to_json` wrote."""
    return {
        name: Scale(np.asarray(one["offset"], np.float64), np.asarray(one["factor"], np.float64))
        for name, one in values.items()
    }


def _fitted(raw: RawData, train: Array, how: str) -> dict[str, Scale]:
    if how == "none":
        return {}
    return {
        name: fit(raw.arrays[name][train], one, how)
        for name, one in raw.fields.items()
        if one.role == "input" and one.dtype == "float32"
    }


def _tensor(raw: RawData, name: str, rows: Array, scale: Scale | None) -> torch.Tensor:
    array = raw.arrays[name][rows]
    if scale is not None:
        array = scale.apply(array)
    return torch.from_numpy(np.ascontiguousarray(array, DTYPES.get(raw.fields[name].dtype, np.float32)))
