"""Rows of a table by compiled C: the very rows, whatever is held and however much is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from studio.compiled import COMPILERS
from studio.train.kernels.rows import COMPILED, Rows

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler here")
KINDS = (torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool, torch.bfloat16, torch.complex64)


@pytest.fixture(autouse=True, scope="module")
def compiled() -> Iterator[None]:
    COMPILED.begin().join()
    assert COMPILED.now() is not None
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def table(*shape: int, kind: torch.dtype = torch.float32) -> Tensor:
    numbers = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0))
    return numbers.to(kind)


def copied(rows: Rows, indices: Tensor) -> Tensor:
    """What comes out, where the compiled function gave it."""
    called: list[int] = []
    rows(indices)
    copy = rows._copy
    assert copy is not None

    def noted(*given: int | None) -> int:
        called.append(1)
        return copy(*given)

    rows._copy = noted
    found = rows(indices)
    assert called, "PyTorch did it"
    return found


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.integers(1, 40),
    st.sampled_from([(256,), (300, 2), (7, 5, 11), (1, 28, 28), (1025,), (5000,)]),
    st.lists(st.integers(0, 10**6), max_size=50),
)
def test_gives_the_rows_asked_for(
    kind: torch.dtype, many: int, row: tuple[int, ...], wanted: list[int]
) -> None:
    held, indices = (
        table(many, *row, kind=kind),
        torch.tensor([one % many for one in wanted], dtype=torch.int64),
    )
    found, right = copied(Rows(held), indices), held.index_select(0, indices)
    assert found.dtype == right.dtype
    assert found.shape == right.shape
    assert torch.equal(found, right)
    found.zero_()
    assert torch.equal(held, table(many, *row, kind=kind)), "a copy, not a view"


@pytest.mark.parametrize("wrong", [-1, 7, 2**40, -(2**62)])
def test_a_row_that_is_none_is_refused(wrong: int) -> None:
    rows = Rows(table(7, 64))
    rows(torch.tensor([0]))
    with pytest.raises(IndexError, match="none of 7 rows"):
        rows(torch.tensor([0, wrong, 1]))


@pytest.mark.parametrize(
    "held",
    [table(100, 90).t(), table(6, 200)[:, :100], table(6, 0), table(6), table(6, 63), table(6, 100)[::2]],
    ids=["turned", "cut", "empty", "numbers", "short", "apart"],
)
def test_what_lies_otherwise_is_taken_by_pytorch(held: Tensor) -> None:
    indices, rows = torch.arange(len(held)).flip(0), Rows(held)
    assert rows._copy is None
    assert torch.equal(rows(indices), held.index_select(0, indices))
    assert rows._copy is None


def test_indices_that_lie_apart_or_are_short_numbers() -> None:
    held = table(9, 100)
    for indices in (torch.arange(9)[::2], torch.arange(9, dtype=torch.int32)):
        assert torch.equal(Rows(held)(indices), held.index_select(0, indices))


def test_several_threads_of_pytorch_share_what_is_much() -> None:
    held, indices = table(100, 5000), torch.arange(100)
    rows = Rows(held)
    torch.set_num_threads(2)
    try:
        rows(indices[:2])
        rows._copy = None if rows._copy is None else lambda *given: pytest.fail("one thread did it")
        assert torch.equal(rows(indices), held)
    finally:
        torch.set_num_threads(1)
