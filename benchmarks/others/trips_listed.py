"""Which models go to ONNX and back."""

from __future__ import annotations

from collections.abc import Mapping

MODELS: Mapping[str, tuple[str, ...]] = {
    package: tuple(names.split())
    for package, names in {
        "timm": """lcnet_035 regnetx_002 deit_tiny_patch16_224 mobilevit_xxs ghostnet_050 repvit_m1
            inception_next_atto fasternet_t0""",
        "torchvision": "shufflenet_v2_x0_5 mobilenet_v3_small alexnet",
        "transformers": """albert distilbert roberta bart clip gemma llama opt vit segformer wav2vec2
            whisper""",
        "torchaudio": "DeepSpeech",
        "segmentation_models_pytorch": "Unet-mit_b0",
        "monai": "BasicUNet UNet",
        "diffusers": "UNet2D",
        "vit_pytorch": "simple_vit",
        "pytorchcv": "squeezenet_v1_0",
    }.items()
}
"""Thirty of the models in listed.py, of every package that has pictures, words, sounds or volumes."""
