"""Memory that a step frees stays for the next one while a run trains, and is given back when it ends."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PIECES = """
import ctypes, json, resource, sys
from contextlib import nullcontext
from studio.train.heap import kept
from studio.train.process_memory import resident

library, size = ctypes.CDLL(None), 4 << 20
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes = [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]

def steps(count):
    began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(count):
        pieces = [library.malloc(size) for _ in range(12)]
        for one in pieces:
            ctypes.memset(one, 1, size)
        for one in reversed(pieces):
            library.free(one)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began

with kept() if sys.argv[1] == "kept" else nullcontext():
    steps(3)
    made, held = steps(20), resident()
print(json.dumps([made, held - resident()]))
"""


def in_a_process(way: str) -> tuple[int, int]:
    """How many pages were made in 20 steps of 48 MiB, and how many bytes became free at the end."""
    command = [sys.executable, "-c", PIECES, way]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    made, freed = json.loads(said)
    return made, freed


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_memory_is_kept_from_step_to_step_and_given_back_at_the_end() -> None:
    made, freed = in_a_process("kept")
    assert made < 1000
    assert freed > 40 << 20
    assert in_a_process("")[0] > 10 * max(made, 1000)
