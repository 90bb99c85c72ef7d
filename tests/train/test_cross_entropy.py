"""The cross entropy with its gradients at once: PyTorch's digits, in recorded steps and alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from studio import compiled as compiling
from studio.compiled import COMPILERS, Coming
from studio.train import tape
from studio.train.kernels import tried
from studio.train.kernels.cross_entropy import COMPILED, LANES, MOST_CLASSES, CrossEntropy, Layer
from studio.train.shorter import shorter
from tests.train.drawings import digits, train
from tests.train.test_resume import assert_same, outcome

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler here")
SHAPES = (
    *((64, 10, 128), (32, 10, 64), (128, 26, 256), (50, 3, 16), (32, 4, 24), (40, 4, 32), (25, 5, 20)),
    *((100, 4, 128), (64, 17, 32), (2, 10, 8), (1, 3, 16), (8, 26, 1), (64, 10, 2), (7, 1, 9)),
)
"""Samples, classes, and numbers that the layer takes."""
ALL = Layer(bias=True, inputs=True, cut=True, bias_before=True)


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    COMPILED.begin().join()
    assert COMPILED.now() is not None


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried last always counts as quicker."""
    sooner = count(0, -1)

    def seconds(run: Callable[[], object]) -> float:
        run()
        return next(sooner)

    monkeypatch.setattr(tried, "_seconds", seconds)


def suits() -> bool:
    library = COMPILED.now()
    return lanes() > 0 and library is not None and bool(library.cross_entropy_suits())


def lanes() -> int:
    return LANES.get(torch.backends.cpu.get_cpu_capability(), 0)


def alike(one: Tensor, other: Tensor) -> bool:
    return torch.equal(one.nan_to_num(1e9, 2e9, -2e9), other.nan_to_num(1e9, 2e9, -2e9))


