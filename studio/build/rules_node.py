"""Checks of a node by itself: its name, its parameters, and the wires that end at it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from studio.build import fixes, rewiring
from studio.build.rules_custom import unreadable
from studio.build.site import Arrival, Site
from studio.catalog.registry import Registry
from studio.errors import Problem
from studio.project.graph import Edge, Node, name_error


def unknown_layer(node: Node, registry: Registry) -> Problem:
    """A type that this version has no layer for."""
    types = [type for type, layer in registry.layers.items() if layer.block is None]
    near = get_close_matches(node.type, types, 2, 0.6)
    return Problem(
        "error",
        f"{node.name}: there is no layer called {node.type}",
        "The file may come from a newer version. What is set on the node is kept as it is.",
        node.name,
        None,
        (
            *(fixes.retype(node.name, type) for type in near),
            rewiring.take_out(node.name),
            fixes.delete_node(node.name),
        ),
    )


def invalid_name(site: Site) -> Iterator[Problem]:
    """A name that cannot stand in code."""
    wrong = name_error(site.name)
    if wrong:
        yield site.problem(
            f"this name does not work: {wrong}",
            "The name becomes the attribute's name in the code.",
            None,
            fixes.rename(site.name),
        )


def unknown_parameters(site: Site) -> Iterator[Problem]:
    """A parameter that the layer does not have."""
    known = [param.name for param in site.layer.all_params]
    for name in site.node.params:
        if name not in known:
            near = get_close_matches(name, [one for one in known if one not in site.node.params], 1)
            yield site.warning(
                f"{site.layer.type} has no parameter {name}",
                "It has no effect. It is kept in the file.",
                name,
                *(fixes.move_param(site.name, name, one) for one in near),
                fixes.drop_param(site.name, name),
            )


def wrong_values(site: Site) -> Iterator[Problem]:
    """A value that its parameter does not accept."""
    for param in site.layer.all_params:
        if param.name in site.wrong:
            reset = fixes.reset_param(site.name, param.name, param.default)
            given = site.node.params.get(param.name)
            named = fixes.rename_in_formula(site.name, param.name, given, site.names)
            yield site.problem(site.wrong[param.name], param.doc + ".", param.name, *named, reset)


def wires_to_nowhere(site: Site) -> Iterator[Problem]:
    """A wire that ends at a port which the layer does not have; what cannot be read has none that we know."""
    if unreadable(site) is not None:
        return
    ports = [port.name for port in site.layer.inputs]
    for arrival in site.arrivals:
        edge = arrival.edge
        if edge.target.port not in ports:
            listed = ", ".join(ports) or "no inputs"
            free = [p for p in ports if not any(one.edge.target.port == p for one in site.arrivals)]
            yield site.problem(
                f"a wire from {edge.source.node} ends at {edge.target.port}; {site.layer.type} has {listed}",
                "Remove the wire, or connect it to an input there is.",
                edge.target.port,
                *(fixes.move_wire(edge, port, "target") for port in free[:1]),
                fixes.remove_wire(edge),
            )


def wires_from_nowhere(site: Site) -> Iterator[Problem]:
    """A wire whose beginning does not exist."""
    for arrival in site.arrivals:
        if arrival.fault:
            yield _from_nowhere(site, arrival)


def _from_nowhere(site: Site, arrival: Arrival) -> Problem:
    edge = arrival.edge
    remove = fixes.remove_wire(edge)
    port, source = edge.target.port, edge.source
    if arrival.fault == "node":
        text = f"the wire to {port} comes from {source.node}, which does not exist"
        return site.problem(text, "Remove the wire and connect another.", port, remove)
    if arrival.fault == "muted":
        text = f"nothing comes through the wire from {source.node}, which is muted and has nothing to pass on"
        return site.problem(text, "Unmute the node.", port, fixes.unmute(source.node), remove)
    text = f"the wire to {port} comes from {source.port}, which {source.node} does not have"
    outputs = arrival.fault.split()[1:]
    others = (fixes.move_wire(edge, name, "source") for name in outputs)
    listed = f"{source.node} has {', '.join(outputs)}." if outputs else f"{source.node} has no outputs."
    return site.problem(text, listed, port, *others, remove)


def crowded_ports(site: Site) -> Iterator[Problem]:
    """Several wires at a port that takes one."""
    for port in site.layer.inputs:
        here = [one.edge for one in site.arrivals if one.edge.target.port == port.name]
        if len(here) > 1 and not port.variadic:
            names = " and ".join(edge.source.node for edge in here)
            yield site.problem(
                f"{port.name} takes one wire; {len(here)} end there, from {names}",
                "Remove all but one, or join them first with Add or Concat.",
                port.name,
                *((rewiring.keep_wire if len(here) > 2 else fixes.remove_wire)(one) for one in _others(here)),
            )


def _others(here: list[Edge]) -> list[Edge]:
    """The wires in the order in which each is kept, of many; or removed, of two: the first drawn stays."""
    return here if len(here) > 2 else here[::-1]


def lonely_ports(site: Site) -> Iterator[Problem]:
    """A single wire at a port that is there to join several."""
    for port in site.layer.inputs:
        here = [one for one in site.arrivals if one.edge.target.port == port.name]
        if port.variadic and len(here) == 1:
            yield site.warning(
                f"{site.layer.type} joins two or more tensors; only one arrives",
                f"Connect another output to {port.name}, or remove the node.",
                port.name,
                fixes.mute(site.name),
            )


def input_field(site: Site) -> Iterator[Problem]:
    """An Input node that names no field, or one that the data does not have."""
    if site.layer.type != "Input" or site.fields is None or "field" in site.wrong:
        return
    name, shape = str(site.values["field"]), site.values["shape"]
    if name in site.fields or (shape is not None and not site.fields):
        return
    choices = [one.name for one in site.fields.values() if one.role == "input"] or list(site.fields)
    text = f"the data has no field {name}" if name else "no field of the data is chosen"
    if not site.fields:
        text = f"{text}: there is no data" if name else "there is no data to take a field from"
    hint = f"Choose one of {', '.join(site.fields)}." if site.fields else "Choose data, or give a shape."
    ranked = sorted(choices, key=lambda one: one not in get_close_matches(name, choices, 3, 0.5))
    chosen = (fixes.set_param(site.name, "field", one, f"Take the field {one}") for one in ranked[:3])
    yield site.problem(text, hint, "field", *chosen)
