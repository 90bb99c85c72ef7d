"""Max-pooling by compiled C: PyTorch's digits to the last bit, and its own work wherever it does not suit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from studio.build.network import Network
from studio.build.observing import Observer
from studio.compiled import COMPILERS
from studio.project.graph import Node
from studio.project.project import Project
from studio.train.job import Job
from studio.train.kernels import pooling
from studio.train.kernels.pool_calls import pool_quickly
from studio.train.kernels.pooling import COMPILED, LAST
from studio.train.runs import create_run
from studio.train.work import make_ready
from tests.train.drawings import SAMPLES, chain, digits, losses, train
from tests.train.test_layout import convolutions
from tests.train.test_tape import batches, ready, steps

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler here")
ODD = (0.0, -0.0, 1.0, 1.0, 2.0, -1.0, float("inf"), -float("inf"), float("nan"))


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    COMPILED.begin().join()
    assert COMPILED.now() is not None


def pictures(*shape: int, seed: int = 0) -> Tensor:
    """With many equal values, and some that are no numbers."""
    chosen = torch.randint(0, len(ODD), shape, generator=torch.Generator().manual_seed(seed))
    return torch.tensor(ODD)[chosen].contiguous(memory_format=LAST)


def both(x: Tensor, **options: Any) -> list[tuple[Tensor, Tensor]]:
    """What comes out, and the gradient of what went in: PyTorch's, and ours."""
    found: list[tuple[Tensor, Tensor]] = []
    for quick in (False, True):
        module, given = nn.MaxPool2d(**options), x.detach().clone().requires_grad_()
        if quick:
            pool_quickly(module)
        out = module(given)
        clear = not x.is_contiguous() and out[0, 0].numel() > 1
        assert (type(out.grad_fn).__name__ == "_MaxPoolBackward") is (quick and clear)
        weights = torch.randn(out.shape, generator=torch.Generator().manual_seed(1))
        out.backward(weights.contiguous(memory_format=LAST))
        assert given.grad is not None
        found.append((out.detach(), given.grad))
    return found


def assert_equal(found: list[tuple[Tensor, Tensor]]) -> None:
    (out, gradient), (ours, own) = found
    assert (out.stride(), gradient.stride()) == (ours.stride(), own.stride())
    assert torch.equal(out.view(torch.int32), ours.view(torch.int32))
    assert torch.equal(gradient.view(torch.int32), own.view(torch.int32))


SIDE = st.tuples(*(st.integers(1, 4),) * 3, st.integers(0, 2), st.integers(4, 13))


