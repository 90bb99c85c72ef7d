"""The import lines of exported source: what the code uses, and what the user's own layers import."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable

USED = {
    "import math": r"\bmath\.",
    "import torch": r"\btorch\.",
    "import torch.nn.functional as F": r"\bF\.",
    "from torch import Tensor": r"\bTensor\b",
    "from torch import nn": r"\bnn\.",
    "from torch.nn.utils import parametrizations": r"\bparametrizations\.",
}
"""Imports, and what in the code needs them."""


def import_lines(code: str, own: Iterable[str] = ()) -> list[str]:
    """The imports, sorted as ruff does: the standard library, an empty line, packages."""
    wanted = {line for line, pattern in USED.items() if re.search(pattern, code)} | set(own)
    future = sorted(line for line in wanted if line.startswith("from __future__"))
    standard = _sorted(line for line in wanted if _is_standard(line) and line not in future)
    packages = _sorted(line for line in wanted if not _is_standard(line))
    lines: list[str] = []
    for group in (future, standard, packages):
        lines += [*([""] if lines and group else []), *group]
    return lines


def _is_standard(line: str) -> bool:
    return line.split()[1].partition(".")[0] in sys.stdlib_module_names


def _sorted(lines: Iterable[str]) -> list[str]:
    """Plain imports first, then names by module, those of one module on one line."""
    plain: list[str] = []
    names: dict[str, set[str]] = {}
    for line in lines:
        statement = ast.parse(line).body[0]
        if isinstance(statement, ast.ImportFrom):
            module = "." * statement.level + (statement.module or "")
            found = (ast.unparse(ast.Import([name])).removeprefix("import ") for name in statement.names)
            names.setdefault(module, set()).update(found)
        else:
            plain.append(line)
    ordered = sorted(plain, key=lambda line: line.split()[1].lower())
    return [
        *ordered,
        *(f"from {module} import {', '.join(_by_kind(names[module]))}" for module in sorted(names)),
    ]


def _by_kind(names: Iterable[str]) -> list[str]:
    """CONSTANTS, then Classes, then functions, each in order."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))
