"""Which layers would really work at the end of a loose wire: tried as they are, told to the search box."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from studio.build.foresight import Basis, Foreseen, Placed, Question
from studio.project.block import PREFIX
from studio.project.fields import Field
from studio.project.graph import Endpoint
from studio.ui.canvas.asking import Asking
from studio.ui.canvas.search import SearchBox


class LayerFits:
    """Puts what does not work last in the search box as soon as it is known; answers are kept by shape."""

    def __init__(self, asking: Asking, search: SearchBox) -> None:
        self._asking, self._search = asking, search
        self._wire: tuple[Endpoint, str] = (Endpoint("", ""), "out")
        self._types: list[str] = []
        self._kept: dict[Hashable, dict[Hashable, Foreseen]] = {}
        self._fields: Mapping[str, Field] | None = None
        search.closed.connect(self.end)
        search.chosen.connect(self.end)

    def begin(self, end: Endpoint, side: str) -> None:
        """The box has just been opened for a wire that holds at this end."""
        self._wire, self._types = (end, side), [layer.type for layer in self._search.offered]
        self._asking.serve(self)
        self._asking.known.update(self._remembered())
        self.take(())

    def end(self) -> None:
        """The box is closed."""
        kept = self._remembered()
        kept.update((type, one) for type, one in self._asking.known_to(self).items() if not _is_block(type))
        self._asking.stop(self)

    def questions(self) -> dict[Hashable, Question]:
        """One for each layer that the box offers."""
        end, side = self._wire
        graph = self._asking.graph
        beside = [one for one in graph.incoming(end.node) if one.target != end] if side == "in" else []
        return {type: Placed(type, end, side, tuple(beside)) for type in self._types}

    def distance(self, key: Hashable) -> float:
        """As they are offered."""
        return 0.0

    def take(self, keys: Iterable[Hashable]) -> None:
        """Tell the box what is known so far."""
        known = self._asking.known.items()
        self._search.refuse({str(type): _bare(one.refusal) for type, one in known if one.refusal})

    def _remembered(self) -> dict[Hashable, Foreseen]:
        """The answers about the tensor at the end; they hold as long as the data's fields are the same."""
        basis = self._asking.basis()
        end, side = self._wire
        type = basis.known.types.get(end) if basis and side == "out" else None
        if basis is None or type is None:
            return {}
        if basis.fields != self._fields:
            self._fields = basis.fields
            self._kept.clear()
        return self._kept.setdefault((type, type.names, _origin(basis, end)), {})


def _origin(basis: Basis, end: Endpoint) -> str:
    """Which field of the data arrives as it is: what it holds matters beside its shape."""
    node = basis.graph.nodes[end.node]
    return str(node.params.get("field", "")) if node.type == "Input" else ""


def _is_block(type: Hashable) -> bool:
    return str(type).startswith(PREFIX)


def _bare(refusal: str) -> str:
    """A refusal without the name that the node would have."""
    return refusal.partition(": ")[2] or refusal
