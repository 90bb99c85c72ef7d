"""The lines that make a module and prepare its weights as its node's options say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

from studio.build import shapes
from studio.build.initial import NORMS, Fill, fills
from studio.build.plan import Step
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import statement

FEW = 2
"""So many parameters are named one by one; more are gone through in a loop."""


def module_lines(indent: int, target: str, made: str, step: Step, options: Mapping[str, Any]) -> list[str]:
    """`target` (such as self.conv1) becomes what `made` says, with its weights filled, normalized, frozen.

    `options` are the step's, perhaps with code in the place of numbers.
    """
    pad = " " * indent
    filled = [line for fill in _fills(step, options) for line in _fill(target, fill)]
    norm = str(options.get("norm"))
    if norm in NORMS and not filled:
        made = f"parametrizations.{norm}({made})"
    lines = statement(indent, f"{target} = ", made)
    lines += [pad + line for line in filled]
    if norm in NORMS and filled:
        lines.append(f"{pad}parametrizations.{norm}({target})")
    if options.get("freeze"):
        lines.append(f"{pad}{target}.requires_grad_(False)")
    return lines


def _fills(step: Step, options: Mapping[str, Any]) -> tuple[Fill, ...]:
    if all(options.get(name, "default") == "default" for name in ("init", "bias_init")):
        return ()
    module = shapes.on_meta(step.layer, step.kwargs)
    assert isinstance(module, nn.Module)
    return fills(module, step.kwargs, options)


def _fill(target: str, fill: Fill) -> Iterator[str]:
    row = "" if fill.row is None else f"[{fill.row}]"
    arguments = "".join(
        f", {text.literal(value)}" if name == "val" else f", {name}={text.literal(value)}"
        for name, value in fill.arguments.items()
    )
    if len(fill.names) <= FEW:
        for name in fill.names:
            yield f"nn.init.{fill.function}({target}.{name}{row}{arguments})"
    elif fill.biases:
        yield f"for key, parameter in {target}.named_parameters():"
        yield '    if "bias" in key:'
        yield f"        nn.init.{fill.function}(parameter{arguments})"
    else:
        yield f"for parameter in {target}.parameters():"
        yield "    if parameter.dim() > 1:"
        yield f"        nn.init.{fill.function}(parameter{arguments})"
