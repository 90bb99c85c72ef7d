"""The operations of a recorded step put otherwise: fewer of them, that come to the same digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._ops import OpOverload

from studio.train.kernels.cross_entropy import MEAN, MOST_CLASSES, CrossEntropy, Layer

aten: Any = torch.ops.aten
TURN, MULTIPLY, SUM, CUT = (
    *(aten.t.default, aten.mm.default),
    *(aten.sum.dim_IntList, aten.threshold_backward.default),
)
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


class _Behind(NamedTuple):
    """The gradients of a linear layer that gave scores: its inputs and its weight where that is taken, the
    places of the calls, and of those among them whose results are the gradients.
    """

    layer: Layer
    given: Sequence[Tensor]
    places: Sequence[int]
    ends: Sequence[int]


def shorter(calls: Sequence[Call], wanted: Sequence[Tensor]) -> list[Call]:
    """The calls, with others in place of some, that come to the `wanted` tensors; what nobody needs any more
    is still among them.
    """
    end = Call(None, tuple(wanted), {}, ())  # who wants something takes it, too
    return _with_layers(_with_losses(_with_relus(_with_flat_sums(list(_direct([*calls, end]))))))[:-1]


def _direct(calls: Sequence[Call]) -> Iterator[Call]:
    """The calls, given everything itself instead of an alias."""
    itself: dict[int, Tensor] = {}
    turned: dict[int, Tensor] = {}

    def told(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list | tuple):
            return type(value)(map(told, value))
        return itself.get(id(value), value)

    for call in calls:
        direct = call._replace(args=tuple(map(told, call.args)))
        if call.function in ALIASES:
            itself[id(call.result)] = direct.args[0]
        elif call.function is TURN and id(direct.args[0]) in turned:
            itself[id(call.result)] = turned[id(direct.args[0])]
        elif call.function is TURN:
            turned[id(call.result)] = direct.args[0]
        yield direct


def _with_flat_sums(calls: Sequence[Call]) -> list[Call]:
    """Sums that leave out the places of length one at once, as those of a bias' gradient."""
    made = {id(one): at for at, call in enumerate(calls) for one in call.results}
    used = Counter(id(one) for call in calls for one in tensors(call.args))
    found = list[Call | None](calls)
    for at, call in enumerate(calls):
        place = made.get(id(call.args[0]), at) if call.args else at
        total = calls[place]
        alone = used[id(total.result)] == 1 and not _changes(calls[place:at])
        if alone and _is_flat_sum(total, call):
            found[place], found[at] = None, total._replace(args=total.args[:2], result=call.result)
    return [call for call in found if call is not None]


def _with_relus(calls: Sequence[Call]) -> list[Call]:
    """Linear layers on the CPU with the ReLU behind them."""
    made = {id(one): at for at, call in enumerate(calls) for one in call.results}
    used = Counter(id(one) for call in calls for one in tensors(call.args))
    found = list[Call | None](calls)
    for at, call in enumerate(calls):
        place = made.get(id(call.args[0]), at) if call.function is aten.relu.default else at
        linear = calls[place]
        apt = place < at and linear.function is aten.addmm.default and not linear.named
        alone = used[id(linear.result)] == 1 and not _changes(calls[place:at])
        if apt and alone and linear.result.is_cpu:
            function = aten._addmm_activation.default
            found[place], found[at] = None, Call(function, linear.args, {}, call.result)
    return [call for call in found if call is not None]


def _with_losses(calls: Sequence[Call]) -> list[Call]:
    """Cross entropies that come with their gradients."""
    made = {id(one): at for at, call in enumerate(calls) for one in call.results}
    used = Counter(id(one) for call in calls for one in tensors(call.args))
    found = list[Call | None](calls)
    for end, call in enumerate(calls):
        if (loss := _loss(calls, made, end)) is not None and _is_apt(calls, loss, used):
            softmax, forward = calls[loss.softmax], calls[loss.loss]
            function, given = CrossEntropy(forward.args[-1]), (softmax.args[0], forward.args[1])
            found[loss.loss], found[end] = Call(function, given, {}, (forward.result[0], call.result)), None
    return [call for call in found if call is not None]


