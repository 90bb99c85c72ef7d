"""LSTM, GRU and RNN: the gates in torch's order, the sequence with samples first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from studio.interchange.onnx.drawing import Drawing
from studio.interchange.onnx.operators.shaping import permuted, reshaped
from studio.interchange.onnx.values import (
    Array,
    Converter,
    Filled,
    Held,
    Op,
    Sizes,
    UnreadableError,
    Value,
    Wire,
)
from studio.project.params import Value as Param

GATES: Mapping[str, tuple[int, ...]] = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
"""Where torch's gates stand among ONNX's: i f g o of i o f c, and r z n of z r h."""
PLAIN: Mapping[str, tuple[str, ...]] = {
    "LSTM": ("Sigmoid", "Tanh", "Tanh"),
    "GRU": ("Sigmoid", "Tanh"),
    "RNN": ("Tanh",),
}


def _recurrent(op: Op, drawing: Drawing) -> Sequence[Value]:
    x = op.wire(0)
    weights, recurrent = op.known(1, "weights"), op.known(2, "recurrent weights")
    directions, hidden = weights.shape[0], recurrent.shape[2]
    nonlinearity = _checked(op, directions)
    biases = op.known(3, "biases") if op.has(3) else None
    params: dict[str, Param] = {"hidden_size": hidden}
    if directions == 2:
        params["bidirectional"] = True
    if biases is None:
        params["bias"] = False
    if nonlinearity != "tanh":
        params["nonlinearity"] = nonlinearity
    first = bool(op.attribute("layout", 0))
    backwards = op.attribute("direction", "forward") == "reverse"
    given = x if first else permuted(x, (1, 0, 2), drawing)
    if backwards:
        given = drawing.one("Flip", {"input": given}, {"dims": 1})
    inputs: dict[str, Wire] = {"input": given}
    for port, at in (("hidden", 5), ("cell", 6)):
        if op.has(at) and not _is_zero(op.values[at]):
            inputs[port] = drawing.wire_of(op.values[at])
    state = _state(op.type, weights, recurrent, biases)
    found = drawing.place(op.type, inputs, params, state)
    whole = found[0]
    if backwards:
        whole = drawing.one("Flip", {"input": whole}, {"dims": 1})
    return [_sequence(whole, directions, hidden, first, drawing) if op.used[0] else whole, *found[1:]]


def _checked(op: Op, directions: int) -> str:
    """The nonlinearity of a plain RNN; UnreadableError for what torch's layers do not do."""
    wanted = op.attribute("activations")
    usual = PLAIN[op.type] * directions
    ways = tuple(str(one) for one in wanted) if wanted else usual
    nonlinearity = "tanh"
    if op.type == "RNN" and set(ways) == {"Relu"}:
        ways, nonlinearity = usual, "relu"
    if ways != usual or op.attribute("clip") or op.attribute("input_forget", 0):
        raise UnreadableError("its gates differ from those of torch's layers")
    if op.type == "GRU" and not op.attribute("linear_before_reset", 0):
        raise UnreadableError(
            "it resets before the product (linear_before_reset 0), which torch's GRU does not",
            "Export it with linear_before_reset=1.",
        )
    if op.type == "LSTM" and op.has(7) and np.any(op.known(7, "peepholes")):
        raise UnreadableError("it has peepholes, which torch's LSTM has not")
    if op.has(4) and not isinstance(op.values[4], Sizes):
        raise UnreadableError("its sequences have lengths of their own")
    return nonlinearity


def _is_zero(value: Value | None) -> bool:
    if isinstance(value, Filled):
        return not value.number
    return isinstance(value, Held) and not value.array.any()


def _state(type: str, weights: Array, recurrent: Array, biases: Array | None) -> dict[str, Array]:
    """torch's names and order of gates."""
    order, found = GATES[type], dict[str, Array]()
    for at in range(weights.shape[0]):
        end = "_l0_reverse" if at else "_l0"
        found[f"weight_ih{end}"] = _ordered(weights[at], order)
        found[f"weight_hh{end}"] = _ordered(recurrent[at], order)
        if biases is not None:
            one, other = np.split(biases[at], 2)
            found[f"bias_ih{end}"], found[f"bias_hh{end}"] = _ordered(one, order), _ordered(other, order)
    return found


def _ordered(array: Array, order: tuple[int, ...]) -> Array:
    parts = np.split(array, len(order))
    return np.concatenate([parts[at] for at in order])


def _sequence(found: Wire, directions: int, hidden: int, first: bool, drawing: Drawing) -> Wire:
    """The sequence as ONNX has it: places, directions, samples, values (samples first in layout 1)."""
    apart = reshaped(found, [*found.type.shape[:2], directions, hidden], drawing)
    return apart if first else permuted(apart, (1, 2, 0, 3), drawing)


RECURRENT: Mapping[str, Converter] = dict.fromkeys(GATES, _recurrent)
