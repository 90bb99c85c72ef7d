"""Layers that rearrange tensors, and masks."""

from __future__ import annotations

from tests.build.drawings import draw, node
from tests.build.mistakes.making import Mistake, classes, row, scores

WORDS = (
    node("x", "Input", field="words"),
    node("table", "Embedding", num_embeddings=20, embedding_dim=8),
    node("fc", "Linear", out_features=10),
    node("loss", "CrossEntropy"),
)

TENSORS = (
    Mistake(
        "one sample taken out of a batch",
        row(node("take", "Select", dim=0), *scores(), field="steps"),
        says="take: dimension 0 of N×7×10 is the batch; Select would mix or lose samples",
        at="take.dim",
        fix="Set dim to 1",
    ),
    Mistake(
        "pieces that do not make up the whole",
        draw(
            [node("x", "Input", field="rows"), node("cut", "Split", split_size_or_sections=(2, 2)),
             node("both", "Concat"), *scores()],
            "x > cut", "cut.output0 > both.inputs.0", "cut.output1 > both.inputs.1", "both > fc",
            "fc > loss.prediction",
        ),
        says="cut: pieces of 2 + 2 make 4; dimension 1 has 5",
        at="cut.split_size_or_sections",
        fix="Set split_size_or_sections to [2, 3]",
    ),
    Mistake(
        "fewer learned positions than places",
        draw(
            [*WORDS, node("at", "LearnedPositions", num_positions=4), node("first", "Select", index=0)],
            "x > table", "table > at", "at > first", "first > fc", "fc > loss.prediction",
        ),
        says="at: the sequence has 7 places; there are 4 learned positions",
        at="at.num_positions",
        fix="Set num_positions to 7",
    ),
    Mistake(
        "token ids as a mask of padding",
        draw(
            [*WORDS, node("encoder", "TransformerEncoderLayer"), node("first", "Select", index=0)],
            "x > table", "table > encoder", "x > encoder.src_key_padding_mask", "encoder > first",
            "first > fc", "fc > loss.prediction",
        ),
        says="encoder: src_key_padding_mask takes true or false (bool); it gets int64",
        at="encoder.src_key_padding_mask",
        fix="Insert Compare (equal 0) before encoder",
    ),
    Mistake(
        "a constant with too few numbers",
        draw(
            [node("x", "Input", field="rows"), node("weights", "Constant", value=(1.0, 2.0), shape=5),
             node("times", "Multiply"), *scores()],
            "x > times.inputs.0", "weights > times.inputs.1", "times > fc", "fc > loss.prediction",
        ),
        says="weights: 2 numbers do not fill the shape 5; it holds 5",
        at="weights.value",
        fix="Set value to 1.0",
    ),
    Mistake(
        "a formula whose bracket stays open",
        draw(
            [node("x", "Input", field="rows"), node("twist", "Expression", expression="a * (tanh(a) + 1"),
             *scores()],
            "x > twist.a", "twist > fc", "fc > loss.prediction",
        ),
        says="twist: this is no formula at character 5: '(' was never closed",
        at="twist.expression",
        fix="Set expression to 'a * (tanh(a) + 1)'",
    ),
    Mistake(
        "a module that is nowhere",
        classes(node("own", "Module", path="torch.nn.Mishmash")),
        says="own: torch.nn has no class Mishmash",
        at="own.path",
        fix="Set path back to 'torch.nn.Identity'",
    ),
    Mistake(
        "places beyond the end",
        row(node("some", "IndexSelect", dim=1, indices=(0, 4, 9)), *scores(), field="rows"),
        says="some: there is no place 9 along dimension 1; it has 5 (0 to 4)",
        at="some.indices",
        fix="Set indices to [0, 4]",
    ),
    Mistake(
        "a picture made smaller than a pixel",
        classes(node("small", "Upsample", scale_factor=0.1)),
        says="small: with a scale_factor of 0.1 nothing is left of a size of 8",
        at="small.scale_factor",
        fix="Set scale_factor to 0.125",
    ),
    Mistake(
        "a stretch that ends before it starts",
        classes(node("cut", "Slice", dim=2, start=5, stop=2)),
        says="cut: nothing is left of N×1×8×8: the result is N×1×0×8",
        at="cut.start",
        fix="Set start back to 0",
    ),
)  # fmt: skip
