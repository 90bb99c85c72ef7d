"""A step of training as the operations on tensors that it came to once, to be done again without more.

In a small network most of a step's time goes into finding out what comes next: modules that call modules, and
the graph that gradients are found by. What is recorded are the operations below both, forward and backward,
with all that they were given; doing them again in the same order gives the same digits. Nothing may depend
on values that Python looked at: such a step cannot be recorded. Recorded in the order of execution, as in
tape-based differentiation (Griewank and Walther 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from studio.build.plan import Plan
from studio.train.kernels.noting import noting
from studio.train.objective import Objective, Outcome
from studio.train.samples import Batch
from studio.train.seeding import random_state, restore_random_state
from studio.train.shorter import ALIASES, Call, shorter, tensors

aten: Any = torch.ops.aten
FILLS = (aten.ones_like.default, aten.zeros_like.default)
"""Of what they are given they look at its shape alone."""
BOUND: Mapping[Any, Any] = {
    aten.view.default: Tensor.view,
    aten.t.default: Tensor.t,
    aten.mm.default: torch.mm,
    aten.addmm.default: torch.addmm,
    aten._addmm_activation.default: torch._addmm_activation,  # pyright: ignore
    aten.relu.default: torch.relu,
}
"""Operations of which there is a function that takes the same."""
SEEDED, SIZED = torch.Tag.nondeterministic_seeded, torch.Tag.dynamic_output_shape
MASKS = (torch.bool, torch.uint8)


class UnrecordableError(Exception):
    """A step that cannot be recorded, and why."""


class _Recorder(TorchDispatchMode):
    """Notes every operation. The tensors stay as long as it does, so that each is known by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled here, and to say so the compiler would be imported: over a second."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        named = kwargs or {}
        call = Call(func, args, named, func(*args, **named))
        masked = func is not aten.index.Tensor or any(one.dtype in MASKS for one in tensors(args[1]))
        if not all(one is None or isinstance(one, Tensor) for one in call.results):
            raise UnrecordableError(f"{func} looks at values")
        if SIZED in func.tags and masked:
            raise UnrecordableError(f"how much {func} gives depends on values")
        self.calls.append(call)
        return call.result

    def note(self, function: Callable[..., Any], given: tuple[Any, ...], found: Any) -> None:  # noqa: ANN401
        """Note a function of ours."""
        self.calls.append(Call(function, given, {}, found))


class Tape:
    """A step on whole batches: its outcome, and the gradients of some parameters.

    Weights and buffers are those of the network, as they are when the step is done. Raises what the step
    raises, and UnrecordableError.
    """

    def __init__(self, objective: Objective, parameters: Sequence[Tensor], batch: Batch) -> None:
        self._fields = tuple(batch)
        self._form = _form(batch)
        recorder = _Recorder()
        with recorder, noting(recorder.note):
            outcome = objective(batch)
            gradients = torch.autograd.grad(outcome.total, list(parameters))
        self._widths = [len(pair) for pair in outcome.compared]
        self._losses = len(outcome.losses)
        compared = [one for pair in outcome.compared for one in pair]
        wanted = [outcome.total, *outcome.losses, *compared, *gradients]
        self._run = _written(recorder.calls, [batch[field] for field in self._fields], wanted)

    def fits(self, batch: Batch) -> bool:
        """Whether a batch is of the shapes and types that were recorded."""
        return _form(batch) == self._form

    def __call__(self, batch: Batch) -> tuple[Outcome, Sequence[Tensor]]:
        """The outcome of a batch that fits, and the gradients."""
        with torch.no_grad():
            total, *rest = self._run(*[batch[field] for field in self._fields])
        losses, rest = tuple(rest[: self._losses]), rest[self._losses :]
        compared: list[tuple[Tensor, ...]] = []
        for width in self._widths:
            compared.append(tuple(rest[:width]))
            rest = rest[width:]
        return Outcome(total, losses, tuple(compared)), rest


