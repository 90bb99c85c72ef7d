"""Thinning keeps what can be seen, however the numbers came; smoothing is the mean it says it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.monitor.series import Line, Smoothed
from studio.ui.monitor.trace import BLOCK, Trace

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=700)


def filled(numbers: list[float], pieces: int = 1) -> Trace:
    trace = Trace()
    for part in np.array_split(np.array(numbers), pieces):
        trace.extend(part)
    return trace


@given(values, st.integers(1, 9), st.integers(1, 12))
def test_thinning_keeps_the_extremes_and_the_order(numbers: list[float], pieces: int, buckets: int) -> None:
    trace = filled(numbers, pieces)
    x = np.arange(len(numbers), dtype=float)
    xs, ys = trace.thinned(x, 0, len(numbers), buckets)
    assert (ys.min(), ys.max()) == (min(numbers), max(numbers)) == trace.bounds()
    assert (np.diff(xs) >= 0).all()
    assert len(xs) <= max(4 * buckets, 2 * buckets + 2 + BLOCK)


@given(values, st.data())
def test_thinning_a_stretch_never_leaves_out_what_is_in_it(numbers: list[float], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(numbers) - 1))
    last = data.draw(st.integers(first + 1, len(numbers)))
    trace = filled(numbers)
    _, ys = trace.thinned(np.arange(len(numbers), dtype=float), first, last, 3)
    assert ys.min() <= min(numbers[first:last])
    assert ys.max() >= max(numbers[first:last])


@given(values, st.data())
def test_cutting_is_as_if_the_rest_had_never_been(numbers: list[float], data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(numbers)))
    trace = filled(numbers)
    trace.cut(size)
    trace.extend([7.0] * 100)
    again = filled(numbers[:size] + [7.0] * 100)
    assert trace.bounds() == again.bounds()
    assert trace.array.tolist() == again.array.tolist()


def test_a_million_values_are_thinned_without_looking_at_each() -> None:
    trace = filled(np.sin(np.arange(1_000_000) / 1000).tolist())
    xs, ys = trace.thinned(np.arange(1_000_000, dtype=float), 0, 1_000_000, 400)
    assert len(xs) <= 2 * 400 + 2 + BLOCK
    assert (ys.min(), ys.max()) == pytest.approx((-1, 1), abs=1e-5)


def test_usual_bounds_leave_out_a_few_extremes_only() -> None:
    calm = [1 + (i % 10) / 10 for i in range(500)]
    assert filled(calm).usual_bounds() == (1.0, 1.9)
    low, high = filled([*calm, 1000.0]).usual_bounds() or (0, 0)
    assert low == 1.0
    assert 1.9 <= high < 4
    assert filled([1.0, 1000.0]).usual_bounds() == (1.0, 1000.0)


def smoothed_by_hand(steps: list[float], numbers: list[float], span: float) -> list[float]:
    result = []
    for i, now in enumerate(steps):
        weights = [math.exp((then - now) / span) for then in steps[: i + 1]]
        result.append(sum(w * v for w, v in zip(weights, numbers, strict=False)) / sum(weights))
    return result


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(-100, 100)), min_size=1, max_size=60),
    st.floats(0.5, 50),
    st.integers(1, 5),
)
def test_smoothing_is_the_weighted_mean(points: list[tuple[int, float]], span: float, pieces: int) -> None:
    steps = np.cumsum([gap for gap, _ in points]).astype(float).tolist()
    numbers = [value for _, value in points]
    line, smoothed = Line(), Smoothed(span)
    for part in np.array_split(np.arange(len(points)), pieces):
        line.extend([steps[i] for i in part], [0.0] * len(part), [numbers[i] for i in part])
        smoothed.follow(line)
    assert smoothed.value.array == pytest.approx(smoothed_by_hand(steps, numbers, span), rel=1e-6, abs=1e-6)


def test_smoothing_starts_over_after_a_cut() -> None:
    line, smoothed = Line(), Smoothed(5.0)
    line.extend([1, 2, 3, 4], [0] * 4, [1, 2, 3, 4])
    smoothed.follow(line)
    line.cut(2)
    line.extend([3, 4, 5], [0] * 3, [9, 9, 9])
    smoothed.follow(line)
    assert smoothed.value.array == pytest.approx(smoothed_by_hand([1, 2, 3, 4, 5], [1, 2, 9, 9, 9], 5.0))
