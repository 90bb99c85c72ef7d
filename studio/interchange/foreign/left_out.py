"""What a module gives besides tensors: a drawing has none of it, which is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from studio.interchange.imported import Told
from studio.interchange.modules.guarding import guarded

HINT = "Compute it of the results where the network is used, or give a tensor in its place."
MOST = 5
"""Results that are named one by one."""


def left_out(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Told]:
    """What is told of results that are no tensors; the module runs once more, and stays as it was."""
    try:
        with guarded(module), torch.no_grad():
            found = list(_others(module.eval()(*args, **kwargs), ""))
    except Exception:  # of foreign code, which the import itself has told of by then
        return []
    if not found:
        return []
    rest = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    many = "results that are no tensors are" if len(found) > 1 else "a result that is no tensor is"
    return [Told("warning", None, f"{', '.join(found[:MOST])}{rest}: {many} left out.", HINT)]


def _others(result: Any, place: str) -> Iterator[str]:  # noqa: ANN401
    """What is neither a tensor nor nothing, each by where it stands: result[1] (float)."""
    if isinstance(result, Mapping):
        for key, one in result.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _others(one, f"{place}[{key!r}]")
    elif isinstance(result, tuple | list):
        for at, one in enumerate(result):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from _others(one, f"{place}[{at}]")
    elif result is not None and not isinstance(result, Tensor):
        yield f"result{place} ({type(result).__name__})"
