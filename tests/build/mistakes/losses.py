"""Losses that do not go with what they compare."""

from __future__ import annotations

from studio.project.graph import Node
from tests.build.drawings import draw, node
from tests.build.mistakes.making import SOUND, Mistake, conv, numbers, plus, row, scores

FC = node("fc", "Linear", out_features=1)
RELU = node("relu1", "ReLU")


def fc(count: int) -> Node:
    """A Linear with some results."""
    return node("fc", "Linear", out_features=count)


LOSSES = (
    Mistake(
        "fewer scores than classes",
        row(node("flatten", "Flatten"), *scores(7)),
        says="loss: label has 10 classes; the prediction has 7 outputs",
        at="loss.prediction",
        fix="Set the number of outputs to 10",
    ),
    Mistake(
        "more scores than classes",
        row(node("flatten", "Flatten"), *scores(12)),
        says="loss: label has 10 classes; the prediction has 12 outputs",
        at="loss.prediction",
        fix="Set the number of outputs to 10",
        severity="warning",
    ),
    Mistake(
        "scores on a map for one class a sample",
        row(conv("conv1"), RELU, node("conv2", "Conv2d", out_channels=10), node("loss", "CrossEntropy")),
        says="loss: the prediction must be N×classes for a target of N; it is N×10×6×6",
        at="loss.prediction",
        fix="Insert GlobalAvgPool: the mean over the map",
    ),
    Mistake(
        "scores for every step of a sequence",
        row(node("lstm", "LSTM"), *scores(), field="steps"),
        says="loss: the prediction must be N×classes for a target of N; it is N×7×10",
        at="loss.prediction",
        fix="Insert Select to take the last step",
    ),
    Mistake(
        "one number per sample for classes",
        row(fc(10), node("one", "Select", index=0), node("loss", "CrossEntropy"), field="rows"),
        says="loss: the prediction must be N×classes for a target of N; it is N",
        at="loss.prediction",
        fix="Remove one",
    ),
    Mistake(
        "cross-entropy against numbers",
        numbers(FC, loss="CrossEntropy"),
        says="loss: CrossEntropy compares with classes (whole numbers); price holds float32",
        at="loss.target",
        fix="Make it MSE",
    ),
    Mistake(
        "squared differences of classes",
        numbers(fc(10), target="label"),
        says="loss: MSE compares numbers; label holds 10 classes",
        at="loss.target",
        fix="Make it CrossEntropy",
    ),
    Mistake(
        "yes or no against ten classes",
        numbers(fc(1), target="label", loss="BCEWithLogits"),
        says="loss: BCEWithLogits compares numbers; label holds 10 classes",
        at="loss.target",
        fix="Make it CrossEntropy, with 10 outputs before it",
    ),
    Mistake(
        "two scores for yes or no",
        numbers(fc(2), target="answer", loss="BCEWithLogits"),
        says="loss: the prediction must be N×1, a score for yes; it is N×2",
        at="loss.prediction",
        fix="Set the number of outputs to 1",
    ),
    Mistake(
        "chances against prices",
        numbers(fc(1), target="price", loss="BCEWithLogits"),
        says="loss: BCEWithLogits takes targets from 0 to 1; price has 20.0 to 300.0",
        at="loss.target",
        fix="Make it MSE",
    ),
    Mistake(
        "more numbers than the target has",
        numbers(fc(10)),
        says="loss: MSE needs prediction and target of one shape; they are N×10 and N×1",
        at="loss.prediction",
        fix="Set the number of outputs to 1",
    ),
    Mistake(
        "a map against one number",
        numbers(conv("conv1"), RELU, field="image"),
        says="loss: MSE needs prediction and target of one shape; they are N×8×8×8 and N×1",
        at="loss.prediction",
        fix="Insert Flatten and Linear with 1 outputs",
    ),
    Mistake(
        "a column against plain numbers",
        numbers(fc(1), node("one", "Select", index=0)),
        says="loss: MSE needs prediction and target of one shape; they are N and N×1",
        at="loss.prediction",
        fix="Remove one",
    ),
    Mistake(
        "a smaller picture than the mask",
        numbers(
            conv("conv1", stride=2),
            RELU,
            node("conv2", "Conv2d", out_channels=1, padding=1),
            field="photo",
            target="mask",
            loss="BCEWithLogits",
        ),
        says="loss: BCEWithLogits needs prediction and target of one shape; they are N×1×8×8 and N×1×16×16",
        at="loss.prediction",
        fix="Insert Upsample between conv2 and loss",
    ),
    Mistake(
        "a row against a mask",
        numbers(
            node("flatten", "Flatten"),
            node("fc", "Linear", out_features=256),
            field="photo",
            target="mask",
            loss="BCEWithLogits",
        ),
        says="loss: BCEWithLogits needs prediction and target of one shape; they are N×256 and N×1×16×16",
        at="loss.prediction",
        fix="Insert Reshape to 1×16×16",
    ),
    Mistake(
        "the states of a recurrent layer as a result",
        draw(
            [node("x", "Input", field="steps"), node("lstm", "LSTM"), node("loss", "MSE", target="price")],
            "x > lstm",
            "lstm.hidden > loss.prediction",
        ),
        says="loss: the prediction has one result per sample first; it is 1×N×64",
        at="loss.prediction",
        fix="Insert Select and Linear to 1 before loss",
    ),
    Mistake(
        "the same loss twice",
        plus(SOUND, node("again", "CrossEntropy"), wires=("fc > again.prediction",)),
        says="loss: compares the same as again",
        at="loss.prediction",
        fix="Delete loss",
        severity="warning",
    ),
    Mistake(
        "a loss without weight",
        plus(
            SOUND,
            node("aside", "L1", target="price", weight=0.0),
            node("fc2", "Linear", out_features=1),
            wires=("flatten > fc2", "fc2 > aside.prediction"),
        ),
        says="aside: its weight is 0, so that it changes nothing",
        at="aside.weight",
        fix="Set weight to 1.0",
        severity="warning",
    ),
    Mistake(
        "a label smoothed away",
        row(node("flatten", "Flatten"), fc(10), node("loss", "CrossEntropy", label_smoothing=1.5)),
        says="loss: label_smoothing takes a number from 0 to 1, not 1.5",
        at="loss.label_smoothing",
        fix="Set label_smoothing back to 0.0",
    ),
    Mistake(
        "softmax before cross-entropy",
        row(node("flatten", "Flatten"), fc(10), node("soft", "Softmax"), node("loss", "CrossEntropy")),
        says="loss: CrossEntropy takes raw scores; soft (Softmax) has squeezed them already",
        at="loss.prediction",
        fix="Remove soft",
        severity="warning",
    ),
    Mistake(
        "softmax that also goes to an Output, before cross-entropy",
        plus(
            row(node("flatten", "Flatten"), fc(10), node("soft", "Softmax"), node("loss", "CrossEntropy")),
            node("shares", "Output"),
            wires=("soft > shares",),
        ),
        says="loss: CrossEntropy takes raw scores; soft (Softmax) has squeezed them already",
        at="loss.prediction",
        fix="Compare what comes before soft",
        severity="warning",
    ),
    Mistake(
        "log-softmax before cross-entropy",
        row(node("flatten", "Flatten"), fc(10), node("soft", "LogSoftmax"), node("loss", "CrossEntropy")),
        says="loss: CrossEntropy takes raw scores; soft (LogSoftmax) has squeezed them already",
        at="loss.prediction",
        fix="Remove soft",
        severity="warning",
    ),
    Mistake(
        "sigmoid before cross-entropy",
        row(node("flatten", "Flatten"), fc(10), node("squeeze", "Sigmoid"), node("loss", "CrossEntropy")),
        says="loss: CrossEntropy takes raw scores; squeeze (Sigmoid) has squeezed them already",
        at="loss.prediction",
        fix="Remove squeeze",
        severity="warning",
    ),
    Mistake(
        "ReLU before cross-entropy",
        row(node("flatten", "Flatten"), fc(10), RELU, node("loss", "CrossEntropy")),
        says="loss: CrossEntropy takes raw scores; relu1 (ReLU) cuts off those below 0",
        at="loss.prediction",
        fix="Remove relu1",
        severity="warning",
    ),
    Mistake(
        "raw scores before NLL",
        row(node("flatten", "Flatten"), fc(10), node("loss", "NLL")),
        says="loss: NLL takes logarithms of shares; fc (Linear) gives other numbers",
        at="loss.prediction",
        fix="Make it CrossEntropy",
        severity="warning",
    ),
    Mistake(
        "softmax before NLL",
        row(node("flatten", "Flatten"), fc(10), node("soft", "Softmax", dim=1), node("loss", "NLL")),
        says="loss: NLL takes logarithms of shares; soft (Softmax) gives other numbers",
        at="loss.prediction",
        fix="Make it LogSoftmax",
        severity="warning",
    ),
    Mistake(
        "sigmoid before BCE with logits",
        numbers(fc(1), node("squeeze", "Sigmoid"), target="answer", loss="BCEWithLogits"),
        says="loss: BCEWithLogits takes raw scores; squeeze (Sigmoid) has squeezed them already",
        at="loss.prediction",
        fix="Remove squeeze",
        severity="warning",
    ),
    Mistake(
        "ReLU before a regression's result",
        numbers(fc(1), RELU),
        says="loss: relu1 (ReLU) gives only numbers above 0",
        at="loss.prediction",
        fix="Remove relu1",
        severity="warning",
    ),
    Mistake(
        "sigmoid before prices",
        numbers(fc(1), node("squeeze", "Sigmoid")),
        says="loss: squeeze (Sigmoid) gives only numbers 0 to 1; price goes from 20 to 300",
        at="loss.prediction",
        fix="Remove squeeze",
        severity="warning",
    ),
    Mistake(
        "tanh before changes beyond 1",
        numbers(fc(1), node("squeeze", "Tanh"), target="change"),
        says="loss: squeeze (Tanh) gives only numbers -1 to 1; change goes from -5 to 5",
        at="loss.prediction",
        fix="Remove squeeze",
        severity="warning",
    ),
    Mistake(
        "dropout on the results",
        row(node("flatten", "Flatten"), fc(10), node("drop", "Dropout"), node("loss", "CrossEntropy")),
        says="drop: drops results of the network itself",
        at="drop",
        fix="Put drop before fc",
        severity="warning",
    ),
)
