"""The optimizer of a project's settings, over its named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.project.project import Setting
from studio.train.updates import fused
from studio.train.updates.groups import Groups, Roles
from studio.train.updates.search import Search
from studio.train.updates.torchs import Torchs
from studio.train.updates.update import Update

Values = Mapping[str, Any]
UNDECAYED: Values = {"weight_decay": 0.0}


def make_update(
    setting: Setting, parameters: Mapping[str, Tensor], roles: Roles | None = None, decay_all: bool = True
) -> Update | Search:
    """The optimizer of a project over named parameters. Raises StudioError for one that is not known.

    Without `decay_all` weight decay leaves out the parameters whose `roles` say so.
    """
    values = optimizer_values(setting)
    plain = {name: parameter.detach() for name, parameter in parameters.items()}
    roles = roles or Roles()
    if setting.type == "LBFGS":
        if roles.rates:
            message = "L-BFGS moves all weights together; it cannot follow the lr_factor of a node."
            raise StudioError(message, "Choose another optimizer, or set lr_factor back to 1.")
        return Search(plain, values)
    kept = (
        roles.undecayed & plain.keys() if values.get("weight_decay") and not decay_all else frozenset[str]()
    )
    groups: list[tuple[Update, tuple[str, ...], float]] = []
    for names, own in ((plain.keys() - kept, values), (kept, {**values, **UNDECAYED})):
        for rate in dict.fromkeys(roles.rates.get(name, 1.0) for name in plain if name in names):
            chosen = {k: one for k, one in plain.items() if k in names and roles.rates.get(k, 1.0) == rate}
            found = _groups(setting.type, chosen, own, roles)
            groups += [(update, moved, factor * rate) for update, moved, factor in found]
    alone = len(groups) == 1 and groups[0][2] == 1.0
    return groups[0][0] if alone else Groups(groups, tuple(plain))


def _groups(
    type: str, parameters: Mapping[str, Tensor], values: Values, roles: Roles
) -> list[tuple[Update, tuple[str, ...], float]]:
    """Optimizers with the names they move and the factor of their rate."""
    if type != "Muon":
        return [(_one(type, parameters, values), tuple(parameters), 1.0)]
    matrices = {key: one for key, one in parameters.items() if one.dim() == 2 and key not in roles.tables}
    others = {key: one for key, one in parameters.items() if key not in matrices}
    found: list[tuple[Update, tuple[str, ...], float]] = []
    if matrices:
        found.append((Torchs("Muon", matrices, values), tuple(matrices), 1.0))
    if others:
        options = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": values["weight_decay"]}
        own, rate = values["others_lr"], values["lr"]
        factor = own / rate if own is not None and rate else 1.0
        found.append((fused.Adaptive(others, options, fused.adamw), tuple(others), factor))
    return found


def _one(type: str, parameters: Mapping[str, Tensor], values: Values) -> Update:
    if type == "SGD":
        return fused.Momentum(parameters, values)
    if type in ("Adam", "AdamW"):
        return fused.Adaptive(parameters, values, fused.adamw if type == "AdamW" else fused.adam)
    return Torchs(type, parameters, values)


def optimizer_values(setting: Setting) -> dict[str, Any]:
    """Every parameter of the chosen optimizer. Raises StudioError."""
    component = registry().component("optimizer", setting.type)
    if component is None:
        known = ", ".join(one.type for one in registry().components("optimizer"))
        hint = f"Choose one of {known} in the training settings."
        raise StudioError(f"There is no optimizer {setting.type!r}.", hint)
    return dict(component.values(setting.params))


def usual_rate(setting: Setting) -> float:
    """The learning rate of the chosen optimizer where none is set. Raises StudioError."""
    return float(optimizer_values(Setting(setting.type))["lr"])
