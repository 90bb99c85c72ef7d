"""Modules as other people write them, each with something that is hard to draw."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils import parametrizations


class Residual(nn.Module):
    """A convolution, a norm and the input added, in place."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.norm(self.conv(x))
        out += x
        return self.act(out)


class Convolutional(nn.Module):
    """A stem, two blocks in a Sequential, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.stage = nn.Sequential(Residual(4), Residual(4))
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage(self.stem(x))
        return self.head(self.drop(x.mean((2, 3))))


class Windows(nn.Module):
    """Attention in windows: the batch moves into other dimensions and back."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(6, 18)
        self.bias = nn.Parameter(torch.randn(1, 2, 4, 4))
        self.scale = nn.Parameter(torch.tensor(0.7))
        self.places: Tensor
        self.register_buffer("places", torch.arange(16).reshape(4, 4).flip(0))

    def forward(self, x: Tensor) -> Tensor:
        batch, height, width, size = x.shape
        x = x.view(batch, height // 2, 2, width // 2, 2, size).transpose(2, 3).reshape(-1, 4, size)
        q, k, v = self.qkv(x).reshape(x.shape[0], 4, 3, 2, 3).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias.reshape(1, 2, -1)[:, :, self.places.reshape(-1)].view(1, 2, 4, 4)
        scores = (q * self.scale) @ k.transpose(-2, -1) + bias
        mask = torch.zeros(batch, height * width // 4, 1, 4, 4).view(-1, 1, 4, 4)
        out = (scores + mask).softmax(-1) @ v
        return out.transpose(1, 2).reshape(batch, height * width, size)


class Writing(nn.Module):
    """Writes into parts of tensors that others look at too."""

    def forward(self, x: Tensor) -> dict[str, Any]:
        y = x + 1
        first, second = y.chunk(2, dim=-1)
        turned = y.transpose(1, 2)
        y[:, 0] = 0.5
        first.mul_(2)
        turned[:, 1:3, ::2] -= x[:, ::2, 1:3].transpose(1, 2)
        y[y > 2] = 3.0
        out = torch.empty_like(x)
        out[..., 1] = x[..., 0]
        out[..., [0, 2, 3]] = 1.0 if x.dim() == 2 else out[..., :1].expand_as(x[..., :3]) * 0
        return {"whole": y, "parts": (first, second), "turned": turned, "nothing": None}


class Rewriting(nn.Module):
    """Writes into views of views that nobody holds any more, over numbers and tensors in turn."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        room = torch.zeros(6, 4)
        part = room[1:5].view(2, 2, 4)[0]
        room[:, 0] = x.sum(0)[:, 0]
        halves = [one.chunk(2, dim=-1)[1] for one in part.split(1)]
        before = part * 2
        room[:] = torch.arange(24.0).view(6, 4)
        fixed = part + x[:1, 0]
        halves[1].mul_(x.mean())
        return x * fixed[0, 0], x + before.sum(), x * part.sum(), x - room


class Deep(nn.Module):
    """One tensor after the other; it counts how many of them live at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(20))
        self.most = 0

    def forward(self, x: Tensor) -> Tensor:
        seen: list[weakref.ref[Tensor]] = []
        for layer in self.layers:
            x = torch.sin(layer(x)) * 2
            seen.append(weakref.ref(x))
            self.most = max(self.most, sum(one() is not None for one in seen))
        return x


class Single(nn.Module):
    """Does something else with one sample alone."""

    def forward(self, x: Tensor) -> Tensor:
        return x.squeeze() * 2 if x.shape[0] > 1 else x - 5


class Tied(nn.Module):
    """One matrix reads the words and writes them; one layer runs three times."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(11, 6)
        self.layer = nn.Linear(6, 6)
        self.out = nn.Linear(6, 11, bias=False)
        self.out.weight = self.words.weight

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        x = self.words(ids)
        for _ in range(3):
            x = torch.tanh(self.layer(x))
        if mask is not None:
            x = x.masked_fill(~mask[..., None], 0.0)
        return self.out(x)


@dataclass
class Answer:
    """Results by name."""

    last: Tensor
    every: tuple[Tensor, ...]


class Functional(nn.Module):
    """Layers as functions on weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3, 3))
        self.bias = nn.Parameter(torch.randn(4), requires_grad=False)
        self.gain = nn.Parameter(torch.ones(4))
        self.table = nn.Parameter(torch.randn(5, 4))

    def forward(self, x: Tensor, places: Tensor, *, extra: bool = False) -> Answer:
        y = F.conv1d(x, self.weight, self.bias, padding=1)
        z = F.layer_norm(y.mT, (4,), self.gain, None)
        z = F.dropout(z + F.embedding(places, self.table), 0.1, self.training)
        best = z.max(dim=-1)
        values, at = torch.topk(z, 2, dim=-1)
        later = (best.values, values + at.float(), 1 - F.gelu(z).sum(dim=(1, 2)))
        return Answer(z * 2 if extra else z, later)


