"""Every schedule follows its twin in torch, is drawn as it runs, and is resumed exactly."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import replace

import pytest
import torch
from torch.optim import lr_scheduler as torchs

from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.project.project import Setting
from studio.train.events import EpochEnded
from studio.train.schedule import curve, make_schedule
from tests.train.drawings import digits, train
from tests.train.test_resume import assert_same, outcome, stop_at

TYPES = [one.type for one in registry().components("schedule")]
STEPS = 5
EPOCHS = 12
ALL = STEPS * EPOCHS
BY_STEP = (
    (Setting("Constant"), lambda o, all: torchs.ConstantLR(o, 1.0)),
    (Setting("Linear"), lambda o, all: torchs.LinearLR(o, 1.0, 0.0, all)),
    (
        Setting("Linear", {"start": 0.25, "end": 0.8, "over": 3.0}),
        lambda o, all: torchs.LinearLR(o, 0.25, 0.8, 3 * STEPS),
    ),
    (Setting("Step", {"every": 2, "factor": 0.5}), lambda o, all: torchs.StepLR(o, 2 * STEPS, 0.5)),
    (
        Setting("MultiStep", {"at": (7, 2), "factor": 0.3}),
        lambda o, all: torchs.MultiStepLR(o, [2 * STEPS, 7 * STEPS], 0.3),
    ),
    (Setting("MultiStep", {"at": 3}), lambda o, all: torchs.MultiStepLR(o, [3 * STEPS], 0.1)),
    (Setting("Exponential", {"factor": 0.8}), lambda o, all: torchs.StepLR(o, STEPS, 0.8)),
    (Setting("Cosine", {"least": 0.1}), lambda o, all: torchs.CosineAnnealingLR(o, all, 0.1)),
    (
        Setting("CosineRestarts", {"period": 2.0, "least": 0.05}),
        lambda o, all: torchs.CosineAnnealingWarmRestarts(o, 2 * STEPS, 1, 0.05),
    ),
    (
        Setting("CosineRestarts", {"period": 1.0, "growth": 2}),
        lambda o, all: torchs.CosineAnnealingWarmRestarts(o, STEPS, 2),
    ),
    (
        Setting("CosineRestarts", {"period": 1.0, "growth": 3}),
        lambda o, all: torchs.CosineAnnealingWarmRestarts(o, STEPS, 3),
    ),
    (Setting("OneCycle"), lambda o, all: torchs.OneCycleLR(o, 1.0, all, cycle_momentum=False)),
    (
        Setting("OneCycle", {"rise": 0.5, "start": 10.0, "end": 100.0, "shape": "linear"}),
        lambda o, all: torchs.OneCycleLR(
            o, 1.0, all, pct_start=0.5, anneal_strategy="linear", cycle_momentum=False, div_factor=10,
            final_div_factor=100,
        ),
    ),
    (Setting("Polynomial", {"power": 2.0}), lambda o, all: torchs.PolynomialLR(o, all, 2.0)),
)  # fmt: skip


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def followed(make, setting: Setting, steps: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of its own chained schedulers
        theirs = optimizer()
        scheduler, ours = make(theirs), make_schedule(setting, EPOCHS, STEPS)
        for step in range(steps):
            expected = theirs.param_groups[0]["lr"]
            assert ours(step // STEPS + 1, step) == pytest.approx(expected, abs=1e-9), step
            theirs.step()
            scheduler.step()


@pytest.mark.parametrize(("setting", "make"), BY_STEP, ids=lambda one: getattr(one, "type", ""))
def test_it_equals_torchs_at_every_step(setting, make) -> None:
    followed(lambda one: make(one, ALL), setting, ALL)


@pytest.mark.parametrize(("setting", "make"), BY_STEP, ids=lambda one: getattr(one, "type", ""))
def test_after_a_warm_up_it_begins_as_torchs_chained_schedulers_do(setting, make) -> None:
    warm = 2 * STEPS

    def chained(one: torch.optim.Optimizer) -> torchs.SequentialLR:
        growing = torchs.LinearLR(one, 1 / (warm + 1), 1.0, warm)
        return torchs.SequentialLR(one, [growing, make(one, ALL - warm)], [warm])

    params = {**setting.params, "warmup": 2.0}
    if setting.type == "OneCycle":  # torch's own writes its first rate over that of the warm-up
        ours, alone = make_schedule(Setting("OneCycle", params), EPOCHS, STEPS), optimizer()
        scheduler = make(alone, ALL - warm)
        for step in range(warm, ALL):
            assert ours(step // STEPS + 1, step) == pytest.approx(alone.param_groups[0]["lr"], abs=1e-9)
            alone.step()
            scheduler.step()
        return
    followed(chained, Setting(setting.type, params), ALL)


LOSSES = (3.0, 2.0, 2.5, 2.5, 1.999, 2.5, 2.6, 1.0, 1.1, 1.2, 1.3, 1.4)


@pytest.mark.parametrize("cooldown", [0, 2])
@pytest.mark.parametrize("patience", [0, 1, 2])
def test_a_plateau_is_left_as_torchs_does_and_its_state_says_all(cooldown, patience) -> None:
    params = {"factor": 0.3, "patience": patience, "cooldown": cooldown, "threshold": 0.01, "least": 0.05}
    setting, theirs = Setting("Plateau", params), optimizer()
    scheduler = torchs.ReduceLROnPlateau(
        theirs, "min", 0.3, patience, threshold=0.01, cooldown=cooldown, min_lr=0.05
    )
    ours = make_schedule(setting, EPOCHS, STEPS)
    for epoch, loss in enumerate(LOSSES, 1):
        assert ours(epoch, epoch * STEPS) == pytest.approx(theirs.param_groups[0]["lr"])
        scheduler.step(loss)
        ours.epoch_ended(epoch, loss)
        moved = make_schedule(setting, EPOCHS, STEPS)
        moved.load(ours.state())
        ours = moved


def test_a_plateau_does_not_listen_while_it_warms_up() -> None:
    schedule = make_schedule(Setting("Plateau", {"patience": 0, "warmup": 3.0}), EPOCHS, STEPS)
    for epoch in (1, 2, 3, 4):
        schedule.epoch_ended(epoch, 1.0)
    assert schedule(5, 4 * STEPS) == 1.0
    schedule.epoch_ended(5, 1.0)
    assert schedule(6, 5 * STEPS) == pytest.approx(0.1)


@pytest.mark.parametrize("type", TYPES)
def test_it_is_documented_drawn_as_it_runs_and_ends_with_the_training(type) -> None:
    component = registry().component("schedule", type)
    assert component is not None
    assert component.url.startswith("https://")
    for param in component.params:
        assert param.doc
        assert param.check(param.default) == param.default
    for warmup in (0.0, 1.5, 100.0):
        setting = Setting(type, {"warmup": warmup})
        drawn = curve(setting, EPOCHS, STEPS, ALL)
        assert len(drawn) == ALL
        assert all(0.0 <= one <= 1.0 for one in drawn)
        if type != "Plateau":
            schedule = make_schedule(setting, EPOCHS, STEPS)
            assert drawn == [schedule(step // STEPS + 1, step) for step in range(ALL)]
        few = curve(setting, EPOCHS, STEPS, 7)
        assert (len(few), few[0], few[-1]) == (7, drawn[0], drawn[-1])
    assert len(curve(Setting(type), 1, 1, 100)) == 2


def test_a_plateau_is_drawn_as_if_nothing_got_better() -> None:
    drawn = curve(Setting("Plateau", {"patience": 3, "factor": 0.5}), EPOCHS, STEPS, ALL)
    assert drawn[: 5 * STEPS] == [1.0] * 5 * STEPS
    assert drawn[5 * STEPS] == 0.5


def test_unknown_ones_are_told_with_those_there_are() -> None:
    for ask in (make_schedule, curve):
        with pytest.raises(StudioError, match="Sawtooth") as caught:
            ask(Setting("Sawtooth"), 3, 4)
        assert "OneCycle" in caught.value.hint


def test_curves_need_no_torch() -> None:
    code = "import sys; from studio.train.schedule import curve; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_run_with_a_plateau_lowers_its_rate_and_resumes_to_the_last_bit(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = digits(optimizer=Setting("SGD", {"lr": 3.0}), epochs=6, batch_size=210)
    schedule = Setting("Plateau", {"patience": 0, "factor": 0.5, "warmup": 1.0})
    project = replace(project, training=replace(project.training, schedule=schedule))
    whole = train(project, tmp_path)
    rates = [event.learning_rate for event in whole.of(EpochEnded)]
    assert rates[-1] < rates[1]
    for step in (9, 20):
        stopped = train(project, tmp_path, steer=stop_at(step))
        path = stopped.result.run_dir
        train(project, tmp_path, path, resume=True)
        assert_same(path, outcome(whole.result.run_dir))


def test_a_chain_is_one_schedule_after_the_other() -> None:
    chain = {
        "first": "Step",
        "first_settings": {"every": 2, "factor": 0.5},
        "until": 4.0,
        "second": "Cosine",
        "second_settings": {"least": 0.1},
    }
    whole = make_schedule(Setting("Chained", chain), EPOCHS, STEPS)
    first = make_schedule(Setting("Step", {"every": 2, "factor": 0.5}), 4, STEPS)
    second = make_schedule(Setting("Cosine", {"least": 0.1}), EPOCHS - 4, STEPS)
    for step in range(ALL):
        epoch, turn = step // STEPS + 1, 4 * STEPS
        expected = first(epoch, step) if step < turn else second((step - turn) // STEPS + 1, step - turn)
        assert whole(epoch, step) == expected


@pytest.mark.parametrize("settings", [{"factor": 7}, {"evry": 2}])
def test_a_wrong_setting_in_a_chain_is_told(settings: dict) -> None:
    with pytest.raises(StudioError, match="The chained schedule cannot be made"):
        make_schedule(Setting("Chained", {"first": "Step", "first_settings": settings}), EPOCHS, STEPS)
