"""The declarations' types and the registry of all of them.

Palette, forms, drawing, file reading, checking, shapes, building, source, help and tests all derive from
these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from studio.catalog.name_rules import NameRule
from studio.project.block import Block
from studio.project.graph import Node
from studio.project.params import Param, Value

Shape = tuple[int, ...]
Shapes = Mapping[str, tuple[Shape, ...]]
"""Input shapes by port, batch included; a port that takes several edges has several."""
Family = Literal[
    "Block",
    "Data",
    "Convolution",
    "Linear",
    "Embedding",
    "Normalization",
    "Activation",
    "Pooling",
    "Merge",
    "Arithmetic",
    "Recurrent",
    "Attention",
    "Regularization",
    "Loss",
    "Shape",
    "Custom",
]
Kind = Literal["optimizer", "schedule", "source", "metric", "transform", "augmentation"]
Compares = Literal[
    "", "classes", "chances", "numbers", "counts", "signs", "labels", "distribution", "sequence"
]
"""What a loss holds the prediction against: class indices, values from 0 to 1, numbers, numbers from 0 up,
−1 or 1, lists of class indices, shares that add up to 1, a row of symbols; "" for anything or nothing."""
Turn = Literal["softmax", "exp", "sigmoid", "none"]
"""What makes shares of a prediction."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a layer.

    `variadic`: takes any number of edges, in the order of their indices. `optional`: may stay unconnected;
    `same_as` then names the port whose tensor is used in its place, `from_option` the option that names a
    field of the data to use in its place. `keyword`: goes into the call by its name.
    `flows`: whether a gradient flows back through it, which it cannot where only a size is read.
    """

    name: str
    doc: str
    variadic: bool = False
    optional: bool = False
    same_as: str | None = None
    from_option: str | None = None
    keyword: bool = False
    flows: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A working use of a layer: parameters, and per input port the shapes (batch first) and the dtype."""

    inputs: Mapping[str, tuple[Shape, ...]]
    params: Mapping[str, Value] = field(default_factory=dict)
    dtype: str = "float32"
    high: int = 2
    """Integers are drawn from 0 to high - 1."""
    low: float = 0.0
    """Fractions are drawn from low to 1."""
    dtypes: Mapping[str, str] = field(default_factory=dict)
    """Ports whose dtype differs from `dtype`."""


IN = (Port("input", "The tensor to work on"),)
OUT = (Port("output", "The result"),)


