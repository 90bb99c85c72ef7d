"""Values that are each fine by themselves, but not beside each other."""

from __future__ import annotations

from studio.project.fields import Field
from tests.build.drawings import draw, node
from tests.build.mistakes.making import DATA, Mistake, classes, conv, plus, row, scores

VALUES = (
    Mistake(
        "a least slope above the largest",
        classes(conv("conv1"), node("act", "RReLU", lower=0.5)),
        says="act: lower is above upper: 0.5 and 0.3333333333333333",
        at="act.lower",
        fix="Exchange lower and upper",
    ),
    Mistake(
        "random numbers of a negative spread",
        draw(
            [node("x", "Input", field="rows"), node("start", "Parameter", shape=5, value=-0.1),
             node("sum", "Add"), *scores()],
            "x > sum.inputs.0", "start > sum.inputs.1", "sum > fc", "fc > loss.prediction",
        ),
        says="start: random numbers cannot have a spread of -0.1",
        at="start.value",
        fix="Set value to 0.1",
    ),
    Mistake(
        "a constant too large for a whole number",
        draw(
            [node("x", "Input", field="rows"), node("most", "Constant", shape=5, value=1e30, dtype="int64"),
             node("cut", "Add"), *scores()],
            "x > cut.inputs.0", "most > cut.inputs.1", "cut > fc", "fc > loss.prediction",
        ),
        says="most: 1e+30 is too large for int64",
        at="most.dtype",
        fix="Set dtype to 'float32'",
    ),
    Mistake(
        "batch norm without its eps",
        classes(conv("conv1", bias=False), node("norm", "BatchNorm2d", eps=0.0), node("relu1", "ReLU")),
        says="norm: eps takes a number of at least 1e-30, not 0.0",
        at="norm.eps",
        fix="Set eps back to 1e-05",
    ),
    Mistake(
        "a constant that stands once where samples meet it",
        draw(
            [node("x", "Input", field="rows"), node("most", "Constant", shape=5), node("cut", "Minimum"),
             *scores()],
            "x > cut.inputs.0", "most > cut.inputs.1", "cut > fc", "fc > loss.prediction",
        ),
        says="cut: Minimum needs equal shapes; N×5 and 5 differ in the number of dimensions",
        at="cut.inputs",
        fix="Repeat most for each sample of x",
    ),
    Mistake(
        "an odd number of values to halve",
        row(node("fc1", "Linear", out_features=15), node("glu", "GLU"), *scores(), field="rows"),
        says="glu: 15 values cannot be halved",
        at="glu.dim",
        fix="Set the number of outputs to 16",
    ),
    Mistake(
        "channels that make no whole pixels",
        classes(conv("conv1", 10), node("relu1", "ReLU"), node("shuffle", "PixelShuffle", upscale_factor=2)),
        says="shuffle: 10 channels cannot be shared out: their number must be a multiple of 2·2 = 4",
        at="shuffle.upscale_factor",
        fix="Set the number of outputs to 12",
    ),
    Mistake(
        "channels to shuffle among too many groups",
        classes(conv("conv1", 10), node("relu1", "ReLU"), node("shuffle", "ChannelShuffle", groups=3)),
        says="shuffle: 10 channels cannot be shared out: their number must be a multiple of 3",
        at="shuffle.groups",
        fix="Set the number of outputs to 12",
    ),
    Mistake(
        "a picture that does not fall into squares",
        classes(node("down", "PixelUnshuffle", downscale_factor=3)),
        says="down: N×1×8×8 cannot be cut into squares of 3×3",
        at="down.downscale_factor",
        fix="Set downscale_factor to 2",
    ),
    Mistake(
        "a map of scores smaller than the map of classes",
        row(conv("conv1", stride=2), node("relu1", "ReLU"), conv("scores", 2, kernel_size=1, padding=0),
            node("loss", "CrossEntropy", target="map"), field="image"),
        says="loss: the prediction must be N×classes×8×8 for a target of N×8×8; it is N×2×4×4",
        at="loss.prediction",
        fix="Insert Upsample between scores and loss",
        fields={**DATA, "map": Field("map", (8, 8), "int64", ("paper", "ink"), "target")},
    ),
    Mistake(
        "a picture made again behind a sigmoid, but normalized",
        plus(
            row(node("fc1", "Linear", out_features=5), node("act", "Sigmoid"),
                node("loss", "MSE", target=""), field="rows"),
            wires=("x > loss.target",),
        ),
        says="loss: act (Sigmoid) gives only numbers 0 to 1; rows is normalized to numbers of any sign",
        at="loss.prediction",
        fix="Remove act",
        severity="warning",
    ),
)  # fmt: skip
