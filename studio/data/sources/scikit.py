"""The small real data sets that ship with scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.raw import Column, RawData, class_field, number_field
from studio.project.fields import Field


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """None: the sets are part of an installed package."""
    return ()


def read(params: Mapping[str, Any], folder: Path) -> RawData:
    """The chosen set: `image` or `features`, and `label` or `target`; all in their original units."""
    name = params["dataset"]
    if name == "digits":
        return _digits()
    from sklearn import datasets

    if name == "diabetes":  # its scaled form was scaled over all rows, the test part's too
        return _table(datasets.load_diabetes(scaled=False))
    return _table(getattr(datasets, f"load_{name}")())


def _digits() -> RawData:
    """Most samples draw on these: they come without scikit-learn's import, of 1.5 s and 150 MB."""
    rows = _rows_of_digits()
    images = rows[:, :-1].reshape(-1, 1, 8, 8).astype(np.float32)
    fields = {
        "image": Field("image", (1, 8, 8), low=0.0, high=16.0, picture=True),
        "label": class_field("label", map(str, range(10))),
    }
    return RawData({"image": images, "label": rows[:, -1].astype(np.int64)}, fields)


def _rows_of_digits() -> np.ndarray:
    """1797 × 65 numbers: the points of each picture, and what it shows."""
    package = find_spec("sklearn")
    file = Path(package.origin or "").parent / "datasets" / "data" / "digits.csv.gz" if package else Path()
    if file.is_file():
        return np.loadtxt(file, delimiter=",")
    from sklearn import datasets

    loaded: Any = datasets.load_digits()
    return np.column_stack([loaded.data, loaded.target])


def _table(loaded: Any) -> RawData:  # noqa: ANN401
    features = loaded.data.astype(np.float64)
    columns = {"features": tuple(Column(str(name)) for name in loaded.feature_names)}
    if "target_names" in loaded:
        label = class_field("label", map(str, loaded.target_names))
        target = loaded.target.astype(np.int64)
    else:
        target = loaded.target.astype(np.float64)[:, None]
        label = number_field("target", target, "target")
    fields = {"features": number_field("features", features), label.name: label}
    return RawData({"features": features, label.name: target}, fields, columns=columns)
