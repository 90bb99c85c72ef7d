"""Transformers whose sizes are given in one call, with masks against looking ahead made as they run."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class CausalEncoderLayer(nn.TransformerEncoderLayer):
    """A Transformer layer in which no place looks at those after it, as in GPT."""

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = True,
    ) -> Tensor:
        """N×L×features to the same."""
        length = src.shape[1]
        ahead = torch.ones(length, length, dtype=torch.bool, device=src.device).triu(1)
        return super().forward(src, ahead, src_key_padding_mask, is_causal=True)


class CausalDecoderLayer(nn.TransformerDecoderLayer):
    """A decoder layer in which no place of the target looks at those after it."""

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = True,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """N×L×features and a memory of N×S×features to N×L×features."""
        length = tgt.shape[1]
        ahead = torch.ones(length, length, dtype=torch.bool, device=tgt.device).triu(1)
        return super().forward(
            tgt,
            memory,
            ahead,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal=True,
        )


class TransformerEncoder(nn.TransformerEncoder):
    """Encoder layers on top of each other; `causal` keeps every place from looking at those after it."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        num_layers: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        bias: bool = True,
        final_norm: bool = False,
        causal: bool = False,
    ) -> None:
        layer = nn.TransformerEncoderLayer(
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            True,
            norm_first,
            bias,
        )
        norm = nn.LayerNorm(d_model, layer_norm_eps, bias=bias) if final_norm else None
        super().__init__(layer, num_layers, norm, enable_nested_tensor=False)
        self.causal = causal

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """N×L×features to the same."""
        if self.causal:
            length = src.shape[1]
            mask = torch.ones(length, length, dtype=torch.bool, device=src.device).triu(
                1
            )
        return super().forward(src, mask, src_key_padding_mask, self.causal)


class TransformerDecoder(nn.TransformerDecoder):
    """Decoder layers on top of each other; `causal` keeps every place from looking at those after it."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        num_layers: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        bias: bool = True,
        final_norm: bool = False,
        causal: bool = True,
    ) -> None:
        layer = nn.TransformerDecoderLayer(
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            True,
            norm_first,
            bias,
        )
        super().__init__(
            layer,
            num_layers,
            nn.LayerNorm(d_model, layer_norm_eps, bias=bias) if final_norm else None,
        )
        self.causal = causal

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """N×L×features and a memory of N×S×features to N×L×features."""
        if self.causal:
            length = tgt.shape[1]
            tgt_mask = torch.ones(
                length, length, dtype=torch.bool, device=tgt.device
            ).triu(1)
        return super().forward(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal=self.causal,
        )


class Transformer(nn.Transformer):
    """The whole Transformer, batch first; `causal` keeps the target from looking ahead."""

    def __init__(
        self,
        d_model: int,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        bias: bool = True,
        causal: bool = True,
    ) -> None:
        layer = nn.TransformerEncoderLayer(
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            True,
            norm_first,
            bias,
        )
        norm = nn.LayerNorm(d_model, layer_norm_eps, bias=bias)
        super().__init__(
            d_model,
            nhead,
            num_encoder_layers,
            num_decoder_layers,
            dim_feedforward,
            dropout,
            activation,
            nn.TransformerEncoder(
                layer, num_encoder_layers, norm, enable_nested_tensor=False
            ),
            layer_norm_eps=layer_norm_eps,
            batch_first=True,
            norm_first=norm_first,
            bias=bias,
        )
        self.causal = causal

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """A source of N×S×features and a target of N×L×features to N×L×features."""
        if self.causal:
            length = tgt.shape[1]
            tgt_mask = torch.ones(
                length, length, dtype=torch.bool, device=tgt.device
            ).triu(1)
        return super().forward(
            src,
            tgt,
            src_mask,
            tgt_mask,
            memory_mask,
            src_key_padding_mask,
            tgt_key_padding_mask,
            src_key_padding_mask
            if memory_key_padding_mask is None
            else memory_key_padding_mask,
            src_is_causal=False,
            tgt_is_causal=self.causal,
        )
