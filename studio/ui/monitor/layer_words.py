"""What the statistics of layers say in plain words: what has died, vanished, exploded or hardly moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from PySide6.QtCore import QCoreApplication

from studio.train.events import LayersMeasured
from studio.ui.monitor.layer_series import Statistics, turn
from studio.ui.monitor.wording import number

DEAD = 0.9
"""The share of zeros from which a node is said to be dead."""
SAME = 0.005
"""Shares of zeros no further apart are those of the same values: a Flatten behind a ReLU."""
VANISHED, LARGE_GRADIENT = 1e-4, 1e3
"""Of the median gradient of all nodes, below which one has vanished; and what is large by itself."""
LARGE_VALUE = 1e4
FAST, SLOW = 0.1, 1e-3
"""The share of its weights by which a step should not move a node; and of the median, what is hardly any."""
FEW = 3
"""With fewer nodes there is nothing to compare them with."""
_translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that stands out about a node; `kind` tells apart what is said of several."""

    path: str
    severity: Literal["error", "warning"]
    text: str
    kind: str


def title(key: str) -> str:
    """A statistic's name as a heading."""
    return {
        "mean": _translate("Layers", "Mean"),
        "std": _translate("Layers", "Spread"),
        "zeros": _translate("Layers", "Zeros"),
        "largest": _translate("Layers", "Largest"),
        "gradient": _translate("Layers", "Gradient"),
        "weights": _translate("Layers", "Weights"),
        "update": _translate("Layers", "Update"),
    }[key]


def meaning(key: str) -> str:
    """What a statistic is."""
    return {
        "mean": _translate("Layers", "The mean of all that the layer gives in a batch"),
        "std": _translate("Layers", "The standard deviation of all that the layer gives in a batch"),
        "zeros": _translate("Layers", "How much of what the layer gives is exactly zero"),
        "largest": _translate("Layers", "The largest magnitude that the layer gives in a batch"),
        "gradient": _translate("Layers", "The norm of the gradient of the layer's weights"),
        "weights": _translate("Layers", "The norm of the layer's weights"),
        "update": _translate("Layers", "How far one step moves the weights, as a share of their norm"),
    }[key]


def value_text(key: str, value: float) -> str:
    """A statistic as it is written: 49 % of zeros, else few digits."""
    if key != "zeros":
        return number(value, 3)
    return "100 %" if value >= 1 else f"{min(100 * value, 99.9):.3g} %" if value else "0 %"


def remarks(event: LayersMeasured) -> list[Remark]:
    """All that stands out, the worst first."""
    layers = {path: one for path, one in event.layers.items() if path not in event.inputs}
    leaves = {path: one for path, one in layers.items() if not _holds(path, layers)}
    found = [*_bad(event.layers), *_dead(event.layers, event.inputs), *_alike(layers), *_large(layers)]
    found += [*_gradients(leaves), *_updates(leaves)]
    return sorted(found, key=lambda one: one.severity != "error")


def in_short(found: Sequence[Remark]) -> str:
    """All that stands out in a line: what is said of several nodes alike, of the first."""
    more = _translate("Layers", "{text} (And {count} more.)")
    kinds = {one.kind: [other for other in found if other.kind == one.kind] for one in found}
    alike = (
        first.text if not others else more.format(text=first.text, count=len(others))
        for first, *others in kinds.values()
    )
    return " ".join(alike)


def _holds(path: str, layers: Mapping[str, Statistics]) -> bool:
    """Whether a node is a block: its weights are those of the nodes in it."""
    return any(other.startswith(f"{path}/") for other in layers)


def _bad(layers: Mapping[str, Statistics]) -> Iterator[Remark]:
    text = _translate("Layers", "{node} has values that are no finite numbers.")
    for path, one in layers.items():
        if one.get("bad"):
            yield Remark(path, "error", text.format(node=turn(path)), "bad")


def _dead(layers: Mapping[str, Statistics], inputs: Sequence[str]) -> Iterator[Remark]:
    told: list[float] = [layers[path].get("zeros", 0.0) for path in inputs if path in layers]
    all_zero = _translate("Layers", "All of {node}'s values are zero.")
    text = _translate("Layers", "{share} of {node}'s values are zero.")
    for path, one in layers.items():
        zeros = one.get("zeros", 0.0)
        if zeros < DEAD or path in inputs or any(abs(zeros - other) < SAME for other in told):
            continue
        told.append(zeros)
        share, whole = value_text("zeros", zeros), zeros >= 1
        yield Remark(
            path,
            "error" if whole else "warning",
            (all_zero if whole else text).format(node=turn(path), share=share),
            "all zero" if whole else "dead",
        )


def _alike(layers: Mapping[str, Statistics]) -> Iterator[Remark]:
    text = _translate("Layers", "{node} gives the same number everywhere: {value}.")
    for path, one in layers.items():
        mean, std = one.get("mean"), one.get("std")
        if mean is not None and std is not None and mean and std <= 1e-6 * abs(mean):
            yield Remark(path, "warning", text.format(node=turn(path), value=number(mean)), "alike")


def _large(layers: Mapping[str, Statistics]) -> Iterator[Remark]:
    text = _translate("Layers", "{node}'s values grow very large: up to {value}.")
    for path, one in layers.items():
        if (largest := one.get("largest", 0.0)) >= LARGE_VALUE:
            yield Remark(path, "warning", text.format(node=turn(path), value=number(largest, 3)), "large")


def _gradients(layers: Mapping[str, Statistics]) -> Iterator[Remark]:
    known = {path: one["gradient"] for path, one in layers.items() if "gradient" in one}
    usual = median(known.values()) if len(known) >= FEW else 0.0
    none = _translate("Layers", "{node} gets no gradient: nothing is learned there.")
    small = _translate("Layers", "{node} hardly gets a gradient: {times} times less than is usual here.")
    large = _translate("Layers", "{node}'s gradient is very large: {value}.")
    for path, value in known.items():
        node = turn(path)
        if not value:
            yield Remark(path, "warning", none.format(node=node), "no gradient")
        elif value < VANISHED * usual:
            yield Remark(path, "warning", small.format(node=node, times=number(usual / value, 2)), "vanished")
        elif value >= LARGE_GRADIENT:
            yield Remark(path, "warning", large.format(node=node, value=number(value, 3)), "exploded")


def _updates(layers: Mapping[str, Statistics]) -> Iterator[Remark]:
    known = {path: one["update"] for path, one in layers.items() if one.get("update")}
    usual = median(known.values()) if len(known) >= FEW else 0.0
    fast = _translate("Layers", "One step moves {node}'s weights by {share}: a lower learning rate may help.")
    slow = _translate("Layers", "{node}'s weights hardly move: {times} times less than is usual here.")
    for path, value in known.items():
        if value >= FAST:
            yield Remark(path, "warning", fast.format(node=turn(path), share=f"{100 * value:.2g} %"), "fast")
        elif value < SLOW * usual:
            yield Remark(
                path, "warning", slow.format(node=turn(path), times=number(usual / value, 2)), "slow"
            )
