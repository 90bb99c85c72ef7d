"""The twins of all layers, and what comes nearest to those that have none."""

from __future__ import annotations

from collections.abc import Mapping

from studio.build.plan import Step
from studio.interchange.keras.twin import Twin
from studio.interchange.keras.twins.activation import ACTIVATION
from studio.interchange.keras.twins.attention import ATTENTION
from studio.interchange.keras.twins.convolution import CONVOLUTION
from studio.interchange.keras.twins.expression import EXPRESSION
from studio.interchange.keras.twins.linear import LINEAR
from studio.interchange.keras.twins.merge import MERGE
from studio.interchange.keras.twins.normalization import NORMALIZATION
from studio.interchange.keras.twins.parts import PARTS
from studio.interchange.keras.twins.pooling import POOLING
from studio.interchange.keras.twins.recurrent import RECURRENT
from studio.interchange.keras.twins.reduction import REDUCTION
from studio.interchange.keras.twins.regularization import REGULARIZATION
from studio.interchange.keras.twins.resize import RESIZE
from studio.interchange.keras.twins.shape import SHAPE
from studio.interchange.keras.twins.transformer import TRANSFORMER

TWINS: Mapping[str, Twin] = {
    **CONVOLUTION,
    **LINEAR,
    **NORMALIZATION,
    **ACTIVATION,
    **POOLING,
    **REGULARIZATION,
    **SHAPE,
    **MERGE,
    **REDUCTION,
    **PARTS,
    **RECURRENT,
    **ATTENTION,
    **TRANSFORMER,
    **RESIZE,
    **EXPRESSION,
}
"""By the type of layer."""
NEAREST: Mapping[str, str] = {
    "FractionalMaxPool2d": "Keras draws no windows at random; take AdaptiveMaxPool2d with the size wanted.",
    "PythonLayer": "A class of your own cannot be translated; write it again as a keras.layers.Layer.",
    "Module": "A torch module cannot be translated; draw what it does with layers of the catalog.",
}
"""What to do instead of the types that have no twin, a sentence each."""
UNKNOWN = "Nothing in Keras is known for it; draw what it does with layers of the catalog."


def twin_of(step: Step) -> Twin | None:
    """The twin of a step, None where its type or one of its settings has none."""
    twin = TWINS.get(step.layer.type)
    return None if twin is None or twin.lacks(step) else twin


def nearest(step: Step) -> str:
    """What comes nearest to a step that Keras cannot say, or not quite; "" where it can."""
    twin = TWINS.get(step.layer.type)
    if twin is None:
        return NEAREST.get(step.layer.type, UNKNOWN)
    return twin.lacks(step) or twin.differs(step)
