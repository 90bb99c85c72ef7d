"""Running a module once and writing down what it calls: layers of the catalog, and functions in between.

Calls that write into a tensor are written down as calls that make a new one (aliases.py).
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from studio.interchange.imported import ModulePath
from studio.interchange.modules.aliases import Aliases
from studio.interchange.modules.functions import BAKED, plain_name
from studio.interchange.modules.leaves import drawn
from studio.interchange.modules.opaque import opaque
from studio.interchange.modules.values import (
    Called,
    Nested,
    Op,
    Place,
    UndrawableError,
    Value,
    mapped,
    placed,
    tensors_in,
    values_in,
)
from studio.interchange.modules.written import written

functorch: Any = torch._C._functorch  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownMemberType]
UNDRAWN = frozenset({"set", "is_same_size", "backward", "register_hook", "retain_grad", "empty_cache"})
FRESH = frozenset({"alias", "dropout", "detach", "feature_dropout", "alpha_dropout"})
"""What may give the very tensor that it got, while the drawing is to have another one."""


@dataclasses.dataclass(slots=True)
class Recording:
    """One run: the calls in order, and the Values of inputs and results by their place."""

    ops: list[Op] = dataclasses.field(default_factory=list[Op])
    values: list[Value] = dataclasses.field(default_factory=list[Value])
    inputs: dict[str, Value] = dataclasses.field(default_factory=dict[str, Value])
    results: dict[Place, Value] = dataclasses.field(default_factory=dict[Place, Value])
    outputs: dict[Place, Tensor] = dataclasses.field(default_factory=dict[Place, Tensor])
    baked: list[tuple[ModulePath, str, Op | None]] = dataclasses.field(default_factory=list[Any])
    calls: dict[int, int] = dataclasses.field(default_factory=dict[int, int])


def record(
    module: nn.Module,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    inputs: Mapping[str, Tensor],
    opened: frozenset[int] = frozenset(),
    closed: frozenset[ModulePath] = frozenset(),
) -> Recording:
    """Run a module on tensors, `inputs` being those in its arguments by name.

    `opened` are the ids of modules that are to be looked into although they are layers of the catalog,
    `closed` the paths of those that are to be one node although they are none.
    """
    recorder = Recorder(module, inputs, opened, closed)
    with torch.no_grad(), recorder.calls_seen(), recorder:
        result = module(*args, **kwargs)
        recorder.end(result)
    return recorder.recording


class Recorder(TorchFunctionMode):
    """Writes down what is called while it is active."""

    def __init__(
        self,
        module: nn.Module,
        inputs: Mapping[str, Tensor],
        opened: frozenset[int],
        closed: frozenset[ModulePath],
    ) -> None:
        super().__init__()
        self._closed = closed
        self.recording = Recording()
        self._opened = opened
        self._paused = 0
        self._modules = dict(module.named_modules())
        self._names = {id(one): name for name, one in reversed(self._modules.items())}
        self._parameters = {id(one): name for name, one in module.named_parameters()}
        self._buffers = {id(one): name for name, one in module.named_buffers()}
        self._around: list[ModulePath] = [()]
        self._aliases = Aliases(self._add, self._constant)
        for name, tensor in inputs.items():
            value = self._new("input", tensor, name)
            self.recording.inputs[name] = value
            self._aliases.know(tensor, value)

    @contextlib.contextmanager
    def calls_seen(self) -> Generator[None]:
        """Have every call of a module pass through here."""
        before = nn.Module.__call__

        def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            return self._module(before, module, args, kwargs)

        nn.Module.__call__ = call
        try:
            yield
        finally:
            nn.Module.__call__ = before

    def end(self, result: Nested) -> None:
        """Write down the results of the whole."""
        self._paused += 1
        for place, tensor in placed(result):
            self.recording.results[place] = self._value(tensor)
            self.recording.outputs[place] = tensor.detach().clone()

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Call a function of torch, and write it down."""
        given = kwargs or {}
        if self._paused:
            return func(*args, **given)
        name, swapped, writes = plain_name(func)
        if name in UNDRAWN or self._mapped((args, given)):
            return func(*args, **given)
        before = [(tensor, _version(tensor)) for tensor in tensors_in((args, given))]
        if not before:
            result = func(*args, **given)
            return self._made(Op(name, args, given, self._around[-1]), result, before)
        op = Op(name, *self._held(args, given), self._around[-1])
        if swapped:
            op.args = (op.args[1], op.args[0], *op.args[2:])
        result = func(*args, **given)
        if name in BAKED:
            live = any(value.live for value in map(self._value, tensors_in(args)))
            self.recording.baked += [(self._around[-1], name, op)] if live else []
            return result
        target = given.get("out", args[0] if args else None)
        written = writes or any(one is target and _version(one) != version for one, version in before)
        if written and isinstance(target, Tensor):
            return self._written(op, target, result)
        return self._made(op, result, before)

    def _mapped(self, nested: Nested) -> bool:
        """Whether it is done for many samples at once by torch.func.vmap, where calls cannot be seen."""
        found = False
        for tensor in tensors_in(nested):
            while functorch.is_functorch_wrapped_tensor(tensor):
                found, tensor = True, functorch.get_unwrapped(tensor)
            if found and (value := self._aliases.value(tensor)) is not None and value.live:
                raise UndrawableError("it maps a function over a tensor (torch.func.vmap)", self._around[-1])
        return found

    def _held(self, args: Nested, kwargs: Nested) -> tuple[Nested, Nested]:
        def held(one: object) -> object:
            return self._value(one) if isinstance(one, Tensor) else one

        return mapped(args, held), mapped(kwargs, held)

    def _made(self, op: Op, result: Nested, before: list[tuple[Tensor, int]]) -> Nested:
        """Write down a call that makes tensors; a tensor that it only passes on becomes one of its own."""
        old = {id(tensor) for tensor, _ in before}
        found = list(placed(result))
        if not found:
            return result
        if len(found) == 1 and found[0][1] is result:
            if id(result) in old:
                if op.name not in FRESH or op.name == "alias":
                    return result
                self._paused += 1
                result = result.view_as(result)
                self._paused -= 1
            elif op.name == "alias":
                self._aliases.know(result, next(values_in(op.args)))
                return result
            found = [((), result)]
        self._add(op, found)
        parent = next((tensor for tensor, _ in before if _shared(tensor, found[0][1])), None)
        for at, (_, tensor) in enumerate(found):
            self._aliases.know(tensor, op.results[at], parent, op, at)
        return result

    def _written(self, op: Op, target: Tensor, result: Nested) -> Nested:
        """Write down a call that writes into a tensor."""
        op.kwargs = {name: one for name, one in op.kwargs.items() if name not in ("out", "inplace")}
        self._paused += 1
        try:
            self._aliases.write(op, target)
        finally:
            self._paused -= 1
        return result

    def _add(self, op: Op, found: Iterable[tuple[Place, Tensor]]) -> None:
        """Put a call at the end, with the Values that it makes."""
        live = op.live
        for place, tensor in found:
            value = self._new("made", tensor, "", live)
            value.op, value.place = op, place
            op.results.append(value)
        self.recording.ops.append(op)

    def _new(self, kind: Any, tensor: Tensor, name: str = "", live: bool = True) -> Value:  # noqa: ANN401
        self._paused += 1
        kept = tensor.detach().clone() if not live else tensor.detach() if kind == "parameter" else None
        shape = tuple(tensor.shape)
        self._paused -= 1
        value = Value(len(self.recording.values), kind, shape, tensor.dtype, name, live=live, tensor=kept)
        self.recording.values.append(value)
        return value

    def _value(self, tensor: Tensor) -> Value:
        """The Value of a tensor, as it is now."""
        self._paused += 1
        try:
            return self._aliases.value(tensor) or self._constant(tensor)
        finally:
            self._paused -= 1

    def _constant(self, tensor: Tensor) -> Value:
        """A tensor that nothing was seen to make: a parameter, a buffer, or one from elsewhere."""
        if id(tensor) in self._parameters:
            value = self._new("parameter", tensor, self._parameters[id(tensor)])
        elif id(tensor) in self._buffers:
            value = self._new("buffer", tensor, self._buffers[id(tensor)], live=False)
        else:
            value = self._new("constant", tensor, live=False)
        self._aliases.know(tensor, value)
        return value

    def _module(
        self,
        before: Callable[..., Any],
        module: nn.Module,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:  # noqa: ANN401
        """Call a module: as one layer of the catalog, or looking into it."""
        if self._paused:
            return before(module, *args, **kwargs)
        name = self._names.get(id(module))
        path = tuple(name.split(".")) if name else self._around[-1]
        self.recording.calls[id(module)] = self.recording.calls.get(id(module), 0) + 1
        self._paused += 1
        leaf = None if id(module) in self._opened else drawn(module, args, kwargs)
        if path in self._closed and id(module) in self._names:
            around = [self._modules[".".join(path[:depth])] for depth in range(len(path) - 1, -1, -1)]
            leaf = opaque(module, args, kwargs) or written(module, around, args, kwargs)
        self._paused -= 1
        self._around.append(path)
        try:
            if leaf is None or self._mapped((args, kwargs)):
                return before(module, *args, **kwargs)
            self._paused += 1
            try:
                return self._leaf(leaf, before, args, kwargs)
            finally:
                self._paused -= 1
        finally:
            self._around.pop()

    def _leaf(self, found: Called, before: Callable[..., Any], args: Any, kwargs: Any) -> Nested:  # noqa: ANN401
        leaf, taken = found
        values = tuple(self._value(tensor) for tensor in taken)
        op = Op(leaf.type, values, {}, self._around[-1], leaf=leaf)
        target = taken[0]
        version = _version(target)
        result = before(leaf.module, *args, **kwargs)
        if isinstance(result, Tensor) and _version(target) != version:
            self._aliases.write(op, target)
            return result
        if isinstance(result, Tensor) and any(result is one for one in tensors_in((args, kwargs))):
            result = result.view_as(result)
        made = [(place, one) for place, one in placed(result) if place in leaf.outputs]
        self._add(op, made)
        parent = target if made and _shared(target, made[0][1]) else None
        for at, (_, tensor) in enumerate(made):
            self._aliases.know(tensor, op.results[at], parent, op, at)
        return result


def _version(tensor: Tensor) -> int:
    """How often a tensor was written to; tensors of inference mode do not count."""
    return 0 if tensor.is_inference() else tensor._version  # pyright: ignore[reportPrivateUsage]


def _shared(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors lie in the same memory."""
    if one is other or one.device.type == "meta":
        return False
    try:
        first, second = one.untyped_storage(), other.untyped_storage()
    except (NotImplementedError, RuntimeError):
        return False
    return first.data_ptr() == second.data_ptr() and first.nbytes() > 0
