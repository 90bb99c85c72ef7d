"""Looking at what each drawn node computes while a network runs, which stays as it is in every digit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from studio.build import calls
from studio.build.network import Network, programs
from studio.build.program import Call, Program
from studio.project.graph import Endpoint

See = Callable[[str, Tensor], None]
"""Takes the path of a drawn node (conv1, or block/conv1 in a block) and the first tensor that it gives."""


class Observer:
    """Shows, from `open` to `close`, what the nodes of a network give; at all other times it is not there."""

    def __init__(self, network: Network, see: See) -> None:
        self._places = [(module, module.program, path) for path, module in programs(network)]
        self._watched = [_watched(program, drawn_path(path), see) for _, program, path in self._places]

    @property
    def nodes(self) -> list[str]:
        """The path of every node that can be seen."""
        return [
            f"{drawn_path(path)}{name}"
            for _, program, path in self._places
            for name in (*_inputs(program), *program.drawn)
        ]

    @property
    def inputs(self) -> list[str]:
        """Those of them that give what they are given."""
        return [f"{drawn_path(path)}{name}" for _, program, path in self._places for name in _inputs(program)]

    def open(self) -> None:
        """Look from now on."""
        for (module, _, _), watched in zip(self._places, self._watched, strict=True):
            module.program = watched

    def close(self) -> None:
        """Look no more."""
        for module, plain, _ in self._places:
            module.program = plain


def drawn_path(path: str) -> str:
    """The path of a drawn node from that of its module: encoder/2/norm from encoder.2.norm."""
    return path.replace(".", "/")


def _inputs(program: Program) -> Iterator[str]:
    return (ref.node for ref in program.given if isinstance(ref, Endpoint))


def _watched(program: Program, path: str, see: See) -> Program:
    """The same calls, each of whose results is seen; what is given is seen before the first."""
    given = [
        (ref.node, _given(place, _Given(see, f"{path}{ref.node}")))
        for place, ref in enumerate(program.given)
        if isinstance(ref, Endpoint)
    ]
    seen = [call._replace(function=_seen(program, at, path, see)) for at, call in enumerate(program.calls)]
    before = tuple(name for name, _ in given)
    return program._replace(
        calls=(*(call for _, call in given), *seen),
        names=(*before, *program.names),
        drawn=(*before, *program.drawn),
    )


def _given(place: int, function: _Given) -> Call:
    """Puts what lies at a place there again."""
    return Call(function, place, (), {}, {}, place, (), ())


class _Given:
    """Gives back what it is given."""

    def __init__(self, see: See, path: str) -> None:
        self._see, self._path = see, path

    def __call__(self, tensor: Tensor) -> Tensor:
        self._see(self._path, tensor)
        return tensor


def _seen(program: Program, at: int, path: str, see: See) -> Callable[..., Any]:
    """What a call runs, and is seen to give.

    Of a ReLU and the max-pool behind it that have changed places, the first call gives neither's result as
    drawn: the ReLU's is computed beside it. The second call gives that of the max-pool. Of calls that are
    done at once each is done alone.
    """
    call, name = program.calls[at], program.drawn[at]
    function, own = getattr(call.function, "alone", call.function), program.names.index(name)
    into: calls.Path = call.parts[0][1] if call.parts else ()

    def run(*args: Any, **named: Any) -> Any:  # noqa: ANN401
        result = function(*args, **named)
        first = calls.part(result, into) if into else result
        if isinstance(first, Tensor):
            see(f"{path}{name}", first)
        return result

    def run_earlier(values: Tensor) -> Any:  # noqa: ANN401
        with torch.no_grad():  # on a copy, since some layers compute in place
            see(f"{path}{name}", program.calls[own].function(values.detach().clone()))
        return function(values)

    return run_earlier if own > at else run
