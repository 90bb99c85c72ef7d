"""Recurrent layers: they read a sequence step by step and keep a state."""

from __future__ import annotations

from studio.catalog import initial, name_rules, tensor_rules
from studio.catalog.registry import Example, Layer, Port, always, first
from studio.project.params import Bool, Choice, Float, Int

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
INPUT = Port("input", "A sequence, N×L×features")
OUTPUT = Port(
    "output", "The last layer's state after every step, N×L×hidden_size (twice that in both directions)"
)
HIDDEN = Port("hidden", "Every layer's state after the last step, layers×N×hidden_size")
CELL = Port("cell", "Every layer's memory after the last step, layers×N×hidden_size")
FIRST_HIDDEN = Port(
    "hidden", "Every layer's state before the first step, layers×N×hidden_size; 0 where unconnected",
    optional=True,
)  # fmt: skip
FIRST_CELL = Port(
    "cell", "Every layer's memory before the first step; goes with hidden", optional=True
)  # fmt: skip
BIAS = Bool("bias", True, "Whether to add learned biases", advanced=True)
NONLINEARITY = Choice("nonlinearity", "tanh", "What squeezes the state", options=("tanh", "relu"))
PARAMS = (
    Int("hidden_size", 64, "Size of the state", low=1, essential=True),
    Int("num_layers", 1, "Layers on top of each other", low=1),
    BIAS,
    Float("dropout", 0.0, "Share of values dropped between layers", low=0.0, high=1.0, advanced=True),
    Bool("bidirectional", False, "Whether to read in both directions"),
)
SIZE = Int("hidden_size", 64, "Size of the state", low=1, essential=True)
SEQUENCE = Example({"input": ((2, 5, 3),)}, {"hidden_size": 4})
STEP = Port("input", "One step, N×features")
STATE = Port("hidden", "The state before, N×hidden_size; 0 where unconnected", optional=True)

