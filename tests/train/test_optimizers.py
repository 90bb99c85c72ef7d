"""Every optimizer computes what torch.optim computes, goes on exactly, and trains."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Setting
from studio.train.updates import Roles, Search, make_update, roles_of
from tests.train.drawings import digits, train
from tests.train.test_resume import assert_same, outcome, stop_at

TYPES = [one.type for one in registry().components("optimizer")]
SETTINGS = [
    (Setting("NAdam"), {}),
    (Setting("NAdam", {"lr": 0.01, "beta1": 0.8, "weight_decay": 0.01, "momentum_decay": 0.01}), None),
    (Setting("RAdam"), {}),
    (Setting("RAdam", {"lr": 0.01, "beta2": 0.99, "weight_decay": 0.01}), None),
    (Setting("Adamax"), {}),
    (Setting("Adamax", {"lr": 0.01, "eps": 1e-6, "weight_decay": 0.01}), None),
    (Setting("Adagrad"), {}),
    (Setting("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.1}), None),
    (Setting("Adadelta"), {}),
    (Setting("Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.01}), None),
    (Setting("RMSprop"), {}),
    (Setting("RMSprop", {"lr": 0.001, "momentum": 0.9, "alpha": 0.9, "centered": True}), None),
    (Setting("Rprop"), {}),
    (
        Setting("Rprop", {"lr": 0.02, "shrink": 0.4, "grow": 1.3, "least": 1e-5, "most": 1.0}),
        {"lr": 0.02, "etas": (0.4, 1.3), "step_sizes": (1e-5, 1.0)},
    ),
    (Setting("ASGD"), {}),
    (Setting("ASGD", {"lr": 0.1, "lambd": 0.01, "alpha": 0.5, "t0": 5.0, "weight_decay": 0.01}), None),
    (Setting("Adafactor"), {}),
    (Setting("Adafactor", {"lr": 0.1, "eps": 0.01, "d": 1.5, "weight_decay": 0.01}),
     {"lr": 0.1, "eps": (None, 0.01), "d": 1.5, "weight_decay": 0.01}),
]  # fmt: skip


def parameters() -> dict[str, torch.Tensor]:
    """A few parameters of different shapes."""
    generator = torch.Generator().manual_seed(1)
    shapes = {"table": (6, 4), "a": (5, 7), "b": (7,), "conv": (3, 2, 2, 2)}
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def betas(params: dict) -> dict:
    """Our parameters as torch's, where only the names of the betas differ."""
    kept = {key: value for key, value in params.items() if key not in ("beta1", "beta2")}
    if len(kept) == len(params):
        return kept
    return {**kept, "betas": (params.get("beta1", 0.9), params.get("beta2", 0.999))}


