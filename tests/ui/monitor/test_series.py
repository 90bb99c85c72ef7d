"""Histories of real runs: every value is there, in its place, however the events came."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from pathlib import Path

import pytest

from studio.train.events import EpochEnded, Event, Progress, Started
from studio.ui.monitor.export import table
from studio.ui.monitor.ranges import ordinate_range
from studio.ui.monitor.series import History, history_of
from studio.ui.monitor.strokes import Options, Smoothing, strokes
from studio.ui.monitor.ticks import abscissa_ticks, linear_ticks, log_ticks
from studio.ui.monitor.trace import Trace
from studio.ui.theme import DARK

Run = tuple[Path, list[Event]]


def test_every_step_and_epoch_of_a_run_is_kept(digits: Run) -> None:
    history = history_of("digits", digits[1])
    started = next(event for event in digits[1] if isinstance(event, Started))
    losses = [loss for event in digits[1] if isinstance(event, Progress) for loss in event.losses]
    line = history.line("loss", "steps")
    assert line is not None
    assert line.step.array.tolist() == list(range(1, started.epochs * started.steps_per_epoch + 1))
    assert line.value.array.tolist() == losses
    assert (line.time.array[1:] >= line.time.array[:-1]).all()
    for part in ("train", "validation"):
        epochs = history.line("accuracy", part)
        assert epochs is not None
        assert len(epochs) == started.epochs
    assert history.metrics == ["loss", "accuracy"]
    assert history.total_steps == started.epochs * started.steps_per_epoch


def test_validations_within_epochs_are_points_of_the_same_line(within: Run) -> None:
    history = history_of("within", within[1])
    line = history.line("accuracy", "validation")
    assert line is not None
    assert line.step.array.tolist() == [8, 16, 24, 32, 40, 45]
    ends = history.line("accuracy", "train")
    assert ends is not None
    assert ends.step.array.tolist() == [20, 40, 45]
    assert history.total_steps == 45


def test_several_losses_are_grouped_by_node(two_losses: Run) -> None:
    metrics = history_of("two", two_losses[1]).metrics
    assert metrics[0] == "loss"
    nodes = [metric.partition(".")[0] for metric in metrics[1:]]
    assert nodes == sorted(nodes)
    assert [m for m in metrics if m.endswith(".loss")] == [
        next(m for m in metrics if m.startswith(f"{node}.")) for node in dict.fromkeys(nodes)
    ]


def test_a_resumed_run_forgets_what_it_repeats(digits: Run) -> None:
    events = digits[1]
    started = next(event for event in events if isinstance(event, Started))
    half = started.steps_per_epoch * 4
    again = replace(started, epoch=4, step=half, time=1.0)
    later = [event for event in events if getattr(event, "step", 0) > half]
    clean = [e for e in later if not isinstance(e, Progress) or e.step - len(e.losses) >= half]
    history = history_of("digits", [*events, again])
    line, epochs = history.line("loss", "steps"), history.line("loss", "validation")
    assert line is not None
    assert epochs is not None
    assert (len(line), len(epochs)) == (half, 4)
    for event in clean:
        history.add([event])
    assert len(epochs) == 8


def test_values_that_are_no_numbers_are_left_out() -> None:
    history = History("run", 1, 10)
    history.add([Progress(0.1, 1, 4, (1.0, math.nan, math.inf, 2.0), {"mae": math.nan}, 0.1, 1.0, 0.0)])
    line = history.line("loss", "steps")
    assert line is not None
    assert line.value.array.tolist() == [1.0, 2.0]
    assert line.step.array.tolist() == [1, 4]


def test_the_table_has_every_value(digits: Run) -> None:
    history = history_of("digits, first", digits[1])
    rows = list(csv.DictReader(io.StringIO(table([history]))))
    assert len(rows) == sum(len(line) for line in history.lines.values())
    last = [row for row in rows if (row["metric"], row["part"]) == ("accuracy", "validation")][-1]
    ended = [event for event in digits[1] if isinstance(event, EpochEnded)][-1]
    assert float(last["value"]) == ended.validation["accuracy"]
    assert (last["run"], int(last["step"]), float(last["epoch"])) == (
        "digits, first",
        ended.step,
        ended.epoch,
    )


def trace(*numbers: float) -> Trace:
    made = Trace()
    made.extend(numbers)
    return made


def test_the_ordinate_holds_all_values_and_moves_seldom() -> None:
    before = ordinate_range([trace(0.1, 2.0)], log=False, share=False, before=None)
    assert before[0] == 0
    assert before[1] > 2
    assert ordinate_range([trace(0.1, 2.05)], log=False, share=False, before=before) == before
    assert ordinate_range([trace(0.1, 0.3)], log=False, share=False, before=before) != before
    low, high = ordinate_range([trace(0.5, 1.0)], log=False, share=True, before=None)
    assert 0 <= low < 0.5
    assert 1.0 <= high < 1.01
    low, high = ordinate_range([trace(0.0, 0.001, 10.0)], log=True, share=False, before=None)
    assert low <= math.log10(0.0011) or low < 1
    assert high >= 1


@pytest.mark.parametrize("shown", [(0.0, 2.3), (-5.0, 12.0), (0.9, 0.91), (1e-7, 3e-7), (0.0, 5e9)])
def test_ticks_are_round_in_range_and_not_too_many(shown: tuple[float, float]) -> None:
    ticks = linear_ticks(shown, 5)
    assert 2 <= len(ticks) <= 6
    room = (shown[1] - shown[0]) * 1e-6
    assert all(shown[0] - room <= at <= shown[1] + room for at, _ in ticks)
    assert len({text for _, text in ticks}) == len(ticks)


@pytest.mark.parametrize("shown", [(-3.0, 1.0), (-0.2, 0.4), (-12.0, 6.0), (0.1, 0.11)])
def test_ticks_of_a_logarithmic_axis(shown: tuple[float, float]) -> None:
    ticks = log_ticks(shown, 5)
    assert 1 <= len(ticks) <= 6
    for at, text in ticks:
        assert shown[0] <= at <= shown[1]
        assert math.log10(float(text.replace(",", ""))) == pytest.approx(at, abs=0.01)


def test_epochs_are_whole_and_times_have_a_unit() -> None:
    assert [text for _, text in abscissa_ticks((0, 3), 9, "epoch", 1.0)] == ["0", "1", "2", "3"]
    assert abscissa_ticks((0, 4), 4, "time", 60.0)[-1] == (4, "4 min")


@pytest.mark.parametrize("shown", [(0.0, 12_000.0), (0.0, 120.0), (0.0, 12.0), (0.0, 3e6)])
def test_whole_numbers_have_no_decimals(shown: tuple[float, float]) -> None:
    texts = [text for _, text in abscissa_ticks(shown, 5, "step", 1.0)]
    assert len(texts) > 2
    assert not any("." in text for text in texts if "e" not in text), texts


def test_decimals_are_those_that_the_step_takes() -> None:
    assert [text for _, text in linear_ticks((0.0, 12.0), 5)] == ["0", "2.5", "5.0", "7.5", "10.0"]
    assert [text for _, text in linear_ticks((0.0, 1.2), 5)] == ["0", "0.25", "0.50", "0.75", "1.00"]
    assert [text for _, text in linear_ticks((0.0, 0.1), 5)][1:3] == ["0.02", "0.04"]


def test_a_running_metric_is_drawn_where_it_tells_more_than_the_epochs(digits: Run) -> None:
    started = next(event for event in digits[1] if isinstance(event, Started))
    ends = [event for event in digits[1] if isinstance(event, EpochEnded)]
    told = [
        Progress(end.time, end.epoch, end.step - ago, (0.5,), {"accuracy": 0.5}, 0.1, 1.0, 1.0)
        for end in ends
        for ago in (2, 1, 0)
    ]
    assert len(ends) >= 3
    for seldom in (False, True):
        shown = told[-len(ends) :] if seldom else told
        history = history_of("digits", sorted((started, *ends, *shown), key=lambda event: event.time))
        found = strokes("accuracy", history, (), Options(), Smoothing(), DARK)
        assert any(stroke.pale for stroke in found) is not seldom


def test_a_run_that_was_stopped_early_is_smoothed_over_a_share_of_what_it_did(digits: Run) -> None:
    events = digits[1]
    plain, planned = (
        history_of(
            "digits", [replace(one, epochs=epochs) if isinstance(one, Started) else one for one in events]
        )
        for epochs in (3, 3000)
    )
    assert planned.total_steps > 100 * plain.total_steps
    lines = [one.lines["loss", "train"] for one in (plain, planned)]
    shown = [
        Smoothing().of(line, one, 0.01).array.tolist()
        for line, one in zip(lines, (plain, planned), strict=True)
    ]
    assert shown[0] == shown[1]
