"""Mistakes in the settings of data and training."""

from __future__ import annotations

from studio.project import edits
from studio.project.project import Setting
from tests.build.drawings import node
from tests.build.mistakes.making import SOUND, Mistake, optimized, row, scheduled, scores, trained

PARTS = {"train": 40, "validation": 8, "test": 8}

SETTINGS = (
    Mistake(
        "a batch larger than the training part",
        trained(SOUND, batch_size=64),
        says="training: a batch of 64 is larger than the training part of 40 samples",
        at="training.batch_size",
        fix="Set batch_size to 4",
        severity="warning",
        parts=PARTS,
    ),
    Mistake(
        "a batch of one with batch norm",
        trained(
            row(
                node("fc1", "Linear", bias=False),
                node("norm", "BatchNorm1d"),
                node("relu1", "ReLU"),
                *scores(),
                field="rows",
            ),
            batch_size=1,
        ),
        says="training: one sample a step is too few for norm: BatchNorm1d needs several",
        at="training.batch_size",
        fix="Set batch_size to 2",
    ),
    Mistake(
        "no epochs",
        trained(SOUND, epochs=0),
        says="training: epochs takes a whole number from 1 to 1000000, not 0",
        at="training.epochs",
        fix="Set epochs back to 10",
    ),
    Mistake(
        "half a batch",
        trained(SOUND, batch_size=0.5),
        says="training: batch_size takes a whole number from 1 to 1000000, not 0.5",
        at="training.batch_size",
        fix="Set batch_size back to 64",
    ),
    Mistake(
        "a device that there is not",
        trained(SOUND, device="tpu"),
        says="training: device takes one of auto, cpu, cuda, not 'tpu'",
        at="training.device",
        fix="Set device back to 'auto'",
    ),
    Mistake(
        "a setting's name mistyped",
        trained(SOUND, epoch=5),
        says="training: there is no setting epoch",
        at="training.epoch",
        fix="Remove epoch",
        severity="warning",
    ),
    Mistake(
        "a share of validation above all",
        edits.set_data(SOUND, validation=1.2),
        says="data: validation takes a number from 0 to 0.9, not 1.2",
        at="data.validation",
        fix="Set validation back to 0.15",
    ),
    Mistake(
        "a setting of the data that there is not",
        edits.set_data(SOUND, shuffle=True),
        says="data: there is no setting shuffle",
        at="data.shuffle",
        fix="Remove shuffle",
        severity="warning",
    ),
    Mistake(
        "an optimizer's name mistyped",
        optimized(SOUND, Setting("Adamm")),
        says="training: there is no optimizer called Adamm",
        at="training.optimizer",
        fix="Choose Adam",
    ),
    Mistake(
        "a negative rate",
        optimized(SOUND, Setting("Adam", {"lr": -1.0})),
        says="training: Adam: lr takes a number of at least 0, not -1.0",
        at="training.optimizer.lr",
        fix="Set lr back to its default",
    ),
    Mistake(
        "a rate of 0",
        optimized(SOUND, Setting("SGD", {"lr": 0.0, "momentum": 0.9})),
        says="training: SGD: with a rate of 0 nothing is ever learned",
        at="training.optimizer.lr",
        fix="Set lr back to its default",
        severity="warning",
    ),
    Mistake(
        "a momentum above 1",
        optimized(SOUND, Setting("SGD", {"momentum": 1.5})),
        says="training: SGD: momentum takes a number from 0 to 1, not 1.5",
        at="training.optimizer.momentum",
        fix="Set momentum back to its default",
    ),
    Mistake(
        "a gradient clipped to nothing",
        trained(SOUND, clip_norm=0.0),
        says="training: a gradient clipped to 0 teaches nothing",
        at="training.clip_norm",
        fix="Set clip_norm to 1.0",
        severity="warning",
    ),
    Mistake(
        "a patience that never runs out",
        trained(SOUND, patience=20, epochs=10),
        says="training: a patience of 20 never runs out in 10 epochs",
        at="training.patience",
        fix="Set patience to 3",
        severity="warning",
    ),
    Mistake(
        "a patience without validation",
        trained(edits.set_data(SOUND, validation=0.0), patience=3),
        says="training: patience has no validation loss to judge by",
        at="training.patience",
        fix="Set validation to 0.15",
        severity="warning",
    ),
    Mistake(
        "a schedule's name mistyped",
        scheduled(SOUND, Setting("Cosin")),
        says="training: there is no schedule called Cosin",
        at="training.schedule",
        fix="Choose Cosine",
    ),
    Mistake(
        "a rate that would change after the end",
        scheduled(SOUND, Setting("Step", {"every": 50})),
        says="training: Step: the rate changes every 50 epochs, and there are 10",
        at="training.schedule.every",
        fix="Set every to 3",
        severity="warning",
    ),
    Mistake(
        "a warm-up longer than the training",
        scheduled(SOUND, Setting("Cosine", {"warmup": 12.0})),
        says="training: Cosine: the rate rises for 12 epochs, and there are 10",
        at="training.schedule.warmup",
        fix="Set warmup to 1.0",
        severity="warning",
    ),
    Mistake(
        "a rate's factor above 1",
        scheduled(SOUND, Setting("Step", {"every": 2, "factor": 3.0})),
        says="training: Step: factor takes a number from 0 to 1, not 3.0",
        at="training.schedule.factor",
        fix="Set factor back to its default",
    ),
)
