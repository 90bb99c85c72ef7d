"""Contenders, each a process of its own: Keras, Lightning, programs of plain torch, and one that is asked for
its first step.

As a program it is one of them: it answers every line of its input with the seconds of an epoch, by the clock
and of its CPU. Only then is anything loaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.table import Time, Watch

ROOT = Path(__file__).parents[1]
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", "CUDA_VISIBLE_DEVICES": ""}


class Peer:
    """Another program's training of the same network, on so many samples of a file."""

    def __init__(
        self, python: str, module: str, way: str, network: str, file: Path, count: int, batch: int
    ) -> None:
        given = [module, way, network, str(file), str(count), str(batch)]
        self._process = _started(python, given)

    def __call__(self) -> Time:
        """An epoch."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("epoch\n")
        self._process.stdin.flush()
        while not (line := self._process.stdout.readline()).startswith("{"):
            assert line, "a contender ended"
        return Time(**json.loads(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate()


@cache
def _has(python: str, module: str) -> bool:
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", look], check=False).returncode == 0


def python_with(pythons: Sequence[str], *modules: str) -> str | None:
    """The first of these programs that has these modules."""
    return next((one for one in pythons if all(_has(one, module) for module in modules)), None)


def first_steps(rounds: int) -> tuple[float, str]:
    """Seconds from Train to the first step in a fresh process that has torch and the data; by which clock."""
    from benchmarks.table import medians

    times: list[Time] = []
    for _ in range(rounds):
        told, _ = _started(sys.executable, ["first"]).communicate()
        times.append(Time(**json.loads(told.splitlines()[-1])))
    seconds, by = medians({"first": times})
    return seconds["first"], by


def _started(python: str, given: Sequence[str]) -> subprocess.Popen[str]:
    way = {"KERAS_BACKEND": given[1]} if given[0] == "keras" else {}
    return subprocess.Popen(
        [python, "-m", "benchmarks.training_peers", *given],
        cwd=ROOT,
        env={**os.environ, **QUIET, **way},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


# ---- in the other process


def keras_epoch(way: str, network: str, file: Path, count: int, batch: int) -> Callable[[], Time]:
    """Keras' fit on arrays in memory, after an epoch to compile."""
    import numpy as np

    if way == "tensorflow":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(int(os.environ["OMP_NUM_THREADS"]))
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    import keras

    data = np.load(file)
    x = ((data["x"][:count].astype(np.float32) / 255 - 0.5) / 0.5).transpose(0, 2, 3, 1).copy()
    y = data["y"][:count]
    layers = keras.layers
    dense = [layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(10)]
    convolutional = [
        *(layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D()),
        *(layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D()),
        *(layers.Flatten(), layers.Dense(10)),
    ]
    model = keras.Sequential([keras.Input(x.shape[1:]), *(dense if network == "dense" else convolutional)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01, 0.9), loss, metrics=["accuracy"])
    model.fit(x[:256], y[:256], batch_size=batch, verbose=0)

    class Ends(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ANN401
            self.watch = Watch()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ANN401
            self.time = self.watch.stop()

    def epoch() -> Time:
        ends = Ends()
        model.fit(x, y, batch_size=batch, epochs=2, verbose=0, callbacks=[ends])
        return ends.time

    return epoch


def lightning_epoch(way: str, network: str, file: Path, count: int, batch: int) -> Callable[[], Time]:
    """Lightning's Trainer as it comes, on the textbook's data set or on tensors in memory."""
    from benchmarks.others.loading import allow

    allow()  # torchmetrics imports torchvision
    import lightning
    import numpy as np
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    from benchmarks import training_networks as networks
    from benchmarks.training_programs import MOMENTUM, RATE, Pictures, held

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    data = np.load(file)
    x, y = data["x"][:count], data["y"][:count]
    samples: Any = Pictures(x, y) if way == "textbook" else TensorDataset(held(x), torch.from_numpy(y))
    ends: list[Time] = []

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = getattr(networks, network)()
            self.loss = torch.nn.CrossEntropyLoss()

        def training_step(self, batch: Any, _: int) -> torch.Tensor:  # noqa: ANN401
            loss = self.loss(self.network(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def on_train_epoch_start(self) -> None:
            self.watch = Watch()

        def on_train_epoch_end(self) -> None:
            ends.append(self.watch.stop())

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=RATE, momentum=MOMENTUM)

    def epoch() -> Time:
        with tempfile.TemporaryDirectory() as folder:
            trainer = lightning.Trainer(max_epochs=2, accelerator="cpu", default_root_dir=folder)
            trainer.fit(Module(), DataLoader(samples, batch_size=batch, shuffle=True))
        return ends[-1]

    return epoch


def torch_epoch(way: str, network: str, file: Path, count: int, batch: int) -> Callable[[], Time]:
    """The textbook's program or the lean one."""
    import numpy as np
    import torch

    from benchmarks import training_networks as networks
    from benchmarks import training_programs as programs

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    data = np.load(file)
    return getattr(programs, way)(getattr(networks, network), data["x"][:count], data["y"][:count], batch)


def first_step() -> Time:
    """A training as the window begins it, until the first step is told."""
    from studio.data.prepare import prepare
    from studio.places import shipped
    from studio.project import storage
    from studio.train import engine
    from studio.train.events import Progress
    from studio.train.job import Job
    from studio.train.launch import ThreadRunner
    from studio.train.runs import create_run

    assert engine
    samples = shipped("samples")
    drawing = storage.load(samples / "cnn_digits.loom")
    prepare(drawing.data, samples)
    with tempfile.TemporaryDirectory() as folder:
        runner, watch = ThreadRunner(), Watch()
        runner.start(Job(drawing, samples, create_run(drawing, samples, Path(folder))))
        while not any(isinstance(event, Progress) for event in runner.poll()):
            assert not runner.join(0.002)
        found = watch.stop()
        runner.close(10)
    return found


def main() -> None:
    """Answer the lines that come in."""
    warnings.simplefilter("ignore")
    kind, *given = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if kind == "first":
        print(json.dumps(_told(first_step())), file=answers, flush=True)
        return
    way, network, file, count, batch = given
    make = {"keras": keras_epoch, "lightning": lightning_epoch, "torch": torch_epoch}[kind]
    epoch = make(way, network, Path(file), int(count), int(batch))
    for _ in sys.stdin:
        print(json.dumps(_told(epoch())), file=answers, flush=True)


def _told(time: Time) -> dict[str, float]:
    return {"wall": time.wall, "cpu": time.cpu}


if __name__ == "__main__":
    main()
