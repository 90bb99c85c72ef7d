"""Fields of the data as the drawing sees them: name, shape, dtype, classes; data/ makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["input", "target"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of every sample.

    `shape` leaves the batch out (`()` is a single number per sample); `dtype` is torch's name ("float32",
    "int64"); `classes` are the names of the classes of a categorical field, in the order of their indices;
    `low` and `high` bound the values where that is known. `picture` says that it can be shown as an image.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"
    classes: tuple[str, ...] | None = None
    role: Role = "input"
    low: float | None = None
    high: float | None = None
    picture: bool = False