class Taped:
    """Differentiates whole batches of a network by a tape, which is made of the first of them."""

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        learning: Callable[[], Mapping[str, Tensor]],
        size: int,
    ) -> None:
        """`learning` gives the parameters that have a gradient."""
        self._network, self._objective = network, objective
        self._learning, self._size = learning, size
        self._tape: Tape | None = None
        self.useless = False

    def __call__(self, batch: Batch) -> tuple[Outcome, Sequence[Tensor]] | None:
        """The outcome of a batch, and the gradients; None for one of another form, and from when this fails
        on: what is wrong shows when it is done without.
        """
        if self.useless or not self._fits(batch):
            return None
        try:
            self.record(batch)
            assert self._tape is not None
            return self._tape(batch)
        except Exception:
            self.useless = True
            return None

    def _fits(self, batch: Batch) -> bool:
        if self._tape is None:
            return all(len(one) == self._size for one in batch.values())
        return self._tape.fits(batch)

    def record(self, batch: Batch) -> None:
        """Make the tape, where there is none, and leave random numbers and running statistics as they are.

        Raises UnrecordableError.
        """
        if self._tape is not None:
            return
        drawn, buffers = random_state(), [(one, one.clone()) for one in self._network.buffers()]
        try:
            self._tape = Tape(self._objective, list(self._learning().values()), batch)
        except UnrecordableError:
            raise
        except Exception as error:  # some operations of recurrent layers, for one, cannot be seen
            raise UnrecordableError(f"not every operation can be seen: {error}") from error
        finally:
            restore_random_state(*drawn)
            for one, before in buffers:
                one.copy_(before)


def recordable(plan: Plan) -> bool:
    """Whether steps of a plan may be recorded: nobody knows what code of one's own does beside."""
    inner = (one for step in plan.steps for one in step.inner)
    return not any(step.layer.code for step in plan.steps) and all(map(recordable, inner))


def _form(batch: Batch) -> list[tuple[Any, ...]]:
    return [(field, one.shape, one.dtype, one.stride()) for field, one in batch.items()]


class _Names:
    """What tensors are called in the function that is written, and what it knows beside its arguments."""

    def __init__(self, given: Sequence[Tensor]) -> None:
        self._of = {id(one): f"x{at}" for at, one in enumerate(given)}
        self.known: dict[str, Any] = {}

    def of(self, one: Tensor) -> str:
        """The name of a tensor; one that was there before is known to the function."""
        if id(one) not in self._of:
            self._of[id(one)] = self.constant(one)
        return self._of[id(one)]

    def new(self, one: Tensor) -> str:
        """The name of a tensor that an operation gives: in place, it keeps its own."""
        return self._of.setdefault(id(one), f"v{len(self._of)}")

    def alias(self, one: Tensor, other: Tensor) -> None:
        """Call a tensor as another one."""
        self._of[id(one)] = self.of(other)

    def is_constant(self, one: Tensor) -> bool:
        """Whether a tensor was there before, with the same memory in every step."""
        return self.of(one) in self.known

    def keep(self, one: Tensor) -> None:
        """Know a tensor from now on, as one that is the same in every step."""
        self._of[id(one)] = self.constant(one)

    def constant(self, value: Any) -> str:  # noqa: ANN401
        """The name of a value that never changes."""
        name = f"k{len(self.known)}"
        self.known[name] = value
        return name

    def told(self, value: Any) -> str:  # noqa: ANN401
        """An argument as it is written."""
        if isinstance(value, Tensor):
            return self.of(value)
        if isinstance(value, list | tuple):
            return f"[{', '.join(map(self.told, value))}]"
        return repr(value) if value is None or isinstance(value, bool | int) else self.constant(value)


class _Line(NamedTuple):
    """One operation: its text, what it reads and gives, and whether it does more than that."""

    text: str
    reads: frozenset[str]
    gives: tuple[str, ...]
    lasting: bool


