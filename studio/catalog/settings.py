"""Parameters of the data and training settings; forms, command line, files and checks derive from them."""

from __future__ import annotations

from dataclasses import dataclass

from studio.project.params import Bool, Choice, FieldName, FilePath, Float, Int, MetricName, Param

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
    Bool(
        "stratify",
        True,
        "Keep the share of each class equal in all parts (for data with classes)",
        when=("split", ("shares", "groups", "folds")),
    ),
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


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that forms show under one heading."""

    title: str
    params: tuple[Param, ...]


RUN = Group(
    "Run",
    (
        Int("epochs", 10, "Passes over the training part", low=1, high=1_000_000),
        Int("batch_size", 64, "Samples per step", low=1, high=1_000_000),
        Int("seed", 0, "Seed of initial weights, order and dropout", low=0),
        Int(
            "seeds",
            1,
            "Train so many times, each with the next seed, as one run: curves with a band, and the mean and "
            "deviation of what is measured at the end",
            low=1,
            high=1000,
            advanced=True,
        ),
        FilePath(
            "weights",
            "",
            "A file of weights to begin with in place of fresh ones, such as those that an imported network "
            "came with: each under the name of its node, as state_dict has it",
            patterns=("*.safetensors",),
            advanced=True,
        ),
        Bool(
            "weights_whole",
            True,
            "Whether every weight of the drawing must be in that file in the same shape; off lets those that "
            "are not begin afresh, such as a new last layer",
            advanced=True,
        ),
        Choice(
            "device",
            "auto",
            "Where to compute; auto takes CUDA where torch finds it",
            options=("auto", "cpu", "cuda"),
        ),
        Choice(
            "host",
            "auto",
            "Where the window runs the training: a thread starts at once; a process of its own outlives a "
            "crash and want of memory, and painting does not slow it down; auto takes the process for long "
            "or large runs. The digits are the same",
            options=("auto", "thread", "process"),
        ),
        Int(
            "max_steps",
            None,
            "End after so many steps, whatever epochs says; schedules then span these steps",
            low=1,
            optional=True,
            advanced=True,
        ),
        Float(
            "max_minutes",
            None,
            "End after so many minutes of training, whatever epochs says; pauses do not count",
            low=0.001,
            optional=True,
            advanced=True,
        ),
        Int(
            "processes",
            1,
            "Processes of this machine that train together: each computes its share of every batch, on a "
            "device of its own where there are several. The losses are those of one process",
            low=1,
            high=1024,
            advanced=True,
        ),
        Choice(
            "sharding",
            "none",
            "What several processes hold: none gives each all of the network; fsdp parts weights, gradients "
            "and the optimizer among them, for a network that is larger than one device",
            options=("none", "fsdp"),
            advanced=True,
        ),
        Choice(
            "memory_format",
            "auto",
            "How the weights of convolutions of pictures lie in memory: channels_last is up to twice as fast "
            "and differs by rounding only; auto takes it where there are any, and what is measured to be "
            "faster in a long run if the losses are the same to the last bit. LBFGS, Muon, Adafactor and "
            "fsdp keep to contiguous",
            options=("auto", "contiguous", "channels_last"),
            advanced=True,
        ),
        Int(
            "threads",
            0,
            "Threads of one operation on the CPU; 0 leaves the choice to the program, which measures in a "
            "long run how many are fastest and takes them if the losses are the same to the last bit",
            low=0,
            high=256,
            advanced=True,
        ),
        Bool(
            "layer_statistics",
            False,
            "Measure the layers while training, about once a second: mean and deviation of what each gives, "
            "how much of it is zero, its gradient, and how far a step moves its weights. The panel "
            "Statistics shows them, and the canvas as heat. The losses stay the same to the last bit",
        ),
        Choice(
            "compile",
            "off",
            "Whether torch.compile makes faster code of the network, for which the first step takes up to "
            "minutes; auto measures that beside a run of 30,000 steps or more, takes it if the losses are "
            "the same to the last bit, and else says why not. On CUDA it records graphs too",
            options=("off", "on", "auto"),
            advanced=True,
        ),
    ),
)
STEPS = Group(
    "Steps",
    (
        Choice(
            "precision",
            "float32",
            "What the network computes in; bfloat16 and float16 take half the memory and are faster where "
            "the device has them. Weights, losses and the optimizer stay in float32; float16 scales its "
            "gradients. auto stays with float32, and says in a long run how much faster bfloat16 would be, "
            "which has other digits",
            options=("float32", "bfloat16", "float16", "auto"),
        ),
        Int(
            "accumulate",
            1,
            "Batches that make one step together: as one batch so many times as large, in the memory of one. "
            "Batch normalization still looks at each by itself",
            low=1,
            high=100_000,
        ),
        Float(
            "clip_norm", None, "Largest norm of the gradient; nothing for no limit", low=0.0, optional=True
        ),
        Bool(
            "decay_all",
            True,
            "Whether weight decay pulls at biases and normalization too; off leaves them out",
            advanced=True,
        ),
    ),
)
JUDGING = Group(
    "Validation",
    (
        MetricName(
            "best_by",
            "loss",
            "The metric by which the best weights are chosen and training is stopped early: the loss, or one "
            "that a loss node reports",
        ),
        Int(
            "patience",
            None,
            "Stop after so many epochs (validations, where those are others) without a better one; nothing "
            "to never stop early",
            low=1,
            optional=True,
        ),
        Float(
            "least_gain",
            0.0,
            "How much better the metric must be for patience to start anew",
            low=0.0,
            advanced=True,
        ),
        Int(
            "validate_every",
            1,
            "Epochs from one validation to the next; the last epoch always ends with one",
            low=1,
            high=1_000_000,
            advanced=True,
        ),
        Int(
            "validate_steps",
            None,
            "Validate every so many steps instead, also within epochs",
            low=1,
            optional=True,
            advanced=True,
        ),
        Int(
            "keep_best",
            1,
            "Of how many of the best epochs a checkpoint is kept",
            low=1,
            high=1000,
            advanced=True,
        ),
        Int(
            "keep_every",
            None,
            "Keep a checkpoint after every so many epochs too; nothing for none",
            low=1,
            optional=True,
            advanced=True,
        ),
    ),
)
AVERAGING = Group(
    "Averaged weights",
    (
        Choice(
            "average",
            "none",
            "Validate and keep a mean of the weights: ema is a running mean over the last steps, swa the "
            "mean over the ends of the last epochs",
            options=("none", "ema", "swa"),
        ),
        Float(
            "ema_decay",
            0.999,
            "Share of the running mean that stays at each step; 0.999 is a mean over about 1000 steps",
            low=0.0,
            high=0.999999,
            when=("average", ("ema",)),
        ),
        Float(
            "swa_start",
            0.75,
            "Share of the training after which the mean begins",
            low=0.0,
            high=0.99,
            when=("average", ("swa",)),
        ),
    ),
)
TRAINING_GROUPS = (RUN, STEPS, JUDGING, AVERAGING)
TRAINING: tuple[Param, ...] = tuple(param for group in TRAINING_GROUPS for param in group.params)
