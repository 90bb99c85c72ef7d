"""Samples that are read in blocks of a file: what is mixed, what stays in memory."""

from __future__ import annotations

import pickle

import numpy as np
import torch

from studio.data.in_blocks import TOGETHER, Blocks, edges, in_runs
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


def test_few_blocks_are_made_and_kept() -> None:
    values = np.arange(1000.0)[:, None]
    made: list[int] = []

    def make(number: int) -> Array:
        made.append(number)
        return values[number * BLOCK : (number + 1) * BLOCK]

    blocks = Blocks(2)
    rows = np.array([70, 5, 999, 64])
    assert blocks.take(rows, BLOCK, make)[:, 0].tolist() == rows.tolist()
    assert made == [0, 1, 15]
    blocks.take(np.array([65, 998]), BLOCK, make)
    assert made == [0, 1, 15]
    blocks.take(np.array([0]), BLOCK, make)
    assert made == [0, 1, 15, 0]
    assert pickle.loads(pickle.dumps(blocks)).take(rows, BLOCK, make)[:, 0].tolist() == rows.tolist()


def test_some_rows_stand_for_all_from_few_blocks() -> None:
    rows = np.arange(0, 100_000, 2)
    found = in_runs(rows, 1000, 400)
    assert len(found) == 400
    assert len(set(found // 1000)) <= 20
    assert found.min() < 1000
    assert found.max() > 98_000
    assert np.isin(found, rows).all()
