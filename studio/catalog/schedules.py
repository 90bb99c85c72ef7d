"""Learning-rate schedules; what they give is a factor of the optimizer's own rate, see train/schedule.py."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, Float, Int, Ints, Param, Table

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler."
WARMUP = Float(
    "warmup",
    0.0,
    "Epochs in which the rate first grows evenly from zero; the schedule begins after them",
    low=0.0,
    essential=True,
)
LINKS = (
    *("Constant", "Linear", "Step", "MultiStep", "Exponential", "Cosine", "CosineRestarts", "OneCycle"),
    "Polynomial",
)
"""Schedules that can be chained: all that follow from the step alone."""


def schedule(type: str, twin: str, doc: str, *params: Param) -> Component:
    """A schedule; `twin` is the class of torch.optim.lr_scheduler that does the same."""
    return Component(type, "schedule", doc, "", (*params, WARMUP), f"{DOCS}{twin}.html")


def factor(default: float, doc: str = "What the rate is multiplied by") -> Float:
    """What a rate is multiplied by."""
    return Float("factor", default, doc, low=0.0, high=1.0, essential=True)


def least(doc: str = "Share of the rate that is left at the end") -> Float:
    """The share of the rate below which it does not fall."""
    return Float("least", 0.0, doc, low=0.0, high=1.0, essential=True)


SCHEDULES: tuple[Component, ...] = (
    schedule("Constant", "ConstantLR", "The same rate throughout"),
    schedule(
        "Linear",
        "LinearLR",
        "Change evenly from one share of the rate to another, then stay",
        Float("start", 1.0, "Share of the rate at the start", low=0.0, high=1.0, essential=True),
        Float("end", 0.0, "Share of the rate in the end", low=0.0, high=1.0, essential=True),
        Float("over", None, "Epochs that it takes; nothing for the whole training", low=1e-6, optional=True),
    ),
    schedule(
        "Step",
        "StepLR",
        "Multiply the rate every few epochs",
        Int("every", 10, "Epochs between changes", low=1, essential=True),
        factor(0.1),
    ),
    schedule(
        "MultiStep",
        "MultiStepLR",
        "Multiply the rate after certain epochs",
        Ints("at", (6, 8), "Epochs after which it changes", low=1, essential=True),
        factor(0.1),
    ),
    schedule("Exponential", "ExponentialLR", "Multiply the rate after every epoch", factor(0.95)),
    schedule(
        "Cosine",
        "CosineAnnealingLR",
        "Fall along half a cosine, from the rate to its least share, over the whole training",
        least(),
    ),
    schedule(
        "CosineRestarts",
        "CosineAnnealingWarmRestarts",
        "Fall along half a cosine again and again, each time from the full rate",
        Float("period", 10.0, "Epochs of the first fall", low=1e-6, essential=True),
        Int("growth", 1, "How many times as long each further fall is", low=1, high=100, essential=True),
        least("Share of the rate at the end of each fall"),
    ),
    schedule(
        "OneCycle",
        "OneCycleLR",
        "Rise to the rate and fall far below it, over the whole training; the momentum stays as it is",
        Float("rise", 0.3, "Share of the training in which it rises", low=0.0, high=1.0, essential=True),
        Float("start", 25.0, "The rate is divided by this at the start", low=1.0, essential=True),
        Float("end", 10_000.0, "The first rate is divided by this in the end", low=1.0, advanced=True),
        Choice(
            "shape", "cos", "Along half a cosine or a straight line", options=("cos", "linear"), advanced=True
        ),
    ),
    schedule(
        "Polynomial",
        "PolynomialLR",
        "Fall to zero along a power of what is left of the training",
        Float("power", 1.0, "1 is a straight line, more falls sooner", low=0.0, high=100.0, essential=True),
    ),
    schedule(
        "Plateau",
        "ReduceLROnPlateau",
        "Multiply the rate when the validation loss no longer falls",
        factor(0.1),
        Int("patience", 10, "Epochs without a better loss that are waited", low=0, essential=True),
        Float(
            "threshold",
            1e-4,
            "Share by which a loss must be smaller to count as better",
            low=0.0,
            high=1.0,
            advanced=True,
        ),
        Int("cooldown", 0, "Epochs after a change that do not count", low=0, advanced=True),
        least("Share of the rate below which it does not fall"),
    ),
    schedule(
        "Chained",
        "SequentialLR",
        "One schedule for some epochs, then another for the rest, which counts from there",
        Choice("first", "Constant", "The schedule at the start", essential=True, options=LINKS),
        Float("until", 5.0, "Epochs after which the second one begins", low=0.0, essential=True),
        Choice("second", "Cosine", "The schedule of the rest", essential=True, options=LINKS),
        Table("first_settings", {}, "What is set of the first one, such as factor and 0.5"),
        Table("second_settings", {}, "What is set of the second one, such as least and 0.1"),
    ),
)
