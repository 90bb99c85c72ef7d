"""Functions of torch that join, shape, shrink and cut tensors as layers of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.interchange.modules.fitting import Fitted
from studio.interchange.modules.layer_call import (
    Args,
    Make,
    NoLayerError,
    Owned,
    Raised,
    input_of,
    plain_only,
    tensor_of,
)
from studio.interchange.modules.values import Op


def _several(type: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        tensors = [tensor_of(one) for one in args["tensors"]]
        if len(tensors) < 2 or len({one.dtype for one in tensors}) > 1:
            raise NoLayerError
        plain_only(args.get("dim", 0))
        return Raised(type, {"dim": args.get("dim", 0)}, tuple(("inputs", one) for one in tensors))

    return make


def _reshape(op: Op, args: Args, owned: Owned) -> Raised:
    value, sizes = tensor_of(args["input"]), list(args["shape"])
    result = op.results[0].shape
    same = len(result) > 1 and value.shape[:1] == result[:1] == (Fitted(1, 0),)
    if not same or any(isinstance(one, Fitted) for one in sizes[1:]):
        raise NoLayerError
    if sizes[0] == -1 and -1 in sizes[1:]:
        raise NoLayerError
    plain_only(sizes[1:])
    return Raised("Reshape", {"shape": tuple(sizes[1:])}, input_of(args))


def _flatten(op: Op, args: Args, owned: Owned) -> Raised:
    params = {"start_dim": args.get("start_dim", 0), "end_dim": args.get("end_dim", -1)}
    return Raised("Flatten", params, input_of(args))


def _permute(op: Op, args: Args, owned: Owned) -> Raised:
    dims = tuple(one % len(args["dims"]) for one in args["dims"])
    return Raised("Permute", {"dims": dims}, input_of(args))


def _expand(op: Op, args: Args, owned: Owned) -> Raised:
    value, sizes = tensor_of(args["input"]), list(args["size"])
    if len(sizes) != len(value.shape) or value.shape[0] != Fitted(1, 0) or len(sizes) < 2:
        raise NoLayerError
    plain_only(sizes[1:])
    return Raised("Expand", {"sizes": tuple(sizes[1:])}, input_of(args))


def _reduced(type: str) -> Make:
    def make(op: Op, args: Args, owned: Owned) -> Raised:
        if args.get("dtype") is not None or args.get("dim") is None or args["dim"] in ((), []):
            raise NoLayerError
        dim = args["dim"]
        dim = tuple(dim) if isinstance(dim, tuple | list) else dim
        return Raised(type, {"dim": dim, "keepdim": bool(args.get("keepdim", False))}, input_of(args))

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
        plain_only(*params.values())
        places = {one.place: f"output{at}" for at, one in enumerate(op.results)}
        return Raised(type, params, input_of(args), places)

    return make


def _getitem(op: Op, args: Args, owned: Owned) -> Raised:
    """One index or slice along one dimension."""
    value, index = tensor_of(args["input"]), args["index"]
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
        return Raised("Select", {"dim": dim, "index": one}, input_of(args))
    plain_only(one.start, one.stop, one.step)
    params: dict[str, Any] = {"dim": dim, "start": one.start or 0, "stop": one.stop, "step": one.step or 1}
    if one.start is None and one.stop is not None and one.stop < 0 and len(value.shape) < 1:
        raise NoLayerError
    return Raised("Slice", params, input_of(args))


SHAPES: Mapping[str, tuple[str, Make]] = {
    "cat": ("tensors dim", _several("Concat")),
    "stack": ("tensors dim", _several("Stack")),
    "reshape": ("input *shape", _reshape),
    "view": ("input *shape", _reshape),
    "flatten": ("input start_dim end_dim", _flatten),
    "permute": ("input *dims", _permute),
    "expand": ("input *size", _expand),
    "mean": ("input dim keepdim dtype", _reduced("Mean")),
    "sum": ("input dim keepdim dtype", _reduced("Sum")),
    "amax": ("input dim keepdim", _reduced("Max")),
    "amin": ("input dim keepdim", _reduced("Min")),
    "chunk": ("input chunks dim", _pieces("Chunk", "chunks")),
    "split": ("input split_size_or_sections dim", _pieces("Split", "split_size_or_sections")),
    "split_with_sizes": ("input split_size_or_sections dim", _pieces("Split", "split_size_or_sections")),
    "unbind": ("input dim", _pieces("Unbind", "")),
    "getitem": ("input index", _getitem),
}
"""By function: the names of its arguments, and what makes a layer of a call."""
