"""The parts of the engine one by one: optimizers, schedules, metrics, batches, checkpoints, devices."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.profiler import ProfilerActivity, profile

from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Data, Setting
from studio.train.checkpoint import load_checkpoint, load_fields, load_network, load_scales, save_checkpoint
from studio.train.devices import choose_device, choose_threads
from studio.train.events import KINDS, EpochEnded, Progress, from_dict, to_dict
from studio.train.metrics import STEPS, Tracker
from studio.train.samples import batch_sizes
from studio.train.schedule import make_schedule
from studio.train.updates import make_update
from studio.train.work import clipped
from tests.train.drawings import digits, train

SETTINGS = [
    Setting("SGD", {"lr": 0.1}),
    Setting("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
    Setting("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    Setting("Adam", {"lr": 0.01, "beta1": 0.8, "weight_decay": 0.01}),
    Setting("AdamW", {"lr": 0.01, "beta2": 0.99, "eps": 1e-6}),
]


def parameters():
    """A few parameters of different shapes."""
    generator = torch.Generator().manual_seed(1)
    shapes = (("a", (5, 7)), ("b", (7,)), ("kernel", (6, 5, 3, 3)))
    made = {name: torch.randn(shape, generator=generator) for name, shape in shapes}
    return {**made, "kernel": made["kernel"].contiguous(memory_format=torch.channels_last)}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: f"{one.type}{len(one.params)}")
def test_updates_equal_torchs_own_optimizers_bit_for_bit(setting):
    ours = parameters()
    theirs = {name: nn.Parameter(one.clone()) for name, one in ours.items()}
    values = dict(setting.params)
    rate = values.pop("lr")
    if setting.type != "SGD":
        values["betas"] = values.pop("beta1", 0.9), values.pop("beta2", 0.999)
    optimizer = getattr(torch.optim, setting.type)(theirs.values(), lr=rate, **values, fused=True)
    update = make_update(setting, ours)
    for step in range(20):
        gradients = [torch.randn_like(one) for one in ours.values()]
        for group in optimizer.param_groups:
            group["lr"] = rate * 0.9**step
        for parameter, gradient in zip(theirs.values(), gradients, strict=True):
            parameter.grad = gradient.clone()
        optimizer.step()
        if step == 10:  # what is kept and loaded goes on exactly
            kept = {name: one.clone() for name, one in update.state().items()}
            update = make_update(setting, ours)
            update.load(kept)
        update(gradients, rate * 0.9**step)
        for name, one in ours.items():
            assert torch.equal(one, theirs[name].detach())


def test_clipping_equals_torchs():
    gradients = [torch.randn(4, 5), torch.randn(9)]
    for most in (0.1, 1.0, 100.0):
        holders = [nn.Parameter(torch.zeros_like(one)) for one in gradients]
        for holder, gradient in zip(holders, gradients, strict=True):
            holder.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_(holders, most)
        for mine, holder in zip(clipped(gradients, most), holders, strict=True):
            assert torch.equal(mine, holder.grad)


def test_unknown_components_are_told():
    with pytest.raises(StudioError, match="Lion"):
        make_update(Setting("Lion"), parameters())
    with pytest.raises(StudioError, match="Sawtooth"):
        make_schedule(Setting("Sawtooth"), 3, 4)


@pytest.mark.parametrize("epochs", [1, 7])
def test_schedules_equal_torchs(epochs):
    steps = 5
    holder = nn.Parameter(torch.zeros(1))
    for setting, make in (
        (Setting("Constant"), lambda o: torch.optim.lr_scheduler.ConstantLR(o, 1.0)),
        (
            Setting("Step", {"every": 2, "factor": 0.5}),
            lambda o: torch.optim.lr_scheduler.StepLR(o, 2 * steps, 0.5),
        ),
        (
            Setting("Cosine", {"least": 0.1}),
            lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, epochs * steps, 0.1),
        ),
    ):
        optimizer = torch.optim.SGD([holder], lr=1.0)
        scheduler, factor = make(optimizer), make_schedule(setting, epochs, steps)
        for step in range(epochs * steps):
            assert factor(step // steps + 1, step) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-9)
            optimizer.step()
            scheduler.step()


def followed(tracker, batches):
    """The metrics after some batches."""
    for prediction, target in batches:
        tracker.add(prediction, target)
    return tracker.results()


def test_metrics_equal_those_of_scikit_learn():
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(1000, 8, generator=generator)
    classes = torch.randint(0, 8, (1000,), generator=generator)
    found = followed(Tracker(("accuracy", "top5")), zip(scores.split(13), classes.split(13), strict=True))
    assert found["accuracy"] == pytest.approx(sklearn.metrics.accuracy_score(classes, scores.argmax(1)))
    assert found["top5"] == pytest.approx(
        sklearn.metrics.top_k_accuracy_score(classes.numpy(), scores.numpy(), k=5)
    )
    said, truth = torch.randn(1000, 3, generator=generator), torch.randn(1000, 3, generator=generator)
    found = followed(Tracker(("mae", "rmse", "r2")), zip(said.split(13), truth.split(13), strict=True))
    assert found["mae"] == pytest.approx(sklearn.metrics.mean_absolute_error(truth, said))
    assert found["rmse"] ** 2 == pytest.approx(sklearn.metrics.mean_squared_error(truth, said))
    assert found["r2"] == pytest.approx(sklearn.metrics.r2_score(truth.double(), said.double()))


def test_metrics_of_yes_and_no_of_pictures_and_of_ignored_samples():
    said, truth = torch.tensor([[2.0], [-1.0], [3.0], [-2.0]]), torch.tensor([1, 0, 0, 0])
    assert followed(Tracker(("accuracy",), "chances", "sigmoid"), [(said, truth)]) == {"accuracy": 0.75}
    scores, classes = torch.zeros(2, 3, 4, 4), torch.zeros(2, 4, 4, dtype=torch.int64)
    scores[:, 1] = 1.0
    classes[0] = 1
    assert followed(Tracker(("accuracy",)), [(scores, classes)]) == {"accuracy": 0.5}
    scores, classes = torch.eye(3), torch.tensor([0, 1, 0])
    assert followed(Tracker(("accuracy",), ignored=0), [(scores, classes)]) == {"accuracy": 1.0}
    assert Tracker(("accuracy", "mae")).results() == {}
    assert "r2" not in followed(Tracker(("r2", "mae")), [(torch.zeros(5, 1), torch.ones(5, 1))])


@given(st.integers(1, 3 * STEPS), st.lists(st.integers(0, 3 * STEPS), max_size=3))
def test_looking_and_going_on_from_a_state_change_no_digit(count, looks):
    generator = torch.Generator().manual_seed(count)
    batches = [
        (torch.randn(7, 2, generator=generator), torch.randn(7, 2, generator=generator)) for _ in range(count)
    ]
    names = ("mae", "rmse", "r2")
    expected = followed(Tracker(names), batches)
    tracker = Tracker(names)
    for number, (prediction, target) in enumerate(batches):
        if number in looks:
            tracker.results()
            moved, state = Tracker(names), tracker.state()
            moved.load(state)
            tracker = moved
        tracker.add(prediction, target)
    assert tracker.results() == expected


def test_nothing_is_dropped_and_batch_norm_never_sees_one_sample():
    plain, norm = nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2))
    assert batch_sizes(130, 64, plain) == [64, 64, 2]
    assert batch_sizes(129, 64, plain) == [64, 64, 1]
    assert batch_sizes(129, 64, norm) == [64, 65]
    assert batch_sizes(128, 64, norm) == [64, 64]
    assert batch_sizes(3, 64, norm) == [3]
    assert batch_sizes(1, 64, norm) == [1]


def test_batch_norm_trains_where_one_sample_is_left_over(tmp_path):
    ran = train(digits(Node("norm", "BatchNorm1d"), batch_size=157, epochs=1), tmp_path)  # 1257 = 8 · 157 + 1
    assert ran.result.finished is not None
    assert len(ran.losses) == 8


@pytest.mark.parametrize("type", ["SGD", "AdamW"])
def test_weights_with_channels_last_are_moved_where_they_lie(type):
    ours = parameters()
    update = make_update(Setting(type, {"momentum": 0.9} if type == "SGD" else {}), ours)
    gradients = [torch.randn_like(one) for one in ours.values()]
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        update(gradients, 0.1)
    assert "aten::clone" not in {one.key for one in profiled.key_averages()}
    assert {tuple(one.shape) for one in update.state().values()} >= {
        tuple(one.shape) for one in ours.values()
    }


def test_a_checkpoint_is_whole_or_refused(tmp_path):
    tensors = {"model.a": torch.arange(6.0).view(2, 3), "model.n": torch.tensor(3)}
    save_checkpoint(tmp_path, "last", tensors, {"epoch": 1, "step": 5})
    save_checkpoint(tmp_path, "last", {**tensors, "model.n": torch.tensor(4)}, {"epoch": 2, "step": 9})
    folder = tmp_path / "checkpoints"
    assert len(list(folder.iterdir())) == 2
    found, content = load_checkpoint(tmp_path, "last")
    assert content["step"] == 9
    assert torch.equal(found["model.a"], tensors["model.a"])
    file = folder / content["file"]
    whole = file.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        with pytest.raises(StudioError, match="has changed"):
            load_checkpoint(tmp_path, "last")
    file.write_bytes(whole[:-7])
    with pytest.raises(StudioError, match="has changed"):
        load_checkpoint(tmp_path, "last")
    (folder / "last.json").write_text(json.dumps({**content, "file": "../../etc/passwd"}))
    with pytest.raises(StudioError):
        load_checkpoint(tmp_path, "last")
    (folder / "last.json").write_text("{")
    with pytest.raises(StudioError, match="cannot be read"):
        load_checkpoint(tmp_path, "last")
    with pytest.raises(StudioError, match="no best checkpoint"):
        load_checkpoint(tmp_path, "best")


def test_a_trained_network_is_loaded_with_its_fields_and_scales(tmp_path):
    ran = train(digits(Node("norm", "BatchNorm1d")), tmp_path)
    network, plan = load_network(ran.result.run_dir, "best")
    assert not network.training
    assert plan.losses[0].name == "loss"
    fields, scales = load_fields(ran.result.run_dir), load_scales(ran.result.run_dir)
    assert fields["image"].shape == (1, 8, 8)
    assert fields["label"].classes is not None
    sample = np.zeros((1, 1, 8, 8), np.float32)
    assert network(torch.from_numpy(scales["image"].apply(sample))).shape == (1, 10)


def test_without_a_validation_part_the_training_loss_judges(tmp_path):
    project = digits()
    data = Data(project.data.source, {"validation": 0.0, "test": 0.0})
    ran = train(replace(project, data=data), tmp_path)
    epochs = ran.of(EpochEnded)
    assert all(event.validation == {} for event in epochs)
    assert ran.result.finished.best_epoch == min(epochs, key=lambda event: event.train["loss"]).epoch
    assert ran.result.finished.test == {}


def test_devices_and_threads():
    assert choose_device("cpu").type == "cpu"
    if not torch.cuda.is_available():
        assert choose_device("auto").type == "cpu"
        with pytest.raises(StudioError, match="CUDA"):
            choose_device("cuda")
    assert choose_threads(3, 10) == 3
    assert choose_threads(0, 10) == 1
    assert choose_threads(0, 10**12) >= 1


def test_events_read_back_as_they_were():
    progress = Progress(1.5, 2, 30, (0.5, 0.25), {"loss": 0.3}, 0.01, 100.0, 5.0)
    assert from_dict(json.loads(json.dumps(to_dict(progress)))) == progress
    for broken in ({}, {"event": "Progress"}, {"event": "Nothing", "time": 1}, {"event": "Saved", "x": 1}):
        with pytest.raises(ValueError, match="not an event"):
            from_dict(broken)
    assert set(KINDS) >= {"Started", "Warned", "Failed"}


def test_the_window_can_import_the_host_without_torch():
    code = (
        "import sys, studio.train.launch, studio.train.runs, studio.train.events, studio.train.devices;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'numpy', 'networkx')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_trains_too(tmp_path):
    ran = train(digits(Node("norm", "BatchNorm1d"), device="cuda"), tmp_path)
    assert ran.result.finished.test["accuracy"] > 0.85
