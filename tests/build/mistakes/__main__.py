"""Print the table of mistakes: what is wrong, what is said, and the first fix, from real checks."""

from __future__ import annotations

import sys

from studio.build.check import Checker
from studio.build.repair import repaired
from tests.build.mistakes import MISTAKES, Mistake


def line(mistake: Mistake) -> str:
    """One kind of mistake as a row of a Markdown table, as the program answers it now."""
    checker = Checker()
    plain = checker.check(mistake.project, mistake.fields, parts=mistake.parts)
    answer = repaired(plain, checker)
    assert answer is not None
    problem = next(one for one in answer.problems if one.message not in mistake.also)
    labels = [fix.label for fix in problem.fixes]
    return " | ".join((mistake.kind, problem.severity, problem.message, *labels[:1]))


def main() -> None:
    """Print the table."""
    sys.stdout.write("kind of mistake | severity | sentence | first fix\n--- | --- | --- | ---\n")
    for mistake in MISTAKES:
        sys.stdout.write(f"{line(mistake)}\n")


if __name__ == "__main__":
    main()
