"""Models of pictures: of timm, torchvision, segmentation_models_pytorch, vit-pytorch and pytorchcv."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.others.made import Inputs, Made, images

SMALL, MIDDLE = 64, 128


def timm(name: str) -> Made:
    """A model of timm at its own size where that is fixed, else as small as it goes."""
    from timm import create_model

    module = create_model(name, pretrained=False).eval()
    config = module.pretrained_cfg
    own = config["input_size"][-1]
    sides = (own,) if config.get("fixed_input_size") else (SMALL, MIDDLE, own)
    return images(module, 3, *_fitting(module, sides))


def _fitting(module: nn.Module, sides: tuple[int, ...]) -> tuple[int, int]:
    """The first side of a picture that a model takes."""
    for side in sides:
        try:
            with torch.no_grad():
                module(torch.zeros(2, 3, side, side))
        except (RuntimeError, AssertionError, ValueError, IndexError):
            continue
        return side, side
    raise ValueError(f"takes no picture of {', '.join(map(str, sides))} pixels")


class Detector(nn.Module):
    """What a detector of torchvision computes up to its boxes: the choice among them is no network."""

    def __init__(self, whole: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.backbone, self.head = whole.backbone, whole.head

    def forward(self, x: Tensor) -> Any:  # noqa: ANN401
        """The scores and boxes of all places."""
        return self.head(list(self.backbone(x).values()))


def torchvision(name: str) -> Made:
    """A classifier, det/ a detector, video/ one of videos."""
    from torchvision import models

    group, _, bare = name.rpartition("/")
    given = {"aux_logits": False, "init_weights": False} if bare == "inception_v3" else {}
    if group == "det":
        whole = models.get_model(bare, weights=None, weights_backbone=None)
        return images(Detector(whole), 3, MIDDLE, MIDDLE)
    module = models.get_model(bare, weights=None, **given)
    if group == "video":
        return images(module, 3, *((16, 224, 224) if bare == "s3d" else (4, SMALL, SMALL)))
    side = {"alexnet": 96, "inception_v3": 96, "maxvit_t": 224}.get(bare, SMALL)
    return images(module, 3, side, side)


def segmentation(name: str) -> Made:
    """An architecture of segmentation_models_pytorch, its encoder behind a dash."""
    import segmentation_models_pytorch as smp

    kind, _, encoder = name.partition("-")
    encoder = {"": "resnet18", "timm-regnetx_002": "timm-regnetx_002"}.get(encoder, encoder)
    module = getattr(smp, kind)(encoder_name=encoder, encoder_weights=None, in_channels=3, classes=2)
    side = MIDDLE if kind == "PAN" else SMALL
    return images(module, 3, side, side)


def pytorchcv(name: str) -> Made:
    """A model of pytorchcv on small pictures."""
    from pytorchcv.model_provider import get_model

    module = get_model(name, pretrained=False).eval()
    if "cityscapes" in name:
        module = get_model(name, pretrained=False, in_size=(MIDDLE, MIDDLE)).eval()
        return images(module, 3, MIDDLE, MIDDLE)
    if "coco" in name:
        return images(module, 3, MIDDLE, MIDDLE)
    sides = (32,) if "cifar10" in name else (SMALL, 224, 299)
    return images(module, 3, *_fitting(module, sides))


_VIT = {"image_size": SMALL, "patch_size": 16, "num_classes": 10, "dim": 32, "depth": 2, "heads": 2,
        "mlp_dim": 64}  # fmt: skip
VIT: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "cait": ("cait.CaiT", {**_VIT, "cls_depth": 1}),
    "crossformer": ("crossformer.CrossFormer",
                    {"num_classes": 10, "dim": (32, 64, 128, 256), "depth": (1, 1, 2, 1),
                     "global_window_size": (4, 2, 2, 1), "local_window_size": 2}),
    "cvt": ("cvt.CvT", {"num_classes": 10, "s1_emb_dim": 16, "s2_emb_dim": 16, "s3_emb_dim": 32,
                        "s1_heads": 1, "s2_heads": 2, "s3_heads": 2, "s3_depth": 2}),
    "learnable_memory_vit": ("learnable_memory_vit.ViT", _VIT),
    "levit": ("levit.LeViT", {"image_size": SMALL, "num_classes": 10, "stages": 3, "dim": (32, 48, 64),
                              "depth": 2, "heads": (2, 3, 4), "mlp_mult": 2}),
    "local_vit": ("local_vit.LocalViT", {**_VIT, "patch_size": 4, "dim": 16}),
    "mobile_vit": ("mobile_vit.MobileViT",
                   {"image_size": (SMALL, SMALL), "dims": [24, 32, 40], "num_classes": 10,
                    "channels": [8, 8, 12, 12, 16, 16, 24, 24, 32, 32, 48]}),
    "pit": ("pit.PiT", {**_VIT, "patch_size": 8, "depth": (1, 1, 2)}),
    "simple_vit": ("simple_vit.SimpleViT", _VIT),
    "vit_for_small_dataset": ("vit_for_small_dataset.ViT", _VIT),
    "vit_with_patch_merger": ("vit_with_patch_merger.ViT",
                              {**_VIT, "depth": 3, "patch_merge_layer": 1, "patch_merge_num_tokens": 4}),
}  # fmt: skip


def vit_pytorch(name: str) -> Made:
    """A vision transformer of vit-pytorch."""
    path, given = VIT[name]
    module, _, kind = path.rpartition(".")
    made = getattr(import_module(f"vit_pytorch.{module}"), kind)(**given)
    return images(made, 3, SMALL, SMALL, name=_argument(made.forward))


def _argument(forward: Callable[..., Any]) -> str:
    return next(iter(inspect.signature(forward).parameters))


def x_transformers(name: str) -> Made:
    """The decoder with rotary positions and gated feed-forward layers."""
    from x_transformers import Decoder, TransformerWrapper

    assert name == "decoder-rope-glu"
    layers = Decoder(dim=32, depth=2, heads=2, attn_dim_head=16, rotary_pos_emb=True, ff_glu=True)
    module = TransformerWrapper(num_tokens=100, max_seq_len=32, attn_layers=layers).eval()

    def inputs(batch: int, seed: int) -> Inputs:
        draw = torch.Generator().manual_seed(seed)
        return {"x": torch.randint(0, 100, (batch, 16), generator=draw)}

    return Made(module, inputs)
