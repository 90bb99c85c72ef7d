"""One call of a function in a formula: its arguments in torch's and in Keras' words."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from math import inf
from string import Formatter
from typing import Any

from studio.interchange.keras.twin import narrowed
from studio.interchange.keras.twins.formulas.known import Known, Shape, UnsaidError

MISSING = object()
OPEN_ENDED = (ast.BinOp, ast.UnaryOp, ast.Compare)
IDLE = frozenset({"device", "inplace", "stable"})
"""Arguments that change nothing of the result."""


class Call:
    """One call: `named` is the function with the tensor whose method it is, `say` writes what is inside."""

    def __init__(
        self,
        node: ast.Call,
        named: tuple[str, Sequence[ast.expr]],
        say: Callable[[ast.expr], str],
        known: Known,
    ) -> None:
        self.name, self.known, self.copies = named[0], known, dict[str, None]()
        self._node, self._say = node, say
        self._args = [*named[1], *node.args]
        self._given: dict[str, ast.expr] = {one.arg or "": one.value for one in node.keywords}

    def bind(self, signature: str) -> None:
        """Give the arguments names; one that begins with * takes all that follow. Raises UnsaidError."""
        names, args = signature.split(), [*self._args]
        for name in names:
            if name.startswith("*") and len(args) > 1:
                self._given[name[1:]] = ast.Tuple(args)
                args = []
            elif args:
                self._given[name.removeprefix("*")] = args.pop(0)
        allowed = {name.removeprefix("*") for name in names} | IDLE
        if args or not self._given.keys() <= allowed:
            raise UnsaidError(self.name)

    def has(self, name: str) -> bool:
        """Whether an argument is given, and not None."""
        given = self._given.get(name)
        return given is not None and not (isinstance(given, ast.Constant) and given.value is None)

    def part(self, name: str) -> ast.expr:
        """An argument as it stands in the formula."""
        return self._given[name]

    def code(self, name: str) -> str:
        """An argument in Keras' words, as it can stand in any place of an expression."""
        text = self._say(self._given[name])
        return f"({text})" if isinstance(ast.parse(text, mode="eval").body, OPEN_ENDED) else text

    def codes(self, name: str) -> list[str]:
        """An argument of one or more tensors, each in Keras' words."""
        given = self._given[name]
        return [self._say(one) for one in (given.elts if isinstance(given, ast.Tuple) else [given])]

    def value(self, name: str, default: Any = MISSING) -> Any:  # noqa: ANN401
        """An argument that is a plain value."""
        if not self.has(name) and default is not MISSING:
            return default
        given = self._given[name]
        try:
            return ast.literal_eval(given)
        except ValueError:
            return self.known.value(given)

    def number(self, name: str, default: float) -> str:
        """An argument that is a number, as code."""
        found = self.value(name, default)
        return f"{'-' if found < 0 else ''}math.inf" if found in (inf, -inf) else repr(found)

    def shape(self, name: str) -> Shape:
        """The sizes of an argument."""
        return self.known.shape(self._given[name])

    def is_image(self, name: str) -> bool:
        """Whether the sizes behind the channels are known in each use."""
        part = self._given[name]
        return all(self.known.is_fixed(part, at) for at in range(2, len(self.known.shape(part))))

    def result(self) -> Shape:
        """The sizes of what it gives."""
        return self.known.shape(self._node)

    def same_size(self, at: int) -> str | None:
        """A size of the result as that of a tensor of the formula which is the same in every use."""
        found = self.known.size_like(self._node, at)
        return f"{self._say(ast.Name(found[0]))}.shape[{found[1]}]" if found else None

    def dtype(self) -> str:
        """The type of numbers of what it gives, as all backends have it."""
        return narrowed(self.known.dtype(self._node))

    def lengths(self, dim: int) -> tuple[int, ...]:
        """How long each of the tensors that it gives is along a dimension."""
        return self.known.pieces(self._node, dim)

    def where(self, default: int | None = None) -> str:
        """`dim` and `keepdim` as Keras' arguments."""
        text = f", axis={axis!r}" if (axis := self.axis(default)) is not None else ""
        return text + (", keepdims=True" if self.value("keepdim", False) else "")

    def axis(self, default: int | None = None) -> int | tuple[int, ...] | None:
        """`dim`."""
        found = self.value("dim", default)
        return tuple(found) if isinstance(found, list) else found

    def copied(self, piece: str) -> str:
        """The name of a piece that the source must hold."""
        self.copies[piece] = None
        return piece

    def is_batch(self, name: str) -> bool:
        """Whether an argument is the number of samples."""
        return self.known.is_batch(self._given[name])

    def per_sample(self, text: str) -> str:
        """What has one row, once for every sample."""
        like = self.known.each_sample
        if like is None:
            raise UnsaidError(self.name)
        return f"{self.copied('ForEachSample')}()([{text}, {self._say(ast.Name(like))}])"

    def refused(self) -> UnsaidError:
        """The error of a call with what Keras cannot say."""
        return UnsaidError(self.name)


Write = Callable[[Call], str]


def template(text: str, **defaults: object) -> Write:
    """Writes a call as a template with its arguments by name, those left out as given here."""
    used = [name for _, name, _, _ in Formatter().parse(text) if name]

    def write(call: Call) -> str:
        return text.format(
            **{name: call.code(name) if call.has(name) else repr(defaults[name]) for name in used}
        )

    return write
