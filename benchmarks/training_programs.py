"""The programs that training is measured against: the textbook's, and the one that an expert writes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.table import Time, Watch

RATE, MOMENTUM = 0.01, 0.9
Make = Callable[[], nn.Module]


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Samples as the tutorials make them: torchvision's MNIST with ToTensor and Normalize, call by call."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = torch.from_numpy(images), torch.from_numpy(labels)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self.images[index, 0].numpy())
        return normalize(to_tensor(picture)), int(self.labels[index])


def to_tensor(picture: Image.Image) -> torch.Tensor:
    """torchvision.transforms.ToTensor."""
    values = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    values = values.view(picture.size[1], picture.size[0], len(picture.getbands()))
    return values.permute((2, 0, 1)).contiguous().to(dtype=torch.float32).div(255)


def normalize(tensor: torch.Tensor) -> torch.Tensor:
    """torchvision.transforms.Normalize((0.5,), (0.5,))."""
    tensor = tensor.clone()
    mean = torch.as_tensor((0.5,), dtype=tensor.dtype, device=tensor.device)
    std = torch.as_tensor((0.5,), dtype=tensor.dtype, device=tensor.device)
    if (std == 0).any():
        raise ValueError("a deviation of zero")
    return tensor.sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1))


def seeded(make: Make) -> nn.Module:
    """The network of all contenders."""
    torch.manual_seed(0)
    return make()


def textbook(make: Make, images: np.ndarray, labels: np.ndarray, batch: int) -> Callable[[], Time]:
    """An epoch as most tutorials write it."""
    model, loss_of = seeded(make), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    loader = DataLoader(Pictures(images, labels), batch_size=batch, shuffle=True)

    def epoch() -> Time:
        watch, total = Watch(), 0.0
        for image, label in loader:
            optimizer.zero_grad()
            loss = loss_of(model(image), label)
            loss.backward()
            optimizer.step()
            total += loss.item()
        return watch.stop()

    return epoch


def lean(make: Make, inputs: np.ndarray, targets: np.ndarray, batch: int) -> Callable[[], Time]:
    """An epoch as an expert writes it: one tensor, gathered batches, the fused optimizer, no waiting.

    Letters are trained with AdamW. Weights with channels last get batches so, too.
    """
    x, y = held(inputs), torch.from_numpy(targets)
    model, loss_of = seeded(make), nn.CrossEntropyLoss()
    optimizer: torch.optim.Optimizer
    if x.is_floating_point():
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM, fused=True)
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, fused=True)
    last = any(one.dim() == 4 and not one.is_contiguous() for one in model.parameters())
    if last:
        x = x.contiguous(memory_format=torch.channels_last)

    def epoch() -> Time:
        watch, total = Watch(), torch.zeros(())
        for rows in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            loss = loss_of(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.detach()
        total.item()
        return watch.stop()

    return epoch


def held(inputs: np.ndarray) -> torch.Tensor:
    """Inputs as one tensor: pictures as numbers around zero, letters as they are."""
    x = torch.from_numpy(inputs)
    return x.to(torch.float32).div(255).sub(0.5).div(0.5) if x.dtype == torch.uint8 else x
