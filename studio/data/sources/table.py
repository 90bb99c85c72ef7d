"""CSV files: numbers stacked into `features`, texts as classes, each column a field, targets apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.raw import (
    LARGEST_NUMBER,
    Array,
    Column,
    DataError,
    RawData,
    class_field,
    identifier,
    located,
    number_field,
    present,
    target_names,
)
from studio.data.sources.csv_text import Texts, read_texts
from studio.errors import Problem
from studio.project.fields import Field

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
FEATURES = "features"
MOST_TEXTS = 64
"""A text column of inputs with more different texts than this is left out."""
MOST_CLASSES, ROWS_PER_CLASS = 20, 5
"""Whole numbers to predict are classes if they are few and each comes up often enough."""

Content = tuple[Array, tuple[str, ...] | None]
"""A column's values: numbers (float64, None), or class indices (int64) and the classes."""


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The one file."""
    return present(params["path"], folder)


def read(params: Mapping[str, Any], folder: Path) -> RawData:
    """Read the table. Raises DataError that names file, row and column."""
    texts = read_texts(located(params["path"], folder))
    ignored, targets = _chosen(texts, params["ignore"], params["target"])
    inputs = [name for name in texts.columns if name not in targets and name not in ignored]
    numbers = {name: _all_numbers(texts, name) for name in (*inputs, *targets)}
    whole = _without_missing(texts, [name for name in numbers if numbers[name] is None], params["missing"])
    if whole is not texts:
        texts, numbers = whole, dict.fromkeys(numbers)
    contents = {name: _content(texts, name, known) for name, known in numbers.items()}
    for name in targets:
        contents[name] = _as_target(texts, name, contents[name], params["target_kind"])
    left_out = [name for name in inputs if _too_many_texts(contents[name])]
    warnings = tuple(_left_out(texts, name, contents[name]) for name in left_out)
    return _assembled(contents, [name for name in inputs if name not in left_out], targets, warnings)


def _chosen(texts: Texts, ignore: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns to ignore and those to predict, the last if none is named."""
    names = tuple(texts.columns)
    ignored, targets = target_names(ignore), target_names(target)
    for param, listed in (("ignore", ignored), ("target", targets)):
        for name in listed:
            if name not in names:
                raise DataError(
                    f"{texts.path.name} has no column {name}.",
                    f"Its columns are {', '.join(names[:20])}{' …' if len(names) > 20 else ''}.",
                    param,
                )
    if both := set(ignored) & set(targets):
        raise DataError(
            f"The column {min(both)} is to be predicted and left out at once.",
            "Take it off one list.",
            "ignore",
        )
    kept = [name for name in names if name not in ignored]
    targets = targets or tuple(kept[-1:])
    if len(kept) <= len(targets):
        raise DataError(
            f"{texts.path.name} leaves no column as input: {len(names)} columns, {len(targets)} to predict, "
            f"{len(ignored)} left out.",
            "At least one column has to be left that is neither.",
            "target",
        )
    return ignored, targets


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def _without_missing(texts: Texts, suspects: list[str], how: str) -> Texts:
    """The table without the rows that lack a value in these columns, or an error at the first of them."""
    holes: dict[int, str] = {}
    for name in suspects:
        found = [at for at, cell in enumerate(texts.columns[name]) if _is_missing(cell)]
        if len(found) == len(texts.lines):
            raise texts.wrong(
                0, name, "the whole column is empty", f"Add {name} to the columns to leave out."
            )
        for at in found:
            holes.setdefault(at, name)
    if not holes:
        return texts
    first = min(holes)
    if how != "skip" or len(texts.lines) - len(holes) < 2:
        raise texts.wrong(
            first,
            holes[first],
            f"the value is missing, as in {len(holes)} of {len(texts.lines)} rows",
            "Fill it in, set missing to skip, which leaves such rows out, or leave the column out.",
        )
    kept = [at for at in range(len(texts.lines)) if at not in holes]
    columns = {name: tuple(cells[at] for at in kept) for name, cells in texts.columns.items()}
    return Texts(texts.path, texts.delimiter, columns, [texts.lines[at] for at in kept])


def _all_numbers(texts: Texts, name: str) -> Array | None:
    """The column's numbers where every cell is one that can be trained on."""
    try:
        numbers = _numbers(texts.columns[name], texts.delimiter)
    except ValueError:
        return None
    return numbers if (np.abs(numbers) <= LARGEST_NUMBER).all() else None


