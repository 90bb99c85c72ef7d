"""Formulas are run with what they list alone, beside PySide too."""

from __future__ import annotations

import subprocess
import sys

RUN = """
from PySide6 import QtWidgets
import torch
from studio.build.formulas import compiled
print(compiled("x[:, [0, 2]]")(torch.empty(2, 3, device="meta")).shape)
"""


def test_a_formula_in_which_torch_loads_a_module_does_not_end_a_program_with_pyside() -> None:
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "torch.Size([2, 2])", done.stderr
