"""From data settings to tensors: split, and normalised by what the training part teaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.catalog.registry import checked_values
from studio.catalog.settings import DATA
from studio.data.describe import parts_of
from studio.data.raw import Array, DataError, RawData
from studio.data.scale import Scale, fit
from studio.data.sources import read_source
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
    """Fields, the parts "train", "validation" and "test", and how each normalised field was scaled."""

    fields: Mapping[str, Field]
    parts: Mapping[str, Part]
    scales: Mapping[str, Scale]


def prepare(data: Data, folder: Path, scales: Mapping[str, Scale] | None = None) -> Prepared:
    """Read, split and normalise; raises StudioError.

    Inputs of real numbers are normalised; targets and integers are not touched. `scales` of an earlier run
    are used as they are: nothing is learned anew then.
    """
    options, wrong = checked_values(DATA, data.options)
    for name, message in wrong.items():
        raise DataError(f"{message}.", "Correct it in the data settings.", name)
    raw = read_source(data.source, folder)
    rows = parts_of(raw, options)
    if not len(rows["train"]):
        raise DataError("The data holds no samples to train on.", "Choose other data.", "source")
    fitted = _fitted(raw, rows["train"], str(options["normalize"])) if scales is None else dict(scales)
    parts = {
        name: Part({key: _tensor(raw, key, of, fitted.get(key)) for key in raw.fields}, of)
        for name, of in rows.items()
    }
    return Prepared(raw.fields, parts, fitted)


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
