"""Inputs as one writes them: 1x3x224x224, or ids=1x16:int64. And random tensors for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.errors import StudioError

DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "bool", "complex64")
EXAMPLE = "Write for example 1x3x224x224, or ids=1x16:int64: a name, the sizes with the batch first, a type."
LARGEST = 2**28
SEED = 1
_FORM = re.compile(r"(?:(?P<name>\w+)=)?(?P<sizes>\d+(?:x\d+)*)(?::(?P<dtype>\w+))?")


@dataclass(frozen=True, slots=True)
class InputShape:
    """One input: the argument's name ("" for the next one), its sizes, and its type."""

    name: str
    sizes: tuple[int, ...]
    dtype: str = "float32"

    def __str__(self) -> str:
        name = f"{self.name}=" if self.name else ""
        return f"{name}{'x'.join(map(str, self.sizes))}" + (
            "" if self.dtype == "float32" else f":{self.dtype}"
        )


def read_input(text: str) -> InputShape:
    """The input that a text describes. Raises StudioError."""
    bare = text.strip().replace("×", "x").replace(",", "x").replace(" ", "")
    found = _FORM.fullmatch(bare)
    if found is None:
        raise StudioError(f"{text!r} describes no input.", EXAMPLE)
    sizes = tuple(int(one) for one in found["sizes"].split("x"))
    dtype = found["dtype"] or "float32"
    if dtype not in DTYPES:
        raise StudioError(f"{text!r}: there is no type {dtype}.", f"There are {', '.join(DTYPES)}.")
    if 0 in sizes:
        raise StudioError(f"{text!r}: a size is 0.", "Give sizes from 1 on, with the batch first.")
    if torch.Size(sizes).numel() > LARGEST:
        raise StudioError(f"{text!r} has more than {LARGEST:,} numbers.", "Give a small input.")
    return InputShape(found["name"] or "", sizes, dtype)


def tensors(shapes: Iterable[InputShape], module: nn.Module) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
    """Random tensors for a module: those without a name in order, and the others by name.

    Whole numbers are below the length of the shortest table of vectors that the module has. Masks are True
    in the first half of each row, in the second where their name speaks of padding.
    """
    tables = [one.num_embeddings for one in module.modules() if isinstance(one, nn.Embedding)]
    draw = torch.Generator().manual_seed(SEED)
    args: list[Tensor] = []
    kwargs: dict[str, Tensor] = {}
    for shape in shapes:
        tensor = _drawn(shape, min(tables, default=2), draw)
        if shape.name:
            kwargs[shape.name] = tensor
        elif kwargs:
            raise StudioError(
                f"The input {shape} has no name, and stands behind one that has.",
                "Give those without a name first.",
            )
        else:
            args.append(tensor)
    return tuple(args), kwargs


def _mask(shape: InputShape) -> Tensor:
    """Never all of a row: attention to nothing is no number."""
    length = shape.sizes[-1]
    first = torch.arange(length) < (length + 1) // 2
    row = ~first if "pad" in shape.name and length > 1 else first
    return row.expand(shape.sizes).clone()


def _drawn(shape: InputShape, high: int, draw: torch.Generator) -> Tensor:
    dtype: torch.dtype = getattr(torch, shape.dtype)
    if dtype is torch.bool:
        return _mask(shape)
    if dtype.is_floating_point:
        return torch.randn(shape.sizes, generator=draw).to(dtype)
    if dtype.is_complex:
        return torch.randn(shape.sizes, generator=draw, dtype=dtype)
    return torch.randint(0, max(high, 1), shape.sizes, generator=draw, dtype=dtype)
