"""Rows of a tensor on the CPU as one batch, by compiled C, which fetches the next ones from memory meanwhile.

Until rows.c is compiled, where it cannot be, where rows are short, and where PyTorch would copy in several
threads, PyTorch does it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from studio.compiled import Coming

KINDS = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
COMPILED = Coming(Path(__file__).with_name("rows.c"))
LEAST = 256
"""Bytes of a row from which on it is worth it."""
SPLIT = 32768
"""Numbers that PyTorch gives to one thread at least, as its at::internal::GRAIN_SIZE says."""


class Rows:
    """What is taken from a tensor of one row a sample."""

    def __init__(self, table: Tensor) -> None:
        self._table, self._row = table, table.shape[1:]
        size = self._row.numel() * table.element_size()
        self._told = table.data_ptr(), len(table), size
        self._split = SPLIT // max(1, self._row.numel())
        self._copy: Callable[..., int] | None = None
        self._apt = table.is_cpu and table.is_contiguous() and size >= LEAST
        if self._apt:
            COMPILED.begin()

    def __call__(self, indices: Tensor) -> Tensor:
        """The rows at indices (n,), as (n, …). Raises IndexError for one that is none."""
        if self._apt and self._copy is None and (library := COMPILED.now()) is not None:
            self._copy = library.rows
            self._copy.argtypes = KINDS
        count = len(indices)
        if self._copy is None or not _is_plain(indices) or self._is_split(count):
            return self._table.index_select(0, indices)
        found = self._table.new_empty((count, *self._row))
        if not self._copy(*self._told, indices.data_ptr(), count, found.data_ptr()):
            raise IndexError(f"an index is none of {len(self._table)} rows")
        return found

    def _is_split(self, count: int) -> bool:
        """Whether PyTorch copies in several threads."""
        return count > self._split and torch.get_num_threads() > 1


def _is_plain(indices: Tensor) -> bool:
    return indices.dtype == torch.int64 and indices.is_contiguous()
