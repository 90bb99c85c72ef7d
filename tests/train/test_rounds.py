"""Processes that were started anew find each other, whatever those before them have left in the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import torch.distributed as dist

from studio.train.distributed.place import RankPlace
from studio.train.distributed.rounds import Round, gather

_dist: Any = dist
WAIT = 60.0


@pytest.fixture
def store() -> Any:
    """As torchrun's agent keeps one."""
    return _dist.TCPStore("127.0.0.1", 0, None, True, timedelta(seconds=WAIT), wait_for_workers=False)


def place(rank: int, world: int) -> RankPlace:
    return RankPlace(rank, world, rank, world)


def gathered(store: Any, world: int) -> list[Round]:
    """What all of them find, the first one last to come."""

    def come(rank: int) -> Round:
        own = _dist.TCPStore("127.0.0.1", store.port, None, False, timedelta(seconds=WAIT))
        return gather(own, place(rank, world), WAIT)

    with ThreadPoolExecutor(world) as pool:
        return list(pool.map(come, reversed(range(world))))


def test_all_begin_in_one_place_and_the_next_ones_in_another(store: Any) -> None:
    first, second = gathered(store, 3), gathered(store, 3)
    assert len(set(first)) == len(set(second)) == 1
    assert (first[0].before, second[0].before) == (0, 1)
    assert first[0].prefix != second[0].prefix


def test_fewer_go_on_alone(store: Any) -> None:
    gathered(store, 3)
    assert len(set(gathered(store, 2))) == 1
    assert len(set(gathered(store, 3))) == 1


@pytest.mark.parametrize("rank", [0, 1])
def test_one_that_came_and_was_killed_is_not_waited_for(store: Any, rank: int) -> None:
    with pytest.raises(RuntimeError, match="not all of the 2 processes came"):
        gather(store, place(rank, 2), 0.2)
    assert len(set(gathered(store, 2))) == 1


def test_a_process_that_was_killed_is_not_taken_for_the_new_one(store: Any) -> None:
    """The first one called it, it answered, and was gone before all had."""
    gathered(store, 2)
    with pytest.raises(RuntimeError, match="not all"):
        gather(store, place(0, 2), 0.2)
    store.set("neuroloom/here/1", "gone")
    with pytest.raises(RuntimeError, match="not all"):
        gather(store, place(0, 2), 0.2)
    assert len(set(gathered(store, 2))) == 1
