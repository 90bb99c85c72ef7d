"""The process that writes an export; export_process.py starts it.

It reads a request from its input and tells progress, then the end, as lines of JSON. What foreign libraries
print goes to the standard error output.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.project.storage import loads


def main() -> None:
    """Answer one request."""
    request: dict[str, Any] = json.loads(sys.stdin.readline())
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**told: Any) -> None:  # noqa: ANN401
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    def advance(text: str) -> None:
        tell(progress=text)

    try:
        tell(done=_written(request, advance))
    except StudioError as error:
        tell(error=error.message, hint=error.hint)
    except BaseException as error:
        traceback.print_exc()
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        tell(error=f"The export failed: {type(error).__name__}: {first}", hint="")
    answers.close()
    os._exit(0)


def _written(request: dict[str, Any], progress: Callable[[str], None]) -> dict[str, Any]:
    progress("Loading …")
    from studio.interchange.weights_from import of_project, of_run
    from studio.interchange.writers import Card, write_into

    if request["run"]:
        trained = of_run(Path(request["run"]), request["checkpoint"])
    else:
        trained = of_project(loads(request["project"]), Path(request["folder"]))
    picture = Path(request["picture"]) if request["picture"] else None
    card = Card(picture) if request["card"] else None
    held, path = Path(request["held"]), Path(request["path"])
    made = write_into(held, request["form"], trained, path, progress, card)
    return {
        "paths": [str(one) for one in made.paths],
        "largest_difference": made.largest_difference,
        "notes": list(made.notes),
        "samples": made.samples,
    }
