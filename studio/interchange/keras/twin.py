"""What a layer is in Keras: the calls that stand for it, the order of its dimensions, and its weights.

Images lie in Keras with their channels last. A tensor is in the order `last` where its dimension 1 stands at
the end, else in the order `torch`, that of the drawing; up to two dimensions there is no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.build.plan import Step
from studio.build.sizes import TensorType
from studio.interchange.keras.starts import starts
from studio.interchange.pytorch.formula import Code
from studio.interchange.pytorch.text import literal

Order = Literal["torch", "last"]
"""Where the channels of a tensor stand."""
Wanted = Literal["torch", "last", "any"]
"""The order in which a twin takes its tensors; `any` takes them as they are, all in one order."""
HERE = "§"
"""Stands in an expression for the tensor that the calls before it made."""
Arrays = Mapping[str, Sequence[Any]]
"""The weights of Keras layers, by what is put behind the node's name ("" for the node itself)."""
Given = Any
"""A value of a drawing, with code in the place of some of its parts."""
Module = Any
"""A torch module, which is not imported here."""
Array = Any
"""An array of numpy, likewise."""


@dataclass(frozen=True, slots=True)
class Said:
    """A twin written for one step: expressions, each on what the one before it made.

    One may be a pair of what it is assigned to and the expression. `orders` are those of the results, where
    they differ from the order of the inputs. `copies` are pieces that the source must hold.
    """

    chain: tuple[str | tuple[str, str], ...]
    orders: tuple[Order, ...] = ()
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A step as its twin sees it, in one function of the source.

    `inputs` are variables in the order of the step's arguments, `order` that of their dimensions, `name` the
    text of the layer's name. `values` are the arguments, with code where they differ between the uses of a
    block; `uses` are the steps in all these uses. `outputs` are the variables of the results by port, "_"
    where nothing reads one. `anchor` is any tensor of the function, for layers that need one to be called on.
    """

    step: Step
    uses: tuple[Step, ...]
    inputs: tuple[str, ...]
    order: Order
    name: str
    values: Mapping[str, Given]
    outputs: Mapping[str, str]
    anchor: str = ""

    @property
    def options(self) -> Mapping[str, Any]:
        """The node's own settings."""
        return self.step.options

    def known(self, name: str) -> bool:
        """Whether an argument is a plain value."""
        return is_known(self.values[name])

    def text(self, name: str) -> str:
        """An argument as code."""
        return literal(self.values[name])

    def sizes(self, name: str) -> str:
        """An argument of one or more sizes as the code of a tuple."""
        several = isinstance(self.step.kwargs[name], tuple)
        return self.text(name) if several else literal((self.values[name],))

    def value(self, name: str) -> Given:
        """An argument as it is in the first use."""
        return self.step.kwargs[name]

    def keyword(self, keras: str, name: str, default: object = None) -> str:
        """`keras=value` for an argument, "" where it is the default."""
        value = self.values[name]
        same = is_known(value) and value == default and isinstance(value, bool) == isinstance(default, bool)
        return "" if same else f"{keras}={literal(value)}"

    def type(self, at: int = 0) -> TensorType:
        """The type of an input in the first use."""
        return self.step.inputs[at]

    def rank(self, at: int = 0) -> int:
        """The number of dimensions of an input."""
        return len(self.step.inputs[at].shape)

    def axis(self, dim: int, rank: int = 0) -> int:
        """Where a dimension of torch stands among those of the inputs, counted from the front."""
        return axis(dim, rank or self.rank(), self.order)

    def size(self, dim: int, at: int = 0) -> str:
        """A dimension of an input as code: a number where all uses agree."""
        sizes = {step.inputs[at].shape[dim] for step in self.uses}
        only = next(iter(sizes))
        if len(sizes) == 1 and isinstance(only, int):
            return str(only)
        place = axis(dim, self.rank(at), self.order)
        return f"{self.inputs[at]}.shape[{-1 if place == self.rank(at) - 1 else place}]"

    def layer(self, kind: str, *arguments: str, behind: str = "", on: str = HERE, by: str = "layers.") -> str:
        """A Keras layer called on a tensor, named as the node with something behind it."""
        frozen = ["trainable=False"] if self.options.get("freeze") else []
        given = [one for one in (*arguments, *starts(kind, self.options), *frozen) if one]
        return f"{by}{kind}({', '.join([*given, f'name={self.named(behind)}'])})({on})"

    def named(self, behind: str = "") -> str:
        """The text of a name with something behind the node's."""
        return f"{self.name[:-1]}{behind}{self.name[-1]}"

    def used(self, port: str) -> bool:
        """Whether something reads an output."""
        return self.outputs.get(port, "_") != "_"


Write = Callable[[Site], Said]
Takes = Wanted | Callable[[Step], Wanted]


def never(step: Step) -> str:
    """For a twin that says all that the layer can."""
    return ""


def no_weights(module: Module) -> Arrays:
    """For a layer without weights."""
    return {}


@dataclass(frozen=True, slots=True)
class Twin:
    """How a type of layer is said in Keras.

    `write` gives its calls; `takes` is the order in which it wants its tensors; `weights` gives from the
    torch module the arrays of its Keras layers, in the order of these layers' weights. `lacks` tells, for
    settings that Keras cannot say, in one sentence what comes nearest; "" where there is nothing to tell.
    `differs` tells what is said in Keras all the same, but is not quite the same in training. `as_is` takes
    tensors in whichever order they lie, and may say nothing at all.
    """

    write: Write
    takes: Takes = "any"
    weights: Callable[[Any], Arrays] = no_weights
    lacks: Callable[[Step], str] = field(default=never)
    differs: Callable[[Step], str] = field(default=never)
    as_is: bool = False

    def order(self, step: Step) -> Wanted:
        """The order in which a step's tensors are wanted."""
        return self.takes(step) if callable(self.takes) else self.takes


def narrowed(dtype: str) -> str:
    """A type of numbers as every backend has it: JAX has the wide ones only when asked for."""
    return {"int64": "int32", "float64": "float32", "complex128": "complex64"}.get(dtype, dtype)


def adds_first(shape: Sequence[object]) -> bool:
    """Whether a tensor stands in front in a sum: behind another, TensorFlow adds what has but one size that
    is not 1 along the channels, wherever that size stands.
    """
    return len(shape) > 1 and sum(size != 1 for size in shape) == 1


def is_known(value: Given) -> bool:
    """Whether there is no code in a value."""
    if isinstance(value, tuple):
        return all(map(is_known, value))
    return not isinstance(value, Code)


def axis(dim: int, rank: int, order: Order) -> int:
    """Where a dimension stands, counted from the front."""
    place = dim % rank
    if order == "torch" or rank < 3 or place == 0:
        return place
    return rank - 1 if place == 1 else place - 1


def said(*chain: str | tuple[str, str], orders: Sequence[Order] = (), copies: Sequence[str] = ()) -> Said:
    """Calls one after the other."""
    return Said(chain, tuple(orders), tuple(copies))


def pair(value: Given, dims: int) -> tuple[Any, ...]:
    """A setting for each of so many dimensions."""
    if isinstance(value, tuple) and len(value) == dims:
        return value
    return (value[0] if isinstance(value, tuple) else value,) * dims


def plain(value: tuple[Any, ...]) -> str:
    """Several numbers as code: one where they are alike."""
    return literal(value[0]) if len(set(value)) == 1 else literal(value)


def array(tensor: Module) -> Array:
    """A torch tensor as numpy."""
    return tensor.detach().cpu().numpy()
