"""A recorded step has the digits of the step itself: of losses, gradients, all that is drawn or counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.project.graph import Node
from studio.project.project import Project
from studio.train import tape
from studio.train.control import Control
from studio.train.events import Event, Finished, Measured, Progress
from studio.train.job import Job
from studio.train.objective import NodeError
from studio.train.runs import create_run, read_run
from studio.train.samples import Batch
from studio.train.seeding import seed_all
from studio.train.tape import Tape, Taped, UnrecordableError
from studio.train.ways import measuring
from studio.train.work import Work, make_ready
from tests.train.drawings import SAMPLES, digits, everything, sample, train
from tests.train.test_layout import convolutions
from tests.train.test_resume import assert_same, outcome

NAMES = (
    "mlp_digits",
    "cnn_digits",
    "autoencoder_digits",
    "residual_digits",
    "linear_regression",
    "logistic_regression",
    "dense_regression",
    "two_inputs",
    "unet_digits",
    "char_transformer",
)


UNSEEN = ("lstm_digits", "lstm_sunspots")
"""Their operations do not all pass by who looks at them."""


def ready(project: Project, folder: Path) -> Work:
    work = make_ready(Job(project, SAMPLES, create_run(project, SAMPLES, folder / "runs")))
    work.network.train()
    return work


def batches(work: Work, count: int) -> list[Batch]:
    size, samples = work.batch_size, work.parts["train"]
    rows = [torch.arange(at * size, (at + 1) * size) % len(samples) for at in range(count)]
    return [samples.take(one) for one in rows]


def steps(work: Work, given: list[Batch]) -> tuple[list[Tensor], Tensor]:
    """What steps come to on these batches, and a random number drawn behind them."""
    seed_all(3)
    found: list[Tensor] = []
    for batch in given:
        work.step(batch, work.batch_size)
        found += [one.detach().clone() for one in work.network.state_dict().values()]
    return found, torch.rand(1)


@pytest.mark.parametrize("name", [*NAMES, *UNSEEN])
def test_the_samples_train_alike(name: str, tmp_path: Path) -> None:
    project = sample(name, batch_size=16)
    results: list[tuple[list[Tensor], Tensor, list[float]]] = []
    for recorded in (False, True):
        work = ready(project, tmp_path)
        given = batches(work, 4)
        if recorded:
            work.taped = Taped(work.network, work.objective, lambda made=work: made.trained, work.batch_size)
        results.append((*steps(work, given), work.ledger.read()))
        if recorded:
            assert work.taped is not None
            assert work.taped.useless is (name in UNSEEN)
        work.close()
    (plain, drawn, losses), (ours, again, own) = results
    assert all(map(torch.equal, plain, ours))
    assert torch.equal(drawn, again)
    assert losses == own


def written(run: Callable[[Tensor], Tensor], given: Tensor) -> Callable[[Tensor], Tensor]:
    """What is recorded of a function, to be done again."""
    recorder = tape._Recorder()
    with torch.no_grad(), recorder:
        result = run(given)
    again = tape._written(recorder.calls, [given], [result])
    return lambda one: again(one)[0]


@pytest.mark.parametrize("adding", [False, True])
def test_what_is_known_before_stays_known_and_what_is_filled_in_begins_anew(adding: bool) -> None:
    weight = torch.ones(2, 3)

    def run(x: Tensor) -> Tensor:
        sums = torch.zeros_like(x)
        if adding:
            sums.add_(x)
        return torch.ones_like(x).mm(weight.t().contiguous()[:, :2]) + (x.view(2, 3) + sums).mm(weight.t())

    first, second = torch.randn(2, 3), torch.randn(2, 3)
    again = written(run, first)
    assert torch.equal(again(second), run(second))
    weight.mul_(3.0)
    assert torch.equal(again(second), run(second))
    assert torch.equal(again(first), run(first))


def test_running_statistics_and_random_numbers_stay_while_it_is_recorded(tmp_path: Path) -> None:
    work = ready(everything(), tmp_path)
    given = batches(work, 2)
    work.step(given[0], work.batch_size)
    before = [one.clone() for one in work.network.buffers()]
    state = torch.get_rng_state()
    Taped(work.network, work.objective, lambda: work.trained, work.batch_size).record(given[1])
    assert all(map(torch.equal, before, work.network.buffers()))
    assert torch.equal(state, torch.get_rng_state())


def test_what_looks_at_values_is_not_recorded(tmp_path: Path) -> None:
    """Such a batch normalisation divides by a count of batches that Python reads."""
    work = ready(digits(Node("norm", "BatchNorm1d")), tmp_path)
    norm = work.network.norm
    assert isinstance(norm, nn.BatchNorm1d)
    norm.momentum = None
    given = batches(work, 3)
    work.step(given[0], work.batch_size)
    with pytest.raises(UnrecordableError, match="looks at values"):
        Tape(work.objective, list(work.trained.values()), given[1])
    taped = Taped(work.network, work.objective, lambda: work.trained, work.batch_size)
    before = [one.clone() for one in work.network.buffers()]
    assert taped(given[1]) is None
    assert taped.useless
    assert all(map(torch.equal, before, work.network.buffers()))


def test_a_batch_of_another_size_is_computed_as_ever(tmp_path: Path) -> None:
    work = ready(digits(), tmp_path)
    (batch,) = batches(work, 1)
    work.step(batch, work.batch_size)
    taped = Taped(work.network, work.objective, lambda: work.trained, work.batch_size)
    assert taped({key: one[:5] for key, one in batch.items()}) is None
    assert taped(batch) is not None
    shares = nn.functional.one_hot(batch["label"], 10).float()
    assert taped({**batch, "label": shares}) is None
    assert taped({**batch, "image": batch["image"].double()}) is None
    assert taped(batch) is not None


def test_what_gives_as_much_as_values_say_is_not_recorded(tmp_path: Path) -> None:
    work = ready(digits(), tmp_path)
    (batch,) = batches(work, 1)
    work.step(batch, work.batch_size)
    plain = work.objective.values

    def chosen(given: Batch) -> Any:
        return {ref: one[given["label"] > 4] for ref, one in plain(given).items()}

    work.objective.values = chosen
    with pytest.raises(UnrecordableError, match="depends on values"):
        Tape(work.objective, list(work.trained.values()), batch)


def test_what_fails_is_told_as_ever(tmp_path: Path) -> None:
    work = ready(digits(), tmp_path)
    (batch,) = batches(work, 1)
    work.step(batch, work.batch_size)
    work.taped = Taped(work.network, work.objective, lambda: work.trained, work.batch_size)
    work.step(batch, work.batch_size)
    wrong = {**batch, "label": batch["label"] + 99}
    told: list[str] = []
    for taped in (work.taped, None):
        work.taped = taped
        with pytest.raises(NodeError) as caught:
            work.step(wrong, work.batch_size)
        told.append(caught.value.node)
    assert told == ["loss"] * 2


@pytest.mark.parametrize("make", [everything, convolutions])
def test_a_run_that_takes_it_is_the_run_without(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make(epochs=4, patience=None, threads=1, memory_format="contiguous", layer_statistics=True)
    monkeypatch.setattr(measuring, "SHARE", 0.0)
    reference = outcome(train(project, tmp_path / "plain").result.run_dir)
    monkeypatch.setattr(measuring, "SHARE", 1.0)
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    monkeypatch.setattr(measuring, "GAIN", 1000.0)
    done: list[int] = []
    plain = Taped.__call__

    def counted(self: Taped, batch: Batch) -> Any:
        found = plain(self, batch)
        done.append(found is not None)
        return found

    monkeypatch.setattr(Taped, "__call__", counted)

    def stop(event: Event, told: Control) -> None:
        if isinstance(event, Progress) and event.epoch == 3:
            told.stop()

    stopped = train(project, tmp_path / "parts", steer=stop)
    (told,) = stopped.of(Measured)
    assert isinstance(told, Measured)
    path = stopped.result.run_dir
    if told.chosen:
        assert read_run(path).way["recorded"]
    before = sum(done)
    again = train(project, tmp_path / "parts", path, resume=True)
    assert isinstance(again.events[-1], Finished)
    assert (sum(done) > before) is bool(told.chosen)
    assert_same(path, reference)
