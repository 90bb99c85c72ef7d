"""All layers, in palette order, one file per family."""

from __future__ import annotations

from studio.catalog.layers.activation import ACTIVATION
from studio.catalog.layers.arithmetic import ARITHMETIC
from studio.catalog.layers.attention import ATTENTION
from studio.catalog.layers.convolution import CONVOLUTION
from studio.catalog.layers.custom import CUSTOM
from studio.catalog.layers.embedding import EMBEDDING
from studio.catalog.layers.io import INPUT_OUTPUT
from studio.catalog.layers.linear import IDENTITY, LINEAR
from studio.catalog.layers.loss import LOSS
from studio.catalog.layers.normalization import NORMALIZATION
from studio.catalog.layers.pooling import POOLING
from studio.catalog.layers.recurrent import RECURRENT
from studio.catalog.layers.regularization import REGULARIZATION
from studio.catalog.layers.shape import SHAPE
from studio.catalog.registry import Layer

LAYERS: tuple[Layer, ...] = (
    *INPUT_OUTPUT,
    *CONVOLUTION,
    *LINEAR,
    *EMBEDDING,
    *NORMALIZATION,
    *ACTIVATION,
    *POOLING,
    *REGULARIZATION,
    *RECURRENT,
    *ATTENTION,
    *ARITHMETIC,
    *SHAPE,
    *IDENTITY,
    *LOSS,
    *CUSTOM,
)
