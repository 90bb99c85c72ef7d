"""Functions of torch as layers of the catalog: F.linear on a module's weight is a Linear, x + y an Add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.catalog.registry import registry
from studio.interchange.modules.fitting import Fitted
from studio.interchange.modules.values import Op, Place, Value
from studio.project.params import Value as Plain

Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raised:
    """A layer: its type and parameters, the tensors at its ports, its outputs by the place in the result, and
    the weights that it takes over, by their key in the layer.
    """

    type: str
    params: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    inputs: tuple[tuple[str, Value], ...] = ()
    outputs: Mapping[Place, str] = field(default_factory=lambda: {(): "output"})
    weights: Mapping[str, Value] = field(default_factory=dict[str, Value])


TAKING = frozenset({"Select", "Slice", "Split", "Chunk", "Unbind", "Squeeze"})
"""Layers that take parts of dimensions."""


class NoLayerError(Exception):
    """A call that is no layer as it stands."""


def raised(op: Op, owned: Callable[[Value], bool]) -> Raised | None:
    """The call as a layer, None where it is none; `owned`: whether nothing else reads a parameter."""
    rule = RULES.get(op.name)
    if rule is None:
        return None
    names, make = rule
    try:
        found = make(op, _bound(op, names.split()), owned)
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


def _bound(op: Op, names: list[str]) -> dict[str, Any]:
    """Arguments by name; `*` takes those that are left."""
    if names and names[-1].startswith("*"):
        plain = names[:-1]
        rest = op.args[len(plain) :]
        if len(rest) == 1 and isinstance(rest[0], tuple | list):
            rest = tuple(rest[0])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        rest = rest or op.kwargs.get(names[-1][1:], ())
        given = {**dict(zip(plain, op.args, strict=False)), names[-1][1:]: tuple(rest)}
        return {**given, **{key: one for key, one in op.kwargs.items() if key in plain}}
    if len(op.args) > len(names) or any(key not in names for key in op.kwargs):
        extra = {key: one for key, one in op.kwargs.items() if key not in names}
        if len(op.args) > len(names) or any(one is not None for one in extra.values()):
            raise NoLayerError
    return {**dict(zip(names, op.args, strict=False)), **{k: v for k, v in op.kwargs.items() if k in names}}


def _tensor(value: Any) -> Value:  # noqa: ANN401
    if not isinstance(value, Value):
        raise NoLayerError
    return value


def _input(args: Args, name: str = "input") -> tuple[tuple[str, Value], ...]:
    return (("input", _tensor(args[name])),)


def _whole(*numbers: Any) -> None:  # noqa: ANN401
    """That nothing depends on the number of samples, and nothing is a tensor."""
    for one in numbers:
        if isinstance(one, tuple | list):
            _whole(*one)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(one, Fitted | Value):
            raise NoLayerError


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple | list):
        items = tuple(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if len(items) > 1 and all(one == items[0] for one in items):  # pyright: ignore[reportUnknownArgumentType]
            return items[0]  # pyright: ignore[reportUnknownVariableType]
        return items  # pyright: ignore[reportUnknownVariableType]
    return value


Owned = Callable[[Value], bool]
Make = Callable[[Op, Args, Owned], Raised]


def _weights(args: Args, owned: Owned, *names: str) -> dict[str, Value]:
    """The parameters that a layer takes over; None is left out."""
    found: dict[str, Value] = {}
    for name in names:
        value = args.get(name)
        if value is None:
            continue
        if not isinstance(value, Value) or not owned(value):
            raise NoLayerError
        found[name] = value
    return found


def _linear(op: Op, args: Args, owned: Owned) -> Raised:
    weights = _weights(args, owned, "weight", "bias")
    params = {"out_features": weights["weight"].shape[0], "bias": "bias" in weights}
    return Raised("Linear", params, _input(args), weights=weights)


def _conv(dims: int, transposed: bool = False) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        weights = _weights(args, owned, "weight", "bias")
        shape, groups = weights["weight"].shape, args.get("groups", 1)
        if len(_tensor(args["input"]).shape) != dims + 2:
            raise NoLayerError
        params: dict[str, Any] = {
            "out_channels": shape[1] * groups if transposed else shape[0],
            "kernel_size": _plain(shape[2:]),
            "bias": "bias" in weights,
        }
        for name in ("stride", "padding", "output_padding", "dilation", "groups"):
            if name in args:
                params[name] = _plain(args[name])
        return Raised(f"Conv{'Transpose' * transposed}{dims}d", params, _input(args), weights=weights)

    return make


def _layer_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = _weights(args, owned, "weight", "bias")
    dims = len(args["normalized_shape"])
    if "weight" not in weights and "bias" in weights:
        raise NoLayerError
    affine: dict[str, Any] = {"elementwise_affine": "weight" in weights, "eps": args.get("eps", 1e-5)}
    affine |= {"bias": "bias" in weights} if "weight" in weights else {}
    return Raised("LayerNorm", {"dims": dims, **affine}, _input(args), weights=weights)


def _rms_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = _weights(args, owned, "weight")
    params = {
        "dims": len(args["normalized_shape"]),
        "eps": args.get("eps"),
        "elementwise_affine": bool(weights),
    }
    return Raised("RMSNorm", params, _input(args), weights=weights)


def _batch_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = _weights(args, owned, "weight", "bias", "running_mean", "running_var")
    rank = len(_tensor(args["input"]).shape)
    if args.get("training") or len(weights) not in (2, 4) or "running_mean" not in weights:
        raise NoLayerError
    dims = {2: 1, 3: 1, 4: 2, 5: 3}[rank]
    params = {
        "affine": "weight" in weights,
        "eps": args.get("eps", 1e-5),
        "momentum": args.get("momentum", 0.1),
    }
    return Raised(f"BatchNorm{dims}d", params, _input(args), weights=weights)


def _group_norm(op: Op, args: Args, owned: Owned) -> Raised:
    weights = _weights(args, owned, "weight", "bias")
    if len(weights) == 1:
        raise NoLayerError
    params = {"num_groups": args["num_groups"], "eps": args.get("eps", 1e-5), "affine": bool(weights)}
    return Raised("GroupNorm", params, _input(args), weights=weights)


def _embedding(op: Op, args: Args, owned: Owned) -> Raised:
    weights = _weights(args, owned, "weight")
    count, size = weights["weight"].shape
    padding = args.get("padding_idx")
    params: dict[str, Any] = {"num_embeddings": count, "embedding_dim": size}
    if isinstance(padding, int) and padding >= 0:
        params["padding_idx"] = padding
    if args.get("max_norm") is not None or args.get("sparse"):
        raise NoLayerError
    return Raised("Embedding", params, _input(args), weights=weights)


def _dropout(type: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        return Raised(type, {"p": float(args.get("p", 0.5))}, _input(args))

    return make


def _simple(type: str, *names: str, **defaults: Any) -> Make:  # noqa: ANN401
    """A layer whose parameters have the names of the function's arguments."""

    def make(op: Op, args: Args, owned: Owned) -> Raised:
        if args.get("dtype") is not None or args.get("out") is not None:
            raise NoLayerError
        params: dict[str, Any] = {name: args.get(name, defaults.get(name)) for name in names}
        params = {
            name: _plain(one) if name != "dim" else one for name, one in params.items() if one is not None
        }
        _whole(*params.values())
        return Raised(type, params, _input(args))

    return make