def _written(calls: Sequence[Call], given: Sequence[Tensor], wanted: Sequence[Tensor]) -> Callable[..., Any]:
    """A function of the given tensors that does the calls again, and gives those that are wanted."""
    names = _Names(given)
    lines = list(_lines(shorter(calls, wanted), names))
    ends = [names.of(one) for one in wanted]
    needed, kept = set(ends), list[_Line]()
    for line in reversed(lines):
        if line.lasting or needed.intersection(line.gives):
            kept.append(line)
            needed |= line.reads
    body: list[str] = []
    seen = set(ends)
    for line in kept:  # the last first
        done = sorted(name for name in {*line.reads, *line.gives} - seen if name.startswith("v"))
        body += [*([f"del {', '.join(done)}"] if done else []), line.text]
        seen |= {*line.reads, *line.gives}
    arguments = [f"x{at}" for at in range(len(given))]
    bound = [f"{name}={name}" for name in names.known]
    text = "\n    ".join([*reversed(body), f"return {', '.join(ends)},"])
    space = dict(names.known)
    exec(f"def step({', '.join([*arguments, *bound])}):\n    {text}", space)
    return space["step"]


def _lines(calls: Sequence[Call], names: _Names) -> Iterator[_Line]:
    turned: dict[int, Tensor] = {}
    functions: dict[Any, str] = {}
    changing = any(call.writes for call in calls)
    for call in calls:
        function, args, named, result = call
        known = isinstance(call.function, OpOverload)
        if known and _named(call, names, turned, changing):
            continue
        if function is aten.t.default:
            turned[id(result)] = args[0]
        if function not in functions:
            functions[function] = names.constant(_quick(function) if known else function)
        told = [*map(names.told, args), *(f"{key}={names.told(value)}" for key, value in named.items())]
        reads = frozenset(names.of(one) for one in tensors((args, tuple(named.values()))))
        given = [one for one in call.results if one is not None]
        gives = tuple(map(names.new, given))
        text = f"{functions[function]}({', '.join(told)})"
        if isinstance(result, Tensor):
            text = f"{gives[0]} = {text}"
        else:
            listed = iter(gives)
            into = ", ".join("_" if one is None else next(listed) for one in result)
            text = f"{into}{',' if len(result) == 1 else ''} = {text}"
        lasting = call.writes or (known and SEEDED in function.tags)
        yield _Line(text, reads, gives, lasting)


def _quick(function: Any) -> Any:  # noqa: ANN401
    """An operation as it is called with the least around it: that takes longer than a small one itself."""
    return BOUND.get(function, function._op)


def _named(call: Call, names: _Names, turned: Mapping[int, Tensor], changing: bool) -> bool:
    """Whether what an operation gives has a name without it: that of another tensor, or of one that is the
    same in every step. `changing` says that some operation writes into what it is given.
    """
    function, args, _, result = call
    view, filled = _is_view(function), function in FILLS and not changing
    if function in ALIASES or (view and _seen_alike(result, args[0])):
        names.alias(result, args[0])
    elif filled or (view and isinstance(result, Tensor) and names.is_constant(args[0])):
        names.keep(result)
    elif function is aten.t.default and id(args[0]) in turned:
        names.alias(result, turned[id(args[0])])
    else:
        return False
    return True


def _is_view(function: Any) -> bool:  # noqa: ANN401
    """Whether its result lies where its first argument does, which it leaves as it is."""
    schema = function._schema
    return not schema.is_mutable and any(one.alias_info is not None for one in schema.returns)


def _seen_alike(one: Any, other: Tensor) -> bool:  # noqa: ANN401
    """Whether a view has the whole of what it is a view of, in the same order."""
    return isinstance(one, Tensor) and (one.dtype, one.shape, one.stride(), one.storage_offset()) == (
        *(other.dtype, other.shape, other.stride(), other.storage_offset()),
    )
