"""Recurrent layers: they read a sequence step by step and keep a state."""

from __future__ import annotations

from studio.catalog import shape_rules
from studio.catalog.registry import Example, Layer, Port, always, first
from studio.project.params import Bool, Float, Int

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
SEQUENCE = (Port("input", "A sequence, N×L×features"),)
OUTPUT = Port(
    "output", "The last layer's state after every step, N×L×hidden_size (twice that in both directions)"
)
HIDDEN = Port("hidden", "Every layer's state after the last step, layers×N×hidden_size")
PARAMS = (
    Int("hidden_size", 64, "Size of the state", low=1, essential=True),
    Int("num_layers", 1, "Layers on top of each other", low=1),
    Bool("bias", True, "Whether to add learned biases", advanced=True),
    Float("dropout", 0.0, "Share of values dropped between layers", low=0.0, high=1.0, advanced=True),
    Bool("bidirectional", False, "Whether to read in both directions"),
)

RECURRENT: tuple[Layer, ...] = (
    Layer(
        type="LSTM",
        category="Recurrent",
        doc="Long short-term memory: reads a sequence, and gates decide what is kept and forgotten.",
        target="torch.nn.LSTM",
        params=PARAMS,
        inputs=SEQUENCE,
        outputs=(
            OUTPUT,
            HIDDEN,
            Port("cell", "Every layer's memory after the last step, layers×N×hidden_size"),
        ),
        derived={"input_size": first("input", 2), "batch_first": always(True)},
        returns="output, (hidden, cell)",
        shape=shape_rules.recurrent(2),
        example=Example({"input": ((2, 5, 3),)}, {"hidden_size": 4}),
        url=f"{DOCS}LSTM.html",
        keywords=("rnn", "sequence", "memory"),
    ),
    Layer(
        type="GRU",
        category="Recurrent",
        doc="Gated recurrent unit: like LSTM with fewer gates, often as good.",
        target="torch.nn.GRU",
        params=PARAMS,
        inputs=SEQUENCE,
        outputs=(OUTPUT, HIDDEN),
        derived={"input_size": first("input", 2), "batch_first": always(True)},
        returns="output, hidden",
        shape=shape_rules.recurrent(1),
        example=Example({"input": ((2, 5, 3),)}, {"hidden_size": 4}),
        url=f"{DOCS}GRU.html",
        keywords=("rnn", "sequence"),
    ),
)
