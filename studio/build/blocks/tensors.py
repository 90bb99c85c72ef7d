"""Functions and modules on plain tensors: fixed and learned ones, scales, comparisons, shapes per sample."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConstantTensor(nn.Module):
    """A fixed tensor; given a batch, it stands once for each of its samples."""

    value: Tensor

    def __init__(
        self, value: float | tuple[float, ...], shape: int | tuple[int, ...], dtype: str
    ) -> None:
        super().__init__()
        sizes = (shape,) if isinstance(shape, int) else shape
        values = torch.tensor(value, dtype=getattr(torch, dtype))
        if values.numel() not in (1, torch.Size(sizes).numel()):
            raise ValueError(f"{values.numel()} values do not fill a shape of {sizes}")
        values = values.expand(sizes) if values.numel() == 1 else values.reshape(sizes)
        self.register_buffer("value", values.clone(), persistent=False)

    def forward(self, batch: Tensor | None = None) -> Tensor:
        """The tensor, of N×shape with a batch."""
        if batch is None:
            return self.value
        return self.value.expand(batch.shape[0], *self.value.shape)


class HeldTensor(nn.Module):
    """A tensor saved with the weights but never learned; given a batch, it stands once for each sample."""

    value: Tensor

    def __init__(self, shape: int | tuple[int, ...], dtype: str) -> None:
        super().__init__()
        self.register_buffer("value", torch.zeros(shape, dtype=getattr(torch, dtype)))

    def forward(self, batch: Tensor | None = None) -> Tensor:
        """The tensor, of N×shape with a batch."""
        if batch is None:
            return self.value
        return self.value.expand(batch.shape[0], *self.value.shape)


class LearnedTensor(nn.Module):
    """A tensor that is learned by itself; given a batch, it stands once for each of its samples."""

    def __init__(
        self, shape: int | tuple[int, ...], start: str = "normal", value: float = 0.02
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))
        if start == "normal":
            nn.init.normal_(self.weight, std=value)
        elif start == "uniform":
            nn.init.uniform_(self.weight, -value, value)
        else:
            nn.init.constant_(self.weight, value)

    def forward(self, batch: Tensor | None = None) -> Tensor:
        """The tensor, of N×shape with a batch."""
        if batch is None:
            return self.weight
        return self.weight.expand(batch.shape[0], *self.weight.shape)


class LearnedScale(nn.Module):
    """Multiplies by a learned factor: one, or one for each place along a dimension."""

    def __init__(self, size: int, dim: int | None, factor: float = 1.0) -> None:
        super().__init__()
        self.dim = dim
        self.weight = nn.Parameter(torch.full((size,), factor))

    def forward(self, input: Tensor) -> Tensor:
        """The tensor in its shape, scaled."""
        if self.dim is None:
            return input * self.weight
        sizes = [1] * input.dim()
        sizes[self.dim] = -1
        return input * self.weight.view(sizes)


def scale(input: Tensor, factor: float) -> Tensor:
    """The tensor times a number."""
    return input * factor


def power(input: Tensor, other: Tensor | None = None, *, exponent: float) -> Tensor:
    """Every value to the power of the exponent, or of the other tensor's value."""
    return input ** (exponent if other is None else other)


def compare(
    input: Tensor, other: Tensor | None = None, *, operator: str, value: float
) -> Tensor:
    """Where the comparison with a number, or with the other tensor's value, holds."""
    against = value if other is None else other
    comparisons = {
        "greater": torch.gt,
        "greater_equal": torch.ge,
        "less": torch.lt,
        "less_equal": torch.le,
        "equal": torch.eq,
        "not_equal": torch.ne,
    }
    return comparisons[operator](input, against)


def einsum(*inputs: Tensor, equation: str) -> Tensor:
    """A sum of products over named dimensions."""
    return torch.einsum(equation, *inputs)


def average(inputs: list[Tensor]) -> Tensor:
    """The mean of tensors of equal shape, value by value."""
    return torch.stack(inputs).mean(dim=0)


def maximum(inputs: list[Tensor]) -> Tensor:
    """The largest of tensors of equal shape, value by value."""
    return torch.stack(inputs).amax(dim=0)


def minimum(inputs: list[Tensor]) -> Tensor:
    """The smallest of tensors of equal shape, value by value."""
    return torch.stack(inputs).amin(dim=0)


def gate(input: Tensor, gate: Tensor, other: Tensor | None = None) -> Tensor:
    """Let through the share σ(gate) of a tensor, and of the other one the rest."""
    share = torch.sigmoid(gate)
    return share * input if other is None else share * input + (1 - share) * other


def cast(input: Tensor, dtype: str) -> Tensor:
    """The same values as another type of number."""
    return input.to(getattr(torch, dtype))


def view(input: Tensor, shape: int | tuple[int, ...]) -> Tensor:
    """See each sample in a new shape; the batch stays."""
    sizes = (shape,) if isinstance(shape, int) else shape
    return input.contiguous().view(input.shape[0], *sizes)


def expand(input: Tensor, sizes: int | tuple[int, ...]) -> Tensor:
    """Stretch dimensions of size 1 of each sample, without copying; −1 keeps a size."""
    return input.expand(-1, *((sizes,) if isinstance(sizes, int) else sizes))


def repeat(input: Tensor, repeats: int | tuple[int, ...]) -> Tensor:
    """Put copies of each sample behind each other, along each of its dimensions."""
    return input.repeat(1, *((repeats,) if isinstance(repeats, int) else repeats))


def cut(
    input: Tensor, dim: int, start: int | None, stop: int | None, step: int
) -> Tensor:
    """Every step-th place from start up to stop, along one dimension."""
    places: list[slice] = [slice(None)] * input.dim()
    places[dim] = slice(start, stop, step)
    return input[tuple(places)]


def places(input: Tensor, dim: int, indices: int | tuple[int, ...]) -> Tensor:
    """The places of the given numbers along one dimension, in that order."""
    chosen = [indices] if isinstance(indices, int) else list(indices)
    return input.index_select(dim, torch.tensor(chosen, device=input.device))


def flip(input: Tensor, dims: int | tuple[int, ...]) -> Tensor:
    """Turn the order of the places round along dimensions."""
    return input.flip(dims)
