"""Which calls of a network are done by the compiled functions of pooling.c."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from studio.build.network import programs
from studio.build.program import Call, Program
from studio.train.kernels import conv_pool, pooling
from studio.train.kernels.conv_pool import Joined, joinable
from studio.train.kernels.pooling import Pooling


def pool_quickly(network: nn.Module) -> None:
    """Have the max-pools of a network do so from now on, where that is possible; those that changed places
    with a ReLU do its work, too, and are done at once with a convolution before them.
    """
    pools = {
        id(one): Pooling(one)
        for one in network.modules()
        if isinstance(one, nn.MaxPool2d) and not one.return_indices
    }
    for one in network.modules():
        if id(one) in pools:
            one.forward = pools[id(one)].pooled
    for _, one in programs(network):
        written = list(one.program.calls)
        for at, call in enumerate(written):
            if (pool := pools.get(id(call.function))) is None:
                continue
            if (behind := _behind(one.program, at)) is not None:
                pool.cut = True
                relu = written[behind]
                written[behind] = relu._replace(function=Cut(pool, relu.function))
            _join(one.program, written, at, pool)
        one.program = one.program._replace(calls=tuple(written))
    if pools:
        pooling.COMPILED.begin()


def _behind(program: Program, at: int) -> int | None:
    """The number of the call that changed places with an earlier one."""
    name = program.drawn[at]
    other = program.names.index(name)
    return other if other > at else None


@dataclass(frozen=True, slots=True)
class Cut:
    """A ReLU behind a max-pool that may have done its work."""

    pooling: Pooling
    relu: Callable[[Tensor], Tensor]

    def __call__(self, x: Tensor) -> Tensor:
        """The same, none of it below zero."""
        return x if self.pooling.has_cut(x) else self.relu(x)


class Behind:
    """A max-pool whose work may have been done already."""

    def __init__(self, pooling: Pooling, alone: Callable[[Tensor], Tensor]) -> None:
        self._pooling, self.alone = pooling, alone

    def __call__(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C×H'×W'."""
        return x if self._pooling.has_given(x) else self.alone(x)


def _join(program: Program, calls: list[Call], at: int, pooling: Pooling) -> None:
    """Join the max-pool of a call with the convolution before it, where nothing else takes its results."""
    call = calls[at]
    before = next((one for one in calls[:at] if one.output == call.single), None)
    if before is None or not joinable(before.function, pooling.form) or before.parts:
        return
    uses = [place for one in calls for place in _places(one)] + [place for _, place in program.results]
    if uses.count(call.single) == 1:
        conv_pool.COMPILED.begin()
        calls[calls.index(before)] = before._replace(function=Joined(before.function, pooling))
        calls[at] = call._replace(function=Behind(pooling, call.function))


def _places(call: Call) -> list[int]:
    """All that a call takes."""
    found: list[int] = []
    for place in (*call.args, *call.named.values()):
        found += [place] if isinstance(place, int) else place
    return found
