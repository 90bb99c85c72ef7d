"""Optimizers: how the gradient becomes a step of the weights."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Bool, Choice, Float, Int, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.optim."


def optimizer(type: str, doc: str, *params: Param) -> Component:
    """An optimizer of torch.optim."""
    return Component(type, "optimizer", doc, f"torch.optim.{type}", params, f"{DOCS}{type}.html")


def rate(default: float) -> Float:
    """The learning rate, which every optimizer has and a schedule multiplies."""
    return Float("lr", default, "Learning rate: the size of a step", low=0.0, essential=True)


def decay(default: float = 0.0) -> Float:
    """Weight decay."""
    doc = "Weight decay: how strongly weights are pulled towards zero"
    return Float("weight_decay", default, doc, low=0.0, essential=True)


def memories(first: float = 0.9, second: float = 0.999) -> tuple[Param, ...]:
    """What Adam and its kin remember of gradients, and what keeps their division finite."""
    return (
        Float("beta1", first, "Memory of the gradient's mean", low=0.0, high=0.9999, advanced=True),
        Float("beta2", second, "Memory of the gradient's square", low=0.0, high=0.99999, advanced=True),
        small(1e-8),
    )


def small(default: float) -> Float:
    """What keeps a division finite."""
    return Float("eps", default, "Keeps the division finite", low=0.0, advanced=True)


def momentum(default: float = 0.0) -> Float:
    """Momentum."""
    doc = "Share of the last step that is kept"
    return Float("momentum", default, doc, low=0.0, high=1.0, essential=True)


NESTEROV = "Look ahead along the momentum"
APART = Bool(
    "decoupled_weight_decay",
    False,
    "Pull weights towards zero apart from the gradient, as AdamW does",
    advanced=True,
)

OPTIMIZERS: tuple[Component, ...] = (
    optimizer(
        "SGD",
        "Stochastic gradient descent, with momentum if set",
        rate(0.01),
        momentum(),
        decay(),
        Bool("nesterov", False, NESTEROV, advanced=True),
    ),
    optimizer("Adam", "A step size for every weight of its own", rate(0.001), *memories(), decay()),
    optimizer(
        "AdamW", "Adam with weight decay apart from the gradient", rate(0.001), *memories(), decay(0.01)
    ),
    optimizer(
        "NAdam",
        "Adam that looks ahead along its momentum",
        rate(0.002),
        decay(),
        *memories(),
        Float(
            "momentum_decay", 0.004, "How fast the momentum grows to its full share", low=0.0, advanced=True
        ),
        APART,
    ),
    optimizer(
        "RAdam",
        "Adam that waits with step sizes of their own until it knows the gradients; needs no warm-up",
        rate(0.001),
        decay(),
        *memories(),
        APART,
    ),
    optimizer(
        "Adamax",
        "Adam by the largest gradients instead of their squares; for embeddings and sparse gradients",
        rate(0.002),
        decay(),
        *memories(),
    ),
    optimizer(
        "Adagrad",
        "Smaller steps for weights that have moved much; for sparse features",
        rate(0.01),
        decay(),
        Float("lr_decay", 0.0, "How fast the rate falls by itself", low=0.0, advanced=True),
        Float("initial_accumulator_value", 0.0, "Squares assumed at the start", low=0.0, advanced=True),
        small(1e-10),
    ),
    optimizer(
        "Adadelta",
        "Finds its step size from the last steps; the rate is a factor of it",
        rate(1.0),
        decay(),
        Float("rho", 0.9, "Memory of squared gradients and steps", low=0.0, high=1.0, advanced=True),
        small(1e-6),
    ),
    optimizer(
        "RMSprop",
        "Steps divided by the size of recent gradients; for recurrent networks",
        rate(0.01),
        momentum(),
        decay(),
        Float("alpha", 0.99, "Memory of the gradient's square", low=0.0, high=1.0, advanced=True),
        Bool("centered", False, "Divide by the deviation of gradients instead of their size", advanced=True),
        small(1e-8),
    ),
    optimizer(
        "Rprop",
        "Looks at the signs of gradients only, for small data in one batch; schedules move its first step",
        rate(0.01),
        Float("shrink", 0.5, "Factor of a step whose gradient turned round", low=1e-6, high=0.999999),
        Float("grow", 1.2, "Factor of a step whose gradient kept its sign", low=1.000001),
        Float("least", 1e-6, "Smallest step", low=0.0, advanced=True),
        Float("most", 50.0, "Largest step", low=0.0, advanced=True),
    ),
    optimizer(
        "ASGD",
        "Gradient descent whose rate falls by itself",
        rate(0.01),
        decay(),
        Float("lambd", 0.0001, "How fast weights and rate shrink", low=0.0, advanced=True),
        Float("alpha", 0.75, "Power by which the rate falls", low=0.0, advanced=True),
        Float("t0", 1e6, "Step from which weights are averaged", low=0.0, advanced=True),
    ),
    optimizer(
        "LBFGS",
        "Learns the curvature and computes the loss several times a step; for small networks and whole-batch "
        "training",
        rate(1.0),
        Choice(
            "line_search",
            "strong_wolfe",
            "How far a step goes: searched for, or the rate itself",
            essential=True,
            options=("strong_wolfe", "none"),
        ),
        Int("max_iter", 20, "Updates within one step at most", low=1, high=10_000, essential=True),
        Int(
            "history_size",
            100,
            "Updates that the curvature is learned from",
            low=1,
            high=10_000,
            advanced=True,
        ),
        Float("tolerance_grad", 1e-7, "Ends the step where no gradient is larger", low=0.0, advanced=True),
        Float("tolerance_change", 1e-9, "Ends the step where less changes", low=0.0, advanced=True),
    ),
    optimizer(
        "Adafactor",
        "Keeps only sums of rows and columns of squared gradients: little memory, for large networks",
        rate(0.01),
        decay(),
        Float("d", 1.0, "Largest size of an update, as a root mean square", low=1.0, advanced=True),
        Float("beta2_decay", -0.8, "How fast the memory grows", low=-10.0, high=0.0, advanced=True),
        Float("eps", 0.001, "Smallest size of a weight that steps are scaled by", low=0.0, advanced=True),
    ),
    optimizer(
        "Muon",
        "Makes the steps of weight matrices orthogonal; biases, tables, normalization and convolutions go by "
        "AdamW",
        rate(0.001),
        momentum(0.95),
        decay(0.1),
        Float(
            "others_lr", None, "Rate of what AdamW moves; nothing for the same rate", low=0.0, optional=True
        ),
        Choice(
            "adjust",
            "match_rms_adamw",
            "How steps are scaled: as large as AdamW's, or as first published (then rates near 0.02)",
            options=("match_rms_adamw", "original"),
        ),
        Bool("nesterov", True, NESTEROV, advanced=True),
        Int("ns_steps", 5, "Iterations that make a step orthogonal", low=1, high=99, advanced=True),
    ),
)
