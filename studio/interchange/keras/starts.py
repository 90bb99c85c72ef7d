"""What the weights of a Keras layer start at, as the options of the node say it (catalog/initial.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from studio.build.plan import Step

Options = Mapping[str, Any]
SPREAD = r"Dense|Conv\dD|Conv\dDTranspose|Embedding|SimpleRNN|LSTM|GRU"
"""Layers whose number of inputs and outputs Keras counts as torch does."""
WEIGHTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"Dense|Conv\dD|Conv\dDTranspose|MultiHeadAttention", ("kernel",)),
    (r"SimpleRNN|LSTM|GRU", ("kernel", "recurrent")),
    (r"DepthwiseConv\dD", ("depthwise",)),
    (r"SeparableConv\dD", ("depthwise", "pointwise")),
    (r"Embedding", ("embeddings",)),
    (r"BatchNormalization|LayerNormalization|GroupNormalization", ("gamma",)),
    (r"PReLU", ("alpha",)),
)
"""What Keras calls the weights of its layers."""
OFFSETS = r"BatchNormalization|LayerNormalization|GroupNormalization"
FULL = r"Linear|Conv\dd|ConvTranspose\dd|Embedding|EmbeddingBag|PatchEmbedding|RNN|LSTM|GRU"
"""Nodes whose weights may start at anything in Keras too."""
PLAIN = r"MultiheadAttention|DepthwiseConv\dd|SeparableConv\dd|BatchNorm\dd|LayerNorm|GroupNorm|PReLU"
"""Nodes whose weights may start at numbers of their own, but at no spread that follows from their sizes."""
SPREADS = ("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal")
GATED = ("SimpleRNN", "LSTM", "GRU")
"""torch has two biases here, each of which starts at a number."""
NARROW = 0.5
"""Up to this deviation hardly a number lies beyond the 2 at which torch cuts its normal distribution."""
UNSAID = "Keras' layer starts with other weights than {} makes; those of the drawing go with the source."
RATE = "Keras learns all weights at one rate; lr_factor is left out."


def starts(kind: str, options: Options) -> Iterator[str]:
    """The arguments of a Keras layer for what its weights start at, where the node says more than default."""
    for name in _names(kind):
        if text := _initializer(kind, options):
            yield f"{name}_initializer={text}"
    if options.get("bias_init") == "constant" and kind not in GATED:
        name = "beta" if re.fullmatch(OFFSETS, kind) else "bias"
        yield f"{name}_initializer=keras.initializers.Constant({options['bias_value']!r})"


def _names(kind: str) -> tuple[str, ...]:
    return next((names for pattern, names in WEIGHTS if re.fullmatch(pattern, kind)), ())


def _initializer(kind: str, options: Options) -> str:
    """The initializer as code; "" where Keras' own stays."""
    init, spread = options.get("init", "default"), re.fullmatch(SPREAD, kind)
    made: Mapping[str, str] = {
        "zeros": '"zeros"',
        "constant": f"keras.initializers.Constant({options.get('init_value')!r})",
        "normal": f"keras.initializers.RandomNormal(stddev={options.get('init_std')!r})",
        "truncated_normal": _truncated(options),
    }
    if init in made:
        return made[str(init)]
    if init == "orthogonal" and spread:
        gain = options.get("init_gain", 1.0)
        return f"keras.initializers.Orthogonal({'' if gain == 1.0 else repr(gain)})"
    return _spread(kind, str(init), options) if spread and init != "default" else ""


def _truncated(options: Options) -> str:
    kind = "RandomNormal" if float(options.get("init_std") or 0.0) <= NARROW else "TruncatedNormal"
    return f"keras.initializers.{kind}(stddev={options.get('init_std')!r})"


def _spread(kind: str, init: str, options: Options) -> str:
    """A spread that follows from how many inputs and outputs there are."""
    way, _, form = init.partition("_")
    drawn = '"uniform"' if form == "uniform" else '"untruncated_normal"'
    mode, scale = "fan_avg", float(options.get("init_gain", 1.0)) ** 2
    if way == "kaiming":
        turned = {"fan_in": "fan_out", "fan_out": "fan_in"} if kind == "Embedding" else {}
        mode = str(options.get("init_mode", "fan_in"))
        mode, scale = turned.get(mode, mode), 2.0
    return f'keras.initializers.VarianceScaling({scale!r}, "{mode}", {drawn})'


def unsaid(step: Step) -> Iterator[str]:
    """What of a node's options for its weights Keras leaves out."""
    init = step.options.get("init", "default")
    if init != "default" and not _is_said(step, str(init)):
        yield UNSAID.format(f"init={init}")
    if step.options.get("lr_factor", 1.0) != 1.0:
        yield RATE


def _is_said(step: Step, init: str) -> bool:
    type = step.layer.type
    alone = step.kwargs.get("groups", 1) == step.inputs[0].shape[1] != 1 if "groups" in step.kwargs else False
    if re.fullmatch(FULL, type) and not alone:
        return True
    return bool(re.fullmatch(f"{FULL}|{PLAIN}", type)) and init not in SPREADS