def compared(make, optimizers, ours, theirs, rates, steps=20) -> None:
    """Give both the same gradients; ours is saved and loaded again half way."""
    update = make()
    generator = torch.Generator().manual_seed(2)
    for step in range(steps):
        gradients = [torch.randn(one.shape, generator=generator) for one in ours.values()]
        for optimizer, rate in zip(optimizers, rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * 0.9**step
        for parameter, gradient in zip(theirs.values(), gradients, strict=True):
            parameter.grad = gradient.clone()
        for optimizer in optimizers:
            optimizer.step()
        if step == steps // 2:
            kept = {name: one.clone() for name, one in update.state().items()}
            update = make()
            update.load(kept)
        update(gradients, rates[0] * 0.9**step)
        for name, one in ours.items():
            assert torch.equal(one, theirs[name].detach()), (name, step)


@pytest.mark.parametrize(("setting", "given"), SETTINGS, ids=lambda one: getattr(one, "type", ""))
def test_it_equals_torchs_own_bit_for_bit(setting, given) -> None:
    ours = parameters()
    theirs = {name: nn.Parameter(one.clone()) for name, one in ours.items()}
    optimizer = getattr(torch.optim, setting.type)(
        theirs.values(), **(betas(dict(setting.params)) if given is None else given)
    )
    rate = optimizer.param_groups[0]["lr"]
    compared(lambda: make_update(setting, ours), [optimizer], ours, theirs, [rate])


@pytest.mark.parametrize("others", [None, 0.05])
def test_muon_moves_the_matrices_and_adamw_the_rest(others) -> None:
    ours = parameters()
    theirs = {name: nn.Parameter(one.clone()) for name, one in ours.items()}
    setting = Setting("Muon", {"lr": 0.02, "weight_decay": 0.1, "others_lr": others})
    muon = torch.optim.Muon([theirs["a"]], lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    rest = [theirs[name] for name in ("table", "b", "conv")]
    adamw = torch.optim.AdamW(rest, lr=others or 0.02, weight_decay=0.1, fused=True)
    roles = Roles(tables=frozenset({"table"}))
    rates = [0.02, others or 0.02]
    compared(lambda: make_update(setting, ours, roles), [muon, adamw], ours, theirs, rates)


@pytest.mark.parametrize("type", ["SGD", "AdamW", "Muon", "Adagrad"])
def test_weight_decay_may_leave_biases_and_normalization_out(type) -> None:
    network = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm((2, 3)), nn.Embedding(5, 3))
    roles = roles_of(network)
    assert roles.undecayed == {"0.bias", "1.weight", "1.bias"}
    assert roles.tables == {"2.weight"}
    for decay_all in (True, False):
        plain = {name: one.detach().clone() for name, one in network.named_parameters()}
        before = {name: one.clone() for name, one in plain.items()}
        setting = Setting(type, {"lr": 0.1, "weight_decay": 0.5})
        update = make_update(setting, plain, roles, decay_all)
        update([torch.zeros_like(one) for one in plain.values()], 0.1)
        still = {name for name, one in plain.items() if torch.equal(one, before[name])}
        zeros = {name for name, one in before.items() if not one.any()}
        assert still == (zeros if decay_all else roles.undecayed)


def test_lbfgs_equals_torchs_and_goes_on_exactly() -> None:
    data = torch.randn(30, 4, generator=torch.Generator().manual_seed(3))
    truth = torch.tanh(data @ torch.tensor([1.0, -2.0, 0.5, 0.3]))[:, None]
    for search in ("strong_wolfe", "none"):
        torch.manual_seed(4)
        mine, theirs = (nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)) for _ in range(2))
        theirs.load_state_dict(mine.state_dict())
        setting = Setting("LBFGS", {"lr": 0.5, "max_iter": 4, "history_size": 5, "line_search": search})
        optimizer = torch.optim.LBFGS(
            theirs.parameters(),
            0.5,
            4,
            history_size=5,
            line_search_fn=None if search == "none" else search,
        )

        def torchs(theirs=theirs, optimizer=optimizer):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(theirs(data), truth)
            loss.backward()
            return loss

        def again(mine=mine):
            loss = nn.functional.mse_loss(mine(data), truth)
            return loss, torch.autograd.grad(loss, list(mine.parameters()))

        update = make_update(setting, dict(mine.named_parameters()))
        for step in range(20):
            optimizer.step(torchs)
            if step in (1, 10):
                kept = {name: one.clone() for name, one in update.state().items()}
                update = make_update(setting, dict(mine.named_parameters()))
                update.load(kept)
            assert isinstance(update, Search)
            update.search(*again(), again, 0.5)
            for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
                assert torch.equal(one, other), step


@pytest.mark.parametrize("type", TYPES)
def test_it_trains_a_drawing(type, tmp_path) -> None:
    rate = {
        "Adadelta": 1.0,
        "LBFGS": 1.0,
        "SGD": 0.1,
        "ASGD": 0.1,
        "Adafactor": 0.1,
        "Rprop": 0.001,
        "RAdam": 0.1,
    }
    hidden = Node("hidden", "Linear", {"out_features": 16}), Node("act", "Tanh")
    setting = Setting(type, {"lr": rate.get(type, 0.01), **({"max_iter": 4} if type == "LBFGS" else {})})
    project = digits(*hidden, optimizer=setting, batch_size=419, epochs=4)
    ran = train(project, tmp_path)
    assert ran.result.finished is not None, ran.result.failed
    assert ran.losses[-1] < 0.9 * ran.losses[0]


@pytest.mark.parametrize("type", [one for one in TYPES if one not in ("SGD", "Adam")])
def test_a_resumed_run_goes_on_to_the_last_bit(type, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    hidden = Node("hidden", "Linear", {"out_features": 8}), Node("drop", "Dropout", {"p": 0.2})
    params = {"max_iter": 3, "history_size": 4} if type == "LBFGS" else {}
    project = digits(*hidden, optimizer=Setting(type, params), batch_size=210, epochs=2, decay_all=False)
    whole = train(project, tmp_path)
    assert whole.result.finished is not None, whole.result.failed
    stopped = train(project, tmp_path, steer=stop_at(4))
    path = stopped.result.run_dir
    assert train(project, tmp_path, path, resume=True).result.finished is not None
    assert_same(path, outcome(whole.result.run_dir))


@pytest.mark.parametrize("type", TYPES)
def test_it_is_documented_and_essentials_come_first(type) -> None:
    component = registry().component("optimizer", type)
    assert component is not None
    assert component.params[0].name == "lr"
    assert component.url.startswith("https://")
    for param in component.params:
        assert param.doc
        assert param.check(param.default) == param.default
    shown = [param.advanced for param in component.params]
    if type not in ("Adam", "AdamW"):
        assert shown == sorted(shown)


def test_an_unknown_one_is_told_with_those_there_are() -> None:
    with pytest.raises(StudioError, match="Lion") as caught:
        make_update(Setting("Lion"), parameters())
    assert "Muon" in caught.value.hint
