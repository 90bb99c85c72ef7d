"""Metrics of numbers: absolute and squared errors, and the share of the variance that is explained."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from studio.train.metrics.metric import Metric, mean


def _errors(prediction: Tensor, target: Tensor) -> Tensor:
    return prediction.reshape(target.shape).double() - target.double()


def _absolute(prediction: Tensor, target: Tensor) -> Tensor:
    errors = _errors(prediction, target).abs()
    return torch.stack((errors.sum(), errors.new_tensor(errors.numel())))


def _squared(prediction: Tensor, target: Tensor) -> Tensor:
    errors = _errors(prediction, target).square()
    return torch.stack((errors.sum(), errors.new_tensor(errors.numel())))


def _root(sums: Tensor) -> float:
    return math.sqrt(mean(sums))


def _variance(prediction: Tensor, target: Tensor) -> Tensor:
    """Per number of a sample: squared errors, sum, sum of squares, count."""
    truth = target.double().reshape(len(target), -1)
    errors = _errors(prediction, target).reshape(len(target), -1)
    count = truth.new_full((truth.shape[1],), len(truth))
    return torch.stack((errors.square().sum(0), truth.sum(0), truth.square().sum(0), count))


def _explained(sums: Tensor) -> float:
    """1 - squared errors / variance, the mean over the numbers of a sample; none where one never varies."""
    errors, total, squares, count = sums
    spread = squares - total.square() / count
    floor = 1e-12 * squares.clamp_min(1e-300)
    return float((1.0 - errors / spread).mean()) if bool((spread > floor).all()) else math.nan


NUMBERS: Mapping[str, Metric] = {
    "mae": Metric("mae", _absolute, mean),
    "mse": Metric("rmse", _squared, mean),
    "rmse": Metric("rmse", _squared, _root),
    "r2": Metric("r2", _variance, _explained),
}