def _content(texts: Texts, name: str, known: Array | None) -> Content:
    """Numbers where all cells are; classes where most are texts; an error for a text among numbers."""
    cells = texts.columns[name]
    try:
        numbers = _numbers(cells, texts.delimiter) if known is None else known
    except ValueError:
        return _texts(texts, name)
    if not np.isfinite(numbers).all():
        at = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise texts.wrong(at, name, f"{cells[at].strip()} is no finite number", "Correct the value.")
    large = np.flatnonzero(np.abs(numbers) > LARGEST_NUMBER)
    if len(large):
        at = int(large[0])
        what = f"{cells[at].strip()} is too large; numbers go up to {LARGEST_NUMBER:.2g}"
        raise texts.wrong(at, name, what, "Correct the value, or give the column in another unit.")
    return numbers, None


def _numbers(cells: tuple[str, ...], delimiter: str) -> Array:
    """All cells as numbers; ValueError if one is none. A decimal comma counts where it does not delimit."""
    joined = "".join(cells)
    if "_" in joined:  # Python reads 1_000 as a number; in a table it is a text
        raise ValueError("_")
    if delimiter != "," and "," in joined:
        cells = tuple(cell.replace(",", ".") for cell in cells)
    return np.fromiter(map(float, cells), np.float64, len(cells))


def _texts(texts: Texts, name: str) -> Content:
    cells = [cell.strip() for cell in texts.columns[name]]
    different = set(cells)
    numeric = {cell for cell in different if _fits(cell, texts.delimiter)}
    if numeric:
        odd = [at for at, cell in enumerate(cells) if cell not in numeric]
        if 2 * len(odd) < len(cells):
            raise texts.wrong(
                odd[0],
                name,
                f"{cells[odd[0]][:40]!r} is no number; {len(cells) - len(odd)} of {len(cells)} values are",
                "Correct the value, or leave the column out.",
            )
    classes = tuple(sorted(different))
    index = {text: at for at, text in enumerate(classes)}
    return np.fromiter((index[cell] for cell in cells), np.int64, len(cells)), classes


def _fits(cell: str, delimiter: str) -> bool:
    try:
        _numbers((cell,), delimiter)
    except ValueError:
        return False
    return True


def _as_target(texts: Texts, name: str, content: Content, kind: str) -> Content:
    """The target as classes or numbers, as set; auto makes few whole numbers that come up often classes."""
    values, classes = content
    if classes is not None:
        if kind == "numbers":
            cell = texts.columns[name][0].strip()
            raise texts.wrong(
                0, name, f"{cell[:40]!r} is no number", "Set the target's kind to classes or auto."
            )
        return content
    different, indices = np.unique(values, return_inverse=True)
    whole = bool((different == np.round(different)).all())
    often = len(different) <= MOST_CLASSES and len(values) >= ROWS_PER_CLASS * len(different) > ROWS_PER_CLASS
    if kind == "classes" or (kind == "auto" and whole and often):
        return indices.astype(np.int64), tuple(f"{value:.15g}" for value in different)
    return content


def _too_many_texts(content: Content) -> bool:
    values, classes = content
    return classes is not None and len(classes) > min(MOST_TEXTS, max(len(values) // 2, 2))


def _left_out(texts: Texts, name: str, content: Content) -> Problem:
    return Problem(
        "warning",
        f"{texts.path.name}: column {name} holds {len(content[1] or ())} different texts and is left out.",
        f"Texts are inputs only where few differ. Add {name} to the columns to leave out to agree.",
        field="data.ignore",
    )


def _assembled(
    contents: Mapping[str, Content],
    inputs: list[str],
    targets: tuple[str, ...],
    warnings: tuple[Problem, ...],
) -> RawData:
    """`features` first, then each input and each target as a field of its own."""
    if not inputs:
        raise DataError(
            "No column is left as input: all hold different texts.", "Choose another file.", "path"
        )
    arrays: dict[str, Array] = {FEATURES: np.concatenate([_stacked(contents[one]) for one in inputs], axis=1)}
    fields: dict[str, Field] = {FEATURES: number_field(FEATURES, arrays[FEATURES])}
    columns = {FEATURES: tuple(Column(name, contents[name][1]) for name in inputs)}
    for name in (*targets, *inputs):  # a target keeps its name where two are alike
        values, classes = contents[name]
        key = identifier(name, fields)
        role = "target" if name in targets else "input"
        if classes is None:
            arrays[key] = values[:, None]
            fields[key] = number_field(key, arrays[key], role)
            columns[key] = (Column(name),)
        else:
            arrays[key] = values
            fields[key] = class_field(key, classes, role)
    return RawData(arrays, fields, columns=columns, warnings=warnings)


def _stacked(content: Content) -> Array:
    """A column's place in `features`: the number, or a 1 at the class and 0 elsewhere."""
    values, classes = content
    return values[:, None] if classes is None else np.eye(len(classes))[values]
