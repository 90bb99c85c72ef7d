"""How a process joins the others of its run, and leaves nothing open to machines that nobody named."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

import torch
import torch.distributed as dist

from studio.errors import StudioError
from studio.train.distributed.place import LOOPBACK, RankPlace, loopback
from studio.train.distributed.rounds import gather
from studio.train.distributed.several import Several

_dist: Any = dist
PATIENCE = timedelta(minutes=30)
"""How long a process waits for another one, which may have to read all of the data first."""


def join(place: RankPlace) -> Several:
    """Find the other processes. Raises StudioError."""
    if not dist.is_available():
        raise StudioError(
            "This build of PyTorch cannot train by several processes.",
            "Train by one process, or install PyTorch with torch.distributed.",
        )
    try:
        store, place = _store(place)
        dist.init_process_group(
            _backend(place), store=store, rank=place.rank, world_size=place.world, timeout=PATIENCE
        )
    except (RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise StudioError(
            f"{place.told} could not reach the others: {reason}",
            "Look whether all processes were started, and whether MASTER_ADDR and MASTER_PORT name the first "
            "machine as the others see it.",
        ) from error
    return Several(place, store)


def end(code: int) -> NoReturn:
    """End this process. To take gloo's threads apart, as the interpreter's end does, may abort it: whoever
    started it would take that for a fault, and start all processes anew.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _backend(place: RankPlace) -> str:
    """NCCL where every process has a device of its own; it refuses to share one."""
    own = torch.cuda.is_available() and place.local_world <= torch.cuda.device_count()
    return f"cpu:gloo,cuda:{'nccl' if own and dist.is_nccl_available() else 'gloo'}"


def _store(place: RankPlace) -> tuple[Any, RankPlace]:
    """A file where our own launcher gave one, so that nothing listens; else what torchrun has set up, and
    there the part of those who begin together.
    """
    if place.store:
        return _dist.FileStore(place.store, place.world), place
    if os.environ.get("MASTER_ADDR", "") in LOOPBACK:
        for name, value in loopback().items():
            os.environ.setdefault(name, value)
    store, _, _ = next(_dist.rendezvous("env://", rank=place.rank, world_size=place.world, timeout=PATIENCE))
    own = gather(store, place, PATIENCE.total_seconds())
    return _dist.PrefixStore(own.prefix, store), replace(place, restarts=max(place.restarts, own.before))
