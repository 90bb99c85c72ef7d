"""Which of the processes of a run this one is, as torchrun and our own launcher tell it. No torch."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from studio.errors import StudioError
from studio.train.processes import began

LOOPBACK = ("127.0.0.1", "::1", "localhost")
STORE = "NEUROLOOM_STORE"
"""The file by which processes of one machine find each other: nothing listens for others then."""
LOST = 75
"""How a process ends that lost another one: what was trained can go on from the last checkpoint."""


@dataclass(frozen=True, slots=True)
class RankPlace:
    """A process's number among all and among those of its machine; `store` is a file where there is one.

    `launch` names what started all of them, the same after a restart; `restarts` counts those.
    """

    rank: int
    world: int
    local_rank: int
    local_world: int
    store: str = ""
    launch: str = ""
    restarts: int = 0

    @property
    def told(self) -> str:
        """The process in words, counted from 1."""
        return f"Process {self.rank + 1} of {self.world} on {socket.gethostname()}"


def rank_place(environment: Mapping[str, str] = os.environ) -> RankPlace | None:
    """Which process this is; None where it is alone. Raises StudioError for an environment that is odd."""
    if "RANK" not in environment or "WORLD_SIZE" not in environment:
        return None
    try:
        rank, world = int(environment["RANK"]), int(environment["WORLD_SIZE"])
        local_rank = int(environment.get("LOCAL_RANK", rank))
        local_world = int(environment.get("LOCAL_WORLD_SIZE", 1))
        restarts = int(environment.get("TORCHELASTIC_RESTART_COUNT", 0))
    except ValueError as error:
        raise StudioError(
            f"RANK and WORLD_SIZE tell which process this is, and are no numbers ({error}).",
            "Start several processes with torchrun or --processes, or unset both.",
        ) from error
    return RankPlace(
        rank, world, local_rank, local_world, environment.get(STORE, ""), _launch(environment), restarts
    )


def rank_environment(rank: int, world: int, store: str, cores: int, restarts: int) -> dict[str, str]:
    """The environment of one of several processes of this machine, which talk over the loopback alone."""
    return {
        "RANK": str(rank),
        "WORLD_SIZE": str(world),
        "LOCAL_RANK": str(rank),
        "LOCAL_WORLD_SIZE": str(world),
        STORE: store,
        "TORCHELASTIC_RESTART_COUNT": str(restarts),
        "OMP_NUM_THREADS": str(max(1, cores // world)),
        **loopback(),
    }


def loopback() -> dict[str, str]:
    """What keeps the libraries from talking to other machines."""
    name = "lo0" if sys.platform == "darwin" else "lo"
    return {} if sys.platform == "win32" else {"GLOO_SOCKET_IFNAME": name, "NCCL_SOCKET_IFNAME": name}


def _launch(environment: Mapping[str, str]) -> str:
    """What torchrun calls this job; its agent where the job has no name of its own."""
    name = environment.get("TORCHELASTIC_RUN_ID", "")
    if name not in ("", "none"):
        return name
    parent = os.getppid()
    return f"{socket.gethostname()} {parent} {began(parent)}"
