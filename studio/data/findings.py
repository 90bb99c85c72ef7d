"""What a column seems to be, and why: found from its values, to be confirmed or changed by the user."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.data import spelling
from studio.data.cells import Cells
from studio.data.dates import UNTOLD, format_of, is_untold, told_way
from studio.data.decoding.scanning import told_sizes
from studio.data.raw import Array
from studio.data.sample_names import COUNTS, MARKS, numbers_things, words_in_order
from studio.data.splits import NAMES
from studio.data.table import SourceColumn, Table

LOOKED_AT = 10_000
"""Values from which a column's kind is found, spread over all of it."""
BLOCKS_SEEN = 20
AS_SAID = "as the source says"
MOST_CLASSES = 20
ROWS_PER_CLASS = 5
MOST_TEXT_CLASSES = 200
MOST_SHARED = 64
"""Short texts that are this few, and come up twice on average, are classes."""
SEEN = 200
TRUTHS = frozenset({"yes", "no", "true", "false", "y", "n", "t", "f", "on", "off"})
MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
SUFFIXES = {
    "image": frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}),
    "audio": frozenset({".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif"}),
}
FILES = ("image", "mask", "audio")
"""Kinds whose values are paths in a table."""
MASK_ENDINGS = tuple(
    f"{mark}{word}"
    for mark in "_-"
    for word in ("mask", "masks", "seg", "segmentation", "label", "labels", "gt")
)
"""What a mask's name may have after its picture's."""
MASK_NAMES = frozenset(
    (
        "mask",
        "masks",
        "label",
        "labels",
        "annotation",
        "annotations",
        "segmentation",
        "gt",
        "target",
        "targets",
    )
)
"""What folders and columns of masks are called."""
_WORDS = re.compile(r"\s+")
_UNNAMED = re.compile(r"(_*unnamed.*|column[ _]?\d+|_*\d*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` of a column and the `evidence` for it in a few words; counts are among the values looked at.

    `different` is how many values differ, `missing` how many there are none of, `seen` how many were looked
    at.
    """

    kind: str
    evidence: str
    seen: int = 0
    missing: int = 0
    different: int = 0


def find(table: Table) -> dict[str, Finding]:
    """What each column is."""
    return {name: find_column(name, column) for name, column in table.columns.items()}


def find_column(name: str, column: SourceColumn) -> Finding:
    """What a column is."""
    return _column(name, column, looked_at(column.cells))


def looked_at(cells: Cells, most: int = LOOKED_AT) -> Array:
    """Row numbers spread over a column; some in a row where that many are read together."""
    count, together = len(cells), int(getattr(cells, "together", 1))
    if count <= most or together <= 1:
        return spread(count, most)
    begins = spread(count // together + 1, BLOCKS_SEEN) * together
    run = np.arange(max(most // len(begins), 1))
    rows = (begins[:, None] + run).ravel()
    return rows[rows < count]


def spread(count: int, most: int) -> Array:
    """At most so many row numbers, evenly over all."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).astype(np.int64))


def is_missing(value: Any) -> bool:  # noqa: ANN401
    """Whether a single value is none."""
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip().lower() in MISSING_WORDS
    return isinstance(value, float) and value != value


def _column(name: str, column: SourceColumn, rows: Array) -> Finding:
    if column.field is not None:
        classes = column.field.classes
        different = len(classes) if classes is not None else 0
        return Finding(column.kind, column.about or AS_SAID, len(rows), 0, different)
    if column.sizes is not None:
        return Finding(column.kind, told_sizes(column.sizes), len(rows))
    if column.kind in FILES:
        return Finding(column.kind, column.about or AS_SAID, len(rows))
    values = column.cells.take(rows)
    found = _array(name, values) if isinstance(values, np.ndarray) else _texts(name, values)
    if column.kind:
        return Finding(
            column.kind, column.about or found.evidence, found.seen, found.missing, found.different
        )
    if column.about and found.kind in FILES:
        return replace(found, evidence=f"{found.evidence}; {column.about}")
    return found


def _array(name: str, values: Array) -> Finding:
    count = len(values)
    if values.dtype.kind == "M":
        return Finding("time", "dates and times", count, int(np.isnat(values).sum()))
    if values.ndim > 1:
        shape = "×".join(map(str, values.shape[1:]))
        return Finding("number", f"{shape} numbers each", count)
    if values.dtype.kind == "b":
        return Finding("category", "true or false", count, 0, 2)
    empty = np.isnan(values) if values.dtype.kind == "f" else np.zeros(count, bool)
    there = values[~empty]
    ordered = np.sort(there)
    different = int((ordered[1:] != ordered[:-1]).sum()) + bool(len(there))
    missing = int(empty.sum())
    whole = bool((there == np.round(there)).all()) if len(there) else False
    named = _names_samples(name, there) if whole and len(there) > 20 and different == len(there) else ""
    if named:
        return Finding("identifier", named, count, missing, different)
    return Finding("number", _range(there), count, missing, different)


def _range(there: Array) -> str:
    if not len(there):
        return "no values"
    if there.min() == there.max():
        return f"always {there[0]:.6g}"
    return f"numbers from {there.min():.6g} to {there.max():.6g}"


def _names_samples(name: str, there: Array) -> str:
    """Why whole numbers that all differ are names of the samples; nothing where they are not."""
    steps = np.diff(there)
    if MARKS & words_of(name) or (numbers_things(name) and there.min() >= 0):
        return "every value once, and so named"
    if _UNNAMED.fullmatch(name) and (steps == 1).all() and there[0] in (0, 1):
        return "counts the samples, and has no name"
    return "every value once, in order, and so named" if names_an_id(name) and (steps > 0).all() else ""


def names_an_id(name: str) -> bool:
    """Whether a column is called as those are that name the samples."""
    return bool((MARKS | COUNTS) & words_of(name)) or numbers_things(name)


def _names_a_mask(name: str) -> bool:
    return bool(MASK_NAMES & words_of(name))


def picture_of_mask(stem: str) -> str:
    """The name of the picture that a mask of this name is for, both without the end that tells the format."""
    return next((stem.removesuffix(ending) for ending in MASK_ENDINGS if stem.endswith(ending)), stem)


def words_of(name: str) -> set[str]:
    """The words in a column's name, which may be written asOneWord."""
    return set(words_in_order(name))


def _texts(name: str, values: Sequence[Any]) -> Finding:
    there = [str(value).strip() for value in values if not is_missing(value)]
    count, missing = len(values), len(values) - len(there)
    if not there:
        return Finding("text", "no values", count, missing)
    different = len(set(there))
    plainly = _plainly(there, different)
    kind, evidence = plainly or _by_number(name, there, different)
    if plainly is None and is_untold(spread_texts(there)):
        evidence = UNTOLD
    if kind == "image" and _names_a_mask(name):
        kind, evidence = "mask", f"{evidence}, and so named"
    return Finding(kind, evidence, count, missing, different)


def _plainly(there: Sequence[str], different: int) -> tuple[str, str] | None:
    """What the values themselves say, however many differ."""
    for kind, suffixes in SUFFIXES.items():
        if all(Path(one).suffix.lower() in suffixes for one in there[:SEEN]):
            return kind, f"paths of {kind} files, such as {there[0][:40]}"
    if different == 1:
        return "category", f"always {there[0][:40]}"
    if different == 2 and {one.lower() for one in there} <= TRUTHS:
        return "category", " or ".join(sorted(set(there)))
    written = format_of(spread_texts(there))
    if written is not None:
        return "time", f"dates such as {there[0]}{told_way(written)}"
    return _written_numbers(there, different)


def spread_texts(there: Sequence[str]) -> list[str]:
    """Some of many texts."""
    return [there[int(row)] for row in spread(len(there), SEEN)]


def _written_numbers(there: Sequence[str], different: int) -> tuple[str, str] | None:
    """Numbers that are written as texts; numerals that are names are classes."""
    if spelling.is_code(there):
        few = different <= MOST_TEXT_CLASSES or 2 * different <= len(there)
        return ("category" if few else "identifier"), f"codes such as {there[0]}, with zeros that lead"
    way = spelling.way_of(there)
    if any(spelling.read(one, way) is None for one in there):
        return None
    if way == spelling.CLOCK:
        return "number", f"times of the day such as {there[0]}, in seconds since midnight"
    style = spelling.style(spread_texts(there))
    told = f"numbers, {style}, such as {there[0]}" if style else f"numbers such as {there[0]}"
    return "number", told


def _by_number(name: str, there: Sequence[str], different: int) -> tuple[str, str]:
    """Classes, names or texts, by how many differ and how long they are."""
    words = sum(len(_WORDS.split(one)) for one in there) / len(there)
    unique = different == len(there) and words < 3 and len(there) > 20
    if unique and (names_an_id(name) or _codes(there)):
        return "identifier", "every value once"
    often = different <= MOST_TEXT_CLASSES and len(there) >= ROWS_PER_CLASS * different
    few = different <= MOST_CLASSES or (different <= MOST_SHARED and 2 * different <= len(there))
    if often or (few and words < 5):
        parts = different <= len(NAMES) and {one.strip().lower() for one in there} <= NAMES.keys()
        return "category", "names of parts of the data" if parts else f"{different} different values"
    return "text", f"{words:.0f} words each, most of them different"


def _codes(there: Sequence[str]) -> bool:
    """Whether values look like names of samples: no spaces, a digit in each, all of about the same length."""
    lengths = {len(one) for one in there[:SEEN]}
    return len(lengths) <= 3 and all(" " not in one and any(c.isdigit() for c in one) for one in there[:SEEN])
