"""Losses in Keras: those of its own where they compute as torch's, functions of the source for the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.interchange.keras.twins.expression import UnsaidError, in_keras
from studio.interchange.pytorch.text import literal

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LossCode:
    """What is called with the target and the prediction, and with what further tensors the loss takes.

    `copies` are pieces that the source must hold.
    """

    text: str
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LossTwin:
    """How a loss is said: from its settings; `lacks` tells what comes nearest, "" where nothing is missing.

    `target` tells whether its first tensor is the target.
    """

    write: Callable[[Values], LossCode]
    target: bool = True
    lacks: Callable[[Values], str] = field(default=lambda values: "")


def _own(name: str) -> LossTwin:
    """A loss of Keras' own."""
    return LossTwin(lambda values: LossCode(f"keras.losses.{name}"))


def _given(function: str, values: Values, names: Mapping[str, tuple[str, object]]) -> LossCode:
    """A function of the source, with the settings that differ from its defaults."""
    parts = [
        f"{keras}={literal(values[name])}"
        for name, (keras, default) in names.items()
        if name in values and values[name] != default
    ]
    if not parts:
        return LossCode(function, (function,))
    return LossCode(f"partial({', '.join([function, *parts])})", (function,))


def _function(name: str, target: bool = True, **names: tuple[str, object]) -> LossTwin:
    return LossTwin(lambda values: _given(name, values, names), target)


def _cross_entropy(values: Values) -> LossCode:
    weights = class_weights(values.get("class_weights"))
    plain = not values["label_smoothing"] and weights is None and values["ignore_index"] == -100
    if plain:
        return LossCode("keras.losses.SparseCategoricalCrossentropy(from_logits=True)")
    names = {
        "label_smoothing": ("smoothing", 0.0),
        "weights": ("weights", None),
        "ignore_index": ("ignored", -100),
    }
    return _given("cross_entropy", {**values, "weights": weights}, names)


def _likelihood(values: Values) -> LossCode:
    given = {**values, "weights": class_weights(values.get("class_weights"))}
    names = {"weights": ("weights", None), "ignore_index": ("ignored", -100)}
    return _given("negative_log_likelihood", given, names)


def class_weights(given: object) -> tuple[float, ...] | None:
    """A weight for each class, None where all count alike."""
    if isinstance(given, str):
        return tuple(map(float, given.split(","))) if given.strip() else None
    return tuple(given) if isinstance(given, tuple) and given else None


def _balanced(values: Values) -> str:
    if values.get("class_weights") == "balanced":
        return "Weights of classes follow from the data here; write them as numbers."
    return ""


def _huber(values: Values) -> LossCode:
    delta = values["delta"]
    return LossCode(f"keras.losses.Huber({'' if delta == 1.0 else f'delta={delta!r}'})")


def _focal(values: Values) -> LossCode:
    gamma = {"gamma": ("gamma", 2.0)}
    if values["mode"] == "classes":
        return _given("focal", values, {**gamma, "ignore_index": ("ignored", -100)})
    return _given("binary_focal", values, {**gamma, "alpha": ("alpha", None)})


def _dice(values: Values) -> LossCode:
    name = "dice" if values["mode"] == "classes" else "binary_dice"
    return _given(name, values, {"smooth": ("smooth", 1.0)})


def _formula(values: Values) -> LossCode:
    """The formula on a function's own arguments, the target first."""
    from studio.catalog.formula import read_formula
    from studio.catalog.layers.loss.written import port_order

    ports = port_order(read_formula(values["formula"]).names)
    names = tuple((name, "y_true" if name == "target" else name) for name in ports)
    order = sorted((new for _, new in names), key="y_true".__ne__)
    return LossCode(f"lambda {', '.join(order)}: {in_keras(values['formula'], names).text}")


def _formula_lacks(values: Values) -> str:
    from studio.catalog.formula import read_formula

    names = read_formula(values["formula"]).names
    try:
        in_keras(values["formula"], tuple((name, name) for name in names))
    except UnsaidError as absent:
        return f"Nothing in keras.ops is known for {absent} in a formula; take another loss."
    return ""


def _infinite(values: Values) -> str:
    if values["zero_infinity"]:
        return "Keras leaves no sample out here; see that targets are shorter than there are steps."
    return ""


LOSSES: Mapping[str, LossTwin] = {
    "CrossEntropy": LossTwin(_cross_entropy, lacks=_balanced),
    "NLL": LossTwin(_likelihood, lacks=_balanced),
    "BCEWithLogits": _own("BinaryCrossentropy(from_logits=True)"),
    "BCE": _own("BinaryCrossentropy()"),
    "MultiLabelSoftMargin": _own("BinaryCrossentropy(from_logits=True)"),
    "MSE": _own("MeanSquaredError()"),
    "L1": _own("MeanAbsoluteError()"),
    "Huber": LossTwin(_huber),
    "SmoothL1": _function("smooth_l1", beta=("beta", 1.0)),
    "PoissonNLL": _function(
        "poisson_nll", log_input=("log_input", True), full=("full", False), eps=("epsilon", 1e-8)
    ),
    "GaussianNLL": _function("gaussian_nll", full=("full", False), eps=("epsilon", 1e-6)),
    "KLDiv": _function("kl_divergence", log_target=("log_target", False)),
    "Focal": LossTwin(_focal),
    "Dice": LossTwin(_dice),
    "MultiMargin": _function("multi_margin", margin=("margin", 1.0), p=("p", 1)),
    "MultiLabelMargin": _function("multi_label_margin"),
    "CTC": LossTwin(lambda values: _given("ctc", values, {"blank": ("blank", 0)}), lacks=_infinite),
    "HingeEmbedding": _function("hinge_embedding", margin=("margin", 1.0)),
    "MarginRanking": _function("margin_ranking", margin=("margin", 0.0)),
    "CosineEmbedding": _function("cosine_embedding", margin=("margin", 0.0)),
    "TripletMargin": _function(
        "triplet_margin",
        target=False,
        margin=("margin", 1.0),
        p=("p", 2.0),
        eps=("epsilon", 1e-6),
        swap=("swap", False),
    ),
    "FormulaLoss": LossTwin(_formula, lacks=_formula_lacks),
}
"""The twins of all losses, by type."""