@dataclass(frozen=True, slots=True)
class Layer:
    """What can be placed on the canvas.

    `target` is the dotted name of an nn.Module class (its last part starts with a capital) or of a function;
    None for Input and Output. `params` go to the class's constructor, or to the function as keywords, under
    the same names; `derived` are further arguments that are read off the input shapes and never asked for;
    `options` belong to the node but not to the target (a loss's weight, an Input's field). `call` are fixed
    keywords of the call itself. Tensors go in positionally in the order of `inputs`; a variadic port's
    tensors are spread, or with `as_list` given as one list. The tensors of the ports `together` go in as one
    tuple.

    `returns` is the pattern that source code assigns the result to where it is not one tensor, made of output
    port names and `_`, such as "output, (hidden, cell)"; the first output otherwise. `source` is the Python
    expression that readable code uses in place of the plain call, a format string over port names, parameter
    names, {*name} (a parameter's items, joined by ", ") and {inputs} (all tensors, likewise); `joined` is an
    operator put between all tensors instead. Otherwise code gives every argument that torch has no equal
    default for.

    `shape` is an optional rule (input shapes, all arguments) -> output shapes that must agree with torch;
    without it torch's meta device answers. `names` is a rule for what the results' dimensions are called, for
    layers that move them about. `integers` names ports that take integers (class indices, token
    ids), `truths` those that take truth values or, but for the condition of Where, numbers to add.

    `adapt` turns the declaration into the one for a node's parameters, where its ports or parameters depend
    on them; it gets every value as it was set, perhaps of a wrong kind, and then returns the declaration
    itself.
    `block` is the sub-graph that is placed, for the layers that stand for a project's own blocks; `code` the
    Python source that defines the target, for those that the user wrote.

    A loss `compares` its prediction with something, and `turn` makes shares of the prediction.

    The help page shows, beside `doc` and `url`: `formula`, one line of plain text with Unicode signs; `use`,
    when to take this layer, in a sentence or two; `follows`, the types of layers that usually come next; and
    `paper`, the address of the article that introduced it. `varies` tells when the same input need not give
    the same result: in training only (dropout, the statistics of a batch), or always.
    """

    type: str
    category: Family
    doc: str
    target: str | None = None
    params: tuple[Param, ...] = ()
    options: tuple[Param, ...] = ()
    inputs: tuple[Port, ...] = IN
    outputs: tuple[Port, ...] = OUT
    derived: Mapping[str, Callable[[Shapes], Value]] = field(default_factory=dict)
    call: Mapping[str, Value] = field(default_factory=dict)
    as_list: bool = False
    together: tuple[str, ...] = ()
    returns: str = ""
    source: str = ""
    joined: str = ""
    shape: Callable[[Shapes, Mapping[str, Any]], tuple[Shape, ...]] | None = None
    names: NameRule | None = None
    integers: tuple[str, ...] = ()
    truths: tuple[str, ...] = ()
    example: Example | None = None
    url: str = ""
    keywords: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    adapt: Callable[[Mapping[str, Value]], Layer] | None = None
    block: Block | None = None
    code: str = ""
    compares: Compares = ""
    turn: Turn = "none"
    formula: str = ""
    use: str = ""
    follows: tuple[str, ...] = ()
    paper: str = ""
    varies: Literal["never", "training", "always"] = "never"

    @property
    def is_module(self) -> bool:
        """Whether the target is an nn.Module class rather than a function."""
        return self.target is not None and self.target.rpartition(".")[2][:1].isupper()

    @property
    def all_params(self) -> tuple[Param, ...]:
        """Parameters and options, as a form shows them."""
        return self.params + self.options

    def values(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Every declared parameter's value: as given, else its default. Nothing is checked."""
        return values_of(self.all_params, given)

    def port(self, name: str, side: Literal["in", "out"]) -> Port | None:
        """The port of that name, or None."""
        ports = self.inputs if side == "in" else self.outputs
        return next((port for port in ports if port.name == name), None)


@dataclass(frozen=True, slots=True)
class Component:
    """What can be chosen in the settings: an optimizer, a schedule, a data source, a metric."""

    type: str
    kind: Kind
    doc: str
    target: str = ""
    params: tuple[Param, ...] = ()
    url: str = ""

    def values(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Every declared parameter's value: as given, else its default. Nothing is checked."""
        return values_of(self.params, given)


class Registry:
    """All layers by type, in palette order, and all components by kind and type."""

    def __init__(self, layers: Iterable[Layer], components: Iterable[Component] = ()) -> None:
        self.layers: Mapping[str, Layer] = MappingProxyType({layer.type: layer for layer in layers})
        self._renamed = {old: layer.type for layer in self.layers.values() for old in layer.renamed}
        self._components = {(one.kind, one.type): one for one in components}
        self.faults: tuple[str, ...] = ()
        """What is wrong with packages that want to add layers, a sentence each."""

    def layer(self, type: str) -> Layer | None:
        """The layer of that type (an earlier name of it counts), or None."""
        return self.layers.get(self._renamed.get(type, type))

    def layer_of(self, node: Node) -> Layer | None:
        """The layer of a node, as its parameters make it, or None."""
        layer = self.layer(node.type)
        return layer.adapt(layer.values(node.params)) if layer and layer.adapt else layer

    def with_layers(self, layers: Iterable[Layer]) -> Registry:
        """This registry with further layers."""
        return Registry((*self.layers.values(), *layers), self._components.values())

    def component(self, kind: Kind, type: str) -> Component | None:
        """The component of that kind and type, or None."""
        return self._components.get((kind, type))

    def components(self, kind: Kind) -> tuple[Component, ...]:
        """All components of a kind, in the order they are offered."""
        return tuple(one for (of, _), one in self._components.items() if of == kind)

    def families(self) -> dict[Family, list[Layer]]:
        """Layers by family, in palette order."""
        found: dict[Family, list[Layer]] = {}
        for layer in self.layers.values():
            found.setdefault(layer.category, []).append(layer)
        return found


def values_of(params: Iterable[Param], given: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter's value: as given, else its default. Nothing is checked."""
    return {param.name: given.get(param.name, param.default) for param in params}


def checked_values(
    params: Iterable[Param], given: Mapping[str, Value]
) -> tuple[dict[str, Value], dict[str, str]]:
    """Every parameter's value in canonical form, and by name what is wrong (the default then stands in)."""
    values: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for param in params:
        try:
            values[param.name] = param.check(given.get(param.name, param.default))
        except ValueError as error:
            values[param.name] = param.default
            wrong[param.name] = str(error)
    return values, wrong


def first(port: str, dim: int) -> Callable[[Shapes], Value]:
    """A derived argument: the size of one dimension of a port's (first) tensor."""

    def read(shapes: Shapes) -> Value:
        shape = shapes[port][0]
        if not -len(shape) <= dim < len(shape):
            raise ValueError(f"{port} needs a dimension {dim}; it has {len(shape)} dimensions")
        return shape[dim]

    return read


def always(value: Value) -> Callable[[Shapes], Value]:
    """A derived argument that never varies."""
    return lambda shapes: value


@cache
def registry() -> Registry:
    """The registry of everything that ships with the program, and of what installed packages add."""
    from studio.catalog import metrics, optimizers, plugins, schedules, sources, transforms
    from studio.catalog.layers import LAYERS

    found = plugins.installed(layer.type for layer in LAYERS)
    components = (
        *optimizers.OPTIMIZERS,
        *schedules.SCHEDULES,
        *sources.SOURCES,
        *metrics.METRICS,
        *transforms.TRANSFORMS,
        *transforms.AUGMENTATIONS,
    )
    shipped = Registry((*LAYERS, *found.layers), components)
    shipped.faults = found.faults
    return shipped
