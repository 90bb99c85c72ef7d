"""Functions of torch as layers of the catalog: F.linear on a module's weight is a Linear, x + y an Add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.catalog.registry import registry
from studio.interchange.modules.fitting import Fitted
from studio.interchange.modules.layer_call import (
    Args,
    Make,
    NoLayerError,
    Owned,
    Raised,
    bound,
    input_of,
    one_of_equal,
    plain_only,
    tensor_of,
)
from studio.interchange.modules.raising_shapes import SHAPES
from studio.interchange.modules.raising_weights import WEIGHTS
from studio.interchange.modules.values import Op, Value
from studio.project.params import Value as Plain

TAKING = frozenset({"Select", "Slice", "Split", "Chunk", "Unbind", "Squeeze"})
"""Layers that take parts of dimensions."""


def raised(op: Op, owned: Callable[[Value], bool]) -> Raised | None:
    """The call as a layer, None where it is none; `owned`: whether nothing else reads a parameter."""
    rule = RULES.get(op.name)
    if rule is None:
        return None
    names, make = rule
    try:
        found = make(op, bound(op, names.split()), owned)
        if found.type in TAKING:
            _of_samples(found)
        return _checked(found)
    except (NoLayerError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _of_samples(found: Raised) -> None:
    """That the places taken are of each sample: layers of the catalog do not take samples apart."""
    shape = found.inputs[0][1].shape
    dims = found.params.get("dim", 0)
    for dim in dims if isinstance(dims, tuple | list) else (dims,):
        if not isinstance(dim, int) or isinstance(shape[dim], Fitted):
            raise NoLayerError


def _checked(found: Raised) -> Raised:
    """With the parameters in canonical form, those that are the default left out."""
    layer = registry().layer(found.type)
    assert layer
    params: dict[str, Plain] = {}
    for param in layer.all_params:
        if param.name in found.params:
            value = param.check(found.params[param.name])
            if value != param.default or param.essential:
                params[param.name] = value
    return Raised(found.type, params, found.inputs, found.outputs, found.weights)


def _dropout(type: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        return Raised(type, {"p": float(args.get("p", 0.5))}, input_of(args))

    return make


def _simple(type: str, *names: str, **defaults: Any) -> Make:  # noqa: ANN401
    """A layer whose parameters have the names of the function's arguments."""

    def make(op: Op, args: Args, owned: Owned) -> Raised:
        if args.get("dtype") is not None or args.get("out") is not None:
            raise NoLayerError
        given: dict[str, Any] = {name: args.get(name, defaults.get(name)) for name in names}
        params = {name: one for name, one in given.items() if one is not None}
        plain_only(*params.values())
        return Raised(type, params, input_of(args))

    return make


def _joined(type: str) -> Make:
    """Add and Multiply of two tensors of one kind of number."""

    def make(op: Op, args: Args, owned: Owned) -> Raised:
        first, second = tensor_of(args["input"]), tensor_of(args["other"])
        if args.get("alpha", 1) != 1 or args.get("rounding_mode") is not None or first.dtype != second.dtype:
            raise NoLayerError
        names = ("inputs", "inputs") if type in ("Add", "Multiply") else ("input", "other")
        return Raised(type, {}, ((names[0], first), (names[1], second)))

    return make


def _cast(op: Op, args: Args, owned: Owned) -> Raised:
    value = next(one for one in op.args if isinstance(one, Value))
    return Raised("Cast", {"dtype": str(op.results[0].dtype).removeprefix("torch.")}, (("input", value),))


def _attention(op: Op, args: Args, owned: Owned) -> Raised:
    if args.get("enable_gqa"):
        raise NoLayerError
    ports = [(name, tensor_of(args[name])) for name in ("query", "key", "value")]
    if args.get("attn_mask") is not None:
        ports.append(("attn_mask", tensor_of(args["attn_mask"])))
    params: dict[str, Any] = {"is_causal": bool(args.get("is_causal", False)), "scale": args.get("scale")}
    return Raised("ScaledDotProductAttention", params, tuple(ports))


def _matmul(op: Op, args: Args, owned: Owned) -> Raised:
    return Raised("MatMul", {}, (("input", tensor_of(args["input"])), ("other", tensor_of(args["other"]))))


