"""Models of volumes, sounds and graphs: of monai, diffusers, torchaudio and torch_geometric; and torch's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.others.made import Inputs, Made, images, tokens

SIDE = 64
_PLANE = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2}
_STEPS = {"channels": (4, 8, 16), "strides": (2, 2, 2)}
MONAI: Mapping[str, Mapping[str, Any]] = {
    "AutoEncoder": {**_PLANE, **_STEPS},
    "AutoencoderKL": {**_PLANE, "out_channels": 1, "channels": (8, 16), "num_res_blocks": 1,
                      "norm_num_groups": 4, "attention_levels": (False, True), "latent_channels": 3},
    "BasicUNet": {**_PLANE, "features": (8, 8, 16, 16, 32, 8)},
    "DiffusionModelUNet": {**_PLANE, "out_channels": 1, "channels": (8, 16), "num_res_blocks": 1,
                           "norm_num_groups": 4, "attention_levels": (False, True), "num_head_channels": 8},
    "DynUNet": {**_PLANE, "kernel_size": (3, 3, 3), "strides": (1, 2, 2), "upsample_kernel_size": (2, 2),
                "filters": (8, 16, 32)},
    "FlexibleUNet": {"in_channels": 3, "out_channels": 2, "backbone": "efficientnet-b0"},
    "HighResNet": {**_PLANE},
    "HoVerNet": {"mode": "fast", "in_channels": 3, "out_classes": 0},
    "SwinUNETR": {"in_channels": 1, "out_channels": 2, "feature_size": 12, "spatial_dims": 2,
                  "depths": (1, 1, 1, 1), "num_heads": (1, 2, 2, 4), "window_size": 4},
    "UNet": {**_PLANE, "channels": (4, 8, 16), "strides": (2, 2), "num_res_units": 1},
    "VarAutoEncoder": {"spatial_dims": 2, "in_shape": (1, SIDE, SIDE), "out_channels": 1,
                       "latent_size": 4, **_STEPS},
}  # fmt: skip


def monai(name: str) -> Made:
    """A network of monai, in two dimensions."""
    from monai.networks import nets

    module = getattr(nets, name)(**MONAI[name])
    if name == "DiffusionModelUNet":
        return _with_time(module, 1, "x", "timesteps")
    side = 256 if name == "HoVerNet" else SIDE
    channels = MONAI[name].get("in_channels", 1)
    first = "inputs" if name in ("FlexibleUNet",) else "x_in" if name == "SwinUNETR" else "x"
    return images(module, channels, side, side, name=first)


def _with_time(module: nn.Module, channels: int, picture: str, time: str) -> Made:
    """A network that takes noise away: pictures, and how far each is."""

    def inputs(batch: int, seed: int) -> Inputs:
        draw = torch.Generator().manual_seed(seed)
        steps = torch.randint(0, 1000, (batch,), generator=draw)
        return {picture: torch.randn(batch, channels, 32, 32, generator=draw), time: steps}

    return Made(module.eval(), inputs)


def diffusers(name: str) -> Made:
    """The two networks of a diffusion model."""
    import diffusers as package

    if name == "UNet2D":
        unet = package.UNet2DModel(
            sample_size=32, in_channels=3, out_channels=3, layers_per_block=1, norm_num_groups=4,
            block_out_channels=(8, 16), attention_head_dim=4,
            down_block_types=("DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        )  # fmt: skip
        return _with_time(unet, 3, "sample", "timestep")
    coder = package.AutoencoderKL(
        block_out_channels=(8, 16), down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, norm_num_groups=4,
    )  # fmt: skip
    return images(coder, 3, 32, 32, name="sample")


class Sounds(nn.Module):
    """A model that takes how long each row is: all of them whole."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """What it makes of whole rows."""
        lengths = torch.full((x.shape[0],), x.shape[1], dtype=torch.int64)
        return self.inner(x, lengths)[0]


def torchaudio(name: str) -> Made:
    """A model of torchaudio with few channels."""
    from torchaudio import models

    if name == "Conformer":
        inner = models.Conformer(
            input_dim=16, num_heads=2, ffn_dim=32, num_layers=2, depthwise_conv_kernel_size=7
        )
        return images(Sounds(inner), 20, 16)
    if name == "DeepSpeech":
        return images(models.DeepSpeech(13, n_hidden=32, n_class=10), 1, 20, 13)
    if name == "HDemucs":
        whole = models.HDemucs(sources=["a", "b"], channels=8)
        return images(whole, 2, 16384, name="input")
    wave = models.wav2vec2_model(
        extractor_mode="group_norm", extractor_conv_layer_config=[(16, 8, 4), (16, 4, 4)],
        extractor_conv_bias=False, encoder_embed_dim=32, encoder_projection_dropout=0.0,
        encoder_pos_conv_kernel=8, encoder_pos_conv_groups=2, encoder_num_layers=2, encoder_num_heads=2,
        encoder_attention_dropout=0.0, encoder_ff_interm_features=64, encoder_ff_interm_dropout=0.0,
        encoder_dropout=0.0, encoder_layer_norm_first=False, encoder_layer_drop=0.0, aux_num_out=10,
    )  # fmt: skip
    return images(wave, 800, name="waveforms")


class LSTMCls(nn.Module):
    """Words to a class by the last state of an LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 16)
        self.lstm = nn.LSTM(16, 24, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(48, 5)

    def forward(self, x: Tensor) -> Tensor:
        """The scores of five classes."""
        outputs, _ = self.lstm(self.embedding(x))
        return self.head(outputs[:, -1])


def plain_torch(name: str) -> Made:
    """What needs torch alone."""
    assert name == "LSTMCls"
    return tokens(LSTMCls(), 12, 50)


class OnRing(nn.Module):
    """A graph network on nodes that each know their next: the edges follow from the number of nodes."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        """What it makes of each node, over given edges (a row for each, from and to)."""
        return self.inner(x, edges.t())


def torch_geometric(name: str) -> Made:
    """A network of torch_geometric; the batch is the number of nodes and edges."""
    from torch_geometric.nn.models import GAT, GraphSAGE

    kind = {"GAT": GAT, "GraphSAGE": GraphSAGE}[name]
    module = OnRing(kind(in_channels=8, hidden_channels=16, num_layers=2, out_channels=4)).eval()

    def inputs(batch: int, seed: int) -> Inputs:
        x = torch.randn(batch, 8, generator=torch.Generator().manual_seed(seed))
        nodes = torch.arange(batch)
        return {"x": x, "edges": torch.stack([nodes, (nodes + 1) % batch], 1)}

    return Made(module, inputs)
