"""Parameter values as a person types and reads them: text to value, value to text, one step up."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from studio.project.expressions import Names, is_computed, is_formula, names_in
from studio.project.params import Bool, Float, Floats, Int, Ints, Param, Sizes, Value, shown

SWITCHES = {"on": True, "off": False, "True": True, "False": False, "true": True, "false": False}
_BETWEEN = re.compile(r"[\s,;×x]+")
_NUMBER = re.compile(r"[-+]?\d+")
_COMPUTED = re.compile(r"[^-+\d\s,;×x()\[\]]|\d\s*[-+]\s*\d")
_OPERATED = re.compile(r"[*/+(\[]")
NUMBERS = (Int, Float, Ints, Floats)


def text_of(value: Value) -> str:
    """A value as its field shows it; nothing is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, tuple):
        return ", ".join(map(text_of, value))
    if isinstance(value, Mapping):
        return "{…}"
    return str(value)


def value_of(text: str, param: Param) -> Value:
    """What was typed, in the canonical form of the parameter; ValueError that says what is accepted."""
    return param.check(_parsed(text, param))


def formula_of(text: str) -> str:
    """A formula as it was typed, its sign first; ValueError where it is unfinished."""
    bare = text.strip()
    try:
        ast.parse(bare.removeprefix("=").strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = QCoreApplication.translate(
            "Form", "{formula} is no formula yet; write for example = 4 * width"
        )
        raise ValueError(text.format(formula=shown(bare))) from None
    return bare


def number_of(text: str, param: Param, names: Names) -> Value:
    """What was typed in a field for numbers: a number, or a formula, with or without its sign.

    Raises ValueError that says what is accepted; of a formula, which name is not known.
    """
    bare = text.strip()
    if is_formula(bare):
        return formula_of(text)
    try:
        return value_of(text, param)
    except ValueError:
        if _OPERATED.search(bare):
            formula_of(bare)
        formula = f"= {bare}"
        unknown = sorted(name for name in names_in(formula) - names.keys() if not _may_be_data(name, names))
        if not is_computed(formula) or unknown == [bare]:
            raise
        if not unknown:
            return formula
    text = QCoreApplication.translate("Form", "There is nothing called {name} here; there are: {known}")
    known = ", ".join(names) or QCoreApplication.translate("Form", "no names yet")
    raise ValueError(text.format(name=unknown[0], known=known))


def _may_be_data(name: str, names: Names) -> bool:
    """Whether a name may be one of the data, of which nothing is known yet."""
    return "." in name and not any("." in one for one in names)


def free_value(text: str) -> Value:
    """What was typed where any value may stand: a number, several, on or off, a formula, else text."""
    bare = text.strip()
    if is_formula(bare):
        return formula_of(bare)
    if bare in SWITCHES:
        return SWITCHES[bare]
    number = _number(bare)
    if isinstance(number, int | float):
        return number
    parts = [_number(part) for part in bare.strip("()[]").split(",") if part.strip()]
    several = "," in bare and parts and all(isinstance(part, int | float) for part in parts)
    return tuple(parts) if several else bare


def stepped(text: str, param: Param, steps: int, cursor: int = 0) -> str | None:
    """The text with its number moved by so many steps, within the bounds; None where there is none.

    Of several numbers the one at the cursor moves. A fraction moves by its leading digit: 0.01, 0.02, …
    """
    if isinstance(param, Float):
        return _stepped_float(text, param, steps)
    if not isinstance(param, Int | Ints) or _COMPUTED.search(text):
        return None
    if not text.strip():
        return str(_within(param, 1))
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    at = next((one for one in found if one.end() >= cursor), found[-1])
    return text[: at.start()] + str(_within(param, int(at.group()) + steps)) + text[at.end() :]


def _parsed(text: str, param: Param) -> Value:
    bare = text.strip()
    if isinstance(param, Int | Float):
        return _number(bare)
    if isinstance(param, Ints) and bare in param.words:
        return bare
    if isinstance(param, Sizes):
        return bare or None
    if isinstance(param, Ints | Floats):
        return _numbers(bare)
    if isinstance(param, Bool):
        return SWITCHES.get(bare, text)
    return text


def _number(bare: str) -> Value:
    if not bare:
        return None
    for read in (int, float):
        try:
            return read(bare.replace("−", "-").replace("_", "?"))
        except ValueError:
            continue
    return bare


def _numbers(bare: str) -> Value:
    parts = [part for part in _BETWEEN.split(bare.strip("()[] ")) if part]
    values = tuple(_number(part) for part in parts)
    return None if not values else values[0] if len(values) == 1 else values


def _float_text(value: float) -> str:
    text = f"{value:.12g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def _stepped_float(text: str, param: Float, steps: int) -> str | None:
    value = _number(text.strip())
    if value is None:
        value = 0.0
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    size = 10.0 ** math.floor(math.log10(abs(value))) if value else 0.1
    towards_zero = value * steps < 0
    if towards_zero and math.isclose(abs(value), size):
        size /= 10
    moved = max(param.low, min(round((value + steps * size) / size) * size, param.high))
    return _float_text(float(f"{moved:.10g}"))


def _within(param: Int | Ints, value: int) -> int:
    return max(param.low, min(value, param.high))
