"""Qt's classes are made on the UI thread, a few at a time.

PySide makes a class when its name is first asked for. Before Python 3.12 it enters the class into a table
that the UI thread reads without a lock while it delivers events: with classes made by another thread, one
start in some hundred ended with a segmentation fault in `PySide::MetaObjectBuilder::update`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

MODULES = ("QtCore", "QtGui", "QtWidgets")
"""What pyqtgraph copies all names from, and the window has loaded before."""


def making() -> Iterator[None]:
    """Make every class of MODULES, one at each step."""
    for part in MODULES:
        module = import_module(f"PySide6.{part}")
        for name in dir(module):
            getattr(module, name)
            yield
