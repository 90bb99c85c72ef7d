"""Lets torchvision and torchaudio, whose wheels are for CUDA alone, be imported beside torch for the CPU.

Their compiled parts do not load there. What is imported of them needs none; only what they ask for at the
import is declared.
"""

from __future__ import annotations

import torch

_KEPT: list[torch.library.Library] = []
"""Declarations last as long as their library lives."""
DETECTIONS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def allow() -> None:
    """Declare the operators, once."""
    if _KEPT:
        return
    vision = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        vision.define(f"{name}{DETECTIONS}")
    audio = torch.library.Library("_torchaudio", "DEF")
    for name, type, value in (("cuda_version", "int?", None), ("is_align_available", "bool", False)):
        audio.define(f"{name}() -> {type}")
        audio.impl(name, lambda value=value: value, "CompositeExplicitAutograd")
    sound = torch.library.Library("torchaudio", "DEF")
    for name in ("_lfilter_core_loop", "_overdrive_core_loop"):
        sound.define(f"{name}(Tensor wave) -> ()")
    _KEPT.extend((vision, audio, sound))
    load = torch.ops.load_library

    def load_others(path: str) -> None:
        if "torchaudio" not in str(path):
            load(path)

    torch.ops.load_library = load_others