class Untidy(nn.Module):
    """Prints, draws random numbers, counts its calls, keeps a cache and reads values off tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.calls: Tensor
        self.register_buffer("calls", torch.tensor(0))
        self.cache: dict[int, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        print("hello from inside")  # noqa: T201
        torch.manual_seed(7)
        torch.set_default_dtype(torch.float64)
        self.calls += 1
        if 3 not in self.cache:
            self.cache[3] = torch.tril(torch.ones(3, 3, dtype=torch.float32))
        scale = 2.0 if float(x.abs().max()) > 0 else 1.0
        return self.linear(x) @ self.cache[3] * scale


class DropPath(nn.Module):
    """Drops whole samples in training, as many packages have it."""

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.rand(x.shape[0], *[1] * (x.dim() - 1)) >= self.drop_prob
        return x * kept / (1 - self.drop_prob)


class Looping(nn.Module):
    """Looks the same places up for one sample after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.randn(6, 4))

    def forward(self, x: Tensor) -> Tensor:
        numbers = torch.arange(x.shape[1]).flip(0).expand(x.shape[0], -1)
        found = [self.places.index_select(0, numbers[at]).unsqueeze(0) for at in range(x.shape[0])]
        return x + torch.cat(found, dim=0)


class Spelling(nn.Module):
    """Says things in ways that are seldom seen."""

    def forward(self, x: Tensor) -> Tensor:
        half = torch.div(x.shape[1], 2, rounding_mode="trunc")
        sizes: Any = (-1, half, 2, *x.shape[2:])
        y = x.reshape(sizes).sum(2) / np.sqrt(np.float64(3))
        y = y.where(y > 0, torch.tensor(-1.0)).T if y.dim() == 2 else y.where(y > 0, 0.5 * y)
        best, at = y.max(1)
        rest = y.clamp(max=1).sub(best[:, None], alpha=2).__rsub__(1)
        together = torch.cat([rest, at[:, None].to(y), y[:, :0]], 1)
        return together[:, -1:].contiguous().view_as(best[:, None]).squeeze() ** 2 + x[0, 0].detach()


class Sorting(nn.Module):
    """Does what no formula can say: it goes through Python's own numbers."""

    def __init__(self, size: int = 3, factor: float = 1.0) -> None:
        super().__init__()
        self.size, self.factor = size, factor
        self.linear = nn.Linear(size, size)

    def forward(self, x: Tensor) -> Tensor:
        chosen = torch.unique(self.linear(x).detach().round(), dim=0)
        return self.linear(x) * self.factor + chosen.sum() * 0


class Holding(nn.Module):
    """A part that cannot be read between parts that can."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Linear(4, 3)
        self.sorting = Sorting(3, 2.0)
        self.path = DropPath(0.25)

    def forward(self, x: Tensor) -> Tensor:
        return self.path(self.sorting(torch.relu(self.before(x))))


class Placing(nn.Module):
    """Writes to places that tensors, numbers and slices choose together."""

    def forward(self, x: Tensor) -> Tensor:
        rows = torch.arange(x.size(0))[:, None]
        best = x.sum(-1).topk(2).indices
        y = x.clone()
        y[rows, best, :] = x[rows, best] * 3
        z = torch.zeros(x.size(0), 6, 8)
        z[:, torch.tensor([1, 2]), 2:5] = x[:, :2, :3]
        z[:, 1:4, torch.tensor([0, 6])] += 1
        z[rows, 5, torch.tensor([1, 2])] = x[:, 0, :2]
        z[:, torch.tensor([0, 4]), torch.tensor([7, 7])] = 2.0
        return y + z.flip(1)


class Formulas(nn.Module):
    """Calls what only a formula can say."""

    def __init__(self) -> None:
        super().__init__()
        self.turning = parametrizations.orthogonal(nn.Linear(4, 4))
        self.step = nn.LSTMCell(4, 4)
        self.turn = torch.polar(torch.ones(2), torch.arange(2.0))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        hidden = cell = x.new_zeros(x.size(0), 4)
        for part in self.turning(x).unbind(1):
            hidden, cell = self.step(part, (hidden, cell))
        least, most = torch.aminmax(x, dim=1)
        turned = torch.view_as_complex(x.reshape(-1, 2, 2)) * self.turn
        square = x.transpose(1, 2) @ x + x.new_tensor([1.0, 2.0, 3.0, 4.0]).diag()
        gap = F.mse_loss(most, least)
        return hidden, most - least, turned.angle(), torch.linalg.cholesky(square), gap


class Mapping(nn.Module):
    """Maps a function over fixed numbers, which is read, or over samples, which cannot be."""

    def __init__(self, *, over_samples: bool) -> None:
        super().__init__()
        self.over_samples, self.linear = over_samples, nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        def moved(row: Tensor) -> Tensor:
            return self.linear(row).tanh()

        def later(at: Tensor) -> Tensor:
            return at >= torch.arange(4)

        if self.over_samples:
            return torch.vmap(moved)(x)
        return self.linear(x) @ torch.vmap(later)(torch.arange(4)).float()


class Rounded(nn.Module):
    """A window that is larger than the picture, which rounding up allows."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(8, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x)


