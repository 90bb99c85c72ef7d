"""Kinds of mistakes, each with a drawing that makes it, what is said, and the fix that is offered first.

`python -m tests.build.mistakes` prints them as a table.
"""

from __future__ import annotations

from tests.build.mistakes.design import DESIGN
from tests.build.mistakes.losses import LOSSES
from tests.build.mistakes.making import DATA, Mistake
from tests.build.mistakes.merging import MERGING
from tests.build.mistakes.naming import NAMING
from tests.build.mistakes.settings import SETTINGS
from tests.build.mistakes.shapes import SHAPES
from tests.build.mistakes.tensors import TENSORS
from tests.build.mistakes.values import VALUES
from tests.build.mistakes.wiring import WIRING

MISTAKES: tuple[Mistake, ...] = (
    *WIRING,
    *NAMING,
    *SHAPES,
    *TENSORS,
    *VALUES,
    *MERGING,
    *LOSSES,
    *DESIGN,
    *SETTINGS,
)

__all__ = ["DATA", "MISTAKES", "Mistake"]
