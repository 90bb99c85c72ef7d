"""What sequences need beside torch: positions, tokens of the model's own, and attention that looks back."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class ClassToken(nn.Module):
    """Puts learned places in front of every sequence; what they gather stands for the whole."""

    def __init__(self, embed_dim: int, tokens: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, tokens, embed_dim))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, input: Tensor) -> Tensor:
        """From N×L×features to N×(tokens + L)×features."""
        return torch.cat([self.weight.expand(input.shape[0], -1, -1), input], dim=1)


class LearnedPositions(nn.Module):
    """Adds a learned vector for each place of a sequence."""

    def __init__(self, num_positions: int, embed_dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_positions, embed_dim))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, input: Tensor) -> Tensor:
        """N×L×features, with L of at most the number of positions."""
        return input + self.weight[: input.shape[1]]


def sinusoidal_positions(input: Tensor, base: float = 10000.0) -> Tensor:
    """Add sines and cosines of the place, of ever longer waves, to N×L×features."""
    length, size = input.shape[-2:]
    steps = torch.arange(0, size, 2, device=input.device, dtype=input.dtype)
    rates = torch.exp(steps * (-math.log(base) / size))
    angles = (
        torch.arange(length, device=input.device, dtype=input.dtype)[:, None] * rates
    )
    waves = torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)
    return input + waves[:, :size]


def rotary_embedding(
    input: Tensor, base: float = 10000.0, interleaved: bool = False
) -> Tensor:
    """Turn pairs of features of …×L×features by angles that grow with the place."""
    length, size = input.shape[-2:]
    if size % 2:
        raise ValueError(f"the features are turned in pairs; {size} is odd")
    rates = base ** (-torch.arange(0, size, 2, device=input.device) / size)
    angles = torch.arange(length, device=input.device)[:, None] * rates
    cos, sin = angles.cos().to(input.dtype), angles.sin().to(input.dtype)
    if interleaved:
        one, two = input[..., 0::2], input[..., 1::2]
        return torch.stack(
            (one * cos - two * sin, one * sin + two * cos), dim=-1
        ).flatten(-2)
    one, two = input.chunk(2, dim=-1)
    return torch.cat((one * cos - two * sin, one * sin + two * cos), dim=-1)


class DotProductAttention(nn.Module):
    """Mixes values by how well queries and keys agree, and in training drops some of these shares."""

    def __init__(
        self, dropout_p: float, is_causal: bool = False, scale: float | None = None
    ) -> None:
        super().__init__()
        self.dropout_p, self.is_causal, self.scale = dropout_p, is_causal, scale

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None
    ) -> Tensor:
        """…×L×features from queries of …×L×features, keys and values of …×S×features."""
        return nn.functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask,
            dropout_p=self.dropout_p if self.training else 0.0,
            is_causal=self.is_causal,
            scale=self.scale,
        )


class CausalAttention(nn.MultiheadAttention):
    """Attention in which no place looks at those after it."""

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = True,
    ) -> tuple[Tensor, Tensor | None]:
        """As of nn.MultiheadAttention; True in the mask keeps a place from being looked at."""
        plain = key_padding_mask is None and not need_weights and self.batch_first
        if plain and query is key and key is value:
            return self._looking_at_itself(query), None
        ahead = torch.ones(
            query.shape[1], key.shape[1], dtype=torch.bool, device=query.device
        ).triu(1)
        return super().forward(
            query,
            key,
            value,
            key_padding_mask,
            need_weights,
            ahead,
            average_attn_weights,
            is_causal=True,
        )

    def _looking_at_itself(self, input: Tensor) -> Tensor:
        """The same without copies of queries, keys and values in another order."""
        count, length, _ = input.shape
        packed = nn.functional.linear(input, self.in_proj_weight, self.in_proj_bias)
        three = packed.view(count, length, 3, self.num_heads, -1)
        query, key, value = three.permute(2, 0, 3, 1, 4)
        dropout_p = self.dropout if self.training else 0.0
        found = nn.functional.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout_p, is_causal=True
        )
        return self.out_proj(found.transpose(1, 2).flatten(2))
