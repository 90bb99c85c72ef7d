"""Parameters of the data and training settings; forms, command line, files and checks derive from them."""

from __future__ import annotations

from studio.project.params import Bool, Choice, FieldName, Float, Int, Param

DATA: tuple[Param, ...] = (
    Choice(
        "split",
        "shares",
        "How the samples are parted: shares at random, as a column says, the latest last, whole groups of a "
        "column at random, or folds, one of which validates",
        options=("shares", "column", "time", "groups", "folds"),
    ),
    FieldName(
        "split_column",
        "",
        "The column that says train, validation or test; when a sample was taken; or which belong together",
        when=("split", ("column", "time", "groups")),
    ),
    Int("folds", 5, "Parts that take turns in validating", low=2, high=1000, when=("split", ("folds",))),
    Int("fold", 1, "The one that validates in this run", low=1, high=1000, when=("split", ("folds",))),
    Float("validation", 0.15, "Share of the samples that measure progress while training", low=0.0, high=0.9),
    Float("test", 0.15, "Share of the samples kept apart for the final measurement", low=0.0, high=0.9),
    Int("split_seed", 0, "Seed of the random split", low=0),
    Bool(
        "duplicates_together",
        True,
        "Equal samples never come into different parts: what is measured would be remembered, not learned",
        advanced=True,
    ),
    Bool("stratify", True, "Keep the share of each class equal in all parts (for data with classes)"),
    Choice(
        "normalize",
        "standard",
        "How inputs are scaled, learned from the training part only: standard gives mean 0 "
        "and deviation 1 per feature or channel, range gives 0 to 1, none leaves them as they are",
        options=("standard", "range", "none"),
    ),
    Int(
        "workers",
        None,
        "Processes that read files ahead while training; nothing leaves the choice to the program",
        low=0,
        high=64,
        optional=True,
        advanced=True,
    ),
)

TRAINING: tuple[Param, ...] = (
    Int("epochs", 10, "Passes over the training part", low=1, high=1_000_000),
    Int("batch_size", 64, "Samples per step", low=1, high=1_000_000),
    Int("seed", 0, "Seed of initial weights, order and dropout", low=0),
    Choice(
        "device",
        "auto",
        "Where to compute; auto takes CUDA where torch finds it",
        options=("auto", "cpu", "cuda"),
    ),
    Float("clip_norm", None, "Largest norm of the gradient; nothing for no limit", low=0.0, optional=True),
    Bool(
        "decay_all",
        True,
        "Whether weight decay pulls at biases and normalization too; off leaves them out",
        advanced=True,
    ),
    Int(
        "patience",
        None,
        "Stop after so many epochs without a better validation loss; nothing to never stop early",
        low=1,
        optional=True,
    ),
    Int(
        "threads",
        0,
        "Threads of one operation on the CPU; 0 leaves the choice to the program",
        low=0,
        high=256,
        advanced=True,
    ),
)
