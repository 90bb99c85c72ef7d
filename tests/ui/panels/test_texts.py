"""Values as texts, fuzzy search, readable colours: the plain functions behind the panels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.project.params import Float, Floats, Int, Ints
from studio.ui.contrast import TEXT, contrast, mixed, readable
from studio.ui.fuzzy import best, score
from studio.ui.theme import DARK, FAMILIES, LIGHT
from studio.ui.value_text import stepped, text_of, value_of

SIZE = Ints("size", 1, "", low=0, lengths=(1, 2, 3), words=("same",), optional=True)
RATE = Float("rate", 0.0, "", optional=True)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_a_number_reads_back_as_it_was_written(value: float) -> None:
    assert value_of(text_of(value), RATE) == pytest.approx(value, rel=1e-11, abs=0)


@given(st.lists(st.integers(0, 999), min_size=1, max_size=3))
def test_several_numbers_read_back(values: list[int]) -> None:
    wanted = values[0] if len(values) == 1 else tuple(values)
    assert value_of(text_of(wanted), SIZE) == wanted


@given(st.lists(st.floats(-1e9, 1e9).map(lambda one: float(f"{one:.6g}")), min_size=1, max_size=4))
def test_several_fractions_read_back(values: list[float]) -> None:
    wanted = values[0] if len(values) == 1 else tuple(values)
    assert value_of(text_of(wanted), Floats("values", 0.0, "")) == wanted


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("same", "same"), ("(3, 5)", (3, 5)), ("3x5", (3, 5)), (" 7 ", 7)]
)
def test_sizes_as_people_write_them(text: str, value) -> None:
    assert value_of(text, SIZE) == value


@pytest.mark.parametrize("text", ["3.5", "1,2,3,4", "-1", "other", "1_0"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="size takes whole numbers"):
        value_of(text, SIZE)


@pytest.mark.parametrize(
    ("text", "steps", "result"),
    [
        ("0.01", 1, "0.02"),
        ("0.01", -1, "0.009"),
        ("0.009", 1, "0.01"),
        ("", 1, "0.1"),
        ("3e-4", 1, "0.0004"),
        ("abc", 1, None),
    ],
)
def test_a_fraction_moves_by_its_leading_digit(text: str, steps: int, result: str | None) -> None:
    assert stepped(text, RATE, steps) == result


def test_the_number_at_the_cursor_moves() -> None:
    assert stepped("3, 5", SIZE, 1, cursor=0) == "4, 5"
    assert stepped("3, 5", SIZE, -1, cursor=4) == "3, 4"
    assert stepped("8", Int("n", 1, "", low=1, high=8), 1) == "8"
    assert stepped("same", SIZE, 1) is None


def test_better_fits_score_higher() -> None:
    names = ["ConvTranspose2d", "Conv2d", "Concat", "Conv1d", "Linear"]
    assert max(names, key=lambda name: score("conv2d", name) or -1) == "Conv2d"
    assert max(names, key=lambda name: score("ct2", name) or -1) == "ConvTranspose2d"
    assert score("cx", "Conv2d") is None
    assert best("dense", "Linear", ("dense",)) is not None
    assert best("", "Linear") == 0.0


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_every_colour_can_be_made_readable(tokens) -> None:
    for colour in (*FAMILIES.values(), tokens.ok, tokens.warn, tokens.error, tokens.accent):
        assert contrast(readable(colour, tokens.panel, tokens.text), tokens.panel) >= TEXT
