"""What a run tells beside its numbers stays in the terminal, and in the log of the window."""

from __future__ import annotations

from io import StringIO

import pytest

from studio.cli.progress import ProgressLines
from studio.train.events import Measured, Warned

WAY = {
    "threads": 1,
    "memory_format": "channels_last",
    "precision": "float32",
    "compiled": False,
    "seconds": 0.0023,
    "equal": True,
    "failed": "",
}
MEASURED = Measured(
    1.0,
    40,
    2,
    (
        WAY,
        {**WAY, "precision": "bfloat16", "seconds": 0.001, "equal": False},
        {**WAY, "threads": 2, "seconds": 0.0015},
        {**WAY, "compiled": True, "seconds": None, "failed": "no compiler"},
    ),
)


def shown(*events: Measured | Warned) -> str:
    stream = StringIO()
    lines = ProgressLines(stream)
    for event in events:
        lines.add(event)
    return stream.getvalue()


def test_a_warning_stays() -> None:
    assert shown(Warned(1.0, "No room.", "Make some.")) == "No room. Make some.\n"


@pytest.mark.parametrize(
    "words",
    [
        "step 40",
        "goes on with 2 threads, channels_last (1.5 ms a step, before 2.3 ms)",
        "bfloat16 1 ms, other digits",
        "compiled cannot be computed (no compiler)",
    ],
)
def test_what_was_measured_says_what_was_taken_and_why_not_the_rest(words: str) -> None:
    assert words in shown(MEASURED)
