"""Steps of the file format, oldest first: step i turns the JSON object of format i + 1 into format i + 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
