"""Running foreign code so that nothing is left behind: random numbers, modes and buffers are as before."""

from __future__ import annotations

import contextlib
import io
import random
import warnings
from collections.abc import Generator

import torch
from torch import nn

LONGEST = 2000


@contextlib.contextmanager
def guarded(module: nn.Module) -> Generator[io.StringIO]:
    """The module in evaluation mode; afterwards it and all global state of torch are as before. What is
    printed lies in what is given.
    """
    training = {name: one.training for name, one in module.named_modules()}
    buffers = {name: one.detach().clone() for name, one in module.named_buffers()}
    dtype, grad, threads = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()
    seeds, printed = random.getstate(), io.StringIO()
    with (
        torch.random.fork_rng(devices=[]),
        contextlib.redirect_stdout(printed),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        try:
            yield printed
        finally:
            random.setstate(seeds)
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(grad)
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            _restore(module, training, buffers)


def _restore(module: nn.Module, training: dict[str, bool], buffers: dict[str, torch.Tensor]) -> None:
    for name, one in module.named_modules():
        one.training = training.get(name, one.training)
    for name, one in module.named_buffers():
        before = buffers.get(name)
        if before is not None and one.shape == before.shape:
            one.data = before
