"""Plain decimal numbers read by compiled C: the very doubles that Python reads, or none at all."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.compiled import COMPILERS, compiled
from studio.data.sources import csv_decimals
from studio.data.sources.csv_decimals import PADDING, Decimals, NotPlainError


def padded(content: bytes) -> np.ndarray:
    return np.frombuffer(content + bytes(PADDING), np.uint8)


def read(text: str, width: int, delimiter: str = ",") -> list[float]:
    content = text.encode()
    _, found = Decimals(delimiter, [], range(width)).read(padded(content), len(content))
    return found.ravel().tolist()


pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler here")
PLAIN = st.from_regex(r"-?([0-9]{1,8}(\.[0-9]{0,7})?|\.[0-9]{1,8}|[0-9]\.[0-9]{1,14})", fullmatch=True)
ANY = st.from_regex(r"[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?", fullmatch=True)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False).map(repr)


@settings(max_examples=200)
@given(st.lists(PLAIN | ANY | DOUBLES, min_size=4, max_size=40), st.sampled_from(",;\t"))
def test_each_number_is_the_nearest_double(cells: list[str], delimiter: str) -> None:
    cells = cells[: len(cells) // 2 * 2]
    lines = [delimiter.join(pair) for pair in zip(cells[::2], cells[1::2], strict=True)]
    found = read("\n".join(lines) + "\n", 2, delimiter)
    assert found == [float(one) for one in cells]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_numbers_of_every_length(line_end: str) -> None:
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
    found = read(line_end.join(rows) + line_end, 9)
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


def test_numbers_of_more_digits_than_a_double_has() -> None:
    cells = ["9007199254740993", "0.12345678901234567", "123456789.123456789", "99999999.99999999"]
    cells += ["4503599627370496.5", "4503599627370497.5", "9007199254740992.0", "2251799813685248.25"]
    cells += ["0.00000000000000000000012345678901234567", "18446744073709551617", "1.0000000000000002220"]
    assert read("\n".join(",".join([one, "1"]) for one in cells) + "\n", 2) == [
        number for one in cells for number in (float(one), 1.0)
    ]


def test_many_that_are_written_otherwise_are_left_to_others() -> None:
    with pytest.raises(NotPlainError):
        read("+1,+2\n" * 1000, 2)


def test_columns_of_single_and_of_double_precision() -> None:
    rows = [(at / 8, -at * 1e-3, at / 3, 10.0**at) for at in range(20)]
    content = "".join(",".join(map(repr, one)) + "\n" for one in rows).encode()
    single, double = Decimals(",", [2, 0], [1, 3]).read(padded(content), len(content))
    np.testing.assert_array_equal(single, np.array(rows, np.float32)[:, [2, 0]], strict=True)
    np.testing.assert_array_equal(double, np.array(rows)[:, [1, 3]], strict=True)


def test_where_nothing_can_be_compiled_others_are_left_the_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "some.c"
    source.write_text("int none(void) { return nothing; }")
    assert compiled(source) is None
    assert not list((csv_decimals.compiled.__globals__["cache_folder"]() / "compiled").glob("some*"))
    monkeypatch.setattr(csv_decimals, "_library", lambda: None)
    with pytest.raises(NotPlainError):
        read("1,2\n", 2)
