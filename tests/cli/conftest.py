"""What the tests of the command line share: calling it in this process, and a short trained run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.cli import main
from studio.places import shipped


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command line in this process."""

    def answer(*arguments: object) -> Answer:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return answer


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of mlp_digits, six epochs long."""
    runs = tmp_path_factory.mktemp("runs")
    file = shipped("samples") / "mlp_digits.loom"
    assert main(["train", str(file), "--epochs", "6", "--runs", str(runs)]) == 0
    return runs / "mlp_digits-001"
