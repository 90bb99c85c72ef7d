"""What Keras cannot say of a drawing, told before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studio.build.plan import Plan
from studio.interchange.keras.starts import unsaid
from studio.interchange.keras.twins import nearest, twin_of


@dataclass(frozen=True, slots=True)
class Missing:
    """A node that Keras cannot say, or not quite (`said`: with a layer that differs in training only).

    `node` is the path to it, `nearest` a sentence on what comes nearest.
    """

    node: str
    type: str
    nearest: str
    said: bool

    def __str__(self) -> str:
        """own (PythonLayer): what comes nearest."""
        return f"{self.node} ({self.type}): {self.nearest}"


def missing_twins(plan: Plan) -> tuple[Missing, ...]:
    """Every node without a twin, or whose twin is not quite the same, with what comes nearest."""
    return tuple(dict.fromkeys(_missing(plan, "")))


def _missing(plan: Plan, path: str) -> Iterator[Missing]:
    for step in plan.steps:
        for inner in step.inner:
            yield from _missing(inner, f"{path}{step.name}.")
        if step.inner:
            continue
        sentence = nearest(step)
        if sentence:
            yield Missing(f"{path}{step.name}", step.layer.type, sentence, twin_of(step) is not None)
        if norm := _normalized(step.options.get("norm")):
            yield Missing(f"{path}{step.name}", step.layer.type, norm, True)
        for start in unsaid(step):
            yield Missing(f"{path}{step.name}", step.layer.type, start, True)


def _normalized(norm: object) -> str:
    if norm in (None, "", "none", "default"):
        return ""
    return f"Keras' layer has its weights as {norm} leaves them; training on does not normalize them again."
