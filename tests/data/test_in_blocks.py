"""Samples that are read in blocks of a file: what is mixed, what stays in memory."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from studio.data.in_blocks import MOST, TOGETHER, Blocks, edges, foreseen, in_runs
from studio.data.loader import order
from studio.data.raw import Array

BLOCK = 64
ROWS = np.flatnonzero(np.random.default_rng(0).random(1500) < 0.8)


def test_an_epoch_has_each_sample_once_a_few_blocks_at_a_time() -> None:
    found = order(len(ROWS), 3, 1, edges=edges(ROWS, BLOCK))
    assert sorted(found.tolist()) == list(range(len(ROWS)))
    of = ROWS[found.numpy()] // BLOCK
    first: list[int] = []
    for at, block in enumerate(of.tolist()):
        if block not in first:
            first.append(block)
        open_now = set(of[at:].tolist()) & set(first)
        assert len(open_now) <= TOGETHER
    assert first != sorted(first)
    assert len(set(of[:40].tolist())) == TOGETHER
    assert torch.equal(found, order(len(ROWS), 3, 1, edges=edges(ROWS, BLOCK)))
    assert not torch.equal(found, order(len(ROWS), 3, 2, edges=edges(ROWS, BLOCK)))


def test_weights_count_in_blocks_too() -> None:
    weights = np.ones(len(ROWS))
    weights[:3] = 0.0, 2.0, 3.0
    found = np.bincount(order(len(ROWS), 0, 1, weights, edges(ROWS, BLOCK)).numpy(), minlength=len(ROWS))
    assert np.array_equal(found, weights)


VALUES = np.arange(3000.0).reshape(1000, 3)


class Filled:
    """Fills blocks from VALUES, and says which it was asked for."""

    def __init__(self, bad: int = -1) -> None:
        self.made: list[int] = []
        self.bad = bad

    def __call__(self, first: int, last: int, into: Array) -> None:
        self.made.append(first // BLOCK)
        if first // BLOCK == self.bad:
            raise OSError("gone")
        into[:] = VALUES[first:last]


def blocks(fill: Filled, most: int) -> Blocks:
    return Blocks(len(VALUES), BLOCK, (2, 1), np.dtype(np.float32), fill, most)


def test_few_blocks_are_made_and_kept() -> None:
    fill = Filled()
    few, rows = blocks(fill, 3), np.array([70, 5, 999, 64])
    assert few.take(rows).tolist() == VALUES[rows, :2].tolist()
    assert few.take(rows, 1).tolist() == VALUES[rows, 2:].tolist()
    assert few.take(rows).dtype == np.float32
    assert fill.made == [0, 1, 15]
    few.take(np.array([128]))
    assert few.take(rows).tolist() == VALUES[rows, :2].tolist()
    assert few.take(rows, 1).tolist() == VALUES[rows, 2:].tolist()
    assert fill.made == [0, 1, 15, 2, 0]
    other = pickle.loads(pickle.dumps(few))
    assert other.take(rows).tolist() == VALUES[rows, :2].tolist()
    assert few.take(np.array([], np.int64)).shape == (0, 2)


def test_rows_of_more_blocks_than_are_kept_are_taken_all_the_same() -> None:
    few = blocks(Filled(), 2)
    rows = np.random.default_rng(0).permutation(1000)
    for part, values in enumerate((VALUES[:, :2], VALUES[:, 2:])):
        assert np.array_equal(few.take(rows, part), values[rows])


def test_an_epoch_makes_each_block_once_and_ahead_of_its_use() -> None:
    fill = Filled()
    some = blocks(fill, MOST)
    some.take(np.arange(MOST) * BLOCK)
    fill.made.clear()
    rows = ROWS[ROWS < 1000]
    places = order(len(rows), 0, 1, edges=edges(rows, BLOCK)).numpy()
    used: set[int] = set()
    ahead = 0
    for batch in foreseen(np.array_split(rows[places], 60), [some]):
        used |= set((batch // BLOCK).tolist())
        assert np.array_equal(some.take(batch), VALUES[batch, :2])
        some.take(np.array([batch[0]]))
        ahead = max(ahead, len(some.known - used))
    assert len(fill.made) == len(set(fill.made))
    assert set(fill.made) >= set(range(MOST, 16))
    assert ahead >= TOGETHER
    assert [one.tolist() for one in foreseen(iter([rows[:3]]), [])] == [rows[:3].tolist()]


def test_a_block_that_cannot_be_made_is_told_where_it_is_used_and_tried_again() -> None:
    fill = Filled(bad=1)
    some = blocks(fill, 3)
    assert some.foresee(np.array([0, 64, 1])) == [0, 1]
    assert some.take(np.array([0])).tolist() == [[0.0, 1.0]]
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            some.take(np.array([64]))
    fill.bad = -1
    assert some.take(np.array([64, 1])).tolist() == VALUES[[64, 1], :2].tolist()


def test_some_rows_stand_for_all_from_few_blocks() -> None:
    rows = np.arange(0, 100_000, 2)
    found = in_runs(rows, 1000, 400)
    assert len(found) == 400
    assert len(set(found // 1000)) <= 20
    assert found.min() < 1000
    assert found.max() > 98_000
    assert np.isin(found, rows).all()
