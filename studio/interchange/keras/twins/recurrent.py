"""Recurrent layers in Keras: a layer for each of torch's layers, and torch's two biases added to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from studio.build.plan import Step
from studio.interchange.keras.starts import starts
from studio.interchange.keras.twin import HERE, Array, Arrays, Module, Said, Site, Twin, array, said

GATES = ("RNN", "LSTM", "GRU")
KINDS = {"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
PROJECTED = "Keras' LSTM projects no state; set proj_size to 0 and put a Linear behind it."
STARTS = "Keras starts each direction apart; give no first state to a recurrent layer in both directions."
OWN = {"RNN": 1, "LSTM": 2, "GRU": 1}
"""How many tensors make a state."""


def _made(site: Site, kind: str, *more: str) -> str:
    activation = site.values.get("nonlinearity")
    given = [
        site.text("hidden_size"),
        "return_sequences=True",
        *more,
        "" if activation in (None, "tanh") else f"activation={site.text('nonlinearity')}",
        site.keyword("use_bias", "bias", True),
        *starts(KINDS[kind], site.options),
    ]
    return f"layers.{KINDS[kind]}({', '.join(one for one in given if one)}"


def _layers(kind: str) -> Callable[[Site], Said]:
    """A layer for each of the node's; states are stacked as torch has them, layers×N×hidden."""

    def write(site: Site) -> Said:
        ports = [port.name for port in site.step.layer.outputs[1:]]
        states = any(map(site.used, ports))
        both, count = site.value("bidirectional"), int(site.value("num_layers"))
        target = site.outputs["output"]
        if target == "_":
            target = "_states"
        chain: list[str | tuple[str, str]] = []
        kept: list[list[str]] = []
        for at in range(count):
            behind = "" if count == 1 else f"_{at}"
            variables = _variables(site, kind, at, both) if states else []
            kept.append(variables)
            call = _called(site, kind, at, behind, both, states)
            chain.append((", ".join([target, *variables]), call))
            if site.value("dropout") and at < count - 1:
                drop = site.layer("Dropout", site.text("dropout"), behind=f"_dropout{behind}", on=target)
                chain.append((target, drop))
        if states:
            chain += _stacked(site, kind, ports, kept, both)
        return Said(tuple(_started(chain, target)), ("torch",) * 3)

    return write


def _started(chain: list[str | tuple[str, str]], target: str) -> list[str | tuple[str, str]]:
    """The first call takes the node's input, the others what the one before gave."""
    found: list[str | tuple[str, str]] = []
    for at, one in enumerate(chain):
        assert isinstance(one, tuple)
        found.append((one[0], one[1].replace(HERE, target) if at else one[1]))
    return found


def _variables(site: Site, kind: str, at: int, both: bool) -> list[str]:
    """The names of the states that a layer gives."""
    ways = ("_forward", "_backward") if both else ("",)
    words = ("hidden", "cell")[: OWN[kind]]
    return [f"{site.step.name}_{word}{way}_{at}" for way in ways for word in words]


def _called(site: Site, kind: str, at: int, behind: str, both: bool, states: bool) -> str:
    """One layer's call on what the layer before it gave."""
    more = ["return_state=True"] if states else []
    made = _made(site, kind, *more)
    frozen = ", trainable=False" if site.options.get("freeze") else ""
    name = f"name={site.named(behind)}"
    first = [f"{one}[{at}]" for one in site.inputs[1:]]
    given = first[0] if len(first) == 1 else f"[{', '.join(first)}]"
    start = f", initial_state={given}" if first else ""
    if both:
        return f"layers.Bidirectional({made}){frozen}, {name})({HERE})"
    return f"{made}{frozen}, {name})({HERE}{start})"


def _stacked(
    site: Site, kind: str, ports: list[str], kept: list[list[str]], both: bool
) -> list[str | tuple[str, str]]:
    """What is behind the layers: their states in one tensor, as far as something reads them."""
    found: list[str | tuple[str, str]] = []
    for word, port in enumerate(ports):
        if site.used(port):
            own = OWN[kind]
            chosen = [one for layer in kept for one in layer[word::own]]
            call = (
                f"ops.stack([{', '.join(chosen)}])" if len(chosen) > 1 else f"ops.expand_dims({chosen[0]}, 0)"
            )
            found.append((site.outputs[port], call))
    return found


def _arrays(kind: str) -> Callable[[Module], Arrays]:
    def weights(module: Module) -> Arrays:
        found: dict[str, list[Any]] = {}
        for at in range(module.num_layers):
            arrays: list[Any] = []
            for way in ("", "_reverse") if module.bidirectional else ("",):
                names = (f"weight_ih_l{at}{way}", f"weight_hh_l{at}{way}")
                kernels = [array(getattr(module, name)) for name in names]
                own = [f"bias_{one}h_l{at}{way}" for one in "ih"] if module.bias else []
                biases = [array(getattr(module, name)) for name in own]
                arrays += gated(kind, kernels, biases)
            found["" if module.num_layers == 1 else f"_{at}"] = arrays
        return found

    return weights


def gated(kind: str, kernels: list[Array], biases: list[Array]) -> list[Array]:
    """The kernels and the bias of one layer, its gates in Keras' order: GRU has z before r."""

    def ordered(one: Array) -> Array:
        if kind != "GRU":
            return one
        reset, update, new = np.split(one, 3)
        return np.concatenate([update, reset, new])

    found = [ordered(one).T for one in kernels]
    if biases:
        both = [ordered(one) for one in biases]
        found.append(np.stack(both) if kind == "GRU" else both[0] + both[1])
    return found


def _lacks(step: Step) -> str:
    if step.kwargs.get("proj_size"):
        return PROJECTED
    return STARTS if len(step.args) > 1 and step.kwargs["bidirectional"] else ""


def _cell(kind: str) -> Twin:
    """One step: the layer run over a sequence of one."""

    def write(site: Site) -> Said:
        states = list(site.inputs[1:])
        given = states[0] if len(states) == 1 else f"[{', '.join(states)}]"
        start = f", initial_state={given}" if states else ""
        activation = site.values.get("nonlinearity")
        parts = [
            site.text("hidden_size"),
            "return_state=True" if kind == "LSTM" else "",
            "" if activation in (None, "tanh") else f"activation={site.text('nonlinearity')}",
            site.keyword("use_bias", "bias", True),
            "trainable=False" if site.options.get("freeze") else "",
            f"name={site.named()}",
        ]
        call = f"layers.{KINDS[kind]}({', '.join(filter(None, parts))})({site.inputs[0]}[:, None]{start})"
        if kind != "LSTM":
            return said(call)
        return said((f"_, {site.outputs['hidden']}, {site.outputs['cell']}", call))

    def weights(module: Module) -> Arrays:
        kernels = [array(module.weight_ih), array(module.weight_hh)]
        biases = [array(module.bias_ih), array(module.bias_hh)] if module.bias else []
        return {"": gated(kind, kernels, biases)}

    return Twin(write, "torch", weights)


RECURRENT = {
    **{kind: Twin(_layers(kind), "torch", _arrays(kind), _lacks) for kind in GATES},
    **{f"{kind}Cell": _cell(kind) for kind in GATES},
}
