"""The optimizer as a program makes it, with the groups of parameters that it treats otherwise than others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from studio.build.network import Network
from studio.build.plan import Plan
from studio.interchange.program.pieces import training as pieces
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import statement
from studio.project.project import Setting
from studio.train.updates import optimizer_values, roles_of
from studio.train.updates.torchs import arguments

FUSED = frozenset({"SGD", "Adam", "AdamW"})
"""Optimizers of which a run takes the fused kernels."""
Function = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Optimizer:
    """The lines that make it, the functions that they call, and what cannot be said.

    It `searches` where it computes the loss several times within a step. `rate` is its learning rate.
    """

    lines: tuple[str, ...]
    functions: tuple[Function, ...]
    rate: float
    searches: bool
    notes: tuple[str, ...] = ()
    shares: bool = False

    @property
    def setter(self) -> str:
        """The function that sets the learning rate."""
        return "set_rates" if self.shares else "set_rate"


def written_optimizer(setting: Setting, plan: Plan, decay_all: bool) -> Optimizer:
    """The optimizer of a project's settings over the network of a plan."""
    values = optimizer_values(setting)
    functions: list[Function] = []
    decays = bool(values.get("weight_decay")) and not decay_all
    shares = _shares(plan)
    parameters = "model.parameters()"
    lines: list[str] = []
    if decays:
        functions.append(pieces.without_decay)
        parameters = f"without_decay(model, {float(values['weight_decay'])!r})"
    if shares:
        functions.append(pieces.with_shares)
        given = "{" + ", ".join(f"{text.literal(name)}: {one!r}" for name, one in shares.items()) + "}"
        lines += statement(4, "shares = ", given)
        groups = parameters if decays else '[{"params": list(model.parameters())}]'
        lines += statement(4, "groups = ", f"with_shares({groups}, model, shares)")
        parameters = "groups"
    if setting.type == "Muon":
        functions.append(pieces.Together)
        lines += _muon(values)
    else:
        given = [parameters, "lr=args.lr", *_arguments(setting.type, values, decays)]
        lines += statement(4, "optimizer = ", f"torch.optim.{setting.type}({', '.join(given)})")
    if shares:
        lines.append("    set_rates(optimizer, args.lr)")
    notes = (
        ("Muon moves all weights at its own rate: the lr_factor of nodes and decay_all are left out.",)
        if setting.type == "Muon" and (shares or decays)
        else ()
    )
    return Optimizer(
        tuple(lines),
        tuple(functions),
        float(values["lr"]),
        setting.type == "LBFGS",
        notes,
        bool(shares) or setting.type == "Muon",
    )


def _shares(plan: Plan) -> Mapping[str, float]:
    """The shares of the rate of parameters whose rate is another than the others'."""
    return roles_of(unmade(plan)).rates


def unmade(plan: Plan) -> Network:
    """The network without memory behind its weights: no random number is drawn, which a run may count on."""
    with torch.device("meta"):
        return Network(plan)


def _arguments(type: str, values: Mapping[str, Any], decays: bool) -> Iterator[str]:
    """The settings that are not torch's defaults."""
    if type == "LBFGS":
        given = {name: one for name, one in values.items() if name not in ("lr", "line_search")}
        given["line_search_fn"] = None if values["line_search"] == "none" else values["line_search"]
    elif type in ("Adam", "AdamW"):
        given = {"betas": (values["beta1"], values["beta2"]), "eps": values["eps"]}
        given["weight_decay"] = values["weight_decay"]
    else:
        given = arguments(type, values)
    known = text.defaults(f"torch.optim.{type}")
    for name, one in given.items():
        if name == "weight_decay" and decays:
            continue
        if name not in known or known[name] != one:
            yield f"{name}={text.literal(one)}"
    if type in FUSED:
        yield "fused=True"


def _muon(values: Mapping[str, Any]) -> Iterator[str]:
    """Matrices by Muon, the rest by AdamW, as one optimizer."""
    decay = float(values["weight_decay"])
    own, rate = values["others_lr"], float(values["lr"])
    share = float(own) / rate if own is not None and rate else 1.0
    yield "    tables = [one.weight for one in model.modules() if isinstance(one, TABLES)]"
    yield "    matrices = ["
    yield "        one"
    yield "        for one in model.parameters()"
    yield "        if one.dim() == 2 and all(one is not table for table in tables)"
    yield "    ]"
    yield "    found = {id(one) for one in matrices}"
    yield "    others = [one for one in model.parameters() if id(one) not in found]"
    given = ["matrices", "lr=args.lr", *_arguments("Muon", values, False)]
    yield from statement(4, "muon = ", f"torch.optim.Muon({', '.join(given)})")
    group = '[{"params": others, "share": ' + repr(share) + "}]"
    yield from statement(
        4, "adam = ", f"torch.optim.AdamW({group}, lr=args.lr, weight_decay={decay!r}, fused=True)"
    )
    yield "    optimizer = Together([muon, adam])"
    yield "    set_rates(optimizer, args.lr)"
