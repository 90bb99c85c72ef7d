"""A convolution and the max-pool behind it at once: the digits of the two one after the other."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from studio.compiled import COMPILERS
from studio.project.graph import Node
from studio.project.project import Project
from studio.train import tape
from studio.train.kernels import conv_pool, pooling, tried
from studio.train.kernels.conv_pool import MOST_TAPS, Filters, Joined, Pair, Shapes, joinable
from studio.train.kernels.pooling import LAST, Pooling
from studio.train.shorter import Call
from studio.train.tape import Taped
from tests.train.drawings import chain, digits, losses, train
from tests.train.test_pooling import seen_and_learned_alike
from tests.train.test_tape import batches, ready, steps

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler here")


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    for one in (pooling.COMPILED, conv_pool.COMPILED):
        one.begin().join()
        assert one.now() is not None


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done at once always counts as quicker."""
    sooner = count(0, -1)

    def seconds(run: Callable[[], object]) -> float:
        run()
        return next(sooner)

    monkeypatch.setattr(tried, "_seconds", seconds)
    conv_pool._order.cache_clear()


def drawn(window: int = 2, **options: object) -> Project:
    """Two convolutions on the digits, the first of which has its max-pool right behind it."""
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("conv1", "Conv2d", {"out_channels": 8, "padding": 1}),
        Node("relu1", "ReLU"),
        Node("pool1", "MaxPool2d", {"kernel_size": window, "stride": 2}),
        Node("conv2", "Conv2d", {"out_channels": 16, "padding": 1}),
        Node("relu2", "ReLU"),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy"),
    )
    return digits(batch_size=32, **options).with_graph(graph)


def laid(one: Tensor) -> Tensor:
    return one.contiguous(memory_format=LAST)


def whole_numbers(*shape: int) -> Tensor:
    """Sums of their products are exact, in whatever order they are added up."""
    return laid(torch.randint(-3, 4, shape).float())


def suits() -> bool:
    library = conv_pool.COMPILED.now()
    return library is not None and bool(library.conv_suits())


def counted(done: Callable[..., Any], name: str, did: Counter[str]) -> Callable[..., Any]:
    def counting(*given: Any) -> Any:
        did[name] += 1
        return done(*given)

    return counting


SIDE = st.tuples(
    st.integers(1, 5), st.integers(1, 2), st.integers(0, 2), st.integers(1, 2), st.integers(5, 14)
)
WINDOW = st.tuples(st.integers(1, 3), st.integers(0, 1))


