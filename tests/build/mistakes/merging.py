"""Branches that meet and differ."""

from __future__ import annotations

from tests.build.drawings import draw, node
from tests.build.mistakes.making import Mistake, conv, meeting, scores

ADD, CONCAT = node("merge", "Add"), node("merge", "Concat")


def relu(name: str):
    """An activation."""
    return node(name, "ReLU")


MERGING = (
    Mistake(
        "an Add of other channels",
        meeting([conv("a", 16), relu("ra")], [conv("b", 8), relu("rb")], ADD),
        says="merge: Add needs equal shapes; 16×16×16 and 8×16×16 differ in C: 16 and 8",
        at="merge.inputs",
        fix="Set out_channels of b to 16",
    ),
    Mistake(
        "a skip connection around a layer that changes the channels",
        meeting([conv("a", 16), relu("ra")], [], ADD),
        says="merge: Add needs equal shapes; 16×16×16 and 3×16×16 differ in C: 16 and 3",
        at="merge.inputs",
        fix="Set out_channels of a to 3",
    ),
    Mistake(
        "a skip connection across a stride",
        meeting([conv("a", 8), relu("ra"), conv("b", 8, stride=2)], [conv("c", 8), relu("rc")], ADD),
        says="merge: Add needs equal shapes; 8×8×8 and 8×16×16 differ in H: 8 and 16",
        at="merge.inputs",
        fix="Insert 1×1 Conv2d to 8 channels with stride 2 after rc",
    ),
    Mistake(
        "a skip connection across a stride that changes the channels too",
        meeting([conv("a", 8), relu("ra"), conv("b", 16, stride=2)], [conv("c", 8), relu("rc")], ADD),
        says="merge: Add needs equal shapes; 16×8×8 and 8×16×16 differ in C: 16 and 8",
        at="merge.inputs",
        fix="Insert 1×1 Conv2d to 16 channels with stride 2 after rc",
    ),
    Mistake(
        "a skip connection across pooling",
        meeting([conv("a", 8), relu("ra"), node("pool", "MaxPool2d")], [conv("c", 8)], ADD),
        says="merge: Add needs equal shapes; 8×8×8 and 8×16×16 differ in H: 8 and 16",
        at="merge.inputs",
        fix="Insert MaxPool2d between c and merge",
    ),
    Mistake(
        "a border lost on one side",
        meeting([conv("a", 8, padding=0), relu("ra")], [conv("b", 8)], ADD),
        says="merge: Add needs equal shapes; 8×14×14 and 8×16×16 differ in H: 14 and 16",
        at="merge.inputs",
        fix="Set padding of a to 1",
    ),
    Mistake(
        "an Add of rows of other lengths",
        meeting([node("a", "Linear", out_features=4)], [node("b", "Linear", out_features=5)], ADD, "rows"),
        says="merge: Add needs equal shapes; 4 and 5 differ in features: 4 and 5",
        at="merge.inputs",
        fix="Set out_features of b to 4",
    ),
    Mistake(
        "an Add of a picture and a row",
        meeting([conv("a", 8), relu("ra")], [node("f", "Flatten"), node("b", "Linear", out_features=8)], ADD),
        says="merge: Add needs equal shapes; 8×16×16 and 8 differ in the number of dimensions",
        at="merge.inputs",
        fix="Insert Reshape to 8×1×1",
    ),
    Mistake(
        "an Add of sequences with other features",
        meeting([node("a", "Linear", out_features=4)], [node("b", "Linear", out_features=6)], ADD, "steps"),
        says="merge: Add needs equal shapes; 7×4 and 7×6 differ in features: 4 and 6",
        at="merge.inputs",
        fix="Set out_features of b to 4",
    ),
    Mistake(
        "a Multiply of other channels",
        meeting(
            [conv("a", 16), relu("ra")], [conv("b", 8), node("rb", "Sigmoid")], node("merge", "Multiply")
        ),
        says="merge: Multiply needs equal shapes; 16×16×16 and 8×16×16 differ in C: 16 and 8",
        at="merge.inputs",
        fix="Set out_channels of b to 16",
    ),
    Mistake(
        "a Concat of other heights",
        meeting([conv("a", 8, padding=0), relu("ra")], [conv("b", 8), relu("rb")], CONCAT),
        says="merge: Concat needs equal shapes but for dimension 1; 8×14×14 and 8×16×16 differ in H: 14 "
        "and 16",
        at="merge.inputs",
        fix="Set padding of a to 1",
    ),
    Mistake(
        "a Concat of a picture and a row",
        meeting(
            [conv("a", 8), relu("ra")], [node("f", "Flatten"), node("b", "Linear", out_features=8)], CONCAT
        ),
        says="merge: Concat needs equal shapes but for dimension 1; 8×16×16 and 8 differ in the number "
        "of dimensions",
        at="merge.inputs",
        fix="Insert Flatten between ra and merge",
    ),
    Mistake(
        "a Concat along the height of other channels",
        meeting([conv("a", 16), relu("ra")], [conv("b", 8), relu("rb")], node("merge", "Concat", dim=2)),
        says="merge: Concat needs equal shapes but for dimension 2; 16×16×16 and 8×16×16 differ in C: "
        "16 and 8",
        at="merge.inputs",
        fix="Set out_channels of b to 16",
    ),
    Mistake(
        "a Concat along a dimension that is not there",
        meeting(
            [node("a", "Linear", out_features=4)],
            [node("b", "Linear", out_features=4)],
            node("merge", "Concat", dim=3),
            "rows",
        ),
        says="merge: there is no dimension 3; N×4 has 2 (0 to 1)",
        at="merge.dim",
        fix="Set dim to 1",
    ),
    Mistake(
        "a U-Net whose halves differ by one",
        meeting(
            [
                node("down", "Conv2d", out_channels=8, kernel_size=2, padding=0),
                relu("ra"),
                node("pool", "MaxPool2d"),
                conv("mid", 8),
                relu("rm"),
                node("up", "ConvTranspose2d", out_channels=8, kernel_size=2, stride=2),
            ],
            [node("side", "Conv2d", out_channels=8, kernel_size=2, padding=0), relu("rs")],
            CONCAT,
        ),
        says="merge: Concat needs equal shapes but for dimension 1; 8×14×14 and 8×15×15 differ in H: 14 "
        "and 15",
        at="merge.inputs",
        fix="Insert Pad to 15×15 after up",
    ),
    Mistake(
        "a U-Net without its way up",
        meeting(
            [conv("down", 8), relu("ra"), node("pool", "MaxPool2d"), conv("mid", 8), relu("rm")],
            [conv("side", 8), relu("rs")],
            CONCAT,
        ),
        says="merge: Concat needs equal shapes but for dimension 1; 8×8×8 and 8×16×16 differ in H: 8 and 16",
        at="merge.inputs",
        fix="Insert Upsample between rm and merge",
    ),
    Mistake(
        "a product of matrices of other batches' rank",
        draw(
            [
                node("x", "Input", field="photo"),
                node("y", "Input", field="steps"),
                node("flatten2", "Flatten", start_dim=2),
                node("mm", "MatMul"),
                node("flatten", "Flatten"),
                *scores(),
            ],
            "x > flatten2",
            "flatten2 > mm",
            "y > mm.other",
            "mm > flatten",
            "flatten > fc",
            "fc > loss.prediction",
        ),
        says="mm: MatMul needs n×k and k×m, the k of both equal; it gets N×3×256 and N×7×10",
        at="mm.other",
        fix="Insert Linear to 7 between flatten2 and mm",
    ),
)
