"""Equal, quicker orders of a network's calls: the drawing and the exported code stay as drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from studio.build.plan import Ref, Step
from studio.project.graph import Endpoint

POOLS = frozenset(f"torch.nn.MaxPool{dims}d" for dims in (1, 2, 3))
RELU = "torch.nn.ReLU"


def exchanged(steps: Sequence[Step], wanted: Collection[Ref]) -> Iterator[tuple[int, int]]:
    """Pairs of steps, by their numbers, whose functions may be exchanged.

    These are a ReLU and the max-pool behind it, where nothing else takes the ReLU's result: the largest value
    of a window that is then cut off at zero is the largest of values cut off at zero, and the gradient goes
    to the same place. So a quarter of the values, or fewer, goes through the ReLU; the numbers are the same
    to the last bit.
    """
    number = {step.name: at for at, step in enumerate(steps)}
    uses: dict[Ref, int] = dict.fromkeys(wanted, 1)
    for step in steps:
        for ref in step.args:
            uses[ref] = uses.get(ref, 0) + 1
    for at, step in enumerate(steps):
        first = step.args[0] if step.layer.target in POOLS and len(step.args) == 1 else None
        if isinstance(first, Endpoint) and uses[first] == 1:
            before = number.get(first.node)
            if before is not None and steps[before].layer.target == RELU:
                yield before, at
