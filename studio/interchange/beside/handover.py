"""What one process hands the other, as files of a temporary folder: numpy arrays and one JSON text.

Nothing in them runs, but for the Keras source, which the program itself has written from the drawing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SOURCE = "network.py"
"""The network in Keras."""
SPEC, WEIGHTS = "spec.json", "weights"
PARTS = ("train", "validation")


class Handover:
    """One such folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_spec(self, spec: Mapping[str, Any]) -> None:
        """What else there is to say, as JSON values."""
        (self.folder / SPEC).write_text(json.dumps(spec), encoding="utf-8")

    def spec(self) -> dict[str, Any]:
        """What `write_spec` said."""
        return json.loads((self.folder / SPEC).read_text(encoding="utf-8"))

    def write_part(self, part: str, count: int, batches: Iterable[Mapping[str, Array]]) -> None:
        """The samples of a part, all fields, batch by batch: they need not be in memory together."""
        files: dict[str, Array] = {}
        start = 0
        for batch in batches:
            for field, values in batch.items():
                if field not in files:
                    path = self._field(part, field)
                    path.parent.mkdir(exist_ok=True)
                    files[field] = np.lib.format.open_memmap(
                        path, "w+", values.dtype, (count, *values.shape[1:])
                    )
                files[field][start : start + len(values)] = values
            start += max((len(values) for values in batch.values()), default=0)
        for one in files.values():
            getattr(one, "flush", lambda: None)()

    def part(self, part: str, fields: Sequence[str]) -> dict[str, Array]:
        """The samples of a part, in memory; empty where there are none."""
        found = {field: self._field(part, field) for field in fields}
        if not all(path.exists() for path in found.values()):
            return {}
        return {field: np.load(path, allow_pickle=False) for field, path in found.items()}

    def write_epoch(self, epoch: int, order: Array, rates: Sequence[float]) -> None:
        """The order in which the samples of an epoch are seen, and the rate of each of its steps."""
        np.save(self.folder / f"order-{epoch}.npy", order)
        np.save(self.folder / f"rates-{epoch}.npy", np.asarray(rates, np.float64))

    def epoch(self, epoch: int) -> tuple[Array, Array]:
        """The order and the rates of an epoch; they are gone from the folder then."""
        paths = [self.folder / f"{name}-{epoch}.npy" for name in ("order", "rates")]
        order, rates = (np.load(path, allow_pickle=False) for path in paths)
        for path in paths:
            path.unlink()
        return order, rates

    def write_weights(self, weights: Mapping[str, Sequence[Array]]) -> None:
        """The arrays of each Keras layer, in the order in which it has them."""
        (self.folder / WEIGHTS).mkdir(exist_ok=True)
        names: dict[str, int] = {}
        for number, (name, arrays) in enumerate(weights.items()):
            names[name] = len(arrays)
            for at, one in enumerate(arrays):
                np.save(self.folder / WEIGHTS / f"{number}-{at}.npy", one)
        (self.folder / WEIGHTS / "names.json").write_text(json.dumps(names), encoding="utf-8")

    def weights(self) -> Iterator[tuple[str, list[Array]]]:
        """The layers with their arrays."""
        folder = self.folder / WEIGHTS
        names: dict[str, int] = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        for number, (name, count) in enumerate(names.items()):
            yield name, [np.load(folder / f"{number}-{at}.npy", allow_pickle=False) for at in range(count)]

    def _field(self, part: str, field: str) -> Path:
        """A field's name may hold any letters: the file goes by its bytes."""
        return self.folder / part / f"{field.encode().hex()}.npy"
