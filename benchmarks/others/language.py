"""Models of transformers by their type, with tiny random configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.others.language_own import CONFIGS, PAIRS, given
from benchmarks.others.made import LENGTH, TOKENS, WIDTH, Inputs, Made

SMALL: Mapping[str, Any] = {
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "embed_dim", "embedding_size"), WIDTH),
    **dict.fromkeys(("num_hidden_layers", "num_layers", "n_layers", "n_layer"), 2),
    **dict.fromkeys(("encoder_layers", "decoder_layers"), 2),
    **dict.fromkeys(("num_attention_heads", "num_heads", "n_heads", "n_head"), 4),
    **dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 4),
    **dict.fromkeys(("intermediate_size", "d_ff", "n_inner", "ffn_dim", "hidden_dim", "dff"), 2 * WIDTH),
    **dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim"), 2 * WIDTH),
    "num_key_value_heads": 2,
    "vocab_size": TOKENS,
    "max_position_embeddings": 64,
    "image_size": 32,
    "patch_size": 8,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
    "use_cache": False,
}
"""What configurations are set to, as far as they have a number of that name."""
_SPEECH = {"conv_dim": (32, 32, 32), "conv_kernel": (8, 4, 4), "conv_stride": (4, 4, 2),
           "num_feat_extract_layers": 3, "num_conv_pos_embeddings": 16}  # fmt: skip
OWN: Mapping[str, Mapping[str, Any]] = {
    "convnextv2": {"hidden_sizes": [16, 32, 32, 32], "depths": [1, 1, 2, 1]},
    "data2vec-audio": {**_SPEECH, "conv_pos_kernel_size": 5, "num_conv_pos_embeddings": 2},
    "hubert": _SPEECH,
    "unispeech-sat": _SPEECH,
    "wav2vec2": _SPEECH,
    "wavlm": _SPEECH,
    "funnel": {"block_sizes": [1, 1], "num_decoder_layers": 1, "n_head": 4, "d_head": 8, "d_inner": 64,
               "architectures": ["FunnelModel"]},
    "falcon": {"new_decoder_architecture": False},
    "focalnet": {"embed_dim": 16, "depths": [1, 1], "hidden_sizes": [16, 32], "focal_levels": [1, 1],
                 "focal_windows": [3, 3], "patch_size": 4},
    "dpt": {"backbone_out_indices": [0, 1], "neck_hidden_sizes": [16, 16, 32, 32], "is_hybrid": False},
    "gemma": {"head_dim": 8},
    "gemma2": {"head_dim": 8, "query_pre_attn_scalar": 8, "sliding_window": 8},
    "gpt_oss": {"head_dim": 8, "num_local_experts": 4, "sliding_window": 8},
    "gptj": {"rotary_dim": 4},
    "granite": {},
    "levit": {"hidden_sizes": [16, 32, 48], "num_attention_heads": [1, 2, 3], "depths": [1, 1, 1],
              "key_dim": [8, 8, 8], "image_size": 64, "patch_size": 16},
    "lfm2": {"layer_types": ["conv", "full_attention"], "block_auto_adjust_ff_dim": False},
    "longt5": {"d_kv": 8, "num_decoder_layers": 2, "local_radius": 4, "global_block_size": 4},
    "mamba": {"state_size": 4, "time_step_rank": 4},
    "mobilenet_v2": {"image_size": 64},
    "mobilevit": {"image_size": 64, "patch_size": 2, "hidden_sizes": [16, 24, 32],
                  "neck_hidden_sizes": [8, 8, 16, 16, 16, 24, 32]},
    "nystromformer": {"num_landmarks": 4, "segment_means_seq_len": 16, "max_position_embeddings": 64},
    "patchtst": {"num_input_channels": 3, "context_length": 32, "patch_length": 8, "patch_stride": 8,
                 "prediction_length": 4},
    "perceiver": {"num_latents": 8, "d_latents": 32, "d_model": 24, "num_blocks": 1,
                  "num_self_attends_per_block": 2, "num_self_attention_heads": 4,
                  "num_cross_attention_heads": 4},
    "pvt_v2": {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 2, 2],
               "patch_sizes": [7, 3, 3, 3], "image_size": 64},
    "qwen3": {"head_dim": 8},
    "reformer": {"attn_layers": ["local", "lsh"],
                 "axial_pos_shape": [4, 4], "axial_pos_embds_dim": [16, 16],
                 "attention_head_size": 8, "feed_forward_size": 64, "num_buckets": 2, "num_hashes": 1,
                 "lsh_attn_chunk_length": 4, "local_attn_chunk_length": 4, "is_decoder": False,
                 "hash_seed": 1},
    "resnet": {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 2]},
    "rwkv": {"context_length": 32, "attention_hidden_size": 32},
    "segformer": {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "image_size": 64,
                  "num_attention_heads": [1, 2, 2, 2], "patch_sizes": [7, 3, 3, 3]},
    "swin": {"embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4, "image_size": 32,
             "patch_size": 4},
    "swinv2": {"embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4, "image_size": 32,
               "patch_size": 4},
    "squeezebert": {"q_groups": 2, "k_groups": 2, "v_groups": 2, "intermediate_groups": 2,
                    "output_groups": 2, "post_attention_groups": 1},
    "timesformer": {"num_frames": 2},
    "videomae": {"num_frames": 4},
    "vivit": {"num_frames": 4, "tubelet_size": [2, 8, 8]},
    "whisper": {"num_mel_bins": 16, "max_source_positions": 32, "max_target_positions": 32},
    "dinov3_vit": {"patch_size": 8},
    "albert": {"embedding_size": 16},
    "clip": {},
    "stablelm": {},
}  # fmt: skip


def make(name: str) -> Made:
    """A model of transformers by its type, such as bert."""
    from transformers import CONFIG_MAPPING, AutoModel

    config = CONFIG_MAPPING[name](**_small(CONFIG_MAPPING[name], name))
    module = AutoModel.from_config(config).eval()

    def inputs(batch: int, seed: int) -> Inputs:
        draw = torch.Generator().manual_seed(seed)
        return _inputs(name, module, batch, draw)

    return Made(module, inputs)


def _small(kind: Any, name: str) -> dict[str, Any]:  # noqa: ANN401
    own = {**OWN, **CONFIGS}.get(name, {})
    if name == "clip":
        parts = {key: value for key, value in SMALL.items() if key not in ("embed_dim", "dim")}
        return {"text_config": dict(parts), "vision_config": dict(parts), "projection_dim": 16}
    whole = kind()
    parts = {key: part for key, part in kind.sub_configs.items() if part.__name__ != "AutoConfig"}
    return {
        **{key: _small(part, f"{name}/{key}") for key, part in parts.items()},
        **{
            key: value
            for key, value in SMALL.items()
            if key not in own
            and not (name == "funnel" and key == "num_hidden_layers")  # it counts them by block_sizes
            and type(getattr(whole, key, "")) in (int, bool, type(None))
        },
        **own,
    }


def _inputs(name: str, module: Any, batch: int, draw: torch.Generator) -> Inputs:  # noqa: ANN401
    config, main = module.config, module.main_input_name

    def words(length: int) -> torch.Tensor:
        return torch.randint(3, TOKENS, (batch, length), generator=draw)

    def numbers(*shape: int) -> torch.Tensor:
        return torch.randn(batch, *shape, generator=draw)

    size: Any = getattr(config, "image_size", 64)
    own = {
        **dict.fromkeys(
            ("clip", "vilt", *PAIRS), lambda: {"input_ids": words(8), "pixel_values": numbers(3, 32, 32)}
        ),
        "patchtst": lambda: {"past_values": numbers(32, 3)},
        "perceiver": lambda: {"inputs": numbers(10, 24)},
        "whisper": lambda: {"input_features": numbers(16, 64), "decoder_input_ids": words(8)},
        "timesformer": lambda: {"pixel_values": numbers(2, 3, size, size)},
        "videomae": lambda: {"pixel_values": numbers(4, 3, size, size)},
        "vivit": lambda: {"pixel_values": numbers(4, 3, size, size)},
    }
    if name in own:
        return own[name]()
    if found := given(name, words, numbers):
        return found
    if main == "pixel_values":
        side = size if isinstance(size, int) and size <= 64 else 64
        return {main: numbers(3, side, side)}
    if main == "input_values":
        return {main: numbers(1600)}
    pair = {"decoder_input_ids": words(8)} if config.is_encoder_decoder else {}
    return {"input_ids": words(LENGTH), **pair}