def _pool(type: str, *names: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        dims = int(type[-2])
        if len(tensor_of(args["input"]).shape) != dims + 2:
            raise NoLayerError
        params = {name: one_of_equal(args[name]) for name in names if args.get(name) is not None}
        if params.get("stride") == ():
            del params["stride"]
        plain_only(*params.values())
        return Raised(type, params, input_of(args))

    return make


POOL = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
AVERAGE = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
RULES: Mapping[str, tuple[str, Make]] = {
    **WEIGHTS,
    **SHAPES,
    "dropout": ("input p training train inplace", _dropout("Dropout")),
    "alpha_dropout": ("input p training train inplace", _dropout("AlphaDropout")),
    **{f"dropout{n}d": ("input p training inplace", _dropout(f"Dropout{n}d")) for n in (1, 2, 3)},
    "add": ("input other alpha", _joined("Add")),
    "mul": ("input other", _joined("Multiply")),
    "sub": ("input other alpha", _joined("Subtract")),
    "div": ("input other rounding_mode", _joined("Divide")),
    "matmul": ("input other", _matmul),
    "bmm": ("input other", _matmul),
    "transpose": ("input dim0 dim1", _simple("Transpose", "dim0", "dim1")),
    "unsqueeze": ("input dim", _simple("Unsqueeze", "dim")),
    "squeeze": ("input dim", _simple("Squeeze", "dim")),
    "cumsum": ("input dim dtype", _simple("Cumsum", "dim")),
    "select": ("input dim index", _simple("Select", "dim", "index")),
    "to": ("*rest", _cast),
    "scaled_dot_product_attention": (
        "query key value attn_mask dropout_p is_causal scale enable_gqa",
        _attention,
    ),
    "softmax": ("input dim _stacklevel dtype", _simple("Softmax", "dim")),
    "log_softmax": ("input dim _stacklevel dtype", _simple("LogSoftmax", "dim")),
    "relu": ("input inplace", _simple("ReLU")),
    "relu6": ("input inplace", _simple("ReLU6")),
    "gelu": ("input approximate", _simple("GELU", "approximate", approximate="none")),
    "silu": ("input inplace", _simple("SiLU")),
    "mish": ("input inplace", _simple("Mish")),
    "sigmoid": ("input", _simple("Sigmoid")),
    "tanh": ("input", _simple("Tanh")),
    "hardswish": ("input inplace", _simple("Hardswish")),
    "hardsigmoid": ("input inplace", _simple("Hardsigmoid")),
    "logsigmoid": ("input", _simple("LogSigmoid")),
    "selu": ("input inplace", _simple("SELU")),
    "softsign": ("input", _simple("Softsign")),
    "elu": ("input alpha inplace", _simple("ELU", "alpha", alpha=1.0)),
    "leaky_relu": (
        "input negative_slope inplace",
        _simple("LeakyReLU", "negative_slope", negative_slope=0.01),
    ),
    "softplus": ("input beta threshold", _simple("Softplus", "beta", "threshold")),
    "glu": ("input dim", _simple("GLU", "dim", dim=-1)),
    **{
        name.lower(): ("input", _simple(name))
        for name in ("Sqrt", "Rsqrt", "Exp", "Log", "Sin", "Cos", "Abs")
    },
    "neg": ("input", _simple("Negate")),
    "pixel_shuffle": ("input upscale_factor", _simple("PixelShuffle", "upscale_factor")),
    "pixel_unshuffle": ("input downscale_factor", _simple("PixelUnshuffle", "downscale_factor")),
    **{
        f"max_pool{n}d": (
            "input kernel_size stride padding dilation ceil_mode return_indices",
            _pool(f"MaxPool{n}d", *POOL),
        )
        for n in (1, 2, 3)
    },
    **{
        f"avg_pool{n}d": (f"input {' '.join(AVERAGE)}", _pool(f"AvgPool{n}d", *AVERAGE[: 5 if n == 1 else 6]))
        for n in (1, 2, 3)
    },
    **{
        f"adaptive_avg_pool{n}d": ("input output_size", _pool(f"AdaptiveAvgPool{n}d", "output_size"))
        for n in (1, 2, 3)
    },
}
"""By function: the names of its arguments, and what makes a layer of a call."""