def _joined(type: str) -> Make:
    """Add and Multiply of two tensors of one kind of number."""

    def make(op: Op, args: Args, owned: Owned) -> Raised:
        first, second = _tensor(args["input"]), _tensor(args["other"])
        if args.get("alpha", 1) != 1 or args.get("rounding_mode") is not None or first.dtype != second.dtype:
            raise NoLayerError
        names = ("inputs", "inputs") if type in ("Add", "Multiply") else ("input", "other")
        return Raised(type, {}, ((names[0], first), (names[1], second)))

    return make


def _several(type: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        tensors = [_tensor(one) for one in args["tensors"]]
        if len(tensors) < 2 or len({one.dtype for one in tensors}) > 1:
            raise NoLayerError
        _whole(args.get("dim", 0))
        return Raised(type, {"dim": args.get("dim", 0)}, tuple(("inputs", one) for one in tensors))

    return make


def _reshape(op: Op, args: Args, owned: Owned) -> Raised:
    value, sizes = _tensor(args["input"]), list(args["shape"])
    result = op.results[0].shape
    same = len(result) > 1 and value.shape[:1] == result[:1] == (Fitted(1, 0),)
    if not same or any(isinstance(one, Fitted) for one in sizes[1:]):
        raise NoLayerError
    if sizes[0] == -1 and -1 in sizes[1:]:
        raise NoLayerError
    _whole(sizes[1:])
    return Raised("Reshape", {"shape": tuple(sizes[1:])}, _input(args))


def _flatten(op: Op, args: Args, owned: Owned) -> Raised:
    params = {"start_dim": args.get("start_dim", 0), "end_dim": args.get("end_dim", -1)}
    return Raised("Flatten", params, _input(args))


def _permute(op: Op, args: Args, owned: Owned) -> Raised:
    dims = tuple(one % len(args["dims"]) for one in args["dims"])
    return Raised("Permute", {"dims": dims}, _input(args))


def _expand(op: Op, args: Args, owned: Owned) -> Raised:
    value, sizes = _tensor(args["input"]), list(args["size"])
    if len(sizes) != len(value.shape) or value.shape[0] != Fitted(1, 0) or len(sizes) < 2:
        raise NoLayerError
    _whole(sizes[1:])
    return Raised("Expand", {"sizes": tuple(sizes[1:])}, _input(args))


def _reduced(type: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        if args.get("dtype") is not None or args.get("dim") is None or args["dim"] in ((), []):
            raise NoLayerError
        dim = args["dim"]
        dim = tuple(dim) if isinstance(dim, tuple | list) else dim
        return Raised(type, {"dim": dim, "keepdim": bool(args.get("keepdim", False))}, _input(args))

    return make


def _pieces(type: str, size: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        params: dict[str, Any] = {"dim": args.get("dim", 0)}
        if size:
            params[size] = args[size]
        if type == "Unbind" or not isinstance(args.get(size), tuple | list):
            params["outputs"] = len(op.results)
        else:
            params[size] = tuple(args[size])
        if type == "Chunk" and len(op.results) != args[size]:
            raise NoLayerError
        _whole(*params.values())
        places = {one.place: f"output{at}" for at, one in enumerate(op.results)}
        return Raised(type, params, _input(args), places)

    return make


def _getitem(op: Op, args: Args, owned: Owned) -> Raised:
    """One index or slice along one dimension."""
    value, index = _tensor(args["input"]), args["index"]
    items = list(index) if isinstance(index, tuple) else [index]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    from_end = bool(items) and items[0] is Ellipsis
    if from_end:
        items = items[1:]
    if not all(isinstance(one, int | slice) and not isinstance(one, bool) for one in items):  # pyright: ignore[reportUnknownVariableType]
        raise NoLayerError
    chosen = [at for at, one in enumerate(items) if one != slice(None)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if len(chosen) != 1:
        raise NoLayerError
    dim = chosen[0] - len(items) if from_end else chosen[0]  # pyright: ignore[reportUnknownArgumentType]
    one: Any = items[chosen[0]]
    if isinstance(one, int):
        return Raised("Select", {"dim": dim, "index": one}, _input(args))
    _whole(one.start, one.stop, one.step)
    params: dict[str, Any] = {"dim": dim, "start": one.start or 0, "stop": one.stop, "step": one.step or 1}
    if one.start is None and one.stop is not None and one.stop < 0 and len(value.shape) < 1:
        raise NoLayerError
    return Raised("Slice", params, _input(args))


def _cast(op: Op, args: Args, owned: Owned) -> Raised:
    value = next(one for one in op.args if isinstance(one, Value))
    return Raised("Cast", {"dtype": str(op.results[0].dtype).removeprefix("torch.")}, (("input", value),))


def _attention(op: Op, args: Args, owned: Owned) -> Raised:
    if args.get("enable_gqa"):
        raise NoLayerError
    ports = [(name, _tensor(args[name])) for name in ("query", "key", "value")]
    if args.get("attn_mask") is not None:
        ports.append(("attn_mask", _tensor(args["attn_mask"])))
    params: dict[str, Any] = {"is_causal": bool(args.get("is_causal", False)), "scale": args.get("scale")}
    return Raised("ScaledDotProductAttention", params, tuple(ports))


def _matmul(op: Op, args: Args, owned: Owned) -> Raised:
    return Raised("MatMul", {}, (("input", _tensor(args["input"])), ("other", _tensor(args["other"]))))


def _pool(type: str, *names: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        dims = int(type[-2])
        if len(_tensor(args["input"]).shape) != dims + 2:
            raise NoLayerError
        params = {name: _plain(args[name]) for name in names if args.get(name) is not None}
        if params.get("stride") == ():
            del params["stride"]
        _whole(*params.values())
        return Raised(type, params, _input(args))

    return make


CONV = "input weight bias stride padding dilation groups"
TRANSPOSED = "input weight bias stride padding output_padding groups dilation"
POOL = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
AVERAGE = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
RULES: Mapping[str, tuple[str, Make]] = {
    "linear": ("input weight bias", _linear),
    **{f"conv{n}d": (CONV, _conv(n)) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": (TRANSPOSED, _conv(n, True)) for n in (1, 2, 3)},
    "layer_norm": ("input normalized_shape weight bias eps cudnn_enable", _layer_norm),
    "rms_norm": ("input normalized_shape weight eps", _rms_norm),
    "batch_norm": ("input running_mean running_var weight bias training momentum eps cudnn", _batch_norm),
    "group_norm": ("input num_groups weight bias eps cudnn_enabled", _group_norm),
    "embedding": ("input weight padding_idx max_norm norm_type scale_grad_by_freq sparse", _embedding),
    "dropout": ("input p training train inplace", _dropout("Dropout")),
    "alpha_dropout": ("input p training train inplace", _dropout("AlphaDropout")),
    **{f"dropout{n}d": ("input p training inplace", _dropout(f"Dropout{n}d")) for n in (1, 2, 3)},
    "add": ("input other alpha", _joined("Add")),
    "mul": ("input other", _joined("Multiply")),
    "sub": ("input other alpha", _joined("Subtract")),
    "div": ("input other rounding_mode", _joined("Divide")),
    "matmul": ("input other", _matmul),
    "bmm": ("input other", _matmul),
    "cat": ("tensors dim", _several("Concat")),
    "stack": ("tensors dim", _several("Stack")),
    "reshape": ("input *shape", _reshape),
    "view": ("input *shape", _reshape),
    "flatten": ("input start_dim end_dim", _flatten),
    "transpose": ("input dim0 dim1", _simple("Transpose", "dim0", "dim1")),
    "permute": ("input *dims", _permute),
    "unsqueeze": ("input dim", _simple("Unsqueeze", "dim")),
    "squeeze": ("input dim", _simple("Squeeze", "dim")),
    "expand": ("input *size", _expand),
    "mean": ("input dim keepdim dtype", _reduced("Mean")),
    "sum": ("input dim keepdim dtype", _reduced("Sum")),
    "amax": ("input dim keepdim", _reduced("Max")),
    "amin": ("input dim keepdim", _reduced("Min")),
    "cumsum": ("input dim dtype", _simple("Cumsum", "dim")),
    "chunk": ("input chunks dim", _pieces("Chunk", "chunks")),
    "split": ("input split_size_or_sections dim", _pieces("Split", "split_size_or_sections")),
    "split_with_sizes": ("input split_size_or_sections dim", _pieces("Split", "split_size_or_sections")),
    "unbind": ("input dim", _pieces("Unbind", "")),
    "getitem": ("input index", _getitem),
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
