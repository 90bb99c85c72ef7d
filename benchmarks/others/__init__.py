"""Models that other people wrote, made small and with random weights, to be imported."""

from __future__ import annotations

from importlib import import_module

from benchmarks.others.made import Made

MAKERS = {
    "torch": "volumes:plain_torch",
    "timm": "vision:timm",
    "torchvision": "vision:torchvision",
    "transformers": "language:make",
    "torchaudio": "volumes:torchaudio",
    "segmentation_models_pytorch": "vision:segmentation",
    "monai": "volumes:monai",
    "diffusers": "volumes:diffusers",
    "vit_pytorch": "vision:vit_pytorch",
    "x_transformers": "vision:x_transformers",
    "pytorchcv": "vision:pytorchcv",
    "torch_geometric": "volumes:torch_geometric",
}


def make(package: str, name: str) -> Made:
    """A model of the list in listed.py."""
    from benchmarks.others.loading import allow

    allow()
    module, _, function = MAKERS[package].partition(":")
    return getattr(import_module(f"benchmarks.others.{module}"), function)(name)
