"""Pasted Python as a syntax tree, also text cut out of the middle of a class. Nothing of it is ever run."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

from studio.errors import StudioError

LONGEST = 200_000
PRINTED = re.compile(r"^(\s*)\((\w+)\): (?=\w+\()", re.M)
CODE = re.compile(r"\b[A-Za-z_]\w*+[ \t]*+\(|^[ \t]*+[\w.]++[ \t]*+=|^[ \t]*+(import|from|class|def)\s", re.M)
NOT_READ = "Paste the lines that make layers, such as nn.Sequential(…) or self.conv1 = nn.Conv2d(…)."


def refused(node: ast.AST | int, message: str, hint: str = NOT_READ) -> StudioError:
    """That a place in the text cannot be drawn."""
    line = node if isinstance(node, int) else getattr(node, "lineno", 1)
    return StudioError(f"Line {line}: {message}.", hint)


def parsed(text: str) -> ast.Module:
    """The tree of a text. Raises StudioError that says where it is no Python."""
    if len(text) > LONGEST:
        raise StudioError(f"The text has {len(text)} characters, at most {LONGEST} are read.", NOT_READ)
    first: SyntaxError | None = None
    for candidate in _candidates(text):
        try:
            return ast.parse(candidate)
        except SyntaxError as error:
            first = first if first is not None and not isinstance(first, IndentationError) else error
        except (ValueError, RecursionError, MemoryError):
            raise StudioError("The text is no Python that can be read.", NOT_READ) from None
    assert first is not None
    raise refused(first.lineno or 1, f"this is no Python that can be read ({first.msg})")


def looks_like_code(text: str) -> bool:
    """Whether a text is meant as code: it calls or assigns something."""
    return CODE.search(text) is not None


def _candidates(text: str) -> list[str]:
    """The text, moved to the left, and with its first line as far in as the others."""
    text = _unprinted(text.expandtabs(4).strip("\n"))
    first, _, rest = text.partition("\n")
    depths = [len(line) - len(line.lstrip()) for line in rest.splitlines() if line.strip()]
    aligned = " " * min(depths, default=0) + text.lstrip()
    return [dedent(text), dedent(aligned), re.sub(r",\s*$", "", text.strip())] if first else [text]


def _unprinted(text: str) -> str:
    """A network as print(model) shows it, (conv1): Conv2d(…) in each line, as calls with keywords."""
    if not PRINTED.search(text):
        return text
    named = PRINTED.sub(lambda found: f"{found[1]}{'_' if found[2][0].isdigit() else ''}{found[2]}=", text)
    return re.sub(r"\)$", "),", named, flags=re.M)


def dotted(node: ast.expr) -> str:
    """The dotted name that an expression is; empty where it is none."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            before = dotted(value)
            return f"{before}.{name}" if before else ""
        case _:
            return ""


def said(node: ast.expr) -> str:
    """An expression as it is quoted in a message, never long."""
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "…"
