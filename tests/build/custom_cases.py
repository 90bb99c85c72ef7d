"""Drawings that break the rules of the user's own layers; only the user can trust or correct a text."""

from __future__ import annotations

from studio.catalog.template import TEMPLATE
from tests.build.breaking import Case
from tests.build.drawings import classifier, draw, node

TRUSTED = TEMPLATE.replace("a learned number", "its own number")
"""A text that the tests trust before they check these drawings."""
STRANGE = TEMPLATE.replace("a learned number", "a number")
BROKEN = TEMPLATE.replace("def forward(self", "def backward(self")

CUSTOM_CASES: tuple[Case, ...] = (
    Case("readable",
         draw([node("a", "Input", field="rows"), node("b", "Input", field="rows"),
               node("own", "Expression", expression="a * (b"), node("fc", "Linear", out_features=10),
               node("loss", "CrossEntropy")],
              "a > own.a", "b > own.b", "own > fc", "fc > loss.prediction"),
         "own: this is no formula at character 5: '(' was never closed", "own", "expression",
         "Set expression to 'a * (b)'"),
    Case("readable", classifier(node("own", "Module", path="torch.nn.Mishmash")),
         "own: torch.nn has no class Mishmash", "own", "path", "Set path back to 'torch.nn.Identity'"),
    Case("names_twice",
         classifier(node("one", "PythonLayer", source=TEMPLATE), node("two", "PythonLayer", source=TRUSTED)),
         "two: its class Scale has the name of another one, that of one", "two", "source",
         "Rename the class to Scale1"),
)  # fmt: skip

CUSTOM_WITHOUT_FIX: tuple[Case, ...] = (
    Case("readable", classifier(node("own", "PythonLayer", source=BROKEN)),
         "own: there is no class with a forward method", "own", "source", ""),
    Case("trusted", classifier(node("own", "PythonLayer", source=STRANGE)),
         "own: its source is not trusted yet, and so it is not run", "own", "source", ""),
)  # fmt: skip
