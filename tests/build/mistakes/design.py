"""Designs that can be run, and yet are bad."""

from __future__ import annotations

from itertools import chain

from studio.project.graph import Node
from tests.build.drawings import node
from tests.build.mistakes.making import Mistake, classes, conv, numbers, row, scores

RELU = node("relu1", "ReLU")
FC = node("fc", "Linear", out_features=1)


def stack(type: str, count: int) -> list[Node]:
    """Linear and activation, some times."""
    pairs = ((node(f"fc{i}", "Linear", out_features=32), node(f"act{i}", type)) for i in range(1, count + 1))
    return list(chain.from_iterable(pairs))


DESIGN = (
    Mistake(
        "two Linears in a row",
        numbers(node("fc1", "Linear"), FC),
        says="fc: nothing between fc1 and fc is non-linear",
        at="fc.input",
        fix="Insert ReLU before fc",
        severity="warning",
    ),
    Mistake(
        "two convolutions in a row",
        classes(conv("conv1"), conv("conv2"), RELU),
        says="conv2: nothing between conv1 and conv2 is non-linear",
        at="conv2.input",
        fix="Insert ReLU before conv2",
        severity="warning",
    ),
    Mistake(
        "dropout alone between two Linears",
        numbers(node("fc1", "Linear"), node("drop", "Dropout"), FC),
        says="fc: nothing between fc1 and fc is non-linear",
        at="fc.input",
        fix="Insert ReLU before fc",
        severity="warning",
    ),
    Mistake(
        "a convolution straight into scores",
        classes(conv("conv1")),
        says="fc: nothing between conv1 and fc is non-linear",
        at="fc.input",
        fix="Insert ReLU before fc",
        severity="warning",
    ),
    Mistake(
        "two ReLUs in a row",
        classes(conv("conv1"), RELU, node("relu2", "ReLU")),
        says="relu2: works right behind relu1, an activation too",
        at="relu2.input",
        fix="Remove relu2",
        severity="warning",
    ),
    Mistake(
        "sigmoid behind ReLU",
        classes(conv("conv1"), RELU, node("squeeze", "Sigmoid")),
        says="squeeze: works right behind relu1, an activation too",
        at="squeeze.input",
        fix="Remove squeeze",
        severity="warning",
    ),
    Mistake(
        "a bias before batch norm",
        classes(conv("conv1"), node("norm", "BatchNorm2d"), RELU),
        says="conv1: its bias has no effect: norm (BatchNorm2d) takes the mean away",
        at="conv1.bias",
        fix="Switch bias off",
        severity="warning",
    ),
    Mistake(
        "a bias of a Linear before batch norm",
        row(node("fc1", "Linear"), node("norm", "BatchNorm1d"), RELU, *scores(), field="rows"),
        says="fc1: its bias has no effect: norm (BatchNorm1d) takes the mean away",
        at="fc1.bias",
        fix="Switch bias off",
        severity="warning",
    ),
    Mistake(
        "dropout before batch norm",
        row(
            node("fc1", "Linear"),
            RELU,
            node("drop", "Dropout"),
            node("norm", "BatchNorm1d"),
            *scores(),
            field="rows",
        ),
        says="drop: drops values right before norm (BatchNorm1d)",
        at="drop",
        fix="Put norm before drop",
        severity="warning",
    ),
    Mistake(
        "layer norm over one value",
        numbers(node("fc1", "Linear"), RELU, node("fc", "Linear", out_features=1), node("norm", "LayerNorm")),
        says="norm: LayerNorm works on a single value here, and so always gives its offset",
        at="norm.input",
        fix="Remove norm",
        severity="warning",
    ),
    Mistake(
        "softmax over one score",
        numbers(node("fc1", "Linear"), RELU, FC, node("soft", "Softmax"), target="share"),
        says="soft: Softmax works on a single value here, and so always gives 1",
        at="soft.dim",
        fix="Make it Sigmoid",
        severity="warning",
    ),
    Mistake(
        "softmax along the one channel",
        classes(conv("conv1", 1), node("soft", "Softmax", dim=1)),
        says="soft: Softmax works on a single value here, and so always gives 1",
        at="soft.dim",
        fix="Set dim to 3",
        severity="warning",
    ),
    Mistake(
        "a bottleneck of one number",
        row(node("fc1", "Linear", out_features=1), RELU, *scores(), field="rows"),
        says="fc1: leaves one number per sample for fc to work on",
        at="fc1.out_features",
        fix="Set out_features to 2",
        severity="warning",
    ),
    Mistake(
        "a stride wider than the window",
        classes(conv("conv1", kernel_size=2, stride=3), RELU),
        says="conv1: a stride of 3 skips values: its window is 2 wide",
        at="conv1.stride",
        fix="Set stride to 2",
        severity="warning",
    ),
    Mistake(
        "a 1×1 convolution with a stride on the picture itself",
        classes(conv("conv1", kernel_size=1, stride=2, padding=0), RELU),
        says="conv1: a stride of 2 skips values: its window is 1 wide",
        at="conv1.stride",
        fix="Set stride to 1",
        severity="warning",
    ),
    Mistake(
        "pooling that skips",
        classes(
            conv("conv1", kernel_size=1, padding=0), RELU, node("pool", "MaxPool2d", kernel_size=2, stride=3)
        ),
        says="pool: a stride of 3 skips values: its window is 2 wide",
        at="pool.stride",
        fix="Set stride to 2",
        severity="warning",
    ),
    Mistake(
        "a dilated window on the picture itself",
        classes(conv("conv1", dilation=2, padding=2), RELU),
        says="conv1: with a dilation of 2 its window looks at every 2nd value only",
        at="conv1.dilation",
        fix="Set dilation to 1",
        severity="warning",
    ),
    Mistake(
        "a window on a single value",
        classes(
            conv("conv1"),
            RELU,
            node("pool", "MaxPool2d", kernel_size=8),
            conv("conv2"),
            node("relu2", "ReLU"),
        ),
        says="conv2: its window slides over a map of 1×1, so that all but one of its taps see only border",
        at="conv2.kernel_size",
        fix="Set kernel_size to 1",
        severity="warning",
    ),
    Mistake(
        "a border wider than the window",
        classes(conv("conv1", padding=3), RELU),
        says="conv1: a border of 3 is as wide as its window: some results see nothing else",
        at="conv1.padding",
        fix="Set padding to 1",
        severity="warning",
    ),
    Mistake(
        "a tower of sigmoids",
        row(*stack("Sigmoid", 4), *scores(), field="rows"),
        says="act3: the 3rd Sigmoid on the way: little of the gradient gets back through",
        at="act3",
        fix="Make it ReLU",
        severity="warning",
    ),
    Mistake(
        "a tower of tanhs",
        row(*stack("Tanh", 7), *scores(), field="rows"),
        says="act6: the 6th Tanh on the way: little of the gradient gets back through",
        at="act6",
        fix="Make it ReLU",
        severity="warning",
    ),
    Mistake(
        "dropout of everything",
        row(node("fc1", "Linear"), RELU, node("drop", "Dropout", p=1.0), *scores(), field="rows"),
        says="drop: drops every value, so that nothing passes in training",
        at="drop.p",
        fix="Set p to 0.5",
        severity="warning",
    ),
    Mistake(
        "dropout between the layers of a single one",
        row(node("lstm", "LSTM", dropout=0.5), node("last", "Select"), *scores(), field="steps"),
        says="lstm: dropout acts between layers; this LSTM has one",
        at="lstm.dropout",
        fix="Set dropout to 0.0",
        severity="warning",
    ),
    Mistake(
        "far more parameters than samples",
        row(node("fc1", "Linear", out_features=8192), RELU, *scores(), field="rows"),
        says="fc: the network has 131,082 parameters for 100 samples, 81,930 of them here",
        at="fc",
        fix="Set out_features of fc1 to 1024",
        severity="warning",
        parts={"train": 100, "validation": 20},
    ),
    Mistake(
        "far more parameters than samples behind Flatten",
        classes(
            conv("conv1", 64),
            RELU,
            node("flat", "Flatten"),
            node("fc1", "Linear", out_features=128),
            node("relu2", "ReLU"),
            field="photo",
        ),
        says="fc1: the network has 2,100,362 parameters for 200 samples, 2,097,280 of them here",
        at="fc1",
        fix="Take the mean over the picture before flattening",
        severity="warning",
        parts={"train": 200, "validation": 20},
    ),
)