@settings(max_examples=200, deadline=None)
@given(
    st.tuples(SIDE, SIDE),
    st.tuples(WINDOW, WINDOW),
    st.integers(1, 4),
    st.sampled_from((1, 5, 8, 13, 16, 20, 40)),
    st.integers(1, 3),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_every_value_is_where_it_belongs(
    sides: Any, windows: Any, channels: int, filters: int, pictures: int, ways: tuple[bool, bool, bool]
) -> None:
    biased, cut, columns = ways
    kernel, stride, padding, dilation, size = zip(*sides, strict=True)
    window, beside = zip(*windows, strict=True)
    conv = nn.Conv2d(channels, filters, kernel, stride, padding, dilation, bias=biased)
    pool = nn.MaxPool2d(window, [one + more for one, more in zip(window, beside, strict=True)])
    form = Pooling(pool).form
    assume(suits() and joinable(conv, form))
    made = Filters(kernel, stride, padding, dilation)
    out = made.out(size)
    assume(all(one >= least for one, least in zip(out, window, strict=True)))
    assume(pooling.out_size(form, out) is not None)
    x = whole_numbers(pictures, channels, *size)
    weight = whole_numbers(*conv.weight.shape).requires_grad_()
    bias = torch.randint(-3, 4, (filters,)).float().requires_grad_() if biased else None
    expected = pool(made(x, weight, bias))
    expected = expected.relu() if cut else expected
    parameters = [one for one in (weight, bias) if one is not None]
    pair = Pair(x, weight, bias, made, form)
    found, won = pair.forward(cut, columns)
    assert torch.equal(found, expected)
    gradient = whole_numbers(*expected.shape)
    wanted = torch.autograd.grad(expected, parameters, gradient)
    _, *ours = pair.gradients(won, gradient)
    assert all(torch.equal(cast(Tensor, one), two) for one, two in zip(ours, wanted, strict=False))
    assert (ours[1] is None) is not biased


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("shape", "filters", "kernel", "padding", "window"),
    [
        ((64, 1, 28, 28), 16, 3, 1, 2),
        ((64, 1, 28, 28), 6, 5, 2, 2),
        ((16, 1, 28, 28), 16, 5, 2, 2),
        ((16, 3, 32, 32), 32, 3, 1, 2),
        ((8, 3, 33, 31), 20, 3, 0, 3),
        ((1, 1, 12, 12), 8, 3, 1, 2),
    ],
)
def test_the_digits_are_those_of_pytorch(
    shape: tuple[int, int, int, int], filters: int, kernel: int, padding: int, window: int, threads: int
) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        conv = nn.Conv2d(shape[1], filters, kernel, padding=padding).to(memory_format=LAST)  # pyright: ignore
        pool, x = Pooling(nn.MaxPool2d(window)), laid(torch.randn(shape))
        parameters = [conv.weight, cast(Tensor, conv.bias)]
        joined = Joined(conv, pool)(x)
        if not pool.has_given(joined):
            pytest.skip("added up in another order here")
        plain = pool.pooled(conv(x))
        gradient = torch.randn_like(plain)
        expected = torch.autograd.grad(plain, parameters, gradient)
        assert torch.equal(joined, plain)
        assert joined.stride() == plain.stride()
        found = torch.autograd.grad(joined, parameters, gradient)
        assert all(map(torch.equal, found, expected))
    finally:
        torch.set_num_threads(before)


def test_what_is_tried_takes_no_random_numbers() -> None:
    filters = Filters((3, 3), (1, 1), (1, 1), (1, 1))
    shapes = Shapes((4, 1, 9, 9), (81, 81, 9, 1), (8, 1, 3, 3), (9, 1, 3, 1), True)
    state = torch.get_rng_state()
    conv_pool._order.cache_clear()
    conv_pool._order(shapes, filters, Pooling(nn.MaxPool2d(2)).form, 1)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.usefixtures("chosen")
def test_what_lies_or_is_counted_otherwise_is_left_to_pytorch() -> None:
    conv, pool = nn.Conv2d(2, 8, 3).to(memory_format=LAST), Pooling(nn.MaxPool2d(2))  # pyright: ignore
    joined, x = Joined(conv, pool), laid(torch.randn(3, 2, 9, 9))
    for other in (x.contiguous(), x[0], x[:, :, ::2], x[:0]):
        assert torch.equal(joined(other), conv(other))
    with torch.autocast("cpu", torch.bfloat16):
        assert joined(x).dtype == torch.bfloat16
    seen: list[Any] = []
    handle = conv.register_forward_hook(lambda *_: seen.append(1))
    assert joined(x).shape == (3, 8, 7, 7)
    handle.remove()
    assert seen
    with pytest.raises(RuntimeError, match="channels"):
        joined(laid(torch.randn(3, 3, 9, 9)))
    with pytest.raises(RuntimeError, match="Kernel size"):
        joined(laid(torch.randn(3, 2, 2, 2)))


