"""One layer of a piece of code."""

from __future__ import annotations

from dataclasses import dataclass

from studio.project.params import Value


@dataclass(frozen=True, slots=True)
class Piece:
    """Its name where the text gives one, its type and what is set of its parameters."""

    name: str
    type: str
    params: dict[str, Value]
