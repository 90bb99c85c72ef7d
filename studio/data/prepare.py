"""From data settings to tensors: split, and normalised by what the training part teaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.findings import spread
from studio.data.in_blocks import edges, in_runs
from studio.data.lazy import Lazy
from studio.data.loader import seen
from studio.data.memory import budget
from studio.data.pipeline import Learned, Ready, read_data
from studio.data.raw import Array, DataError, RawData
from studio.data.scale import Scale, fit
from studio.data.stream import Source, kept, taken
from studio.data.threads import over_rows
from studio.data.ways import Way, ways_of
from studio.data.when_asked import WhenAsked
from studio.places import cache_folder
from studio.project.fields import Field
from studio.project.project import Data, Setting

MOST_MEASURED, LEAST_MEASURED, MOST_NUMBERS = 4096, 64, 2**23
"""Samples that the normalisation of what is not in memory is learned from, and how many numbers they are."""
TOGETHER = 4096
"""Samples that are normalised at a time: they stay near the processor."""
DTYPES = {"int64": np.int64, "bool": np.bool_}
"""How fields that are no real numbers are held."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A field whose values are had batch by batch: from files, or from an array too large to be made numbers
    at once. Each batch is scaled where it is used.
    """

    source: Source
    scale: Scale | None
    dtype: str

    def tensor(self, values: Array, device: torch.device | None = None) -> torch.Tensor:
        """Values as the network gets them."""
        return self.scaled(self.unscaled(values, device))

    def unscaled(self, values: Array, device: torch.device | None = None) -> torch.Tensor:
        """Values on a device, before they are normalised."""
        kind = torch.float32 if self.dtype == "float32" else getattr(torch, self.dtype)
        found = torch.from_numpy(np.ascontiguousarray(values))
        if device is not None and device != found.device:
            found = found.to(device)
        return found if found.dtype == kind else found.to(kind)

    def scaled(self, found: torch.Tensor) -> torch.Tensor:
        """The normalised values."""
        if self.scale is None or found.dtype != torch.float32:
            return found
        offset, factor = _on(self.scale, found.device)
        return (found - offset).mul_(factor)


@lru_cache(maxsize=64)
def _on(scale: Scale, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    offset, factor = (
        torch.from_numpy(one.astype(np.float32)).to(device) for one in (scale.offset, scale.factor)
    )
    return offset, factor


@dataclass(frozen=True, slots=True)
class Part:
    """The samples of one part: a tensor per field, rows first, and the number of each row in the source.

    `streams` are the fields that are not held as a tensor; `weights` say how often each sample is seen in an
    epoch of training (None: once).
    """

    tensors: Mapping[str, torch.Tensor]
    rows: Array
    streams: Mapping[str, Streamed] = field(default_factory=dict)
    weights: Array | None = None
    edges: Array | None = None
    """Where the samples of each block begin, where blocks of a file are read."""

    def __len__(self) -> int:
        """How many samples."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Fields, the parts "train", "validation" and "test", how each normalised field was scaled, what the
    columns' own steps learned, and the random changes of each field in training.
    """

    fields: Mapping[str, Field]
    parts: Mapping[str, Part]
    scales: Mapping[str, Scale]
    learned: Learned = field(default_factory=dict)
    augment: Mapping[str, tuple[Setting, ...]] = field(default_factory=dict)
    ways: Mapping[str, Way] = field(default_factory=dict)
    """How fields are made of what is given."""


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
    sources = _sources(raw)
    fitted = (
        _fitted(raw, sources, rows["train"], str(values_of(DATA, data.options)["normalize"]))
        if scales is None
        else dict(scales)
    )
    streams = WhenAsked(
        sources, lambda name: Streamed(sources[name], fitted.get(name), raw.fields[name].dtype)
    )
    held = [name for name in raw.fields if name not in sources]
    parts = {
        name: Part(WhenAsked(held, partial(_tensor, raw, fitted, of)), of, streams)
        for name, of in rows.items()
    }
    together = max((one.together for one in sources.values() if isinstance(one, Lazy)), default=1)
    if together > 1:
        parts["train"] = replace(parts["train"], edges=edges(rows["train"], together))
    parts["train"] = replace(parts["train"], weights=_weights(ready, data.changes.weights))
    return Prepared(raw.fields, parts, fitted, ready.learned, raw.augment, ways_of(ready))


def _weights(ready: Ready, given: Mapping[str, float]) -> Array | None:
    """The weight of each sample of the training part. Raises DataError where nothing would be seen."""
    if not given:
        return None
    train = ready.rows["train"]
    weights = np.array([given.get(ready.key(int(row)), 1.0) for row in train])
    if (weights == 1.0).all():
        return None
    if not seen(len(weights), weights):
        raise DataError(
            "The weights leave no sample to train on.", "Give some of them a weight of 1.", "changes"
        )
    return weights


def _sources(raw: RawData) -> dict[str, Source]:
    """The fields that are not made tensors at once: decoded ones, those too large for memory, and those
    that are changed at random, which comes before they are normalised.
    """
    found: dict[str, Source] = {}
    left = budget()
    for name, array in raw.arrays.items():
        if isinstance(array, Lazy):
            found[name] = kept(array, cache_folder() / "samples") or array
            continue
        wanted = 4 * array.size
        if wanted > left or name in raw.augment:
            found[name] = array
        else:
            left -= wanted
    return found


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


def _fitted(raw: RawData, sources: Mapping[str, Source], train: Array, how: str) -> Mapping[str, Scale]:
    """What the training part teaches: all of it where it is in memory, else samples spread over it."""
    wanted = [
        name
        for name, one in raw.fields.items()
        if how != "none" and one.role == "input" and one.dtype == "float32" and name not in raw.scales
    ]

    def scale(name: str) -> Scale:
        given, one = raw.scales.get(name), raw.fields[name]
        if given is not None:
            return given
        held = name not in sources
        return (
            fit(raw.arrays[name], one, how, train)
            if held
            else fit(_some(raw, sources, name, train), one, how)
        )

    return WhenAsked((*wanted, *raw.scales), scale)


def _some(raw: RawData, sources: Mapping[str, Source], name: str, train: Array) -> Array:
    """Samples spread over the training part."""
    size = int(np.prod(raw.arrays[name].shape[1:], dtype=np.int64))
    most = min(MOST_MEASURED, max(LEAST_MEASURED, MOST_NUMBERS // max(size, 1)))
    source = sources[name]
    if isinstance(source, Lazy) and source.together > 1:
        return taken(source, in_runs(train, source.together, most))
    return taken(source, train[spread(len(train), most)])


def _tensor(raw: RawData, scales: Mapping[str, Scale], rows: Array, name: str) -> torch.Tensor:
    array, scale = raw.arrays[name], scales.get(name)
    found = np.empty((len(rows), *array.shape[1:]), DTYPES.get(raw.fields[name].dtype, np.float32))

    def span(first: int, last: int) -> None:
        for start in range(first, last, TOGETHER):
            part = array[rows[start : min(start + TOGETHER, last)]]
            found[start : start + len(part)] = part if scale is None else scale.apply(part)

    over_rows(len(rows), span)
    return torch.from_numpy(found)