RECURRENT: tuple[Layer, ...] = (
    Layer(
        type="RNN",
        category="Recurrent",
        doc="The plain recurrent layer: each step's state is a Linear of the input and of the state before.",
        target="torch.nn.RNN",
        params=(*PARAMS, NONLINEARITY),
        inputs=(INPUT, FIRST_HIDDEN),
        outputs=(OUTPUT, HIDDEN),
        derived={"input_size": first("input", 2), "batch_first": always(True)},
        returns="output, hidden",
        shape=tensor_rules.recurrent(1),
        names=name_rules.recurrent,
        example=SEQUENCE,
        options=initial.weights(),
        url=f"{DOCS}RNN.html",
        keywords=("elman", "sequence"),
        formula="hₜ = tanh(W·xₜ + U·hₜ₋₁ + b)",
        use="For short sequences and to learn how it works; LSTM and GRU remember longer.",
        follows=("Select", "Linear"),
    ),
    Layer(
        type="LSTM",
        category="Recurrent",
        doc="Long short-term memory: reads a sequence, and gates decide what is kept and forgotten.",
        target="torch.nn.LSTM",
        params=(*PARAMS, Int("proj_size", 0, "Size that the state is projected to; 0 for no projection",
                             low=0, advanced=True)),
        inputs=(INPUT, FIRST_HIDDEN, FIRST_CELL),
        outputs=(OUTPUT, HIDDEN, CELL),
        derived={"input_size": first("input", 2), "batch_first": always(True)},
        together=("hidden", "cell"),
        returns="output, (hidden, cell)",
        shape=tensor_rules.recurrent(2),
        names=name_rules.recurrent,
        example=SEQUENCE,
        options=initial.weights(),
        url=f"{DOCS}LSTM.html",
        keywords=("rnn", "sequence", "memory"),
        formula="cₜ = f⊙cₜ₋₁ + i⊙g, hₜ = o⊙tanh(cₜ), with gates i, f, o = σ(W·xₜ + U·hₜ₋₁ + b)",
        use="For sequences where early steps matter late. Select takes the last step for a Linear head.",
        follows=("Select", "Linear", "Dropout"),
        paper="https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    Layer(
        type="GRU",
        category="Recurrent",
        doc="Gated recurrent unit: like LSTM with fewer gates, often as good.",
        target="torch.nn.GRU",
        params=PARAMS,
        inputs=(INPUT, FIRST_HIDDEN),
        outputs=(OUTPUT, HIDDEN),
        derived={"input_size": first("input", 2), "batch_first": always(True)},
        returns="output, hidden",
        shape=tensor_rules.recurrent(1),
        names=name_rules.recurrent,
        example=SEQUENCE,
        options=initial.weights(),
        url=f"{DOCS}GRU.html",
        keywords=("rnn", "sequence"),
        formula="hₜ = (1 − z)⊙n + z⊙hₜ₋₁, with gates r, z = σ(W·xₜ + U·hₜ₋₁ + b)",
        use="Where an LSTM would do and a quarter fewer parameters are welcome.",
        follows=("Select", "Linear", "Dropout"),
        paper="https://arxiv.org/abs/1406.1078",
    ),
    Layer(
        type="RNNCell",
        category="Recurrent",
        doc="One step of a plain recurrent layer.",
        target="torch.nn.RNNCell",
        params=(SIZE, BIAS, NONLINEARITY),
        inputs=(STEP, STATE),
        outputs=(Port("hidden", "The state after, N×hidden_size"),),
        derived={"input_size": first("input", 1)},
        shape=tensor_rules.cell(1),
        example=Example({"input": ((2, 3),), "hidden": ((2, 4),)}, {"hidden_size": 4}),
        options=initial.weights(),
        url=f"{DOCS}RNNCell.html",
        keywords=("rnn", "step"),
        formula="h' = tanh(W·x + U·h + b)",
        use="For loops of one's own; RNN reads a whole sequence faster.",
        follows=("Linear", "RNNCell"),
    ),
    Layer(
        type="LSTMCell",
        category="Recurrent",
        doc="One step of an LSTM.",
        target="torch.nn.LSTMCell",
        params=(SIZE, BIAS),
        inputs=(
            STEP,
            STATE,
            Port("cell", "The memory before; goes with hidden", optional=True),
        ),
        outputs=(
            Port("hidden", "The state after, N×hidden_size"),
            Port("cell", "The memory after, N×hidden_size"),
        ),
        derived={"input_size": first("input", 1)},
        together=("hidden", "cell"),
        returns="hidden, cell",
        shape=tensor_rules.cell(2),
        example=Example(
            {"input": ((2, 3),), "hidden": ((2, 4),), "cell": ((2, 4),)}, {"hidden_size": 4}
        ),
        options=initial.weights(),
        url=f"{DOCS}LSTMCell.html",
        keywords=("rnn", "step", "memory"),
        formula="c' = f⊙c + i⊙g, h' = o⊙tanh(c'), with gates i, f, o = σ(W·x + U·h + b)",
        use="For loops of one's own, as a decoder that reads what it wrote; LSTM reads a sequence faster.",
        follows=("Linear", "LSTMCell"),
        paper="https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    Layer(
        type="GRUCell",
        category="Recurrent",
        doc="One step of a GRU.",
        target="torch.nn.GRUCell",
        params=(SIZE, BIAS),
        inputs=(STEP, STATE),
        outputs=(Port("hidden", "The state after, N×hidden_size"),),
        derived={"input_size": first("input", 1)},
        shape=tensor_rules.cell(1),
        example=Example({"input": ((2, 3),), "hidden": ((2, 4),)}, {"hidden_size": 4}),
        options=initial.weights(),
        url=f"{DOCS}GRUCell.html",
        keywords=("rnn", "step"),
        formula="h' = (1 − z)⊙n + z⊙h, with gates r, z = σ(W·x + U·h + b)",
        use="For loops of one's own; GRU reads a whole sequence faster.",
        follows=("Linear", "GRUCell"),
        paper="https://arxiv.org/abs/1406.1078",
    ),
)  # fmt: skip