def _with_layers(calls: Sequence[Call]) -> list[Call]:
    """Cross entropies that come with the gradients of the linear layer that gave the scores."""
    found = list[Call | None](calls)
    for at, call in enumerate(calls):
        if isinstance(call.function, CrossEntropy) and (behind := _behind(calls, at)) is not None:
            function = CrossEntropy(call.function.ignored, behind.layer)
            gradients = [calls[place].result for place in behind.ends]
            found[at] = Call(function, (*call.args, *behind.given), {}, (call.result[0], *gradients))
            for place in behind.places:
                found[place] = None
    return [call for call in found if call is not None]


def tensors(value: Any) -> Iterator[Tensor]:  # noqa: ANN401
    """Those in what a call is given."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from tensors(one)


def _is_flat_sum(total: Call, call: Call) -> bool:
    """Whether a call takes from a sum no more than the places of length one, as for a bias' gradient."""
    view, summed = call.function is aten.view.default, total.function is SUM
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
        softmax.args[1] in (1, -1)
        and scores.is_cpu
        and scores.dtype == torch.float32
        and scores.dim() == 2
        and 0 < scores.shape[1] <= MOST_CLASSES
        and scores.is_contiguous()
        and truth.is_contiguous()
        and truth.dtype == torch.int64
        and forward.args[2:4] == (None, MEAN)
        and used[id(forward.result[1])] == used[id(back.result)] == 1
        and not _changes(calls[loss.softmax : loss.end])
    )


def _changes(calls: Sequence[Call]) -> bool:
    """Whether anything is written into what was there before."""
    return any(call.writes for call in calls)


def _takers(calls: Sequence[Call], one: Tensor) -> Mapping[Any, int]:
    """The places of the calls that take a tensor, by what they do; none where two do the same."""
    found = [at for at, call in enumerate(calls) if any(one is given for given in tensors(call.args))]
    by_function = {calls[at].function: at for at in found}
    return by_function if len(by_function) == len(found) else {}


def _behind(calls: Sequence[Call], at: int) -> _Behind | None:
    """What takes the gradient of scores, if that is all for the linear layer that gave them."""
    takers = _takers(calls, calls[at].result[1])
    if not {TURN} <= set(takers) <= {TURN, MULTIPLY, SUM}:
        return None
    turned = _takers(calls, calls[takers[TURN]].result)
    if set(turned) != {MULTIPLY}:
        return None
    own, inputs = turned[MULTIPLY], calls[turned[MULTIPLY]].args[1]
    bias, before = takers.get(SUM), takers.get(MULTIPLY)
    weight = [] if before is None else [calls[before].args[1]]
    cut = None if before is None else _cut(calls, before, inputs)
    last = before if cut is None else cut
    sums = None if last is None else _takers(calls, calls[last].result).get(SUM)
    if sums is not None and not _is_over_rows(calls[sums]):
        sums = None
    ends = [place for place in (own, bias, last, sums) if place is not None]
    places = [*ends, takers[TURN], *([before] if before is not None else [])]
    layer = Layer(bias is not None, before is not None, cut is not None, sums is not None)
    given = (inputs, *weight)
    later = {id(one) for call in calls[at:] for one in call.results}
    apt = _are_plain(given, calls[at].args[0].shape) and not any(id(one) in later for one in given)
    if not apt or _changes(calls[at : max(places)]) or not (bias is None or _is_over_rows(calls[bias])):
        return None
    return _Behind(layer, given, places, ends)


def _cut(calls: Sequence[Call], before: int, inputs: Tensor) -> int | None:
    """The place of the ReLU's gradient behind that of a layer's inputs, which the ReLU gave."""
    behind = _takers(calls, calls[before].result)
    if set(behind) != {CUT}:
        return None
    _, given, least = calls[behind[CUT]].args
    return behind[CUT] if given is inputs and least == 0 else None


def _is_over_rows(call: Call) -> bool:
    return call.args[1:] == ([0],) and call.args[0].dim() == 2 and not call.named


def _are_plain(given: Sequence[Tensor], scores: Sequence[int]) -> bool:
    """Whether inputs of a layer, and its weight, are plain numbers that belong to scores of this shape."""
    width = given[0].shape[-1]
    return all(
        one.shape == (count, width) and one.is_contiguous() and one.dtype == torch.float32
        for one, count in zip(given, scores, strict=False)
    )
