"""The few functions and modules that torch lacks; readable source copies those it uses.

Everything is offered here under its own name, which is the one that declarations give. What is copied stands
alone: it may use torch, nn, F, Tensor and math, and nothing else of this package.
"""

from studio.build.blocks.convolution import SeparableConv1d, SeparableConv2d
from studio.build.blocks.functions import add, multiply, reshape
from studio.build.blocks.linear import LoRALinear
from studio.build.blocks.losses import (
    CTC,
    AsIndices,
    AsSigns,
    ClassesAsNumbers,
    Dice,
    Focal,
    KLDivergence,
    WeightedCrossEntropy,
    WeightedNLL,
)
from studio.build.blocks.normalization import ChannelLayerNorm, StochasticDepth
from studio.build.blocks.places import PatchEmbedding, global_avg_pool, global_max_pool
from studio.build.blocks.sequences import (
    CausalAttention,
    ClassToken,
    DotProductAttention,
    LearnedPositions,
    rotary_embedding,
    sinusoidal_positions,
)
from studio.build.blocks.tensors import (
    ConstantTensor,
    HeldTensor,
    LearnedScale,
    LearnedTensor,
    average,
    cast,
    compare,
    cut,
    einsum,
    expand,
    flip,
    gate,
    maximum,
    minimum,
    places,
    power,
    repeat,
    scale,
    view,
)
from studio.build.blocks.transformers import (
    CausalDecoderLayer,
    CausalEncoderLayer,
    Transformer,
    TransformerDecoder,
    TransformerEncoder,
)

__all__ = [
    "CTC",
    "AsIndices",
    "AsSigns",
    "CausalAttention",
    "CausalDecoderLayer",
    "CausalEncoderLayer",
    "ChannelLayerNorm",
    "ClassToken",
    "ClassesAsNumbers",
    "ConstantTensor",
    "Dice",
    "DotProductAttention",
    "Focal",
    "HeldTensor",
    "KLDivergence",
    "LearnedPositions",
    "LearnedScale",
    "LearnedTensor",
    "LoRALinear",
    "PatchEmbedding",
    "SeparableConv1d",
    "SeparableConv2d",
    "StochasticDepth",
    "Transformer",
    "TransformerDecoder",
    "TransformerEncoder",
    "WeightedCrossEntropy",
    "WeightedNLL",
    "add",
    "average",
    "cast",
    "compare",
    "cut",
    "einsum",
    "expand",
    "flip",
    "gate",
    "global_avg_pool",
    "global_max_pool",
    "maximum",
    "minimum",
    "multiply",
    "places",
    "power",
    "repeat",
    "reshape",
    "rotary_embedding",
    "scale",
    "sinusoidal_positions",
    "view",
]
