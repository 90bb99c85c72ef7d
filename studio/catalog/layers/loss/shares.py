"""Losses of shares that add up to 1, and of sequences of symbols."""

from __future__ import annotations

from studio.catalog.layers.loss.declared import BLOCKS, DOCS, TRUTH, loss
from studio.catalog.registry import Example, Layer, Port
from studio.project.params import Bool, Int

SHARES: tuple[Layer, ...] = (
    loss(
        "KLDiv",
        f"{BLOCKS}KLDivergence",
        "For shares: how much the target's distribution differs from the predicted one, given in logarithms "
        "(LogSoftmax before it).",
        Bool("log_target", False, "Whether the target is given in logarithms too", advanced=True),
        takes="Logarithms of shares, as many as the target has",
        compares="distribution",
        turn="exp",
        keywords=("divergence", "distillation", "distribution", "kullback leibler"),
        formula="Σ target · (log target − prediction), the mean of all samples",
        use="Learning from another network's shares (distillation), and targets that are no single class.",
        url=f"{DOCS}KLDivLoss.html",
    ),
    loss(
        "CTC",
        f"{BLOCKS}CTC",
        "For sequences of symbols without known places: the likelihood of all ways to stretch the target "
        "over the steps.",
        Int("blank", 0, "The class that stands for no symbol; it also fills up short targets", low=0,
            essential=True),
        Bool("zero_infinity", False, "Leave out samples whose target is longer than there are steps",
             advanced=True),
        ports=(
            Port("prediction", "Logarithms of shares, samples first: N×T×classes (LogSoftmax before it)"),
            TRUTH,
            Port("prediction_lengths", "Steps of each sample that count; all where nothing arrives",
                 optional=True),
            Port("target_lengths", "Symbols of each target; all but blanks where nothing arrives",
                 optional=True),
        ),
        compares="sequence",
        integers=("prediction_lengths", "target_lengths"),
        example=Example({"prediction": ((4, 6, 5),), "target": ((4, 3),)}, dtypes={"target": "int64"},
                        high=5),
        keywords=("speech", "handwriting", "alignment", "sequence"),
        formula="−log Σ over alignments of Π share of each step's symbol, by the number of symbols",
        use="Speech and handwriting, where only the text is known.",
        url=f"{DOCS}CTCLoss.html",
        paper="https://doi.org/10.1145/1143844.1143891",
    ),
)  # fmt: skip
