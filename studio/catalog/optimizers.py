"""Optimizers."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Bool, Float

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.optim."
LR = "Learning rate: the size of a step"
DECAY = "Weight decay: how strongly weights are pulled towards zero"

OPTIMIZERS: tuple[Component, ...] = (
    Component(
        "SGD",
        "optimizer",
        "Stochastic gradient descent, with momentum if set",
        "torch.optim.SGD",
        (
            Float("lr", 0.01, LR, low=0.0),
            Float("momentum", 0.0, "Share of the last step that is kept", low=0.0, high=1.0),
            Float("weight_decay", 0.0, DECAY, low=0.0),
            Bool("nesterov", False, "Look ahead along the momentum", advanced=True),
        ),
        f"{DOCS}SGD.html",
    ),
    Component(
        "Adam",
        "optimizer",
        "A step size for every weight of its own",
        "torch.optim.Adam",
        (
            Float("lr", 0.001, LR, low=0.0),
            Float("beta1", 0.9, "Memory of the gradient's mean", low=0.0, high=0.9999, advanced=True),
            Float("beta2", 0.999, "Memory of the gradient's square", low=0.0, high=0.99999, advanced=True),
            Float("eps", 1e-8, "Keeps the division finite", low=0.0, advanced=True),
            Float("weight_decay", 0.0, DECAY, low=0.0),
        ),
        f"{DOCS}Adam.html",
    ),
    Component(
        "AdamW",
        "optimizer",
        "Adam with weight decay apart from the gradient",
        "torch.optim.AdamW",
        (
            Float("lr", 0.001, LR, low=0.0),
            Float("beta1", 0.9, "Memory of the gradient's mean", low=0.0, high=0.9999, advanced=True),
            Float("beta2", 0.999, "Memory of the gradient's square", low=0.0, high=0.99999, advanced=True),
            Float("eps", 1e-8, "Keeps the division finite", low=0.0, advanced=True),
            Float("weight_decay", 0.01, DECAY, low=0.0),
        ),
        f"{DOCS}AdamW.html",
    ),
)