def samples(rows: int, classes: int, width: int, scale: float = 1.0) -> list[Tensor]:
    """Scores, classes, inputs and weight."""
    truth = torch.randint(classes, (rows,))
    inputs, weight = torch.randn(rows, width).relu_(), torch.randn(classes, width)
    return [torch.randn(rows, classes) * scale, truth, inputs, weight]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 130),
    st.integers(1, MOST_CLASSES),
    st.sampled_from((1.0, 10.0, 100.0)),
    st.sampled_from((0.0, float("nan"), float("inf"), -float("inf"))),
    st.sampled_from((-100, 0)),
    st.booleans(),
)
def test_the_loss_and_its_gradient_have_the_digits_of_pytorch(
    rows: int, classes: int, scale: float, odd: float, ignored: int, few: bool
) -> None:
    assume(suits())
    scores, truth, *_ = samples(rows, classes, 1, scale)
    scores[rows // 2, classes // 3] = odd
    if few:
        truth[torch.rand(rows) < 0.3] = ignored
    loss = CrossEntropy(ignored)
    expected, shapes = loss.plain(scores, truth), [scores.shape, truth.shape]
    assert all(map(alike, loss.parts(lanes(), shapes)(scores, truth), expected))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, MOST_CLASSES),
    st.integers(1, 70),
    st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_every_gradient_of_the_layer_is_where_it_belongs(
    rows: int, classes: int, width: int, wanted: tuple[bool, bool, bool, bool]
) -> None:
    assume(suits())
    bias, inputs, cut, before = wanted
    layer = Layer(bias, inputs, cut and inputs, before and inputs)
    given = samples(rows, classes, width)[: 4 if inputs else 3]
    loss = CrossEntropy(-100, layer)
    expected, found = loss.plain(*given), loss.whole(lanes(), [one.shape for one in given])(*given)
    assert len(found) == len(expected) == 2 + bias + inputs * (1 + before)
    for one, two in zip(found, expected, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_chosen_has_the_digits_of_pytorch(shape: tuple[int, int, int]) -> None:
    loss = CrossEntropy(-100, ALL)
    for _ in range(5):
        given = samples(*shape)
        given[1][1:2] = -100
        assert all(map(torch.equal, loss(*given), loss.plain(*given)))


def test_trying_takes_no_random_numbers() -> None:
    given, state = samples(16, 10, 8), torch.get_rng_state()
    CrossEntropy(-100, ALL)(*given)
    assert torch.equal(torch.get_rng_state(), state)


def test_until_it_is_compiled_pytorch_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loss, given = CrossEntropy(-100, ALL), samples(16, 10, 8)
    with monkeypatch.context() as before:
        before.setattr(COMPILED, "_found", None)
        first = loss(*given)
    assert all(map(torch.equal, first, loss(*given)))


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("wrong", [10, -1, 2**40])
def test_a_class_that_is_none_is_refused_and_nothing_read_beyond(wrong: int) -> None:
    for layer in (None, ALL):
        loss, given = CrossEntropy(-100, layer), samples(16, 10, 8)[: 2 if layer is None else 4]
        loss(*given)
        given[1][5] = wrong
        with pytest.raises(IndexError):
            loss(*given)


def test_a_compiler_at_work_holds_nobody_up(tmp_path: Path) -> None:
    source = tmp_path / "other.c"
    source.write_text("int one(void) { return 1; }\n", encoding="utf-8")
    coming = Coming(source)
    with compiling._lock:
        begun = Thread(target=coming.begin)
        begun.start()
        begun.join(20.0)
        assert not begun.is_alive()
    coming.begin().join()
    library = coming.now()
    assert library is not None
    assert library.one() == 1


def recorded(network: nn.Module, loss_of: Any, given: tuple[Tensor, Tensor]) -> tuple[list[Any], Any]:
    """The operations of a step, put shorter, and the step as it is done again."""
    recorder, weights = tape._Recorder(), list(network.parameters())
    with recorder:
        loss = loss_of(network(given[0]), given[1])
        gradients = torch.autograd.grad(loss, weights)
    wanted = [loss, *gradients]
    return shorter(recorder.calls, wanted), tape._written(recorder.calls, list(given), wanted)


def small(*inner: nn.Module, out: int = 10, bias: bool = True) -> nn.Module:
    return nn.Sequential(nn.Linear(8, 16), *inner, nn.Linear(16, out, bias=bias))


class Again(nn.Sequential):
    """Computed once more where its gradients are found, to keep nothing meanwhile."""

    def forward(self, input: Tensor) -> Tensor:
        run = super().forward
        return cast(Tensor, checkpoint(run, input, use_reentrant=False, preserve_rng_state=False))


class Two(nn.Module):
    """The scores are a sum of what two layers give, of which one learns and the other's inputs do."""

    def __init__(self, width: int, other: int) -> None:
        super().__init__()
        self.before, self.learned = nn.Linear(width, other), nn.Linear(width, 10)
        self.frozen = [torch.randn(10, other)]

    def forward(self, x: Tensor) -> Tensor:
        return self.learned(x) + self.before(x) @ self.frozen[0].t()


class Moved(nn.Module):
    """A parameter is added to every score, so that the gradient of the scores is its own."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.offset = nn.Linear(8, 10), nn.Parameter(torch.randn(32, 10))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) + self.offset


ENTROPY = functional.cross_entropy


def steps() -> Iterator[Any]:
    """Networks, losses, and the layer whose gradients come with the loss; False where that stays as it is."""
    yield "relu", small(nn.ReLU()), ENTROPY, ALL
    yield "tanh", small(nn.Tanh()), ENTROPY, Layer(bias=True, inputs=True)
    yield "straight", small(), ENTROPY, Layer(bias=True, inputs=True, bias_before=True)
    yield "no bias", small(nn.ReLU(), bias=False), ENTROPY, Layer(False, True, True, True)
    yield "alone", nn.Linear(8, 10), ENTROPY, Layer(bias=True, inputs=False)
    yield "other classes", small(nn.ReLU()), nn.CrossEntropyLoss(ignore_index=3), ALL
    yield (
        "computed again",
        nn.Sequential(nn.Linear(8, 16), Again(nn.ReLU(), nn.Linear(16, 10))),
        ENTROPY,
        None,
    )
    yield "bytes", small(nn.ReLU()), lambda x, y: ENTROPY(x, y.byte()), False
    yield "two layers", Two(8, 12), ENTROPY, None
    yield "scores moved", Moved(), ENTROPY, None
    yield "scores used twice", small(nn.ReLU()), lambda x, y: ENTROPY(x, y) + x.square().mean(), None
    yield "no linear layer", nn.Sequential(nn.Linear(8, 10), nn.Tanh()), ENTROPY, None
    yield "weighted", small(), nn.CrossEntropyLoss(weight=torch.rand(10)), False
    yield "smoothed", small(), nn.CrossEntropyLoss(label_smoothing=0.1), False
    yield "summed up", small(), nn.CrossEntropyLoss(reduction="sum"), False
    yield "times two", small(), lambda x, y: 2.0 * ENTROPY(x, y), False
    yield "many classes", small(out=MOST_CLASSES + 1), ENTROPY, False
    yield "double", small().double(), lambda x, y: ENTROPY(x, y), False
    yield "logs", small(nn.ReLU(), nn.Identity()), lambda x, y: functional.nll_loss(x.log_softmax(-1), y), ALL
    yield "other logs", small(), lambda x, y: other_logs(x, y), ...


def other_logs(x: Tensor, y: Tensor) -> Tensor:
    """The shares are wanted for themselves, too."""
    logs = x.log_softmax(1)
    return functional.nll_loss(logs, y) + logs.exp().square().sum() * 0.01


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize(
    ("network", "loss_of", "layer"), [pytest.param(*one[1:], id=one[0]) for one in steps()]
)
def test_a_recorded_step_has_the_digits_of_the_step(network: nn.Module, loss_of: Any, layer: Any) -> None:
    kind = next(network.parameters()).dtype
    calls, again = recorded(network, loss_of, (torch.randn(32, 8, dtype=kind), torch.randint(10, (32,))))
    found = [one.function for one in calls if isinstance(one.function, CrossEntropy)]
    if layer is not ...:
        assert [one.layer for one in found] == ([] if layer is False else [layer])
    for _ in range(3):
        x, y = torch.randn(32, 8, dtype=kind), torch.randint(10, (32,))
        loss = loss_of(network(x), y)
        expected = (loss, *torch.autograd.grad(loss, list(network.parameters())))
        assert all(map(torch.equal, again(x, y), expected))


@pytest.mark.usefixtures("chosen")
def test_a_run_that_takes_it_is_the_run_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, taken = digits(epochs=3, patience=None, threads=1), list[Layer | None]()
    own = CrossEntropy._choose

    def choose(self: CrossEntropy, shapes: Any) -> Any:
        taken.append(self.layer)
        return own(self, shapes)

    monkeypatch.setattr(CrossEntropy, "_choose", choose)
    monkeypatch.setattr("studio.train.ways.measuring.SHARE", 1.0)
    monkeypatch.setattr("studio.train.ways.measuring.GAIN", 1000.0)
    ours = outcome(train(project, tmp_path / "ours").result.run_dir)
    assert taken
    monkeypatch.setattr(COMPILED, "_found", None)
    assert_same(train(project, tmp_path / "plain").result.run_dir, ours)


def test_a_relu_is_done_with_the_layer_before_it_where_nobody_else_sees_what_that_gave() -> None:
    given, joined = (torch.randn(32, 8), torch.randint(10, (32,))), torch.ops.aten._addmm_activation.default

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(8, 16), nn.Linear(16, 10)

        def forward(self, x: Tensor) -> Tensor:
            before = self.first(x)
            return self.last(before.relu() + before)

    for network, times in ((small(nn.ReLU()), 1), (small(nn.Tanh()), 0), (Twice(), 0)):
        calls, again = recorded(network, ENTROPY, given)
        assert [one.function for one in calls].count(joined) == times
        assert torch.equal(again(*given)[0], ENTROPY(network(given[0]), given[1]))
