"""What recognising data gives: guesses, and the settings that are proposed for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studio.project.params import Value
from studio.project.project import Setting


@dataclass(frozen=True, slots=True)
class Guess:
    """A source that may fit, why, and how sure that is (0 to 1).

    `path` is the file or folder that the source takes (None where it takes none), `params` what else is set;
    "" stands for the source's first parameter.
    """

    source: str
    path: Path | None
    why: str
    confidence: float
    params: Mapping[str, Value | Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source with its settings, why it is proposed, and how sure that is (0 to 1)."""

    source: Setting
    why: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was looked at, in a sentence, and what it may be, the likeliest first."""

    told: str
    proposals: tuple[Proposal, ...] = ()
