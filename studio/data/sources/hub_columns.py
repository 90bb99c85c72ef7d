"""The features of a Hugging Face data set as columns: classes, numbers, texts, pictures, sounds, lists."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from studio.data.cells import Held, Listed, Values
from studio.data.decoding.sounds import sound_of
from studio.data.raw import Array, DataError, class_field
from studio.data.table import SourceColumn
from studio.project.project import Setting

MEDIA = {"Image": "image", "Audio": "audio"}
LISTS = frozenset({"List", "LargeList", "Sequence", "Array2D", "Array3D", "Array4D", "Array5D"})
LARGE = 2**29
"""Bytes of a column of lists that are made one array at once."""
NO_CLASS = -1
"""How the library writes that a class is not known."""


@dataclass(frozen=True, slots=True)
class HubRows:
    """A feature's values, read when asked for; each process opens the set anew."""

    where: tuple[str, str, bool, int]
    splits: tuple[str, ...]
    counts: tuple[int, ...]
    column: str
    inside: tuple[str, ...] = ()
    media: str = ""

    def __len__(self) -> int:
        """How many samples."""
        return sum(self.counts)

    def take(self, rows: Array) -> Values:
        """Pictures or sounds, decoded; of other columns the values as they come. Raises DataError."""
        values = self._read(np.asarray(rows, np.int64))
        if not self.media:
            return values
        decode = _picture if self.media == "image" else _sound
        return [decode(value, self._told(row)) for row, value in zip(rows, values, strict=True)]

    def whole(self) -> list[Any]:
        """All values, as Python has them."""
        return self._read(np.arange(len(self)))

    def identity(self) -> str:
        """What the content depends on."""
        return repr((self.where, self.splits, self.counts, self.column, self.inside, self.media))

    def _told(self, row: int) -> str:
        return f"{'.'.join((self.column, *self.inside))}, sample {row}"

    def _read(self, rows: Array) -> list[Any]:
        from studio.data.sources.hugging_face import opened

        found: list[Any] = [None] * len(rows)
        first = 0
        for name, count in zip(self.splits, self.counts, strict=True):
            here = np.flatnonzero((rows >= first) & (rows < first + count))
            if len(here):
                plain: Any = opened(*self.where)[name].select_columns([self.column]).with_format("arrow")
                values = plain[(rows[here] - first).tolist()].column(0).to_pylist()
                for place, value in zip(here, values, strict=True):
                    found[place] = _within(value, self.inside)
            first += count
        return found


TEXT = object()
"""The feature of a text in one language."""


def _within(value: Any, inside: tuple[str, ...]) -> Any:  # noqa: ANN401
    for name in inside:
        value = None if value is None else value[name]
    return value


def column_of(rows: HubRows, feature: Any, role: str) -> SourceColumn:  # noqa: ANN401
    """A feature as a column. Raises DataError for one of a kind that is not known."""
    kind = type(feature).__name__
    if feature is TEXT:
        return SourceColumn(Listed(rows.whole()), "text", role)
    if kind in MEDIA:
        return SourceColumn(replace(rows, media=MEDIA[kind]), MEDIA[kind], role)
    if kind == "ClassLabel":
        return _classes(rows, cast("Sequence[str]", feature.names), role)
    if kind == "Value":
        return SourceColumn(_plain(rows, str(feature.dtype)), "", role)
    if kind in LISTS:
        return _lists(rows, role)
    raise DataError(
        f"The column {rows.column} is of the kind {kind}, which is not known here.",
        "Save the data set without it.",
    )


def _classes(rows: HubRows, names: Sequence[str], role: str) -> SourceColumn:
    numbers = [NO_CLASS if one is None else int(one) for one in rows.whole()]
    if NO_CLASS in numbers:
        texts = [None if one == NO_CLASS else names[one] for one in numbers]
        return SourceColumn(Listed(texts), "category", role)
    field = class_field(rows.column, names, "target" if role == "target" else "input")
    return SourceColumn(Held(np.array(numbers, np.int64)), "category", role, field)


def _plain(rows: HubRows, dtype: str) -> Held | Listed:
    """Numbers, times and truth values as an array, others as they are."""
    values = rows.whole()
    if dtype.startswith(("int", "uint", "float", "double")):
        lacking = any(one is None for one in values)
        kind = np.int64 if "int" in dtype and not lacking else np.float64
        return Held(np.array([np.nan if one is None else one for one in values], kind))
    if dtype.startswith(("timestamp", "date")):
        return Held(np.array(values, "datetime64[us]"))
    if dtype == "bool" and all(one is not None for one in values):
        return Held(np.array(values, np.bool_))
    return Listed([one if one is None or isinstance(one, str) else str(one) for one in values])


def _lists(rows: HubRows, role: str) -> SourceColumn:
    """Lists of numbers: of one length an array, else tokens that are to be filled up."""
    try:
        arrays = [np.asarray(one) for one in rows.whole()]
    except ValueError:
        arrays = []
    if not arrays or any(one.dtype.kind not in "biuf" and one.size for one in arrays):
        raise DataError(
            f"The column {rows.column} holds lists of something else than numbers.",
            "Save the data set without it.",
        )
    if len({one.shape for one in arrays}) == 1:
        return SourceColumn(Held(np.stack(arrays)), "number", role)
    if all(one.ndim == 1 for one in arrays):
        return SourceColumn(Listed(arrays), "tokens", role, steps=(Setting("PadTokens"),))
    raise DataError(f"The arrays of the column {rows.column} differ in size.", "Save them with one size.")


def _content(value: Any, told: str) -> bytes:  # noqa: ANN401
    """The bytes of a file that is kept in the set, or beside it."""
    if isinstance(value, dict) and value.get("bytes") is not None:
        return value["bytes"]
    path = value.get("path") if isinstance(value, dict) else None
    if path is None:
        raise DataError(f"{told}: there is nothing.", "Leave the sample out.")
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise DataError(f"{told}: {path} cannot be read ({error.strerror}).") from None


def _picture(value: Any, told: str) -> Array:  # noqa: ANN401
    from PIL import Image

    try:
        with Image.open(io.BytesIO(_content(value, told))) as image:
            grey = image.mode in ("1", "L")
            pixels = np.asarray(image.convert("L" if grey else "RGB"))
    except DataError:
        raise
    except Exception as error:  # Pillow's formats raise a dozen kinds
        raise DataError(f"{told} cannot be read as a picture ({error}).", "Leave the sample out.") from None
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _sound(value: Any, told: str) -> Any:  # noqa: ANN401
    return sound_of(_content(value, told), told)
