"""What is read off each file of pictures and sounds once, for all checks: whether it opens, what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.data.browsing.pages import pixels
from studio.data.browsing.seen import DECODED, Seen
from studio.data.cells import Held, Sound
from studio.data.checks.look import Look
from studio.data.raw import Array, DataError

SIDE = 8
STEP = 64


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the files of one column: `wrong` by row; of the others `rows`, and for each a small grey picture
    (8 × 9), its mean and deviation (0 to 255), its height and width.
    """

    wrong: dict[int, str]
    rows: Array
    small: Array
    mean: Array
    deviation: Array
    sizes: Array
    looked: Array


def summary(look: Look, column: Seen) -> Summary:
    """Open every file of a column once."""
    key = f"files of {column.name}"
    if key not in look.shared:
        look.shared[key] = _read(look, column)
    return look.shared[key]


def decoded(look: Look) -> list[Seen]:
    """The columns of pictures, masks and sounds."""
    return [one for one in look.opened.columns.values() if one.kind in DECODED and one.role != "ignore"]


def pictures(look: Look) -> list[Seen]:
    """The columns of pictures."""
    return [one for one in decoded(look) if one.kind == "image"]


def are_files(column: Seen) -> bool:
    """Whether values can fail to be read."""
    return not isinstance(column.cells, Held)


def _read(look: Look, column: Seen) -> Summary:
    looked = look.rows(look.bounds.files)
    wrong: dict[int, str] = {}
    found: list[tuple[int, Array, tuple[int, int], tuple[float, float]]] = []
    for at, row in enumerate(looked.tolist()):
        if at % STEP == 0:
            look.go_on(at / len(looked))
        try:
            value = column.cells.take(np.array([row]))[0]
        except DataError as error:
            wrong[row] = error.message
            continue
        if column.kind == "image":
            found.append((row, *_of_picture(value, column)))
    return Summary(
        wrong,
        np.array([one[0] for one in found], np.int64),
        np.array([one[1] for one in found], np.float32).reshape(len(found), SIDE, SIDE + 1),
        np.array([one[3][0] for one in found], np.float64),
        np.array([one[3][1] for one in found], np.float64),
        np.array([one[2] for one in found], np.int64).reshape(len(found), 2),
        looked,
    )


def _of_picture(value: Any, column: Seen) -> tuple[Array, tuple[int, int], tuple[float, float]]:  # noqa: ANN401
    assert not isinstance(value, Sound)
    array = np.asarray(value)
    grey = pixels(array, bounds=column.bounds).mean(axis=2, dtype=np.float32)
    return _shrunk(grey), (grey.shape[0], grey.shape[1]), (float(grey.mean()), float(grey.std()))


def _shrunk(grey: Array) -> Array:
    """A picture as 8 × 9 means, whatever its size."""
    from PIL import Image

    made = Image.fromarray(grey.astype(np.uint8))
    return np.asarray(made.resize((SIDE + 1, SIDE), Image.Resampling.BOX), np.float32)
