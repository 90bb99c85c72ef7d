"""Whether a module keeps something from one call to the next, which a drawing does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from studio.interchange.imported import Told
from studio.interchange.modules.arguments import Arguments
from studio.interchange.modules.comparing import ACCURATE, difference, seed
from studio.interchange.modules.guarding import unchanged
from studio.interchange.modules.values import placed

State = Mapping[str, Any]
MOST_NAMED = 5
TORCHS_OWN = frozenset({"_parameters", "_buffers", "_modules"})


def kept_between_calls(module: nn.Module, given: Arguments, other: Arguments) -> Told | None:
    """A warning where a call gives something else once other calls went before, each after the same seed."""
    try:
        with torch.no_grad(), unchanged(module):
            first = _called(module, given)
        with torch.no_grad(), unchanged(module):
            before = _state(module)
            _called(module, other)
            changed = [*_changed(before, _state(module))]
            _called(module, other)
            later = _called(module, given)
    except Exception:  # Foreign code need not run twice.
        return None
    if len(first) == len(later) and not any(
        difference(again, one) > ACCURATE for again, one in zip(later, first, strict=True)
    ):
        return None
    named = ", ".join(changed[:MOST_NAMED]) + (", …" if len(changed) > MOST_NAMED else "")
    keeps = f"it changes {named}" if changed else "it keeps something, or draws numbers of its own"
    return Told(
        "warning",
        None,
        f"After other calls it gives something else: {keeps}. The drawing keeps nothing and computes what "
        "the first call gives.",
        "Give what changes as an input and a result of its own, or draw that part as a Python layer.",
    )


def _called(module: nn.Module, given: Arguments) -> list[Tensor]:
    seed()
    copied = given.copied()
    return [one.clone() for _, one in placed(module(*copied.args, **copied.kwargs))]


def _state(module: nn.Module) -> State:
    found: dict[str, Any] = {name: one.detach().clone() for name, one in module.named_buffers()}
    for path, one in module.named_modules():
        own = {name: value for name, value in vars(one).items() if name not in TORCHS_OWN}
        found |= {f"{path}.{name}" if path else name: _copied(value) for name, value in own.items()}
    return found


def _copied(value: Any) -> Any:  # noqa: ANN401
    return type(value)(value) if type(value) in (dict, list, set) else value


def _changed(before: State, after: State) -> Iterable[str]:
    for name in dict.fromkeys((*before, *after)):
        if name not in before or name not in after or not _same(before[name], after[name]):
            yield name


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401
    if one is other:
        return True
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return one.shape == other.shape and bool(torch.equal(one, other))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    plain = (int, float, complex, str, bytes, set, frozenset)
    return isinstance(one, plain) and isinstance(other, plain) and one == other