@settings(max_examples=150, deadline=None)
@given(
    st.tuples(SIDE, SIDE), st.integers(1, 3), st.sampled_from((1, 3, 8, 19)), st.booleans(), st.integers(0, 9)
)
def test_the_digits_are_those_of_pytorch(
    sides: Any, count: int, channels: int, ceil: bool, seed: int
) -> None:
    kernel, stride, dilation, padding, size = zip(*sides, strict=True)
    assume(all(2 * pad <= one for pad, one in zip(padding, kernel, strict=True)))
    assume(all(not pad or apart == 1 for pad, apart in zip(padding, dilation, strict=True)))
    reach = ((one - 1) * apart for one, apart in zip(kernel, dilation, strict=True))
    assume(all(one < side for one, side in zip(reach, size, strict=True)))
    options = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    assert_equal(both(pictures(count, channels, *size, seed=seed), ceil_mode=ceil, **options))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("options", [{"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "padding": 1}])
def test_many_pictures_are_split_among_threads(threads: int, options: dict[str, Any]) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert_equal(both(pictures(16, 24, 28, 28), **options))
    finally:
        torch.set_num_threads(before)


def test_what_lies_or_is_counted_otherwise_is_left_to_pytorch() -> None:
    module = nn.MaxPool2d(2)
    pool_quickly(module)
    x = pictures(2, 3, 6, 6).nan_to_num(5.0)
    for other in (x.contiguous(), x.double(), x.to(torch.bfloat16), x[0], x[:, :, ::2], x[:0]):
        expected = nn.MaxPool2d(2)(other)
        assert torch.equal(module(other), expected)
        assert module(other).stride() == expected.stride()
    with pytest.raises(RuntimeError, match="too small"):
        module(pictures(1, 1, 1, 1))
    beside = nn.MaxPool2d(2, 1, 1, 3)
    pool_quickly(beside)
    assert torch.equal(beside(x[:, :, :2, :2]), nn.MaxPool2d(2, 1, 1, 3)(x[:, :, :2, :2]))
    large = nn.MaxPool2d(16)
    pool_quickly(large)
    assert large(pictures(1, 8, 16, 16).requires_grad_()).grad_fn.name() != "_MaxPoolBackward"


def test_a_gradient_that_lies_otherwise_and_the_gradients_own_gradient() -> None:
    x, weights = pictures(2, 8, 7, 9).nan_to_num(5.0), torch.randn(2, 8, 4, 5)
    found: list[list[Tensor]] = []
    for quick in (False, True):
        module, given = nn.MaxPool2d(3, 2, 1), x.clone().requires_grad_()
        if quick:
            pool_quickly(module)
        scale = torch.tensor(2.0, requires_grad=True)
        (first,) = torch.autograd.grad(module(given * scale), given, weights, create_graph=True)
        (second,) = torch.autograd.grad(first.square().sum(), scale)
        found.append([first.detach(), second])
    assert torch.equal(found[0][0], found[1][0])
    assert torch.allclose(found[0][1], found[1][1])


def test_a_run_has_the_digits_that_it_has_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = convolutions(epochs=1)
    ours = train(project, tmp_path / "ours")
    with monkeypatch.context() as without:
        without.setattr(pooling.COMPILED, "_found", None)
        others = train(project, tmp_path / "others")
    assert losses(ours.events) == losses(others.events)
    assert len(losses(ours.events)) > 3


@pytest.mark.parametrize(("channels", "size"), [(6, 3), (1, 2)])
def test_what_comes_out_lies_as_that_of_pytorch(
    channels: int, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of single values, and of one channel, a normalisation behind them adds up by how they lie."""
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("conv", "Conv2d", {"out_channels": channels, "kernel_size": 4, "stride": 2}),
        Node("relu", "ReLU"),
        Node("pool", "MaxPool2d", {"kernel_size": size, "stride": 1}),
        Node("norm", "BatchNorm2d"),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy"),
    )
    found: list[list[Tensor]] = []
    for library in (COMPILED.now(), None):
        monkeypatch.setattr(COMPILED, "_found", library)
        work = ready(digits(batch_size=32).with_graph(graph), tmp_path)
        found.append(steps(work, batches(work, 3))[0])
        work.close()
    assert all(map(torch.equal, *found))


def test_what_nodes_give_and_learn_is_seen_as_drawn(tmp_path: Path) -> None:
    seen = seen_and_learned_alike(convolutions(), tmp_path)
    assert {"relu1", "pool1"} <= set(seen)
    assert seen["relu1"].shape[-1] == 2 * seen["pool1"].shape[-1]


def seen_and_learned_alike(project: Project, folder: Path) -> dict[str, Tensor]:
    """What the nodes of a drawing give, which is the same with and without, as are the gradients."""
    x = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(0)).contiguous(memory_format=LAST)
    batch = {"image": x, "label": torch.arange(5)}
    found: list[tuple[dict[str, Tensor], list[Tensor]]] = []
    for quick in (False, True):
        torch.manual_seed(0)
        network = fresh_network(project, folder).to(memory_format=LAST)  # pyright: ignore
        if quick:
            pool_quickly(network)
            pool_quickly(network)
        plain = network.values(batch)
        seen: dict[str, Tensor] = {}

        def see(path: str, tensor: Tensor, seen: dict[str, Tensor] = seen) -> None:
            seen[path] = tensor.detach().clone()

        observer = Observer(network, see)
        observer.open()
        values = network.values(batch)
        observer.close()
        assert all(torch.equal(values[ref], one) for ref, one in plain.items())
        total = torch.stack([one.square().sum() for one in plain.values() if one.is_floating_point()]).sum()
        found.append((seen, list(torch.autograd.grad(total, list(network.parameters())))))
    (seen, gradients), (ours, own) = found
    assert list(seen) == list(ours)
    assert all(torch.equal(seen[path], ours[path]) for path in seen)
    assert all(map(torch.equal, gradients, own))
    return seen


def fresh_network(project: Project, folder: Path) -> Network:
    return Network(make_ready(Job(project, SAMPLES, create_run(project, SAMPLES, folder / "runs"))).plan)
