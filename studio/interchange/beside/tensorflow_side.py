"""The side of TensorFlow: the same network in Keras, trained by its optimizers on what was handed over.

It knows neither torch nor the project: source, arrays and settings come as files.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from studio.errors import StudioError
from studio.interchange.beside.handover import SOURCE, Array, Handover
from studio.interchange.beside.losses import loss_of
from studio.interchange.beside.side import SHOWN, Order, Tell, serve
from studio.interchange.keras.child import model_of, put_weights

ENVIRONMENT: Mapping[str, str] = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
}
"""Both compute on the processor, and only errors are printed."""
UNDECAYED = ("bias", "gamma", "beta")
COMPARED = "compared "
"""Begins the name of a field that a loss compares with; no input's name has a space."""


class TensorFlowSide:
    """A Keras network with its optimizer; one step is one graph that TensorFlow runs."""

    def __init__(self) -> None:
        import keras
        import tensorflow as tf

        self._tf, self._keras = tf, keras
        self._hand: Handover
        self._done = 0

    def prepare(self, order: Order) -> Mapping[str, Any]:
        """Build the network, give it the weights, and take the data into memory."""
        tf, keras = self._tf, self._keras
        self._hand = Handover(Path(order["handover"]))
        self._spec = spec = self._hand.spec()
        tf.config.threading.set_intra_op_parallelism_threads(spec["threads"])
        tf.config.threading.set_inter_op_parallelism_threads(1)
        keras.utils.set_random_seed(spec["seed"])
        self._network = model_of((self._hand.folder / SOURCE).read_text(encoding="utf-8"))
        put_weights(self._network, dict(self._hand.weights()))
        self._losses = [loss_of(one["type"], one["values"], one["adaptation"]) for one in spec["losses"]]
        self._train = self._part("train")
        self._validation = self._part("validation")
        self._variables = self._moved()
        self._optimizer = self._made()
        self._before = tf.Variable(0.0, trainable=False)
        rows, rate = tf.TensorSpec((None,), tf.int64), tf.TensorSpec((), tf.float32)
        self._step = tf.function(self._stepped, input_signature=(rows, rate))
        self._judge = tf.function(self._judged, input_signature=(rows,))
        return {"versions": {"tensorflow": tf.__version__, "keras": keras.__version__}}

    def epoch(self, order: Order, tell: Tell) -> Mapping[str, Any]:
        """Train an epoch on the samples in their order, tell the losses, and validate."""
        tf, rows, rates = self._tf, *self._hand.epoch(int(order["epoch"]))
        sizes: Sequence[int] = self._spec["sizes"][: len(rates)]
        losses: list[Any] = []
        told, total = 0, 0.0
        began = time.perf_counter()
        due, start = began + SHOWN, 0
        for at, (size, rate) in enumerate(zip(sizes, rates, strict=True)):
            losses.append(self._step(tf.constant(rows[start : start + size]), tf.constant(rate, tf.float32)))
            start += size
            if time.perf_counter() >= due or at == len(sizes) - 1:
                found = self._read(losses[told:], int(order["epoch"]), tell)
                total += sum(map(float.__mul__, found, map(float, sizes[told : at + 1])))
                told, due = at + 1, time.perf_counter() + SHOWN
        seconds = time.perf_counter() - began
        count = int(sum(sizes))
        return {
            "seconds": seconds,
            "samples": count,
            "train": total / count,
            "validation": self._validated(),
        }

    def _read(self, losses: Sequence[Any], epoch: int, tell: Tell) -> list[float]:
        found = [float(one) for one in losses]
        good = next((at for at, one in enumerate(found) if not math.isfinite(one)), len(found))
        self._done += good
        if good:
            tell({"told": "losses", "step": self._done, "losses": found[:good]})
        if good < len(found):
            word = "NaN (no number)" if math.isnan(found[good]) else "infinite"
            raise StudioError(
                f"The loss became {word} at step {self._done + 1} (epoch {epoch}).",
                "The learning rate is probably too large: try a tenth of it in the training settings.",
            )
        return found

    def _validated(self) -> float | None:
        tf, part, size = self._tf, self._validation, int(self._spec["validated"])
        count = len(next(iter(part.values()), ()))
        total = 0.0
        for start in range(0, count, size):
            rows = tf.range(start, min(start + size, count), dtype=tf.int64)
            total += float(self._judge(rows)) * int(rows.shape[0])
        return total / count if count else None

    def _part(self, name: str) -> dict[str, Any]:
        """The tensors that the network takes, by input, and those that losses compare with, by field."""
        inputs = self._spec["inputs"]
        compared = {
            one["field"] for loss in self._spec["losses"] for one in loss["tensors"] if "field" in one
        }
        held = self._hand.part(name, sorted(compared | {one["field"] for one in inputs}))
        if not held:
            return {}
        found = {one["name"]: _in_order(held[one["field"]], one["last"]) for one in inputs}
        return {
            name: self._tf.constant(values)
            for name, values in (*found.items(), *((f"{COMPARED}{one}", held[one]) for one in compared))
        }

    def _loss(self, part: Mapping[str, Any], rows: Any, training: bool) -> Any:  # noqa: ANN401
        """The sum of all losses over some samples."""
        batch = {name: self._tf.gather(values, rows) for name, values in part.items()}
        results = self._results(batch, training)
        total = 0.0
        for compute, loss in zip(self._losses, self._spec["losses"], strict=True):
            tensors = [
                results[one["result"]] if "result" in one else batch[f"{COMPARED}{one['field']}"]
                for one in loss["tensors"]
            ]
            total += loss["weight"] * compute(tensors)
        return total

    def _results(self, batch: Mapping[str, Any], training: bool) -> list[Any]:
        """What the losses compare, in torch's order of dimensions."""
        given = {one["name"]: batch[one["name"]] for one in self._spec["inputs"]}
        alone = next(iter(given.values())) if len(given) == 1 else given
        found = self._network(alone, training=training)
        results = self._spec["results"]
        tensors = [found[one["name"]] for one in results] if isinstance(found, dict) else [found]
        return [
            self._keras.ops.moveaxis(one, -1, 1) if told["last"] and len(one.shape) > 2 else one
            for one, told in zip(tensors, results, strict=True)
        ]

    def _moved(self) -> list[Any]:
        """The variables that the losses depend on: the drawing may leave some without."""
        tf = self._tf
        rows = tf.range(0, min(2, len(next(iter(self._train.values())))), dtype=tf.int64)
        variables = self._network.trainable_variables
        with tf.GradientTape() as tape:
            total = self._loss(self._train, rows, training=False)
        found = tape.gradient(total, [one.value for one in variables])
        return [one for one, gradient in zip(variables, found, strict=True) if gradient is not None]

    def _made(self) -> Any:  # noqa: ANN401
        given = self._spec["optimizer"]
        made = getattr(self._keras.optimizers, given["name"])(learning_rate=1.0, **given["arguments"])
        made.build(self._variables)
        return made

    def _judged(self, rows: Any) -> Any:  # noqa: ANN401
        return self._loss(self._validation, rows, training=False)

    def _stepped(self, rows: Any, rate: Any) -> Any:  # noqa: ANN401
        """One step, traced once: gradients, their limit, decay, and the optimizer."""
        tf, given, optimizer = self._tf, self._spec["optimizer"], self._optimizer
        with tf.GradientTape() as tape:
            total = self._loss(self._train, rows, training=True)
        found = tape.gradient(total, [one.value for one in self._variables])
        gradients = [tf.convert_to_tensor(one) for one in found]
        if given["clip_norm"] is not None:
            norm = tf.linalg.global_norm(gradients)
            factor = tf.minimum(given["clip_norm"] / (norm + 1e-6), 1.0)
            gradients = [one * factor for one in gradients]
        if given["falls"]:
            rate = rate / (1.0 + tf.cast(optimizer.iterations.value, tf.float32) * given["falls"])
        for at, one in enumerate(self._variables):
            if given["decay"] and self._decays(one):
                gradients[at] = gradients[at] + given["decay"] * one.value
            elif given["apart"] and self._decays(one):
                one.assign(one.value * (1.0 - rate * given["apart"]))
        optimizer.learning_rate.assign(self._like_torch(rate))
        optimizer.apply(gradients, self._variables)
        return total

    def _like_torch(self, rate: Any) -> Any:  # noqa: ANN401
        """Where Keras's optimizer means something else by its momentum or its epsilon, correct that.

        The rate to give it: Keras has 1 - beta_2**steps in single precision, 1e-5 off in the first steps.
        """
        tf, given, optimizer = self._tf, self._spec["optimizer"], self._optimizer
        if given["steady"]:
            ratio = tf.where(self._before > 0.0, rate / self._before, 1.0)
            for one in getattr(optimizer, "momentums", None) or optimizer._momentums:
                one.assign(one.value * ratio)
            self._before.assign(rate)
        beta = given["arguments"].get("beta_2", 0.0)
        if given["corrected"] and beta > 0.0:
            steps = tf.cast(optimizer.iterations.value + 1, tf.float32)
            left = -tf.math.expm1(steps * math.log(beta))
            optimizer.epsilon = given["corrected"] * tf.sqrt(left)
            rate = rate * tf.sqrt(left / (1.0 - tf.pow(tf.constant(beta, tf.float32), steps)))
        return rate

    def _decays(self, variable: Any) -> bool:  # noqa: ANN401
        if self._spec["optimizer"]["decay_all"]:
            return True
        return len(variable.shape) > 1 and variable.name not in UNDECAYED


def _in_order(values: Array, last: bool) -> Array:
    """As the network takes it: channels last where it has them so, whole numbers of 32 bits."""
    if values.dtype == np.int64:
        values = values.astype(np.int32)
    return np.ascontiguousarray(np.moveaxis(values, 1, -1)) if last and values.ndim > 2 else values


def main() -> None:
    """Serve in this process."""
    os.environ.update(ENVIRONMENT)
    serve(TensorFlowSide)
