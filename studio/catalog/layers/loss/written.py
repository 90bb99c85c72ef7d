"""A loss written as a formula: its ports are the tensors that the formula names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.catalog.adapting import adaptable
from studio.catalog.formula import read_formula
from studio.catalog.layers.loss.declared import OF_NUMBERS, TRUTH, loss
from studio.catalog.registry import Layer, Port
from studio.project.params import Text, Value, shown

SQUARED = "mean((prediction - target) ** 2)"


@dataclass(frozen=True, slots=True)
class TensorFormula(Text):
    """A formula on tensors."""

    def check(self, value: Value) -> Value:
        """Accept a formula that can be understood; ValueError says what cannot."""
        if not isinstance(value, str):
            raise ValueError(f"{self.name} takes a formula such as {SQUARED}, not {shown(value)}")
        read_formula(value)
        return value


def port_order(names: Iterable[str]) -> tuple[str, ...]:
    """The ports of a written loss: the prediction comes first and the target last."""
    return tuple(sorted(names, key=lambda name: (name == "target") - (name == "prediction")))


def _with_its_ports(layer: Layer, values: Mapping[str, Any]) -> Layer:
    names = port_order(read_formula(values["formula"]).names)
    ports = tuple(TRUTH if name == "target" else Port(name, f"The tensor {name}") for name in names)
    kept = layer.options
    if "target" not in names:
        kept = tuple(one for one in kept if one.name not in ("target", "metrics"))
    return replace(layer, inputs=ports, options=kept)


WRITTEN: tuple[Layer, ...] = (
    adaptable(
        loss(
            "FormulaLoss",
            "studio.build.written_loss.FormulaLoss",
            "A loss written as a formula of tensors; every name in it becomes an input.",
            TensorFormula("formula", SQUARED, f"One number, such as {SQUARED}", essential=True),
            takes="What the formula calls prediction",
            metrics=OF_NUMBERS,
            compares="",
            formula=f"{SQUARED}, or what you write",
            use="Whatever the others lack, such as the divergence of a variational autoencoder: "
            "-0.5 * mean(1 + logvar - mu ** 2 - exp(logvar)).",
            url="https://docs.pytorch.org/docs/stable/torch.html#math-operations",
            keywords=("custom", "expression", "own", "vae"),
        ),
        _with_its_ports,
    ),
)
