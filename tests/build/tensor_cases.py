"""Drawings that break the rules of layers that rearrange tensors."""

from __future__ import annotations

from tests.build.breaking import Case
from tests.build.drawings import classifier, draw, node

SEQUENCE = (node("x", "Input", field="image"), node("rows", "Reshape", shape=(8, 8)))
END = node("loss", "MSE", target="price")

TENSOR_CASES: tuple[Case, ...] = (
    Case("batch_touched", classifier(node("take", "Select", dim=0)),
         "take: dimension 0 of N×1×8×8 is the batch; Select would mix or lose samples", "take", "dim",
         "Set dim to 1"),
    Case("batch_moved",
         classifier(node("turn", "Transpose", dim0=0, dim1=1), node("back", "Transpose", dim0=0, dim1=1)),
         "turn: the batch would no longer come first: N×1×8×8 becomes 1×N×8×8", "turn", "dim0",
         "Set dim0 to 1", severity="warning"),
    Case("pieces",
         draw([node("x", "Input", field="rows"), node("cut", "Chunk", chunks=4), END],
              "x > cut", "cut.output0 > loss.prediction"),
         "cut: dimension 1 of 5 cannot be cut into 4 equal pieces; it gives 3", "cut", "chunks",
         "Set chunks to 1"),
    Case("pairs_of_states",
         draw([*SEQUENCE, node("one", "LSTM"), node("two", "LSTM"), END], "x > rows",
              "rows > one", "rows > two", "one.hidden > two.hidden", "two > loss.prediction"),
         "two: hidden goes in together with cell, where nothing arrives", "two", "cell",
         "Remove the wire from one to two"),
    Case("crossed_batches",
         draw([node("x", "Input", field="rows"), node("up", "Unsqueeze", dim=1), node("add", "Add"), END],
              "x > up", "x > add.inputs.0", "up > add.inputs.1", "add > loss.prediction"),
         "add: N×5 and N×1×5 would meet from the last dimension on: every sample with every other", "add",
         "inputs", "Insert Unsqueeze between x and add"),
    Case("too_long", classifier(SEQUENCE[1], node("at", "LearnedPositions", num_positions=4)),
         "at: the sequence has 8 places; there are 4 learned positions", "at", "num_positions",
         "Set num_positions to 8"),
    Case("unfilled",
         draw([node("c", "Constant", value=(1.0, 2.0), shape=3), END], "c > loss.prediction"),
         "c: 2 numbers do not fill the shape 3; it holds 3", "c", "value", "Set shape to 2"),
    Case("truth_values",
         draw([node("x", "Input", field="words"), node("table", "Embedding", num_embeddings=20),
               node("mix", "MultiheadAttention"), END], "x > table", "table > mix.query",
              "x > mix.key_padding_mask", "mix > loss.prediction"),
         "mix: key_padding_mask takes true or false (bool); it gets int64", "mix", "key_padding_mask",
         "Insert Compare (equal 0) before mix"),
)  # fmt: skip
