"""Declarations that follow a node's parameters: how a layer comes to have other ports, or another call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from studio.catalog.registry import Layer, Port, checked_values
from studio.project.params import Value

MOST_PORTS = 64
REMEMBERED = 4096


def adaptable(layer: Layer, change: Callable[[Layer, Mapping[str, Any]], Layer]) -> Layer:
    """The layer as its defaults make it, that adapts with `change`; wrong values count as the defaults.

    Equal values give the very same declaration, so that what was worked out for it is found again.
    """

    @lru_cache(REMEMBERED)
    def made(items: tuple[tuple[str, Value], ...]) -> Layer:
        return change(whole, dict(items))

    def adapt(values: Mapping[str, Value]) -> Layer:
        return made(tuple(checked_values(layer.all_params, values)[0].items()))

    whole = replace(layer, adapt=adapt)
    return adapt({})


def numbered(count: int, doc: str = "The piece number") -> tuple[Port, ...]:
    """The outputs output0, output1, …"""
    return tuple(Port(f"output{index}", f"{doc} {index}") for index in range(count))


def unpacked(count: int) -> str:
    """The pattern that takes as many results apart."""
    names = ", ".join(f"output{index}" for index in range(count))
    return f"({names},)" if count == 1 else names
