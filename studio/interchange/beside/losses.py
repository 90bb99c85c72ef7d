"""The losses of a drawing as Keras computes them, from the values of the same settings: as torch's, digit by
digit but for rounding. Keras is loaded with the first one that is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Values = Mapping[str, Any]
Tensors = Sequence[Any]
"""Keras tensors, in the order of the loss's ports, classes in the second dimension as torch has them."""
Loss = Callable[[Tensors], Any]
LEAST_LOG = -100.0
"""torch's limit of a logarithm in binary cross-entropy."""


def _ops() -> Any:  # noqa: ANN401
    import keras

    return keras.ops


def knows(type: str) -> bool:
    """Whether a loss of that type can be computed in Keras."""
    return type in _MAKERS


def loss_of(type: str, values: Values, adaptation: str) -> Loss:
    """The loss over its tensors; `adaptation` says how the target becomes what it takes."""
    made = _MAKERS[type](values)
    if not adaptation:
        return made
    return lambda tensors: made(_adapted(list(tensors), adaptation))


def _adapted(tensors: list[Any], adaptation: str) -> list[Any]:
    ops = _ops()

    at = 2 if adaptation == "signs" and len(tensors) > 2 else 1
    said, target = tensors[0], tensors[at]
    if adaptation == "numbers":
        target = ops.reshape(ops.cast(target, said.dtype), ops.shape(said))
    elif adaptation == "signs":
        target = ops.reshape(ops.where(target > 0, 1.0, -1.0), ops.shape(said))
    tensors[at] = target
    return tensors


def _pieces() -> Any:  # noqa: ANN401
    """The losses that exported source holds, too: they take classes last, and the target first."""
    from studio.interchange.keras.pieces import losses

    return losses


def _of_classes(name: str) -> Callable[[Values], Loss]:
    """A loss of classes among those pieces."""

    def make(values: Values) -> Loss:
        compute = getattr(_pieces(), name)
        settings = {
            "smoothing": float(values.get("label_smoothing", 0.0)),
            "weights": _weights(values.get("class_weights")),
            "ignored": int(values["ignore_index"]),
        }
        return lambda tensors: compute(tensors[1], _ops().moveaxis(tensors[0], 1, -1), **settings)

    return make


def _of_piece(name: str, *settings: str, **renamed: str) -> Callable[[Values], Loss]:
    """Another one of those, with settings of the same name and of others, as far as they apply."""

    def make(values: Values) -> Loss:
        compute = getattr(_pieces(), name)
        named = {**dict(zip(settings, settings, strict=True)), **renamed}
        given = {key: values[of] for key, of in named.items() if of in values}
        return lambda tensors: compute(tensors[1], tensors[0], *tensors[2:], **given)

    return make


def _weights(given: Any) -> tuple[float, ...] | None:  # noqa: ANN401
    """A weight for each class, from a text or as numbers; None where all count alike."""
    if not given:
        return None
    return tuple(float(one) for one in (given.split(",") if isinstance(given, str) else given))


def _bce_with_logits(values: Values) -> Loss:
    ops = _ops()

    def loss(tensors: Tensors) -> Any:  # noqa: ANN401
        scores, target = tensors[0], ops.cast(tensors[1], tensors[0].dtype)
        return ops.mean(ops.relu(scores) - scores * target + ops.log1p(ops.exp(-ops.abs(scores))))

    return loss


def _bce(values: Values) -> Loss:
    ops = _ops()

    def loss(tensors: Tensors) -> Any:  # noqa: ANN401
        shares, target = tensors[0], ops.cast(tensors[1], tensors[0].dtype)
        yes, no = (ops.maximum(ops.log(one), LEAST_LOG) for one in (shares, 1.0 - shares))
        return -ops.mean(target * yes + (1.0 - target) * no)

    return loss


def _of_difference(way: Callable[[Any, Any, Values], Any]) -> Callable[[Values], Loss]:
    """A loss that is the mean of something of the difference; `way` gets keras.ops and its size."""

    def make(values: Values) -> Loss:
        ops = _ops()

        def loss(tensors: Tensors) -> Any:  # noqa: ANN401
            said, target = tensors[0], tensors[1]
            return ops.mean(way(ops, ops.abs(said - ops.cast(target, said.dtype)), values))

        return loss

    return make


def _huber(ops: Any, size: Any, values: Values) -> Any:  # noqa: ANN401
    delta = float(values["delta"])
    return ops.where(size < delta, 0.5 * size * size, delta * (size - 0.5 * delta))


_MAKERS: Mapping[str, Callable[[Values], Loss]] = {
    "CrossEntropy": _of_classes("cross_entropy"),
    "NLL": _of_classes("negative_log_likelihood"),
    "BCEWithLogits": _bce_with_logits,
    "BCE": _bce,
    "MSE": _of_difference(lambda ops, size, values: ops.square(size)),
    "L1": _of_difference(lambda ops, size, values: size),
    "SmoothL1": _of_piece("smooth_l1", "beta"),
    "Huber": _of_difference(_huber),
    "PoissonNLL": _of_piece("poisson_nll", "log_input", "full", epsilon="eps"),
    "GaussianNLL": _of_piece("gaussian_nll", "full", epsilon="eps"),
    "KLDiv": _of_piece("kl_divergence", "log_target"),
}
