"""Long statements of generated code, against ruff's own breaking of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.interchange.program.places import found_from
from studio.interchange.pytorch.lines import statement

LONG = "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize(
    "text",
    [
        'Path(__file__).parent / "../../../../../../../../../../../data/digits.npz"',
        'Path(__file__).parent / "../../projects/großer Ordner / mit + Zeichen/und/noch/einer/digits.npz"',
        f'Path("/home/{LONG}/{LONG}/{LONG}/digits.npz")',
        f"{LONG} + {LONG} + {LONG}",
        f"{LONG} * {LONG} + {LONG} / {LONG} - ({LONG} + {LONG})",
        f"{LONG} @ {LONG} * ({LONG} + b) // {LONG}",
        f"function({LONG}, {LONG}, {LONG}, {LONG})",
    ],
)
def test_it_breaks_as_ruff_does(text: str) -> None:
    written = "\n".join(statement(0, "DATA = ", text)) + "\n"
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    done = subprocess.run(command, input=written, capture_output=True, text=True, check=True)
    assert written == done.stdout


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("/home/ada/work/digits.py", 'Path(__file__).parent / "data/digits.npz"'),
        ("/home/ada/digits.py", 'Path(__file__).parent / "work/data/digits.npz"'),
        ("/tmp/out/digits.py", 'Path("/home/ada/work/data/digits.npz")'),
    ],
)
def test_data_of_the_same_tree_is_found_from_the_program(program: str, expected: str) -> None:
    assert found_from(Path("/home/ada/work/data/digits.npz"), Path(program)) == expected
