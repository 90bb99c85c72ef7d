"""Two samples in one: mixup shows them through each other, cutmix puts a part of one into the other.

What is to be predicted is mixed by the same shares: a class becomes a share of each class. A sample keeps
more than half of itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from studio.data.augment.seen import Chance, Params, Share, between, boxes, per_sample, wide


@dataclass(frozen=True, slots=True)
class Mix:
    """How samples of a batch are mixed: `other` is the partner of each, `share` what it keeps of itself.

    `inside` (n, height, width) says which points of it come from the partner; None where all are blended.
    """

    other: Tensor
    share: Tensor
    inside: Tensor | None = None

    def values(self, one: Tensor) -> Tensor:
        """Values mixed; where a part is put in, those of pictures and masks of that size by their place."""
        inside = self.inside
        if inside is not None and one.dim() >= 3 and one.shape[-2:] == inside.shape[-2:]:
            return torch.where(inside[:, None] if one.dim() == 4 else inside, one[self.other], one)
        share = wide(self.share, one.dim()).to(one.dtype)
        return share * one + (1 - share) * one[self.other]

    def classes(self, one: Tensor, count: int) -> Tensor:
        """Class indices (n,) as shares (n, classes)."""
        return self.values(functional.one_hot(one, count).float())


def mixup(values: Tensor, params: Params, chance: Chance) -> Mix:
    """H. Zhang et al., mixup: Beyond Empirical Risk Minimization, https://arxiv.org/abs/1710.09412."""
    return Mix(*_drawn(values, float(params["alpha"]), chance))


def cutmix(values: Tensor, params: Params, chance: Chance) -> Mix:
    """S. Yun et al., CutMix, https://arxiv.org/abs/1905.04899; the share is that of the points."""
    other, share = _drawn(values, float(params["alpha"]), chance)
    height, width = values.shape[-2:]
    side = (1 - share).sqrt()
    center = between(values, 0, height, chance), between(values, 0, width, chance)
    inside = boxes((height, width), center, (side * height / 2, side * width / 2))
    return Mix(other, 1 - inside.float().mean((1, 2)), inside)


def _drawn(values: Tensor, alpha: float, chance: Chance) -> tuple[Tensor, Tensor]:
    """A partner for each sample, and a share above a half by a Beta distribution.

    Of several processes each mixes its own samples with each other.
    """
    device = values.device
    other = per_sample(values, chance, lambda count, by: torch.randperm(count, generator=by, device=device))
    if isinstance(chance, Share):
        other = other.argsort()

    def gamma(count: int, by: torch.Generator) -> Tensor:
        shape = torch.full((2, count), alpha, dtype=torch.float64, device=device)
        return torch._standard_gamma(shape, generator=by).T  # pyright: ignore

    one, two = per_sample(values, chance, gamma).T.clamp(min=1e-300)
    share = one / (one + two)
    return other, torch.maximum(share, 1 - share).float()


MIXES: dict[str, Callable[[Tensor, Params, Chance], Mix]] = {"Mixup": mixup, "Cutmix": cutmix}
