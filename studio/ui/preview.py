"""What the preview of the data shows, as plain values: pictures, table columns, counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from studio.project.fields import Field
from studio.project.project import Setting

if TYPE_CHECKING:
    from studio.data.raw import Column, RawData

BINS = 10
WIDE = 40
"""Numbers of one field that get a column each; more are told in one."""
Cell = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Preview:
    """Samples that were read; `counts` are bars by target field: (class or range, how many)."""

    raw: RawData
    pictures: tuple[str, ...]
    columns: tuple[tuple[str, Cell], ...]
    counts: Mapping[str, tuple[tuple[str, int], ...]]

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.raw.samples

    def pixels(self, field: str, row: int) -> Any:  # noqa: ANN401
        """A sample's picture: height × width × channels, bytes."""
        import numpy as np

        array = np.asarray(self.raw.arrays[field][row], np.float32)
        about = self.raw.fields[field]
        low = about.low if about.low is not None else float(array.min())
        high = about.high if about.high is not None else float(array.max())
        scaled = np.clip((array - low) * (255.0 / ((high - low) or 1.0)), 0, 255).astype(np.uint8)
        scaled = scaled if scaled.ndim == 3 else scaled[None]
        shown = scaled[:3] if scaled.shape[0] >= 3 else scaled[:1]
        return np.ascontiguousarray(shown.transpose(1, 2, 0))

    def label(self, row: int) -> str:
        """What is true of a sample: its targets, as words."""
        targets = [field for field in self.raw.fields.values() if field.role == "target"]
        return ", ".join(_cell(self.raw.arrays[field.name], field, ())(row) for field in targets)


def load(setting: Setting, folder: Path) -> Preview:
    """Read the samples of a source; raises StudioError."""
    from studio.data.pipeline import read_source

    raw = read_source(setting, folder)
    pictures = tuple(name for name, field in raw.fields.items() if field.picture)
    targets = [field for field in raw.fields.values() if field.role == "target"]
    counts = {field.name: _counts(raw.arrays[field.name], field) for field in targets}
    kept = {name: bars for name, bars in counts.items() if bars}
    return Preview(raw, pictures, tuple(_columns(raw)), kept)


def _counts(array: Any, field: Field) -> tuple[tuple[str, int], ...]:  # noqa: ANN401
    import numpy as np

    if field.classes is not None and field.shape == ():
        found = np.bincount(np.asarray(array, np.int64), minlength=len(field.classes))
        return tuple(zip(field.classes, found.tolist(), strict=False))
    if field.shape not in ((), (1,)) or not array.size:
        return ()
    found, edges = np.histogram(np.asarray(array, np.float64).ravel(), BINS)
    names = [f"{a:.4g} – {b:.4g}" for a, b in pairwise(edges)]
    return tuple(zip(names, found.tolist(), strict=True))


def _columns(raw: RawData) -> Sequence[tuple[str, Cell]]:
    found: list[tuple[str, Cell]] = []
    for name, field in raw.fields.items():
        columns = raw.columns.get(name, ())
        # A field that joins columns which are fields of their own would show everything twice.
        joined = len(columns) > 1 and all(one.name in raw.fields for one in columns)
        if not joined and not field.picture:
            found += _of_field(raw.arrays[name], field, columns)
    return found


def _of_field(array: Any, field: Field, columns: Sequence[Column]) -> list[tuple[str, Cell]]:  # noqa: ANN401
    if len(field.shape) != 1 or field.shape == (1,) or field.shape[0] > WIDE:
        return [(field.name, _cell(array, field, columns))]
    if not columns:
        return [(f"{field.name}[{at}]", _number(array, at)) for at in range(field.shape[0])]
    found: list[tuple[str, Cell]] = []
    at = 0
    for column in columns:
        cell = _number(array, at) if column.classes is None else _one_hot(array, at, column.classes)
        found.append((column.name, cell))
        at += column.width
    return found


def _cell(array: Any, field: Field, columns: Sequence[Column]) -> Cell:  # noqa: ANN401
    classes = field.classes
    if classes is not None and field.shape == ():
        return lambda row: (
            classes[int(array[row])] if 0 <= int(array[row]) < len(classes) else str(array[row])
        )
    if field.shape == ():
        return lambda row: _text(array[row])
    if field.shape == (1,):
        return _number(array, 0)
    shape = "×".join(map(str, field.shape))
    told = QCoreApplication.translate("Data", "{shape} numbers").format(shape=shape)
    return lambda _row: told


def _number(array: Any, at: int) -> Cell:  # noqa: ANN401
    return lambda row: _text(array[row][at])


def _one_hot(array: Any, at: int, classes: Sequence[str]) -> Cell:  # noqa: ANN401
    return lambda row: classes[int(array[row][at : at + len(classes)].argmax())]


def _text(value: Any) -> str:  # noqa: ANN401
    return f"{float(value):.6g}"
