"""Functions of torch on a module's own weights as layers: F.linear is a Linear, F.conv2d a Conv2d."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.interchange.modules.layer_call import (
    Args,
    Make,
    NoLayerError,
    Owned,
    Raised,
    input_of,
    one_of_equal,
    tensor_of,
    weights_of,
)
from studio.interchange.modules.values import Op


def _linear(op: Op, args: Args, owned: Owned) -> Raised:
    weights = weights_of(args, owned, "weight", "bias")
    params = {"out_features": weights["weight"].shape[0], "bias": "bias" in weights}
    return Raised("Linear", params, input_of(args), weights=weights)


def _conv(dims: int, transposed: bool = False) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        weights = weights_of(args, owned, "weight", "bias")
        shape, groups = weights["weight"].shape, args.get("groups", 1)
        if len(tensor_of(args["input"]).shape) != dims + 2:
            raise NoLayerError
        params: dict[str, Any] = {
            "out_channels": shape[1] * groups if transposed else shape[0],
            "kernel_size": one_of_equal(shape[2:]),
            "bias": "bias" in weights,
        }
        for name in ("stride", "padding", "output_padding", "dilation", "groups"):
            if name in args:
                params[name] = one_of_equal(args[name])
        return Raised(f"Conv{'Transpose' * transposed}{dims}d", params, input_of(args), weights=weights)

    return make


def _layer_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = weights_of(args, owned, "weight", "bias")
    dims = len(args["normalized_shape"])
    if "weight" not in weights and "bias" in weights:
        raise NoLayerError
    affine: dict[str, Any] = {"elementwise_affine": "weight" in weights, "eps": args.get("eps", 1e-5)}
    affine |= {"bias": "bias" in weights} if "weight" in weights else {}
    return Raised("LayerNorm", {"dims": dims, **affine}, input_of(args), weights=weights)


def _rms_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = weights_of(args, owned, "weight")
    params = {
        "dims": len(args["normalized_shape"]),
        "eps": args.get("eps"),
        "elementwise_affine": bool(weights),
    }
    return Raised("RMSNorm", params, input_of(args), weights=weights)


def _batch_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = weights_of(args, owned, "weight", "bias", "running_mean", "running_var")
    rank = len(tensor_of(args["input"]).shape)
    if args.get("training") or len(weights) not in (2, 4) or "running_mean" not in weights:
        raise NoLayerError
    dims = {2: 1, 3: 1, 4: 2, 5: 3}[rank]
    params = {
        "affine": "weight" in weights,
        "eps": args.get("eps", 1e-5),
        "momentum": args.get("momentum", 0.1),
    }
    return Raised(f"BatchNorm{dims}d", params, input_of(args), weights=weights)


def _group_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = weights_of(args, owned, "weight", "bias")
    if len(weights) == 1:
        raise NoLayerError
    params = {"num_groups": args["num_groups"], "eps": args.get("eps", 1e-5), "affine": bool(weights)}
    return Raised("GroupNorm", params, input_of(args), weights=weights)


def _embedding(op: Op, args: Args, owned: Owned) -> Raised:
    weights = weights_of(args, owned, "weight")
    count, size = weights["weight"].shape
    padding = args.get("padding_idx")
    params: dict[str, Any] = {"num_embeddings": count, "embedding_dim": size}
    if isinstance(padding, int) and padding >= 0:
        params["padding_idx"] = padding
    if args.get("max_norm") is not None or args.get("sparse"):
        raise NoLayerError
    return Raised("Embedding", params, input_of(args), weights=weights)


CONV = "input weight bias stride padding dilation groups"
TRANSPOSED = "input weight bias stride padding output_padding groups dilation"
WEIGHTS: Mapping[str, tuple[str, Make]] = {
    "linear": ("input weight bias", _linear),
    **{f"conv{n}d": (CONV, _conv(n)) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": (TRANSPOSED, _conv(n, True)) for n in (1, 2, 3)},
    "layer_norm": ("input normalized_shape weight bias eps cudnn_enable", _layer_norm),
    "rms_norm": ("input normalized_shape weight eps", _rms_norm),
    "batch_norm": ("input running_mean running_var weight bias training momentum eps cudnn", _batch_norm),
    "group_norm": ("input num_groups weight bias eps cudnn_enabled", _group_norm),
    "embedding": ("input weight padding_idx max_norm norm_type scale_grad_by_freq sparse", _embedding),
}
"""By function: the names of its arguments, and what makes a layer of a call."""
