"""Learning-rate schedules; the rate they give is a factor of the optimizer's own, computed in
train/schedule.py.
"""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Float, Int

SCHEDULES: tuple[Component, ...] = (
    Component("Constant", "schedule", "The same rate throughout"),
    Component(
        "Step",
        "schedule",
        "Multiply the rate every few epochs",
        params=(
            Int("every", 10, "Epochs between changes", low=1),
            Float("factor", 0.1, "What the rate is multiplied by", low=0.0, high=1.0),
        ),
    ),
    Component(
        "Cosine",
        "schedule",
        "Fall along half a cosine, from the rate to its least share, over the whole training",
        params=(Float("least", 0.0, "Share of the rate that is left at the end", low=0.0, high=1.0),),
    ),
)
