"""Whether a drawing learns as its module does: the gradients that reach the inputs, of both."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from studio.build.network import Network
from studio.build.plan import Plan
from studio.interchange.imported import Told
from studio.interchange.modules.arguments import Arguments
from studio.interchange.modules.drawing import Drawing
from studio.interchange.modules.guarding import unchanged
from studio.interchange.modules.values import placed

CLOSE = 0.01
"""Of the largest gradient, what rounding may explain in a deep network."""
OTHERWISE = Told(
    "warning",
    None,
    "The drawing gives what the module gives, but its gradients are others: it would learn otherwise. A "
    "function with a gradient of its own and what runs under no_grad are drawn as what they compute.",
    "Train it where it comes from, or draw that part as a Python layer.",
)
Gradients = Mapping[str, Tensor]


def learns_otherwise(
    module: nn.Module, given: Arguments, drawing: Drawing, network: Network, plan: Plan
) -> bool:
    """Whether other gradients come out at an input. False where there are none to compare."""
    leaves = {name: one for name, one in given.tensors.items() if one.is_floating_point()}
    if not leaves:
        return False
    try:
        theirs = _of_module(module, given, drawing, [*leaves])
        ours = _of_network(given, drawing, network, plan, [*leaves])
    except Exception:  # Foreign code need not run where gradients are kept.
        return False
    return any(_apart(ours[name], theirs[name]) > CLOSE for name in leaves)


def _of_module(module: nn.Module, given: Arguments, drawing: Drawing, names: list[str]) -> Gradients:
    with torch.enable_grad(), unchanged(module):
        leaves, fed = _fed(given, names)
        again = given.with_tensors(fed)
        results = {drawing.outputs[place]: one for place, one in placed(module(*again.args, **again.kwargs))}
        return _gradients(results, leaves)


def _of_network(
    given: Arguments, drawing: Drawing, network: Network, plan: Plan, names: list[str]
) -> Gradients:
    with torch.enable_grad():
        leaves, fed = _fed(given, names)
        taken = drawing.taken(fed)
        answer = network(*(taken[step.name] for step in plan.model_inputs))
        answers = (answer,) if isinstance(answer, Tensor) else answer
        return _gradients(dict(zip(plan.results, answers, strict=True)), leaves)


def _fed(given: Arguments, names: list[str]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Tensors that gradients are wanted of, and all that goes in, which may be written into."""
    torch.manual_seed(0)
    leaves = {name: given.tensors[name].detach().clone().requires_grad_() for name in names}
    fed = {
        name: leaves[name].clone() if name in leaves else one.detach().clone()
        for name, one in given.tensors.items()
    }
    return leaves, fed


def _gradients(results: Mapping[str, Tensor], leaves: Mapping[str, Tensor]) -> Gradients:
    """Those of the results' sum, each value of which counts differently."""
    parts = [
        (one * torch.arange(one.numel(), dtype=one.dtype).cos().reshape(one.shape)).sum()
        for _, one in sorted(results.items())
        if one.is_floating_point() and one.requires_grad
    ]
    if not parts:
        return {name: torch.zeros_like(one) for name, one in leaves.items()}
    total = torch.stack([one.double() for one in parts]).sum()
    found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True, materialize_grads=True)
    return dict(zip(leaves, found, strict=True))


def _apart(one: Tensor, other: Tensor) -> float:
    """The largest difference as a share of the largest gradient; nothing where both are not finite."""
    largest = max(float(one.abs().max()), float(other.abs().max())) if one.numel() else 0.0
    apart = float((one - other).abs().max()) if one.numel() else 0.0
    return apart / largest if largest > 0.0 and apart == apart else 0.0
