# type: ignore
# Keras knows most types at run time only.
"""Losses that Keras lacks, or computes otherwise than torch; scores of classes have the classes last."""

from __future__ import annotations

import keras
from keras import ops


def likelihood(
    logs: keras.KerasTensor,
    y_true: keras.KerasTensor,
    smoothing: float = 0.0,
    weights: tuple[float, ...] | None = None,
    ignored: int = -100,
) -> keras.KerasTensor:
    """Minus the logarithm of the right class's share: the mean of all that count."""
    y_true, classes = ops.cast(y_true, "int32"), logs.shape[-1]
    counted = ops.cast(ops.not_equal(y_true, ignored), logs.dtype)
    chosen = ops.one_hot(ops.maximum(y_true, 0), classes, dtype=logs.dtype)
    each = ops.ones((classes,), dtype=logs.dtype)
    if weights is not None:
        each = ops.convert_to_tensor(weights, dtype=logs.dtype)
    whole = ops.sum(ops.sum(chosen * each, axis=-1) * counted)
    right = -ops.sum(ops.sum(chosen * each * logs, axis=-1) * counted) / whole
    if not smoothing:
        return right
    every = -ops.sum(ops.sum(each * logs, axis=-1) * counted) / whole
    return (1 - smoothing) * right + smoothing / classes * every


def cross_entropy(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, **settings: object
) -> keras.KerasTensor:
    """Cross-entropy of raw scores, with smoothing, weights of classes and a class ignored."""
    return likelihood(ops.log_softmax(y_pred), y_true, **settings)


def negative_log_likelihood(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, **settings: object
) -> keras.KerasTensor:
    """Minus the right class's value, from logarithms of shares."""
    return likelihood(y_pred, y_true, **settings)


def smooth_l1(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, beta: float = 1.0
) -> keras.KerasTensor:
    """Squared for small differences, absolute for large ones, with a slope of 1 there."""
    apart = ops.abs(y_pred - ops.cast(y_true, y_pred.dtype))
    return ops.mean(ops.where(apart < beta, 0.5 * apart**2 / beta, apart - 0.5 * beta))


def poisson_nll(
    y_true: keras.KerasTensor,
    y_pred: keras.KerasTensor,
    log_input: bool = True,
    full: bool = False,
    epsilon: float = 1e-8,
) -> keras.KerasTensor:
    """How unlikely counts are of a Poisson distribution with the predicted mean."""
    y_true = ops.cast(y_true, y_pred.dtype)
    logs = y_pred if log_input else ops.log(y_pred + epsilon)
    each = (ops.exp(y_pred) if log_input else y_pred) - y_true * logs
    if full:
        sure = ops.maximum(y_true, 1.0)
        rest = y_true * ops.log(sure) - y_true + 0.5 * ops.log(6.283185307179586 * sure)
        each = each + ops.where(y_true > 1.0, rest, 0.0)
    return ops.mean(each)


def gaussian_nll(
    y_true: keras.KerasTensor,
    y_pred: keras.KerasTensor,
    variance: keras.KerasTensor,
    full: bool = False,
    epsilon: float = 1e-6,
) -> keras.KerasTensor:
    """How unlikely numbers are of a normal distribution with the predicted mean and variance."""
    held = ops.stop_gradient(ops.maximum(variance, epsilon) - variance) + variance
    apart = ops.square(y_pred - ops.cast(y_true, y_pred.dtype))
    loss = ops.mean(0.5 * (ops.log(held) + apart / held))
    return loss + 0.9189385332046727 if full else loss


def kl_divergence(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, log_target: bool = False
) -> keras.KerasTensor:
    """How much shares differ from those predicted in logarithms, the mean of all samples."""
    y_true = ops.cast(y_true, y_pred.dtype)
    if log_target:
        each = ops.exp(y_true) * (y_true - y_pred)
    else:
        known = ops.log(ops.maximum(y_true, 1e-38))
        each = ops.where(y_true > 0, y_true * known, 0.0) - y_true * y_pred
    return ops.sum(each) / ops.cast(ops.shape(y_pred)[0], y_pred.dtype)


def focal(
    y_true: keras.KerasTensor,
    y_pred: keras.KerasTensor,
    gamma: float = 2.0,
    ignored: int = -100,
) -> keras.KerasTensor:
    """Cross-entropy of classes that counts the less what is said rightly already."""
    y_true = ops.cast(y_true, "int32")
    counted = ops.cast(ops.not_equal(y_true, ignored), y_pred.dtype)
    chosen = ops.one_hot(ops.maximum(y_true, 0), y_pred.shape[-1], dtype=y_pred.dtype)
    plain = -ops.sum(chosen * ops.log_softmax(y_pred), axis=-1)
    each = (1 - ops.exp(-plain)) ** gamma * plain
    return ops.sum(each * counted) / ops.maximum(ops.sum(counted), 1.0)


def binary_focal(
    y_true: keras.KerasTensor,
    y_pred: keras.KerasTensor,
    gamma: float = 2.0,
    alpha: float | None = None,
) -> keras.KerasTensor:
    """Cross-entropy of yes and no that counts the less what is said rightly already."""
    y_true, share = ops.cast(y_true, y_pred.dtype), ops.sigmoid(y_pred)
    plain = ops.relu(y_pred) - y_pred * y_true + ops.log1p(ops.exp(-ops.abs(y_pred)))
    wrong = share * (1 - y_true) + (1 - share) * y_true
    each = wrong**gamma * plain
    if alpha is not None:
        each = each * (alpha * y_true + (1 - alpha) * (1 - y_true))
    return ops.mean(each)


