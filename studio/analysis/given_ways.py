"""Texts and sounds that a person gives, made what a network takes by the steps that its data went through."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studio.analysis.open_sizes import OpenSizes
from studio.data.decoding.sounds import sound
from studio.data.decoding.texts import read_text
from studio.data.findings import SUFFIXES
from studio.data.lazy import uniform
from studio.data.raw import Array
from studio.data.transforms.step import applied
from studio.data.ways import Way
from studio.errors import StudioError
from studio.project.fields import Field

TEXTS = frozenset({".txt", ".md", ".text"})
CUTS = ("CutTokens",)
"""Steps that take a part of a text whose length was known; what is given may be of any length."""


def takes(way: Way, given: object) -> bool:
    """Whether something that was given goes this way: a text, or the file of a sound."""
    if not isinstance(given, str | Path):
        return False
    if way.kind == "audio":
        return Path(given).suffix.lower() in SUFFIXES["audio"]
    return way.kind == "text" and Path(given).suffix.lower() not in (".npy", ".npz")


def made(
    way: Way, given: str | Path, field: Field, opened: OpenSizes | None
) -> tuple[Array, tuple[str, ...]]:
    """One sample, rows first, and what was done to it. Raises StudioError."""
    if way.kind == "audio":
        return _of_sound(way, Path(given))
    text = read_text(Path(given)) if _is_text_file(given) else str(given)
    chain = tuple(step for step in way.chain if step.type not in CUTS)
    if len(chain) == len(way.chain):
        return uniform(way.column, applied(chain, [text])), ()
    return _of_length(np.asarray(applied(chain, [text])[0]), field, opened)


def _of_sound(way: Way, path: Path) -> tuple[Array, tuple[str, ...]]:
    if not path.is_file():
        raise StudioError(f"There is no file {path}.", "Give the path of a sound.")
    return uniform(way.column, applied(way.chain, [sound(path)])), ()


def _of_length(tokens: Array, field: Field, opened: OpenSizes | None) -> tuple[Array, tuple[str, ...]]:
    """The last tokens that the network takes; where it takes no fewer, they are filled up."""
    length = field.shape[0]
    if not len(tokens):
        raise StudioError(f"{field.name} takes a text, and there is nothing.", "Write something.")
    kept = tokens[-length:]
    if len(kept) == length or (opened is not None and opened.takes((len(kept),))):
        return kept[None], ()
    filled = np.concatenate([kept, np.zeros(length - len(kept), kept.dtype)])
    return filled[None], (f"filled up from {len(kept)} to {length} tokens",)


def _is_text_file(given: str | Path) -> bool:
    try:
        return isinstance(given, Path) or (Path(given).suffix.lower() in TEXTS and Path(given).is_file())
    except (OSError, ValueError):
        return False
