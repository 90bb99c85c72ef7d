"""The lines that place a block: a call of its function, a loop over its turns, or one model run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studio.build.plan import Step
from studio.interchange.keras.twin import Order
from studio.interchange.pytorch.class_lines import as_code, called_arguments
from studio.interchange.pytorch.lines import statement
from studio.interchange.pytorch.text import literal
from studio.interchange.pytorch.uses import INDEX
from studio.interchange.pytorch.values import Solved


@dataclass(frozen=True, slots=True)
class Placed:
    """A block's function: what it is called, the orders of what it takes and gives."""

    function: str
    solved: Solved
    inputs: tuple[Order, ...]
    outputs: tuple[Order, ...]


def placed_lines(
    solved: Solved,
    step: Step,
    placed: Mapping[str, Placed],
    inputs: Sequence[str],
    results: Sequence[str],
    naming: tuple[str, str],
    free: Callable[[str], str],
) -> list[str]:
    """The lines of a step; `naming` are the text of its name and what stands between names."""
    kinds = solved.kind.inner[step.name]
    made = solved.made[step.name]
    way = solved.turns(step)
    name, between = naming

    def call(turn: int, given: Sequence[str], named: str, index: str) -> str:
        one = placed[kinds[turn if turn < len(kinds) else 0].name]
        arguments = [*given, *called_arguments(one.solved, made.turns[turn], index), f"name={named}"]
        return f"{one.function}({', '.join(arguments)})"

    if way == "one":
        return statement(4, f"{', '.join(results)} = ", call(0, inputs, name, "0"))
    if way == "shared":
        return _shared(step, inputs, results, call, name, free, literal(as_code(made.repeat)))
    kept = list(inputs[len(results) :])
    carried = [*results, *kept]
    numbered = f'f"{name.removeprefix("f")[1:-1]}{between}{{{INDEX}}}"'
    if way == "listed" or (way == "first" and made.repeat == 2):
        lines: list[str] = []
        for turn in range(len(made.turns)):
            given = inputs if turn == 0 else carried
            own = f'{name[:-1]}{between}{turn}"'
            lines += statement(4, f"{', '.join(results)} = ", call(turn, given, own, str(turn)))
        return lines
    if way == "first":
        own = f'{name[:-1]}{between}0"'
        lines = statement(4, f"{', '.join(results)} = ", call(0, inputs, own, "0"))
        repeat, turn = f"range(1, {literal(as_code(made.repeat))})", 1
    else:
        lines = statement(4, f"{', '.join(results)} = ", ", ".join(inputs[: len(results)]))
        repeat, turn = f"range({literal(as_code(made.repeat))})", 0
    lines.append(f"    for {INDEX} in {repeat}:")
    return lines + statement(8, f"{', '.join(results)} = ", call(turn, carried, numbered, INDEX))


def _shared(
    step: Step,
    inputs: Sequence[str],
    results: Sequence[str],
    call: Callable[[int, Sequence[str], str, str], str],
    name: str,
    free: Callable[[str], str],
    repeat: str,
) -> list[str]:
    """One model with one set of weights, run again on its own results."""
    given, model = free(f"{step.name}_inputs"), free(f"{step.name}_model")
    kept = list(inputs[len(results) :])
    takes = ", ".join(inputs)
    many = len(inputs) > 1
    one = f"keras.Input({takes}.shape[1:], dtype={takes}.dtype)"
    several = f"[keras.Input(one.shape[1:], dtype=one.dtype) for one in ({takes})]"
    made = call(0, [f"*{given}" if many else given], name, "0")
    own = f'{name[:-1]}_shared"'
    again = ", ".join([*results, *kept])
    return [
        *statement(4, f"{given} = ", several if many else one),
        *statement(4, f"{model} = ", f"keras.Model({given}, {made}, name={own})"),
        *statement(4, f"{', '.join(results)} = ", ", ".join(inputs[: len(results)])),
        f"    for _ in range({repeat}):",
        *statement(8, f"{', '.join(results)} = ", f"{model}({f'[{again}]' if many else again})"),
    ]
