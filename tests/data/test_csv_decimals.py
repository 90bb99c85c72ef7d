"""Plain decimal numbers read many at a time: the very doubles that Python reads, or none at all."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.data.sources import csv_decimals
from studio.data.sources.csv_decimals import NotPlainError, decimals, lines


def read(text: str, width: int, delimiter: str = ",") -> list[float]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode())
        blocks = lines(path, 0, path.stat().st_size)
        return np.concatenate(list(decimals(blocks, width, delimiter, np.float64))).ravel().tolist()


PLAIN = st.from_regex(r"-?([0-9]{1,8}(\.[0-9]{0,7})?|\.[0-9]{1,8}|[0-9]\.[0-9]{1,14})", fullmatch=True)


@settings(max_examples=200)
@given(st.lists(PLAIN, min_size=4, max_size=40), st.sampled_from(",;\t"))
def test_each_number_is_the_nearest_double(cells: list[str], delimiter: str) -> None:
    cells = cells[: len(cells) // 2 * 2]
    lines = [delimiter.join(pair) for pair in zip(cells[::2], cells[1::2], strict=True)]
    found = read("\n".join(lines) + "\n", 2, delimiter)
    assert found == [float(one) for one in cells]


@pytest.mark.parametrize("block", [300, 1000, 1 << 18])
def test_numbers_of_every_length_across_the_ends_of_blocks(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(csv_decimals, "BLOCK", block)
    draw = random.Random(0)
    cells = [
        draw.choice(
            (
                f"{draw.uniform(-1, 1):.{draw.randint(0, 12)}f}",
                str(draw.randint(-(10**15), 10**15)),
                str(draw.randint(0, 9)),
                f"{draw.gauss(0, 1e4):.3f}",
                "",
            )
        )
        for _ in range(9000)
    ]
    cells[100], cells[5000], cells[8999] = "1.5e-05", "-2e3", "+7"
    rows = [",".join(cells[at : at + 9]) for at in range(0, 9000, 9)]
    found = read("\n".join(rows) + "\n", 9)
    np.testing.assert_array_equal(found, [float(one) if one else np.nan for one in cells])
    assert [one == 0 and np.signbit(one) for one in found] == [
        one.startswith("-") and float(one) == 0 for one in cells
    ]


@pytest.mark.parametrize(
    "odd",
    ["1-2", "2020-01-31", "1/2", "--1", "1.2.3", "1e", ".", "-", "-.", "1 ", "NA", "nan", "inf", "0x1", "ä",
     "1,2", "", "12345678.-5"],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(odd: str) -> None:
    rows = [f"{at},{at / 4}" for at in range(500)]
    rows[250] = odd if "," in odd or not odd else f"{odd},1"
    if "," in odd:
        rows[250] += ",3"
    with pytest.raises(NotPlainError):
        read("\n".join(rows) + "\n", 2)


def test_numbers_that_would_not_be_exact_are_read_one_by_one() -> None:
    cells = ["9007199254740993", "0.12345678901234567", "123456789.123456789", "99999999.99999999"]
    assert read("\n".join(",".join([one, "1"]) for one in cells) + "\n", 2) == [
        number for one in cells for number in (float(one), 1.0)
    ]


def test_many_that_are_written_otherwise_are_left_to_others() -> None:
    with pytest.raises(NotPlainError):
        read("1e-5,2e-5\n" * 1000, 2)
