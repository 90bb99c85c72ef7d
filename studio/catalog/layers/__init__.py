"""All layers, in palette order, one file per family."""

from __future__ import annotations

from studio.catalog.layers.activation import ACTIVATION
from studio.catalog.layers.arithmetic import ARITHMETIC
from studio.catalog.layers.attention import ATTENTION
from studio.catalog.layers.constants import CONSTANTS
from studio.catalog.layers.convolution import CONVOLUTION
from studio.catalog.layers.custom import CUSTOM
from studio.catalog.layers.embedding import EMBEDDING
from studio.catalog.layers.io import INPUT_OUTPUT
from studio.catalog.layers.linear import IDENTITY, LINEAR
from studio.catalog.layers.loss import LOSS
from studio.catalog.layers.merge import MERGE
from studio.catalog.layers.normalization import NORMALIZATION
from studio.catalog.layers.pieces import PIECES
from studio.catalog.layers.pooling import POOLING
from studio.catalog.layers.positions import POSITIONS
from studio.catalog.layers.recurrent import RECURRENT
from studio.catalog.layers.reduction import REDUCTION
from studio.catalog.layers.regularization import REGULARIZATION
from studio.catalog.layers.resize import RESIZE
from studio.catalog.layers.shape import SHAPE
from studio.catalog.layers.transformer import TRANSFORMER
from studio.catalog.registry import Layer

LAYERS: tuple[Layer, ...] = (
    *INPUT_OUTPUT,
    *CONSTANTS,
    *CONVOLUTION,
    *LINEAR,
    *EMBEDDING,
    *NORMALIZATION,
    *ACTIVATION,
    *POOLING,
    *REGULARIZATION,
    *RECURRENT,
    *ATTENTION,
    *TRANSFORMER,
    *POSITIONS,
    *MERGE,
    *ARITHMETIC,
    *REDUCTION,
    *SHAPE,
    *PIECES,
    *RESIZE,
    *IDENTITY,
    *LOSS,
    *CUSTOM,
)
