"""The two ways in which Neuroloom tells a person that something is wrong, apart from a bug of its own.

A `Problem` is a mistake in a drawing or in settings: it is collected, never raised. A `StudioError` is
something that cannot be done (a file that cannot be read, say): it is raised and shown once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


class StudioError(Exception):
    """Something that cannot be done: `message` says what, where, expected and got; `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposed repair: what it does, in a few words, and the edit (Project -> Project) that does it.

    Of several, those of a lower `rank` are likelier to be meant.
    """

    label: str
    edit: Callable[[Any], Any]
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in the drawing or the settings; `node` and `field` say where it is shown.

    `field` is a parameter's name, or a port's name, or for settings a dotted key such as
    "training.batch_size" or "data.path" (then `node` is None).

    `path` are the block nodes that lead to `node`, outermost first, and `block` the block whose graph holds
    it; both are empty in the main graph. `trace` tells line by line how a shape that does not fit came about.
    """

    severity: Severity
    message: str
    hint: str = ""
    node: str | None = None
    field: str | None = None
    fixes: tuple[Fix, ...] = ()
    path: tuple[str, ...] = ()
    block: str | None = None
    trace: tuple[str, ...] = ()
