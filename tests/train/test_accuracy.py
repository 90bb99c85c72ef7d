"""Counting by compiled C who has the class right: the very number that PyTorch's argmax gives."""

from __future__ import annotations

import shutil

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from studio.compiled import COMPILERS
from studio.train.kernels import accuracy
from studio.train.kernels.accuracy import COMPILED, count_right

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler here")
ODD = (0.0, -0.0, 1.0, 1.0, 2.0, -1.0, 1e-45, float("inf"), -float("inf"), float("nan"))


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    COMPILED.begin().join()
    assert COMPILED.now() is not None


def plain(scores: Tensor, truth: Tensor) -> int:
    return int((scores.argmax(1) == truth).sum())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 70), st.integers(1, 40), st.integers(1, len(ODD)), st.integers(0, 2**32))
def test_counts_as_argmax_does(count: int, classes: int, kinds: int, seed: int) -> None:
    chance = torch.Generator().manual_seed(seed)
    scores = torch.tensor(ODD[-kinds:])[torch.randint(kinds, (count, classes), generator=chance)]
    truth = torch.randint(-2, classes + 2, (count,), generator=chance)
    found = count_right(scores, truth)
    assert isinstance(found, int), "PyTorch did it"
    assert found == plain(scores, truth)


def test_counts_scores_that_all_differ() -> None:
    scores = torch.randn(5000, 10, generator=torch.Generator().manual_seed(0))
    truth = torch.where(torch.arange(5000) % 3 == 0, scores.argmax(1), 4)
    assert count_right(scores, truth) == plain(scores, truth) > 5000 // 3


@pytest.mark.parametrize(
    "scores",
    [
        torch.randn(8, 5).double(),
        torch.randn(5, 8).t(),
        torch.randn(8, 10)[:, ::2],
        torch.randn(8, 5).bfloat16(),
    ],
    ids=["double", "turned", "apart", "half"],
)
def test_what_is_otherwise_is_counted_by_pytorch(scores: Tensor) -> None:
    truth = torch.arange(8) % 5
    found = count_right(scores, truth)
    assert isinstance(found, Tensor)
    assert int(found) == plain(scores, truth)


def test_without_a_compiler_pytorch_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy.COMPILED, "_found", None)
    scores, truth = torch.randn(8, 5), torch.arange(8) % 5
    assert int(count_right(scores, truth)) == plain(scores, truth)
