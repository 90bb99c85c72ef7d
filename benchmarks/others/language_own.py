"""Small configurations and inputs of those models of transformers that are tried beside the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from benchmarks.others.made import LENGTH, TOKENS, WIDTH, Inputs

PAIRS = ("siglip", "align", "altclip", "groupvit", "owlvit", "clipseg", "blip", "flava", "git",
         "chinese_clip", "metaclip_2")  # fmt: skip
"""Models that take words and a picture."""
_SERIES = {"context_length": 12, "prediction_length": 6, "lags_sequence": [1, 2, 3], "num_time_features": 2,
           "d_model": 16, "moving_average": 5, "label_length": 6}  # fmt: skip
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "gpt_neo": {"attention_types": [[["global", "local"], 1]], "window_size": 8, "hidden_size": WIDTH},
    "codegen": {"rotary_dim": 4, "n_head": 4, "n_ctx": 64},
    "mamba2": {"num_heads": 8, "head_dim": 8, "state_size": 4, "n_groups": 2, "chunk_size": 8},
    "deepseek_v3": {"kv_lora_rank": 8, "q_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 4,
                    "v_head_dim": 8, "num_key_value_heads": 4, "n_routed_experts": 4, "n_group": 2,
                    "topk_group": 1, "num_experts_per_tok": 2, "first_k_dense_replace": 1, "head_dim": 4},
    "mixtral": {"num_local_experts": 4, "head_dim": 8},
    "patchtsmixer": {"context_length": 32, "patch_length": 8, "patch_stride": 8, "num_input_channels": 3,
                     "d_model": 16, "prediction_length": 4},
    "lxmert": {"visual_feat_dim": 12, "l_layers": 1, "x_layers": 1, "r_layers": 1, "hidden_size": WIDTH,
               "num_attention_heads": 4, "intermediate_size": 64, "vocab_size": TOKENS},
    "decision_transformer": {"state_dim": 7, "act_dim": 3, "max_ep_len": 128, "hidden_size": WIDTH,
                             "n_layer": 2, "n_head": 4},
    "audio-spectrogram-transformer": {"max_length": 64, "num_mel_bins": 32, "patch_size": 16},
    "lilt": {"channel_shrink_ratio": 2, "hidden_size": 48, "num_attention_heads": 4,
             "max_position_embeddings": 64},
    "informer": _SERIES, "autoformer": _SERIES, "time_series_transformer": _SERIES,
    "convnext": {"hidden_sizes": [16, 32, 32, 32], "depths": [1, 1, 2, 1]},
    "zamba2": {"layer_types": ["mamba", "hybrid"], "mamba_headdim": 8, "n_mamba_heads": 8, "mamba_d_state": 4,
               "mamba_ngroups": 2, "hybrid_layer_ids": [1], "chunk_size": 8},
    "speech_to_text": {"max_source_positions": 64, "max_target_positions": 64},
    "align/vision_config": {"hidden_dim": 64},
}  # fmt: skip


Words = Callable[[int], Tensor]
Numbers = Callable[..., Tensor]


def given(name: str, words: Words, numbers: Numbers) -> Inputs | None:
    """The inputs of a model that are not those which others of its kind take."""
    make = GIVEN.get(name)
    return make(words, numbers) if make else None


def _series(words: Words, numbers: Numbers) -> Inputs:
    return {"past_values": numbers(15), "past_time_features": numbers(15, 2),
            "past_observed_mask": torch.ones_like(numbers(15)), "future_values": numbers(6),
            "future_time_features": numbers(6, 2)}  # fmt: skip


def _decisions(words: Words, numbers: Numbers) -> Inputs:
    return {"states": numbers(6, 7), "actions": numbers(6, 3), "rewards": numbers(6, 1),
            "returns_to_go": numbers(6, 1), "timesteps": words(6),
            "attention_mask": torch.ones_like(words(6))}  # fmt: skip


def _boxes(words: Words, numbers: Numbers) -> Inputs:
    return {"input_ids": words(LENGTH), "bbox": torch.stack([words(LENGTH)] * 4, -1).sort(-1).values}


GIVEN: Mapping[str, Callable[[Words, Numbers], Inputs]] = {
    "informer": _series,
    "autoformer": _series,
    "time_series_transformer": _series,
    "decision_transformer": _decisions,
    "lilt": _boxes,
    "patchtsmixer": lambda words, numbers: {"past_values": numbers(32, 3)},
    "lxmert": lambda words, numbers: {
        "input_ids": words(8), "visual_feats": numbers(5, 12), "visual_pos": numbers(5, 4)
    },
    "moonshine": lambda words, numbers: {"input_values": numbers(1600), "decoder_input_ids": words(8)},
    "speech_to_text": lambda words, numbers: {
        "input_features": numbers(32, 80), "decoder_input_ids": words(8)
    },
    "wav2vec2-bert": lambda words, numbers: {"input_features": numbers(20, 160)},
    "audio-spectrogram-transformer": lambda words, numbers: {"input_values": numbers(64, 32)},
}  # fmt: skip