@pytest.mark.parametrize(
    ("conv", "pool"),
    [
        (nn.Conv2d(2, 4, 3, groups=2), nn.MaxPool2d(2)),
        (nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"), nn.MaxPool2d(2)),
        (nn.Conv2d(2, 4, 3, padding="same"), nn.MaxPool2d(2)),
        (nn.Conv2d(8, 4, 3), nn.MaxPool2d(2)),
        (nn.utils.parametrizations.weight_norm(nn.Conv2d(2, 4, 3)), nn.MaxPool2d(2)),
        (nn.Conv2d(2, 4, 3), nn.MaxPool2d(3, 2)),
        (nn.Conv2d(2, 4, 3), nn.MaxPool2d(2, padding=1)),
        (nn.Conv2d(2, 4, 3), nn.MaxPool2d(2, dilation=2)),
        (nn.Conv2d(2, 4, 3), nn.MaxPool2d(2, ceil_mode=True)),
    ],
)
def test_these_stay_two(conv: nn.Module, pool: nn.MaxPool2d) -> None:
    assert MOST_TAPS < 8 * 9
    assert not joinable(conv, Pooling(pool).form)
    assert joinable(nn.Conv2d(2, 4, 3), Pooling(nn.MaxPool2d(2)).form)


@pytest.mark.usefixtures("chosen")
def test_the_gradients_of_the_input_and_of_gradients() -> None:
    found: list[list[Tensor]] = []
    conv, pool = nn.Conv2d(1, 8, 3).to(memory_format=LAST), Pooling(nn.MaxPool2d(2))  # pyright: ignore
    x, weights = laid(torch.randn(4, 1, 9, 9)), torch.randn(4, 8, 3, 3)
    for run in (lambda one: pool.pooled(conv(one)), Joined(conv, pool)):
        own = x.clone().requires_grad_()
        (plain,) = torch.autograd.grad(run(own), own, weights)
        (first,) = torch.autograd.grad(run(own), own, weights, create_graph=True)
        second = torch.autograd.grad(first.square().sum(), conv.weight)
        found.append([plain, first.detach(), *second])
    assert torch.equal(found[0][0], found[1][0])
    assert all(torch.allclose(one, two, atol=1e-5) for one, two in zip(*found, strict=True))


@pytest.mark.usefixtures("chosen")
def test_a_run_has_the_digits_that_it_has_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, did = drawn(epochs=1), list[int]()
    given = Pooling.gave

    def noted(self: Pooling, found: Tensor) -> None:
        did.append(type(found.grad_fn).__name__ == "_ConvPoolBackward")
        given(self, found)

    monkeypatch.setattr(Pooling, "gave", noted)
    ours = train(project, tmp_path / "ours")
    assert any(did) or not suits()
    with monkeypatch.context() as without:
        without.setattr(conv_pool.COMPILED, "_found", None)
        did.clear()
        others = train(project, tmp_path / "others")
        assert did
        assert not any(did)
    assert losses(ours.events) == losses(others.events)
    assert len(losses(ours.events)) > 3


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize(
    ("window", "place", "names"),
    [(2, Pair, ("forward", "gradients")), (3, pooling, ("_pooled", "pool_back"))],
)
def test_a_recorded_step_does_it_at_once_too(
    window: int, place: Any, names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, did, recorded = list[list[Tensor]](), Counter[str](), list[list[Call]]()
    for name in names:
        monkeypatch.setattr(place, name, counted(getattr(place, name), name, did))
    written = tape._written

    def seen(calls: list[Call], *others: Any) -> Any:
        recorded.append(calls)
        return written(calls, *others)

    monkeypatch.setattr(tape, "_written", seen)
    for known in (None, False, True):  # whether it was tried out before it is recorded
        work = ready(drawn(window), tmp_path)
        given = batches(work, 3)
        states = steps(work, given[:1])[0]
        if known is not None:
            work.taped = Taped(work.network, work.objective, lambda made=work: made.trained, work.batch_size)
        if known is False:
            conv_pool._order.cache_clear()
        states += steps(work, given[1:2])[0]
        did.clear()
        states += steps(work, given[2:])[0]
        assert work.taped is None or not work.taped.useless
        assert not suits() or did == dict.fromkeys(names, 1)
        found.append(states)
        work.close()
    for other in found[1:]:
        assert all(map(torch.equal, found[0], other))
    assert len(recorded[0]) == len(recorded[1])
    assert not any("empty" in str(call.function) for call in recorded[1])


@pytest.mark.usefixtures("chosen")
def test_what_nodes_give_is_seen_as_drawn(tmp_path: Path) -> None:
    seen = seen_and_learned_alike(drawn(), tmp_path)
    assert seen["conv1"].shape == seen["relu1"].shape