class Spreading(nn.Module):
    """Gives each sample its places one by one, which are the same for all."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.columns = nn.Parameter(torch.randn(3, 1, 4)), nn.Parameter(torch.randn(1, 2, 4))

    def forward(self, x: Tensor) -> Tensor:
        batch = x.shape[0]
        ids = torch.arange(6).unsqueeze(0).expand(batch, -1)
        wide = [one.expand(batch, 3, 2, 4) for one in (self.rows, self.columns)]
        places = torch.cat([one[:, :, :2] for one in wide], -1).reshape(batch, 6, 8) * 2
        first = [places.select(0, at) for at in range(batch)]
        chosen = torch.cat([places[at].index_select(0, ids[at]).unsqueeze(0) for at in range(batch)])
        return x + chosen + torch.stack(first)


class Peaks(nn.Module):
    """Asks each sample in turn, and does what the answer says."""

    def forward(self, x: Tensor) -> Tensor:
        """The value beside the largest one, if there is any above nought."""
        found = x.max(1).values.clone()
        for at in range(len(x)):
            place = int(x[at].argmax())
            if float(x[at, place]) > 0:
                found[at] = x[at, place - 1]
        return found


@dataclass(frozen=True)
class Sizes:
    """What the parts of a network are made with."""

    width: int
    factors: tuple[float, ...] = (1.0,)


class Chooser(nn.Module):
    """Asks each sample in turn; it is made with an object, which it does not keep."""

    def __init__(self, sizes: Sizes, at: int, after: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.at, self.after = at, after()
        self.experts = nn.ModuleList([nn.Linear(sizes.width, sizes.width) for _ in sizes.factors])
        self.factors = sizes.factors

    def forward(
        self, x: Tensor, pair: tuple[Tensor, Tensor], share: float = 0.5, **more: Any
    ) -> tuple[Tensor, Tensor]:
        """Each sample by the expert that its numbers choose, and what was chosen."""
        found, chosen = [], []
        for row, one in enumerate(x):
            which = int(one[self.at] > 0) % len(self.experts)
            found.append(self.experts[which](one) * self.factors[which] * share)
            chosen.append(pair[which][row].sum())
        return self.after(torch.stack(found)), torch.stack(chosen)


class Choosing(nn.Module):
    """Two parts that ask each sample, of which each is made with an object."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes = Sizes(4, (1.0, 2.0))
        self.before = nn.Linear(4, 4)
        self.parts = nn.ModuleList([Chooser(self.sizes, at) for at in range(2)])

    def forward(self, x: Tensor) -> Tensor:
        x = self.before(x)
        for part in self.parts:
            x, chosen = part(
                x, (x + 1, x - 1), share=0.25, names=("of what", "it does not", "read at all"), more=None
            )
        return x + chosen[:, None]


class Asking(nn.Module):
    """One part that asks each sample in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.peaks = nn.Linear(4, 4), Peaks()

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.peaks(self.before(x)))


class Recurrent(nn.Module):
    """A bidirectional LSTM with a state of its own, and attention with a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(6, 4)
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        zeros = x.new_zeros(4, x.size(0), 3)
        y, (hidden, _) = self.lstm(x, (zeros, zeros))
        mixed, _ = self.attention(y, y, y, key_padding_mask=padding)
        steps, _ = self.gru(mixed.transpose(0, 1))
        return steps.transpose(0, 1), hidden[-1]
