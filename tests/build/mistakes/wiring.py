"""Mistakes in how nodes are wired."""

from __future__ import annotations

from dataclasses import replace

from studio.project.fields import Field
from tests.build.drawings import draw, node
from tests.build.mistakes.making import DATA, SOUND, Mistake, minus, plus, row, scores

WIRING = (
    Mistake(
        "wires in a circle",
        plus(
            row(node("add", "Add"), node("relu1", "ReLU"), node("flatten", "Flatten"), *scores()),
            wires=("relu1 > add.inputs.1",),
        ),
        says="add: the wires go round in a circle, add → relu1 → add",
        at="add.inputs",
        fix="Remove the wire from relu1 to add",
    ),
    Mistake(
        "a node wired to itself",
        plus(minus(SOUND, "conv1 > relu1"), wires=("relu1 > relu1",)),
        says="relu1: the wires go round in a circle, relu1 → relu1",
        at="relu1.input",
        fix="Connect conv1 instead",
    ),
    Mistake(
        "an input left open",
        minus(SOUND, "conv1 > relu1"),
        says="relu1: nothing is connected to input",
        at="relu1.input",
        fix="Connect conv1",
    ),
    Mistake(
        "a loss without a prediction",
        minus(SOUND, "fc > loss.prediction"),
        says="loss: nothing is connected to prediction",
        at="loss.prediction",
        fix="Connect fc",
    ),
    Mistake(
        "the second matrix of a product left open",
        draw(
            [
                node("x", "Input", field="steps"),
                node("q", "Linear", out_features=7),
                node("k", "Linear", out_features=7),
                node("mm", "MatMul"),
                node("flatten", "Flatten"),
                *scores(),
            ],
            "x > q",
            "x > k",
            "q > mm",
            "mm > flatten",
            "flatten > fc",
            "fc > loss.prediction",
        ),
        says="mm: nothing is connected to other",
        at="mm.other",
        fix="Connect k",
    ),
    Mistake(
        "two wires at an input for one",
        plus(SOUND, wires=("x > relu1",)),
        says="relu1: input takes one wire; 2 end there, from conv1 and x",
        at="relu1.input",
        fix="Remove the wire from x to relu1",
    ),
    Mistake(
        "three wires at an input for one",
        plus(SOUND, node("conv2", "Conv2d"), wires=("x > relu1", "x > conv2", "conv2 > relu1")),
        says="relu1: input takes one wire; 3 end there, from conv1 and conv2 and x",
        at="relu1.input",
        fix="Keep only the wire from conv1",
    ),
    Mistake(
        "a wire to an input that is not there",
        plus(minus(SOUND, "conv1 > relu1"), wires=("conv1 > relu1.x",)),
        says="relu1: a wire from conv1 ends at x; ReLU has input",
        at="relu1.x",
        fix="Use the port input of relu1",
    ),
    Mistake(
        "a wire to a parameter",
        plus(SOUND, wires=("conv1 > relu1.inplace",)),
        says="relu1: a wire from conv1 ends at inplace; ReLU has input",
        at="relu1.inplace",
        fix="Remove the wire from conv1 to relu1",
    ),
    Mistake(
        "a wire from an output that is not there",
        plus(minus(SOUND, "conv1 > relu1"), wires=("conv1.hidden > relu1",)),
        says="relu1: the wire to input comes from hidden, which conv1 does not have",
        at="relu1.input",
        fix="Use the port output of conv1",
    ),
    Mistake(
        "a wire from a node that is not there",
        plus(minus(SOUND, "conv1 > relu1"), wires=("ghost > relu1",)),
        says="relu1: the wire to input comes from ghost, which does not exist",
        at="relu1.input",
        fix="Connect conv1 instead",
    ),
    Mistake(
        "a wire from a loss",
        plus(SOUND, node("out", "Output"), wires=("loss > out",)),
        says="out: the wire to input comes from output, which loss does not have",
        at="out.input",
        fix="Connect fc instead",
    ),
    Mistake(
        "a muted Input",
        SOUND.with_graph(SOUND.graph.with_nodes(replace(SOUND.graph.nodes["x"], muted=True))),
        says="conv1: nothing comes through the wire from x, which is muted and has nothing to pass on",
        at="conv1.input",
        fix="Unmute x",
    ),
    Mistake(
        "an Add with a single wire",
        row(node("add", "Add"), node("flatten", "Flatten"), *scores()),
        says="add: Add joins two or more tensors; only one arrives",
        at="add.inputs",
        fix="Mute add",
        severity="warning",
    ),
    Mistake(
        "no loss",
        SOUND.with_graph(SOUND.graph.without_nodes(["loss"])),
        says="There is no loss: the network can be run and exported, but not trained",
        at="training",
        fix="Add CrossEntropy after fc",
        severity="warning",
    ),
    Mistake(
        "a branch that leads nowhere",
        plus(SOUND, node("side", "Tanh"), wires=("relu1 > side",)),
        says="side: nothing uses its result",
        at="side.output",
        fix="Delete side",
        severity="warning",
    ),
    Mistake(
        "an Input that nothing reads",
        plus(SOUND, node("aside", "Input", field="rows")),
        says="aside: nothing uses its result",
        at="aside.output",
        fix="Delete aside",
        severity="warning",
    ),
    Mistake(
        "a muted loss leaves nothing to train",
        SOUND.with_graph(SOUND.graph.with_nodes(replace(SOUND.graph.nodes["loss"], muted=True))),
        says="There is no loss: the network can be run and exported, but not trained",
        at="training",
        fix="Unmute loss",
        severity="warning",
    ),
    Mistake(
        "nothing to learn between Input and loss",
        row(node("flatten", "Flatten"), node("soft", "LogSoftmax"), node("loss", "NLL"), field="ten"),
        says="loss: no layer before it learns anything",
        at="loss.prediction",
        fix="Insert Linear before soft",
        severity="warning",
        fields={**DATA, "ten": Field("ten", (10,))},
    ),
    Mistake(
        "an output that no loss reaches",
        plus(
            SOUND,
            node("other", "Linear", out_features=3),
            node("out", "Output"),
            wires=("flatten > other", "other > out"),
        ),
        says="out: no loss reaches other, which it depends on",
        at="out.input",
        fix="Take what loss trains",
        severity="warning",
    ),
)
