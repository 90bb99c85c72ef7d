"""Losses that torch lacks, and what brings a target to the form that torch takes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class ClassesAsNumbers(nn.Module):
    """A loss of numbers, given class indices: they become numbers in its shape."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, prediction: Tensor, target: Tensor, *others: Tensor) -> Tensor:
        """The loss of a prediction of N×1 (or N) and indices of N."""
        numbers = target.to(prediction.dtype).reshape(prediction.shape)
        return torch.as_tensor(self.loss(prediction, numbers, *others))


class AsSigns(nn.Module):
    """A loss of −1 and 1, given anything: what is above 0 becomes 1, the rest −1."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss
        self.flat = isinstance(loss, nn.CosineEmbeddingLoss)

    def forward(self, *inputs: Tensor) -> Tensor:
        """The loss of one or two predictions and a target, which comes last."""
        *said, target = inputs
        signs = torch.where(target > 0, 1.0, -1.0).to(said[0].dtype)
        shape = (len(said[0]),) if self.flat else said[0].shape
        return torch.as_tensor(self.loss(*said, signs.reshape(shape)))


class AsIndices(nn.Module):
    """A loss that takes indices, given numbers: they lose what is behind the point."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(
        self, prediction: Tensor, target: Tensor, *lengths: Tensor, **named: Tensor
    ) -> Tensor:
        """The loss of a prediction and its indices."""
        return torch.as_tensor(self.loss(prediction, target.long(), *lengths, **named))


def class_weight(given: str | tuple[float, ...]) -> Tensor | None:
    """Weights of classes as torch takes them; None until the data give them."""
    if isinstance(given, str):
        known = given.strip() not in ("", "balanced")
        given = tuple(float(one) for one in given.split(",")) if known else ()
    return torch.tensor(given) if given else None


class WeightedCrossEntropy(nn.CrossEntropyLoss):
    """Cross-entropy in which some classes count more.

    There is a weight for each, or "balanced" until the data give them.
    """

    def __init__(
        self,
        class_weights: str | tuple[float, ...],
        label_smoothing: float = 0.0,
        ignore_index: int = -100,
    ) -> None:
        super().__init__(
            class_weight(class_weights),
            ignore_index=ignore_index,
            label_smoothing=label_smoothing,
        )


class WeightedNLL(nn.NLLLoss):
    """Negative log likelihood in which some classes count more; weights as there."""

    def __init__(
        self, class_weights: str | tuple[float, ...], ignore_index: int = -100
    ) -> None:
        super().__init__(class_weight(class_weights), ignore_index=ignore_index)


class KLDivergence(nn.KLDivLoss):
    """Kullback-Leibler divergence of each sample, the mean of all samples."""

    def __init__(self, log_target: bool = False) -> None:
        super().__init__(reduction="batchmean", log_target=log_target)


class CTC(nn.Module):
    """Connectionist temporal classification of logarithms of shares, N×T×classes.

    Without lengths all steps count, and of the target all but blanks and negatives.
    """

    def __init__(self, blank: int = 0, zero_infinity: bool = False) -> None:
        super().__init__()
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self,
        prediction: Tensor,
        target: Tensor,
        prediction_lengths: Tensor | None = None,
        target_lengths: Tensor | None = None,
    ) -> Tensor:
        """The mean over all samples of the loss by symbol."""
        if prediction_lengths is None:
            prediction_lengths = torch.full(
                (len(prediction),), prediction.shape[1], device=target.device
            )
        if target_lengths is None:
            target_lengths = ((target != self.blank) & (target >= 0)).sum(1)
        return F.ctc_loss(
            prediction.transpose(0, 1),
            target.clamp(min=0),
            prediction_lengths.reshape(-1).long(),
            target_lengths.reshape(-1).long(),
            self.blank,
            zero_infinity=self.zero_infinity,
        )


class Dice(nn.Module):
    """1 − twice the overlap by the size of both, from raw scores, by class and sample."""

    def __init__(self, mode: str = "classes", smooth: float = 1.0) -> None:
        super().__init__()
        self.mode = mode
        self.smooth = smooth
        self.reduction = "mean"

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of scores N×classes×… and indices N×…, or of one shape each."""
        if self.mode == "classes":
            shares = prediction.softmax(1)
            truth = (
                F.one_hot(target, prediction.shape[1]).movedim(-1, 1).to(shares.dtype)
            )
        else:
            shares, truth = prediction.sigmoid(), target
        parts = shares.shape[1] if self.mode == "classes" or shares.dim() > 3 else 1
        shares, truth = (one.reshape(len(one), parts, -1) for one in (shares, truth))
        overlap, size = (shares * truth).sum(2), (shares + truth).sum(2)
        each = 1.0 - (2.0 * overlap + self.smooth) / (size + self.smooth)
        return each if self.reduction == "none" else each.mean()


class Focal(nn.Module):
    """Cross-entropy of raw scores that counts what is said rightly already the less.

    For yes or no alpha is the weight of yes, and 1 − alpha that of no.
    """

    def __init__(
        self,
        mode: str = "classes",
        gamma: float = 2.0,
        alpha: float | None = None,
        ignore_index: int = -100,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.gamma = gamma
        self.alpha = alpha
        self.ignore_index = ignore_index
        self.reduction = "mean"

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of scores N×classes×… and indices N×…, or of one shape each."""
        if self.mode == "classes":
            plain = F.cross_entropy(
                prediction, target, ignore_index=self.ignore_index, reduction="none"
            )
            each = (1.0 - torch.exp(-plain)) ** self.gamma * plain
            if self.reduction == "none":
                return each
            return each.sum() / (target != self.ignore_index).sum().clamp(min=1)
        plain = F.binary_cross_entropy_with_logits(prediction, target, reduction="none")
        shares = prediction.sigmoid()
        wrong = shares * (1.0 - target) + (1.0 - shares) * target
        each = wrong**self.gamma * plain
        if self.alpha is not None:
            each = each * (self.alpha * target + (1.0 - self.alpha) * (1.0 - target))
        return each if self.reduction == "none" else each.mean()
