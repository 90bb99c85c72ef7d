"""How many things a check tells of, in words."""

from __future__ import annotations

import pytest

from studio.data.checks.look import counted


@pytest.mark.parametrize(
    ("count", "what", "told"),
    [
        (2, "near duplicates", "2 near duplicates"),
        (1, "near duplicates", "1 near duplicate"),
        (1, "samples without a file", "1 sample without a file"),
        (1200, "entries", "1,200 entries"),
        (1, "entries", "1 entry"),
    ],
)
def test_one_and_several(count: int, what: str, told: str) -> None:
    assert counted(count, what) == told
