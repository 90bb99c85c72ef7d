"""Which modules of torch.nn are layers of the catalog as they stand, with their parameters and ports."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from studio.build import calls
from studio.catalog.registry import Layer, Shapes, registry
from studio.interchange.modules.values import Called, Place, called
from studio.project.graph import Node
from studio.project.params import Bool, Value

UNDRAWN = frozenset({"Identity", "TransformerEncoderLayer", "TransformerDecoderLayer"})
IGNORED = frozenset({"self", "device", "dtype", "inplace", "args", "kwargs", "sparse", "_weight", "_freeze"})
PER_SAMPLE = ("DropPath", "StochasticDepth")
"""What ends the names of classes that drop whole samples of a branch in training."""
RANKS = {"Conv1d": 3, "Conv2d": 4, "Conv3d": 5, "ConvTranspose1d": 3, "ConvTranspose2d": 4}


class NoLeafError(Exception):
    """A module is no layer as it stands."""


@cache
def layers_by_class() -> Mapping[type[nn.Module], Layer]:
    """The layers of the catalog by the class of torch.nn that they are."""
    found: dict[type[nn.Module], Layer] = {}
    for layer in registry().layers.values():
        target = layer.target or ""
        if (
            target == f"torch.nn.{layer.type}"
            and layer.is_module
            and layer.category not in ("Loss", "Custom")
        ):
            made = calls.resolve(target)
            if isinstance(made, type) and layer.type not in UNDRAWN:
                found[made] = layer
    return found


def drawn(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Called | None:
    """The module as a layer, None for one that is to be looked into."""
    try:
        if type(module).__name__.endswith(PER_SAMPLE):
            return _per_sample(module, args, kwargs)
        layer = _layer(module)
        return _leaf(layer, module, args, kwargs) if layer else None
    except (NoLeafError, ValueError, AttributeError, TypeError, KeyError, IndexError):
        return None


def _layer(module: nn.Module) -> Layer | None:
    """The layer of the class, or of the class of torch.nn that it runs as unchanged."""
    known = layers_by_class()
    of = type(module)
    if of not in known:
        base = next((one for one in of.__mro__ if one in known), None)
        if base is None or any(
            "forward" in vars(one) or "_conv_forward" in vars(one) for one in _above(of, base)
        ):
            return None
        of = base
    hooks = module._forward_hooks or module._forward_pre_hooks  # pyright: ignore[reportPrivateUsage]
    return None if hooks or hasattr(module, "parametrizations") else known[of]


def _above(of: type, base: type) -> list[type]:
    return list(of.__mro__[: of.__mro__.index(base)])


def _per_sample(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Called:
    share = getattr(module, "drop_prob", None) or getattr(module, "p", None)
    one = len(args) == 1 and not kwargs and isinstance(args[0], Tensor)
    if not one or not isinstance(share, float) or getattr(module, "scale_by_keep", True) is not True:
        raise NoLeafError
    mode = getattr(module, "mode", "row")
    params: dict[str, Value] = {"p": share, "mode": mode}
    return called(module, "StochasticDepth", params, (("input", args[0]),), {(): "output"})


def _leaf(layer: Layer, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Called:
    if any(one.dtype is not torch.float32 for one in module.parameters()):
        raise NoLeafError
    bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs)
    given = dict(list(bound.arguments.items())[1:])
    special = SPECIAL.get(layer.type)
    ports, params = special(module, given) if special else (_plain_ports(layer, given), {})
    params = {**_params(layer, module, params), **params}
    layer = _adapted(layer, params)
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {}
    for name, tensor in ports:
        shapes[name] = (tuple(tensor.shape),)
    for port in layer.inputs:
        if port.same_as and port.name not in shapes:
            shapes[port.name] = shapes[port.same_as]
    _check(layer, module, shapes, params)
    outputs: dict[Place, str] = {(): layer.outputs[0].name}
    if layer.returns:
        outputs = {place: name for name, place in calls.parse_returns(layer.returns)}
    return called(module, layer.type, params, ports, outputs)


def _adapted(layer: Layer, params: Mapping[str, Value]) -> Layer:
    found = registry().layer_of(Node("node", layer.type, params))
    assert found
    return found


def _plain_ports(layer: Layer, given: Mapping[str, Any]) -> tuple[tuple[str, Tensor], ...]:
    """Tensors by the places of the ports; anything else must be left out."""
    ports: list[tuple[str, Tensor]] = []
    for port, value in zip(layer.inputs, given.values(), strict=False):
        if isinstance(value, Tensor):
            ports.append((port.name, value))
        elif value is not None or not port.optional:
            raise NoLeafError
    if len(given) > len(layer.inputs):
        raise NoLeafError
    if RANKS.get(layer.type, ports[0][1].dim()) != ports[0][1].dim():
        raise NoLeafError
    return tuple(ports)


def _params(layer: Layer, module: nn.Module, known: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters that differ from the layer's defaults, read off the module's attributes."""
    found: dict[str, Value] = {}
    for param in layer.params:
        if param.name in known:
            continue
        value = getattr(module, param.name)
        if isinstance(param, Bool) and not isinstance(value, bool):
            value = value is not None
        checked = param.check(_plain(value))
        if checked != param.default or param.essential:
            found[param.name] = checked
    options = {option.name for option in layer.options}
    weights = list(module.parameters())
    if "freeze" in options and weights and not any(one.requires_grad for one in weights):
        found["freeze"] = True
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401
    """A tuple of equal numbers as one of them."""
    if isinstance(value, tuple | list):
        items = tuple(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        same = len(items) > 1 and len(set(items)) == 1  # pyright: ignore[reportUnknownArgumentType]
        return next(iter(items)) if same else items  # pyright: ignore[reportUnknownVariableType]
    return value


def _check(layer: Layer, module: nn.Module, shapes: Shapes, params: Mapping[str, Value]) -> None:
    """That what the layer derives is what the module has, and nothing else is set."""
    for name, read in layer.derived.items():
        wanted, has = read(shapes), getattr(module, name)
        if wanted is None and has == getattr(module, "embed_dim", None):
            continue
        if _tuple(wanted) != _tuple(has):
            raise NoLeafError
    known = {param.name for param in layer.all_params} | layer.derived.keys() | IGNORED
    for name, argument in inspect.signature(type(module).__init__).parameters.items():
        if name not in known and hasattr(module, name):
            has = getattr(module, name)
            has = has is not None if isinstance(argument.default, bool) and not isinstance(has, bool) else has
            if has != argument.default:
                raise NoLeafError


def _tuple(value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return (*value,) if isinstance(value, tuple | list) else (value,)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


Ports = tuple[tuple[str, Tensor], ...]
Special = Callable[[nn.Module, Mapping[str, Any]], tuple[Ports, dict[str, Value]]]


def _trailing(module: Any, given: Mapping[str, Any]) -> tuple[Ports, dict[str, Value]]:  # noqa: ANN401
    dims = len(module.normalized_shape)
    return (("input", given["input"] if "input" in given else given["x"]),), {
        "dims": dims
    } if dims != 1 else {}


def _slopes(module: Any, given: Mapping[str, Any]) -> tuple[Ports, dict[str, Value]]:  # noqa: ANN401
    many = module.num_parameters > 1
    return (("input", given["input"]),), {"per_channel": True} if many else {}


def _recurrent(module: Any, given: Mapping[str, Any]) -> tuple[Ports, dict[str, Value]]:  # noqa: ANN401
    if given["input"].dim() != 3:
        raise NoLeafError
    state = given.get("hx")
    if state is None:
        states: tuple[Tensor, ...] = ()
    else:
        states = (state,) if isinstance(state, Tensor) else tuple(state)
    names = ("hidden", "cell")
    return (("input", given["input"]), *zip(names, states, strict=False)), {}


def _attention(module: Any, given: Mapping[str, Any]) -> tuple[Ports, dict[str, Value]]:  # noqa: ANN401
    query, key, value = given["query"], given["key"], given["value"]
    if query.dim() != 3 or module.bias_k is not None or module.add_zero_attn:
        raise NoLeafError
    ports: list[tuple[str, Tensor]] = [("query", query)]
    ports += [("key", key)] if key is not query or value is not key else []
    ports += [("value", value)] if value is not key else []
    for name in ("key_padding_mask", "attn_mask"):
        ports += [(name, given[name])] if given.get(name) is not None else []
    if given.get("attn_mask") is None and given.get("is_causal"):
        raise NoLeafError
    params: dict[str, Value] = {"bias": module.in_proj_bias is not None}
    if given.get("need_weights", True):
        params |= {"need_weights": True, "average_attn_weights": given.get("average_attn_weights", True)}
    return tuple(ports), params


def _upsample(module: Any, given: Mapping[str, Any]) -> tuple[Ports, dict[str, Value]]:  # noqa: ANN401
    raise NoLeafError


SPECIAL: Mapping[str, Special] = {
    "LayerNorm": _trailing,
    "RMSNorm": _trailing,
    "PReLU": _slopes,
    "RNN": _recurrent,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "MultiheadAttention": _attention,
    "Upsample": _upsample,
}
