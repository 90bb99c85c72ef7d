"""Large numbers in few characters."""

from __future__ import annotations

import pytest

from studio.ui.numbers import memory, short


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (38, "38"),
        (999, "999"),
        (1000, "1 k"),
        (9610, "9.61 k"),
        (999_960, "1 M"),
        (1_240_000, "1.24 M"),
        (2.5e9, "2.5 G"),
        (3e12, "3 T"),
    ],
)
def test_short(number: float, text: str) -> None:
    assert short(number) == text


@pytest.mark.parametrize(
    ("size", "text"), [(12, "12 B"), (1500, "2 kB"), (469e6, "469 MB"), (1.14e9, "1.1 GB")]
)
def test_memory(size: float, text: str) -> None:
    assert memory(size) == text
