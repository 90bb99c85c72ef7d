"""An optimizer of torch as one of Keras, in values alone: its name, its arguments, and what differs.

A comparison of both sets the rate before every step, and does in the step itself what torch has and Keras
has not (`Twin`): decay that is part of the gradient, the limit of the gradient's norm, a momentum that does
not remember old rates, and an epsilon beside a root that is corrected first. A program only tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.project.project import Setting

Values = Mapping[str, Any]
HINT = "Choose SGD, Adam, AdamW or another one that both have in the training settings."


@dataclass(frozen=True, slots=True)
class Twin:
    """The Keras optimizer `name` with these `arguments`, and what the step adds to it.

    `decay` joins the gradient times the weight; `apart` shrinks the weight by itself. `steady` says that the
    momentum must forget old rates, `corrected` that epsilon is torch's, beside the corrected root. `falls` is
    by how much a rate falls with every step. `notes` are what stays different, in words.
    """

    name: str
    arguments: Values
    decay: float = 0.0
    apart: float = 0.0
    steady: bool = False
    corrected: float = 0.0
    falls: float = 0.0
    notes: tuple[str, ...] = field(default=())


def has_twin(type: str) -> bool:
    """Whether Keras has something like an optimizer of torch."""
    return type in _MAKERS


def twin_of(setting: Setting) -> Twin:
    """The optimizer's twin. Raises StudioError where Keras has nothing like it."""
    component = registry().component("optimizer", setting.type)
    make = _MAKERS.get(setting.type)
    if component is None or make is None:
        raise StudioError(f"Keras has no optimizer like {setting.type}.", HINT)
    values = component.values(setting.params)
    return make(values)


def _decayed(twin: Twin, values: Values, apart: bool) -> Twin:
    amount = float(values["weight_decay"])
    return replace(twin, apart=amount) if apart else replace(twin, decay=amount)


def _sgd(values: Values) -> Twin:
    arguments = {"momentum": values["momentum"], "nesterov": bool(values["nesterov"])}
    return _decayed(Twin("SGD", arguments, steady=values["momentum"] > 0), values, apart=False)


def _betas(values: Values) -> dict[str, Any]:
    return {"beta_1": values["beta1"], "beta_2": values["beta2"], "epsilon": values["eps"]}


def _adam(values: Values) -> Twin:
    return _decayed(Twin("Adam", _betas(values), corrected=values["eps"]), values, apart=False)


def _adamw(values: Values) -> Twin:
    """Keras's own AdamW shrinks the weights as torch's does, but all of them: the step does it."""
    arguments = {**_betas(values), "weight_decay": 0.0}
    return _decayed(Twin("AdamW", arguments, corrected=values["eps"]), values, apart=True)


def _nadam(values: Values) -> Twin:
    note = "Keras's Nadam lets its momentum grow in its own way (momentum_decay): the curves part slowly."
    twin = Twin("Nadam", _betas(values), notes=(note,))
    return _decayed(twin, values, apart=bool(values["decoupled_weight_decay"]))


def _radam(values: Values) -> Twin:
    note = "Keras has no RAdam; Adam is the nearest, and steps further at the beginning."
    twin = Twin("Adam", _betas(values), corrected=values["eps"], notes=(note,))
    return _decayed(twin, values, apart=bool(values["decoupled_weight_decay"]))


def _adamax(values: Values) -> Twin:
    note = "Keras's Adamax adds epsilon to the largest gradient, torch's to each: a difference of rounding."
    return _decayed(Twin("Adamax", _betas(values), notes=(note,)), values, apart=False)


def _adagrad(values: Values) -> Twin:
    arguments = {
        "initial_accumulator_value": values["initial_accumulator_value"],
        "epsilon": values["eps"] ** 2,
    }
    return _decayed(Twin("Adagrad", arguments, falls=values["lr_decay"], notes=_ROOT), values, apart=False)


def _adadelta(values: Values) -> Twin:
    arguments = {"rho": values["rho"], "epsilon": values["eps"]}
    return _decayed(Twin("Adadelta", arguments), values, apart=False)


def _rmsprop(values: Values) -> Twin:
    arguments = {
        "rho": values["alpha"],
        "momentum": values["momentum"],
        "centered": bool(values["centered"]),
        "epsilon": values["eps"] ** 2,
    }
    twin = Twin("RMSprop", arguments, steady=values["momentum"] > 0, notes=_ROOT)
    return _decayed(twin, values, apart=False)


def _adafactor(values: Values) -> Twin:
    note = "Keras's Adafactor scales its steps a little otherwise than torch's: the curves part slowly."
    arguments = {
        "beta_2_decay": values["beta2_decay"],
        "epsilon_2": values["eps"],
        "clip_threshold": values["d"],
        "relative_step": False,
    }
    return _decayed(Twin("Adafactor", arguments, notes=(note,)), values, apart=True)


_ROOT = (
    "Keras adds epsilon under the root, torch beside it: its square is taken, which differs only where a "
    "gradient is as small as epsilon.",
)
_MAKERS: Mapping[str, Callable[[Values], Twin]] = {
    "SGD": _sgd,
    "Adam": _adam,
    "AdamW": _adamw,
    "NAdam": _nadam,
    "RAdam": _radam,
    "Adamax": _adamax,
    "Adagrad": _adagrad,
    "Adadelta": _adadelta,
    "RMSprop": _rmsprop,
    "Adafactor": _adafactor,
}