def dice(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, smooth: float = 1.0
) -> keras.KerasTensor:
    """1 − the overlap of what is said and what is true, by class and sample."""
    classes = y_pred.shape[-1]
    shares = ops.reshape(ops.softmax(y_pred), (ops.shape(y_pred)[0], -1, classes))
    truth = ops.one_hot(ops.cast(y_true, "int32"), classes, dtype=y_pred.dtype)
    truth = ops.reshape(truth, ops.shape(shares))
    overlap, size = ops.sum(shares * truth, axis=1), ops.sum(shares + truth, axis=1)
    return ops.mean(1 - (2 * overlap + smooth) / (size + smooth))


def binary_dice(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, smooth: float = 1.0
) -> keras.KerasTensor:
    """1 − the overlap of yes that is said and yes that is true, by channel and sample."""
    shares, truth = ops.sigmoid(y_pred), ops.cast(y_true, y_pred.dtype)
    parts = y_pred.shape[-1] if len(y_pred.shape) > 3 else 1
    shape = (ops.shape(y_pred)[0], -1, parts)
    shares, truth = ops.reshape(shares, shape), ops.reshape(truth, shape)
    overlap, size = ops.sum(shares * truth, axis=1), ops.sum(shares + truth, axis=1)
    return ops.mean(1 - (2 * overlap + smooth) / (size + smooth))


def multi_margin(
    y_true: keras.KerasTensor,
    y_pred: keras.KerasTensor,
    margin: float = 1.0,
    p: int = 1,
) -> keras.KerasTensor:
    """How far other scores come within a margin of the right one."""
    chosen = ops.one_hot(
        ops.cast(y_true, "int32"), y_pred.shape[-1], dtype=y_pred.dtype
    )
    right = ops.sum(chosen * y_pred, axis=-1, keepdims=True)
    within = ops.relu(margin - right + y_pred) ** p * (1 - chosen)
    return ops.mean(ops.sum(within, axis=-1) / y_pred.shape[-1])


def multi_label_margin(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor
) -> keras.KerasTensor:
    """How far scores of others come within a margin of those of all true classes."""
    classes = y_pred.shape[-1]
    there = ops.cumprod(ops.cast(y_true >= 0, y_pred.dtype), axis=-1)
    listed = ops.cast(ops.maximum(y_true, 0), "int32")
    marked = ops.one_hot(listed, classes, dtype=y_pred.dtype) * there[..., None]
    true = ops.max(marked, axis=-2)
    scores = ops.sum(marked * y_pred[..., None, :], axis=-1)
    within = ops.relu(1 - (scores[..., :, None] - y_pred[..., None, :]))
    within = within * there[..., :, None] * (1 - true)[..., None, :]
    return ops.mean(ops.sum(within, axis=(-2, -1)) / classes)


def ctc(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, blank: int = 0
) -> keras.KerasTensor:
    """The likelihood of all ways to stretch the target over the steps, by symbol."""
    y_true = ops.cast(y_true, "int32")
    known = ops.logical_and(y_true != blank, y_true >= 0)
    lengths = ops.sum(ops.cast(known, "int32"), axis=1)
    steps = ops.full_like(lengths, y_pred.shape[1])
    each = ops.ctc_loss(
        ops.maximum(y_true, 0), y_pred, lengths, steps, mask_index=blank
    )
    each = each - ops.sum(ops.logsumexp(y_pred, axis=-1), axis=1)
    return ops.mean(each / ops.cast(ops.maximum(lengths, 1), each.dtype))


def signs_of(y_true: keras.KerasTensor) -> keras.KerasTensor:
    """1 for yes (above 0), −1 for no."""
    return ops.where(y_true > 0, 1.0, -1.0)


def hinge_embedding(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, margin: float = 1.0
) -> keras.KerasTensor:
    """A distance is small for yes, and at least a margin for no."""
    yes = ops.reshape(signs_of(y_true), ops.shape(y_pred)) > 0
    return ops.mean(ops.where(yes, y_pred, ops.relu(margin - y_pred)))


def margin_ranking(
    y_true: keras.KerasTensor,
    first: keras.KerasTensor,
    second: keras.KerasTensor,
    margin: float = 0.0,
) -> keras.KerasTensor:
    """The first of two scores is the larger for yes, the second for no."""
    signs = ops.reshape(signs_of(y_true), ops.shape(first))
    return ops.mean(ops.relu(margin - signs * (first - second)))


def cosine_embedding(
    y_true: keras.KerasTensor,
    first: keras.KerasTensor,
    second: keras.KerasTensor,
    margin: float = 0.0,
) -> keras.KerasTensor:
    """Two vectors point the same way for yes, and apart for no."""
    lengths = ops.sum(first**2, axis=-1) * ops.sum(second**2, axis=-1)
    cosine = ops.sum(first * second, axis=-1) * ops.rsqrt(lengths + 1e-12)
    yes = ops.reshape(signs_of(y_true), (-1,)) > 0
    return ops.mean(ops.where(yes, 1 - cosine, ops.relu(cosine - margin)))


def triplet_margin(
    anchor: keras.KerasTensor,
    positive: keras.KerasTensor,
    negative: keras.KerasTensor,
    margin: float = 1.0,
    p: float = 2.0,
    epsilon: float = 1e-6,
    swap: bool = False,
) -> keras.KerasTensor:
    """An anchor is nearer to what is like it than to what is not, by a margin."""

    def apart(one: keras.KerasTensor, other: keras.KerasTensor) -> keras.KerasTensor:
        return ops.sum(ops.abs(one - other + epsilon) ** p, axis=-1) ** (1 / p)

    far = apart(anchor, negative)
    if swap:
        far = ops.minimum(far, apart(positive, negative))
    return ops.mean(ops.relu(apart(anchor, positive) - far + margin))
