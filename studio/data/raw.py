"""What a source delivers: arrays whose first dimension is the sample, and the fields they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.errors import Fix, Problem, StudioError
from studio.project.fields import Field, Role

if TYPE_CHECKING:
    from studio.data.scale import Scale
    from studio.project.project import Setting

Array = np.ndarray[Any, Any]
LARGEST_NUMBER = float(np.finfo(np.float32).max)
"""Training counts in single precision: what is larger would be infinite there."""


class DataError(StudioError):
    """Data that cannot be had as the settings say; `param` names the data setting that is at fault, `fixes`
    are edits of the project after which they can be had.
    """

    def __init__(
        self, message: str, hint: str = "", param: str = "path", fixes: tuple[Fix, ...] = ()
    ) -> None:
        super().__init__(message, hint)
        self.param, self.fixes = param, fixes

    def problem(self) -> Problem:
        """The same as a problem of the settings."""
        return Problem("error", self.message, self.hint, field=f"data.{self.param}", fixes=self.fixes)


@dataclass(frozen=True, slots=True)
class Column:
    """One column within a field of numbers; one with classes takes a place (0 or 1) for each of them."""

    name: str
    classes: tuple[str, ...] | None = None

    @property
    def width(self) -> int:
        """How many numbers the column becomes."""
        return 1 if self.classes is None else len(self.classes)


@dataclass(frozen=True, slots=True)
class RawData:
    """All samples as they were read, before split and normalisation.

    `arrays` may be of a narrower or wider type than their field says (pictures stay bytes until they are
    normalised). `test` are the rows that the source itself sets apart for the test. `columns` says what the
    numbers of a field of shape (n,) are called. `scales` are those of fields whose own steps scale them,
    `augment` the random changes of fields in training.
    """

    arrays: Mapping[str, Array]
    fields: Mapping[str, Field]
    test: Array | None = None
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    scales: Mapping[str, Scale] = field(default_factory=dict)
    augment: Mapping[str, tuple[Setting, ...]] = field(default_factory=dict)

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return min((len(array) for array in self.arrays.values()), default=0)

    @property
    def labels(self) -> Array | None:
        """The class of each sample in the first target that has classes, or None."""
        for name, one in self.fields.items():
            if one.role == "target" and one.classes is not None and one.shape == ():
                return self.arrays[name]
        return None


def located(path: str, folder: Path, param: str = "path", hint: str = "") -> Path:
    """The file or folder a setting means; raises DataError where there is none."""
    if not path.strip():
        raise DataError("No file is chosen for the data.", "Choose one in the data settings.", param)
    try:
        found = (folder / Path(path).expanduser()).resolve()
        exists = found.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(
            f"{path} is no path that can be read ({error}).", "Choose another file.", param
        ) from None
    if not exists:
        advice = hint or "Put the file there, or choose where it is now in the data settings."
        raise DataError(f"There is no {found}.", advice, param)
    return found


def present(path: str, folder: Path) -> tuple[Path, ...]:
    """The file a setting means, where there is one: what a source depends on."""
    try:
        return (located(path, folder),)
    except DataError:
        return ()


def target_names(text: str, separator: str = ",") -> tuple[str, ...]:
    """The names in a setting that lists some: "a, b" is ("a", "b")."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(separator) if part.strip()))


def identifier(name: str, taken: Iterable[str]) -> str:
    """A field's name made of a column's: letters (of any alphabet), digits, underscores; none of `taken`."""
    used = frozenset(taken)
    stem = "".join(c if c.isalnum() or c == "_" else "_" for c in name.strip()).strip("_") or "column"
    stem = f"n{stem}" if not stem.isidentifier() else stem
    found, number = stem, 2
    while found in used:
        found, number = f"{stem}_{number}", number + 1
    return found


def class_field(name: str, classes: Iterable[str], role: Role = "target") -> Field:
    """The field of a class index."""
    names = tuple(classes)
    return Field(name, (), "int64", names, role, 0.0, float(max(len(names) - 1, 0)))


def number_field(name: str, array: Array, role: Role = "input", picture: bool = False) -> Field:
    """The field of numbers, its bounds read off the array; integers other than bytes stay integers."""
    dtype = "int64" if array.dtype.kind in "iu" and array.dtype.itemsize > 1 else "float32"
    low, high = (float(array.min()), float(array.max())) if array.size else (None, None)
    return Field(name, tuple(array.shape[1:]), dtype, None, role, low, high, picture)
