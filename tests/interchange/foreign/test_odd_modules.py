"""Modules that hold what a drawing cannot, or take and give things in an order of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from studio.build.check import Checker
from studio.cli.entry import main
from studio.project.storage import load

CODE = """
import os
import torch
from torch import nn


class Sparse(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.eye(3).to_sparse())

    def forward(self, x):
        return x @ self.table.to_dense()


class Quantized(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.ao.nn.quantized.dynamic.Linear(3, 2)

    def forward(self, x):
        return self.fc(x)


class Complex(nn.Module):
    def __init__(self):
        super().__init__()
        self.turn = nn.Parameter(torch.randn(3, dtype=torch.complex64))

    def forward(self, x):
        return (x * self.turn).abs()


class Fixed(nn.Module):
    def train(self, mode=True):
        raise RuntimeError("always trains")

    def forward(self, x):
        return x


class Silent(Exception):
    def __str__(self):
        raise ValueError("nothing to say")


class Fails(nn.Module):
    def forward(self, x):
        raise Silent


class Nothing(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        self.fc(x)


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.LazyLinear(4)
        self.norm = nn.LazyBatchNorm1d()

    def forward(self, x):
        return self.norm(self.fc(x))


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


class Reversed(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return Reverse.apply(self.fc(x))


class Apart(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        with torch.no_grad():
            scale = self.fc(x).sigmoid()
        return self.fc(x) * scale


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        return self.fc(x) * self.fc(x).sigmoid().detach()


class Ordered(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, query, key):
        return {"sum": self.fc(query) - key, "key": key * 2}


class Counts(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return x * self.calls


class Tracks(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Module()
        self.inner.register_buffer("mean", torch.zeros(3))

    def forward(self, x):
        self.inner.mean.lerp_(x.mean(0), 0.5)
        return x - self.inner.mean


class Caches(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = None

    def forward(self, x):
        if self.table is None:
            self.table = torch.arange(3.0)
        return x + self.table


class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = None

    def forward(self, x):
        apart = 0 if self.last is None or self.last.shape != x.shape else x - self.last
        self.last = x.clone()
        return x + apart


TABLES = {}


class Shelved(nn.Module):
    def forward(self, x):
        size = x.shape[1]
        if size not in TABLES:
            TABLES[size] = torch.arange(size).float().reshape(1, -1)
        return x + TABLES[size]


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x, gone):
        return self.layer(x, src_key_padding_mask=gone)


class Writes(nn.Module):
    def forward(self, x):
        x.add_(1)
        return x * 2


class Leaves(nn.Module):
    def forward(self, x):
        os._exit(0)


class Aborts(nn.Module):
    def forward(self, x):
        os.abort()
"""
REFUSED = {
    "Sparse": "table is a sparse tensor, which a drawing cannot hold. Import it with dense tensors",
    "Quantized": "fc._packed_params.dtype is no tensor, which weights of a drawing are. Import the network",
    "Complex": "The parameter turn is complex64: those of a drawing are real. Hold its real",
    "Fixed": "Fixed could not be made ready: always trains (odd.py, line ",
    "Fails": "Fails failed on inputs of x 2×3: Silent (odd.py, line ",
    "Leaves": "It ended while it ran (odd.py, line ",
    "Nothing": "Nothing returns no tensor, so there is nothing to draw. Let its forward return",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def brought(name: str, *inputs: str) -> int:
    """Import one of them; the exit code."""
    given = [part for one in inputs for part in ("--input", one)]
    return main(["import", f"odd.py:{name}", *given, "-o", "out.loom"])


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
@pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated")
def test_what_a_drawing_cannot_hold_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(name, "2x3") == 3
    said = " ".join(capsys.readouterr().err.split())
    assert REFUSED[name] in said
    assert "Traceback" not in said
    assert not Path("out.loom").exists()


def test_lazy_parts_take_the_sizes_of_the_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert brought("Lazy", "2x3") == 0
    assert "largest difference from the original on new inputs: 0.0e+00" in capsys.readouterr().out


def test_inputs_and_results_keep_the_order_of_the_module() -> None:
    assert brought("Ordered", "2x3", "2x3") == 0
    plan = Checker().check(load(Path("out.loom")), {}).plan
    assert [step.name for step in plan.model_inputs] == ["query", "key"]
    assert list(plan.results) == ["sum", "key1"]
    assert main(["export", "out.loom", "--to", "pytorch", "-o", "code.py"]) == 0
    assert "def forward(self, query: Tensor, key: Tensor)" in Path("code.py").read_text()


@pytest.mark.parametrize(
    ("name", "changed"),
    [("Counts", "calls"), ("Tracks", "inner.mean"), ("Last", "last"), ("Caches", None), ("Writes", None)],
)
def test_what_is_kept_between_calls_is_told(
    name: str, changed: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought(name, "2x3") == 0
    said = capsys.readouterr()
    assert "largest difference from the original on new inputs: 0.0e+00" in said.out
    told = "After other calls it gives something else: it changes"
    assert told not in said.err if changed is None else f"{told} {changed}." in said.err


def test_tables_that_the_module_does_not_hold_itself_are_no_sizes_of_a_batch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert brought("Shelved", "2x3") == 0
    assert "depends on the number of samples" not in capsys.readouterr().err


def test_masks_are_never_all_of_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert brought("Masked", "2x5x8", "2x5:bool") == 0
    said = capsys.readouterr()
    assert "differ" not in said.err
    assert float(said.out.rpartition("new inputs: ")[2].split()[0]) < 1e-5


def test_code_that_ends_the_process_natively_is_told_with_its_line() -> None:
    command = [sys.executable, "-m", "studio", "import", "odd.py:Aborts", "--input", "2x3", "-o", "out.loom"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode not in (0, 1)
    assert re.search(r'odd.py", line \d+ in forward', done.stderr)
    assert not Path("out.loom").exists()


@pytest.mark.parametrize(("name", "differs"), [("Reversed", True), ("Apart", True), ("Detached", False)])
def test_gradients_of_another_kind_are_told(
    name: str, differs: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought(name, "2x3") == 0
    said = capsys.readouterr()
    assert "largest difference from the original on new inputs: 0.0e+00" in said.out
    assert ("its gradients are others" in said.out + said.err) == differs


def test_a_file_that_does_not_fit_itself_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    product = helper.make_node("MatMul", ["x", "w"], ["y"])
    weights = numpy_helper.from_array(np.ones((4, 3), np.float32), "w")
    taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 5])
    given = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])
    graph = helper.make_graph([product], "odd", [taken], [given], [weights])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "odd.onnx")
    assert main(["import", "odd.onnx", "-o", "out.loom"]) == 3
    said = capsys.readouterr().err
    assert "is 3×4, and what arrives there needs 3×5." in said
    assert "Traceback" not in said
    assert not Path("out.loom").exists()
