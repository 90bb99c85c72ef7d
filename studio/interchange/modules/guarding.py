"""Running foreign code so that nothing is left behind: random numbers, modes and buffers are as before."""

from __future__ import annotations

import contextlib
import copy
import io
import random
import warnings
from collections import OrderedDict
from collections.abc import Generator
from typing import Any

import torch
from torch import nn

LONGEST = 2000


@contextlib.contextmanager
def guarded(module: nn.Module) -> Generator[io.StringIO]:
    """The module in evaluation mode; afterwards it and all global state of torch are as before. What is
    printed lies in what is given.
    """
    printed = io.StringIO()
    with unchanged(module), contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield printed


@contextlib.contextmanager
def unchanged(module: nn.Module) -> Generator[None]:
    """Whatever runs inside, every module in it has its attributes afterwards as before, caches too; and torch
    its modes.
    """
    dtype, grad, threads = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()
    seeds = random.getstate()
    try:
        with torch.random.fork_rng(devices=[]), _same_attributes(module):
            yield
    finally:
        random.setstate(seeds)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


@contextlib.contextmanager
def _same_attributes(module: nn.Module) -> Generator[None]:
    state = [(one, {name: _copied(value) for name, value in vars(one).items()}) for one in module.modules()]
    buffers = [(one, one.detach().clone()) for one in module.buffers()]
    try:
        yield
    finally:
        for one, attributes in state:
            vars(one).clear()
            vars(one).update({name: _copied(value) for name, value in attributes.items()})
        for one, before in buffers:
            if one.shape == before.shape:
                one.data.copy_(before)


def _copied(value: Any) -> Any:  # noqa: ANN401
    """A container with the same in it; anything else is itself."""
    return copy.copy(value) if type(value) in (dict, list, set, OrderedDict) else value
