"""The losses of a drawing as Keras computes them, from the values of the same settings: as torch's, digit by
digit but for rounding. Keras is loaded with the first one that is made.
"""

from __future__ import annotations

import math
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


def _classes(values: Values) -> Loss:
    ops = _ops()

    return _likelihood(values, lambda scores: ops.log_softmax(scores, axis=1))


def _nll(values: Values) -> Loss:
    return _likelihood(values, lambda logs: logs)


def _likelihood(values: Values, logs_of: Callable[[Any], Any]) -> Loss:
    """Minus the logarithm of the right class's share, weighted, smoothed, without what is ignored."""
    ops = _ops()

    weights = _weights(values.get("class_weights"))
    smoothing, ignored = float(values.get("label_smoothing", 0.0)), int(values["ignore_index"])

    def loss(tensors: Tensors) -> Any:  # noqa: ANN401
        logs, target = logs_of(tensors[0]), ops.cast(tensors[1], "int32")
        counted = ops.cast(ops.not_equal(target, ignored), logs.dtype)
        classes = logs.shape[1]
        spread = ops.one_hot(ops.where(ops.equal(target, ignored), 0, target), classes, axis=1)
        spread = ops.cast(spread, logs.dtype)
        each = ops.ones((classes,)) if weights is None else ops.convert_to_tensor(weights, logs.dtype)
        each = ops.reshape(each, (1, classes, *([1] * (len(logs.shape) - 2))))
        whole = ops.sum(ops.sum(spread * each, axis=1) * counted)
        right = -ops.sum(ops.sum(spread * each * logs, axis=1) * counted) / whole
        if not smoothing:
            return right
        all_of = -ops.sum(ops.sum(each * logs, axis=1) * counted) / whole
        return (1.0 - smoothing) * right + smoothing / classes * all_of

    return loss


def _weights(given: Any) -> list[float] | None:  # noqa: ANN401
    """A weight for each class, from a text or as numbers; None where all count alike."""
    if not given:
        return None
    return [float(one) for one in (given.split(",") if isinstance(given, str) else given)]


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


def _smooth_l1(ops: Any, size: Any, values: Values) -> Any:  # noqa: ANN401
    beta = float(values["beta"])
    return ops.where(size < beta, 0.5 * size * size / beta, size - 0.5 * beta)


def _huber(ops: Any, size: Any, values: Values) -> Any:  # noqa: ANN401
    delta = float(values["delta"])
    return ops.where(size < delta, 0.5 * size * size, delta * (size - 0.5 * delta))


def _poisson(values: Values) -> Loss:
    ops = _ops()

    def loss(tensors: Tensors) -> Any:  # noqa: ANN401
        said, target = tensors[0], ops.cast(tensors[1], tensors[0].dtype)
        if values["log_input"]:
            each = ops.exp(said) - target * said
        else:
            each = said - target * ops.log(said + float(values["eps"]))
        if values["full"]:
            sure = ops.maximum(target, 1.0)
            rest = target * ops.log(sure) - target + 0.5 * ops.log(2.0 * math.pi * sure)
            each = each + ops.where(target > 1.0, rest, 0.0)
        return ops.mean(each)

    return loss


def _gaussian(values: Values) -> Loss:
    ops = _ops()

    def loss(tensors: Tensors) -> Any:  # noqa: ANN401
        said, target, variance = tensors[0], ops.cast(tensors[1], tensors[0].dtype), tensors[2]
        held = ops.stop_gradient(ops.maximum(variance, float(values["eps"])) - variance) + variance
        each = 0.5 * (ops.log(held) + ops.square(said - target) / held)
        return ops.mean(each) + (0.5 * math.log(2.0 * math.pi) if values["full"] else 0.0)

    return loss


def _divergence(values: Values) -> Loss:
    ops = _ops()

    def loss(tensors: Tensors) -> Any:  # noqa: ANN401
        logs, target = tensors[0], ops.cast(tensors[1], tensors[0].dtype)
        if values["log_target"]:
            each = ops.exp(target) * (target - logs)
        else:
            known = ops.log(ops.maximum(target, 1e-38))
            each = ops.where(target > 0, target * known, 0.0) - target * logs
        return ops.sum(each) / ops.cast(ops.shape(logs)[0], logs.dtype)

    return loss


_MAKERS: Mapping[str, Callable[[Values], Loss]] = {
    "CrossEntropy": _classes,
    "NLL": _nll,
    "BCEWithLogits": _bce_with_logits,
    "BCE": _bce,
    "MSE": _of_difference(lambda ops, size, values: ops.square(size)),
    "L1": _of_difference(lambda ops, size, values: size),
    "SmoothL1": _of_difference(_smooth_l1),
    "Huber": _of_difference(_huber),
    "PoissonNLL": _poisson,
    "GaussianNLL": _gaussian,
    "KLDiv": _divergence,
}
