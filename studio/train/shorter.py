"""The operations of a recorded step put otherwise: fewer of them, that come to the same digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._ops import OpOverload

from studio.train.kernels.cross_entropy import MEAN, MOST_CLASSES, CrossEntropy

aten: Any = torch.ops.aten
ALIASES = (aten.detach.default, aten.alias.default)
"""Without gradients they give what they are given."""


class Call(NamedTuple):
    """An operation, or a function of ours, with what it was given and what it gave."""

    function: Any
    args: tuple[Any, ...]
    named: Mapping[str, Any]
    result: Any

    @property
    def results(self) -> Sequence[Any]:
        """All that it gave."""
        return self.result if isinstance(self.result, tuple | list) else (self.result,)

    @property
    def writes(self) -> bool:
        """Whether it writes into what it is given."""
        return isinstance(self.function, OpOverload) and self.function._schema.is_mutable  # pyright: ignore


class _Loss(NamedTuple):
    """What a mean cross entropy and the gradient of its scores are made of, one after the other."""

    softmax: Any
    loss: Any
    ones: Any
    back: Any
    end: Any


LOSS = _Loss(
    aten._log_softmax.default,
    aten.nll_loss_forward.default,
    aten.ones_like.default,
    aten.nll_loss_backward.default,
    aten._log_softmax_backward_data.default,
)


def shorter(calls: Sequence[Call]) -> list[Call]:
    """The calls, with others in place of some; what nobody needs any more is still among them."""
    calls = list(_direct(calls))
    made = {id(one): at for at, call in enumerate(calls) for one in call.results}
    used = Counter(id(one) for call in calls for one in tensors(call.args))
    found = list[Call | None](calls)
    for at, call in enumerate(calls):
        before = calls[made.get(id(call.args[0]), at)] if call.args else call
        if _is_flat_sum(before, call):
            found[at] = before._replace(args=before.args[:2], result=call.result)
        elif (loss := _loss(calls, made, at)) is not None and _is_apt(calls, loss, used):
            softmax, forward = calls[loss.softmax], calls[loss.loss]
            function, given = CrossEntropy(forward.args[-1]), (softmax.args[0], forward.args[1])
            found[loss.loss], found[at] = Call(function, given, {}, (forward.result[0], call.result)), None
    return [call for call in found if call is not None]


def _direct(calls: Sequence[Call]) -> Iterator[Call]:
    """The calls, given everything itself instead of an alias."""
    itself: dict[int, Tensor] = {}

    def told(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list | tuple):
            return type(value)(map(told, value))
        return itself.get(id(value), value)

    for call in calls:
        direct = call._replace(args=tuple(map(told, call.args)))
        if call.function in ALIASES:
            itself[id(call.result)] = direct.args[0]
        yield direct


def tensors(value: Any) -> Iterator[Tensor]:  # noqa: ANN401
    """Those in what a call is given."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from tensors(one)


def _is_flat_sum(total: Call, call: Call) -> bool:
    """Whether a call takes from a sum no more than the places of length one, as for a bias' gradient."""
    view, summed = call.function is aten.view.default, total.function is aten.sum.dim_IntList
    if not view or not summed or total.named or total.args[2:] != (True,):
        return False
    x, places = total.args[:2]
    left = [length for place, length in enumerate(x.shape) if place not in places]
    return min(places, default=-1) >= 0 and left == list(call.result.shape)


def _loss(calls: Sequence[Call], made: Mapping[int, int], end: int) -> _Loss | None:
    """The places of the calls of a cross entropy, of which this one is the end."""
    if calls[end].function is not LOSS.end:
        return None
    gradient, logs = calls[end].args[:2]
    back = made.get(id(gradient), end)
    if calls[back].function is not LOSS.back:
        return None
    ones, _, truth, *_, weight = calls[back].args
    softmax, loss, filled = (made.get(id(one), end) for one in (logs, weight, ones))
    found = _Loss(softmax, loss, filled, back, end)
    alike = all(calls[at].function is one for at, one in zip(found, LOSS, strict=True))
    return found if alike and calls[loss].args[0] is logs and calls[loss].args[1] is truth else None


def _is_apt(calls: Sequence[Call], loss: _Loss, used: Mapping[int, int]) -> bool:
    """Whether one function does it all: nobody else sees what lies between, and nothing changes meanwhile."""
    softmax, forward, back = calls[loss.softmax], calls[loss.loss], calls[loss.back]
    scores, truth = softmax.args[0], forward.args[1]
    return (
        softmax.args[1] == 1
        and scores.is_cpu
        and scores.dtype == torch.float32
        and scores.dim() == 2
        and 0 < scores.shape[1] <= MOST_CLASSES
        and scores.is_contiguous()
        and truth.is_contiguous()
        and forward.args[2:4] == (None, MEAN)
        and used[id(forward.result[1])] == used[id(back.result)] == 1
        and not any(call.writes for call in calls[loss.softmax : loss.end])
    )
