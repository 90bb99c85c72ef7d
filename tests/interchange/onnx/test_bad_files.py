"""A file that cannot be read is one clear sentence; nothing outside its folder is looked at."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper

from studio.errors import StudioError
from studio.interchange.onnx import model
from studio.interchange.onnx.reading import import_onnx
from tests.interchange.onnx.small_graphs import ints, node, numbers, write_graph

ROW = {"x": ("N", 6)}


def refused(path: Path) -> StudioError:
    with pytest.raises(StudioError) as caught:
        import_onnx(path)
    assert caught.value.message.startswith(str(path))
    assert caught.value.hint
    return caught.value


def plain(path: Path) -> Path:
    return write_graph(path / "a.onnx", [node("MatMul", "x w")], ROW, {"w": numbers(6, 5)})


@pytest.mark.parametrize(
    "content", [b"", b"no network", b"\x08\x07", bytes(range(256)) * 9, b"PK\x03\x04zip"], ids=str
)
def test_what_is_no_network(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(content)
    assert "expected" in refused(tmp_path / "a.onnx").message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "a.onnx").message


def test_files_cut_off_anywhere(tmp_path: Path) -> None:
    whole = plain(tmp_path).read_bytes()
    for size in range(1, len(whole), 17):
        (tmp_path / "b.onnx").write_bytes(whole[:size])
        refused(tmp_path / "b.onnx")


def test_files_with_other_bytes_never_do_worse_than_refuse(tmp_path: Path) -> None:
    whole, random = plain(tmp_path).read_bytes(), np.random.default_rng(1)
    for _ in range(60):
        other = bytearray(whole)
        for at in random.integers(0, len(other), 3):
            other[at] = int(random.integers(0, 256))
        (tmp_path / "b.onnx").write_bytes(bytes(other))
        with suppress(StudioError):
            import_onnx(tmp_path / "b.onnx")


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "LARGEST", 10)
    assert "expected at most" in refused(plain(tmp_path)).message


@pytest.mark.parametrize("type", ["If", "Loop", "Scan"])
def test_control_flow_is_told_by_name(type: str, tmp_path: Path) -> None:
    path = write_graph(tmp_path / "a.onnx", [node(type, "x", "out")], ROW, {})
    error = refused(path)
    assert f"{type}_out ({type})" in error.message
    assert "tracing" in error.hint


def test_what_stands_before_an_unknown_operator_is_read(tmp_path: Path) -> None:
    nodes = [node("MatMul", "x w", "a"), node("Relu", "a", "b"), node("Magic", "b", "c", domain="my")]
    nodes.append(node("MatMul", "c v"))
    held = {"w": numbers(6, 5), "v": numbers(5, 3)}
    found = import_onnx(write_graph(tmp_path / "a.onnx", nodes, ROW, held))
    assert [one.type for one in found.project.graph.nodes.values()] == ["Input", "Linear", "ReLU"]
    assert [one.message for one in found.report] == [
        "Magic_c (my.Magic) could not be read: there is no operator of that name here.",
        "1 operator is left out behind what could not be read.",
        "The result out depends on what could not be read.",
    ]


def beside(tmp_path: Path, location: str, write: bool = True) -> Path:
    """A file whose weights lie in another one."""
    path = plain(tmp_path)
    proto = onnx.load(path)
    (weights,) = proto.graph.initializer
    if write:
        (tmp_path / "w.bin").write_bytes(weights.raw_data)
    length = len(weights.raw_data)
    external_data_helper.set_external_data(weights, location, 0, length)
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    path.write_bytes(proto.SerializeToString())
    return path


def test_weights_beside_the_file_are_read(tmp_path: Path) -> None:
    imported = import_onnx(beside(tmp_path, "w.bin"))
    assert imported.largest_difference is not None
    assert imported.largest_difference < 1e-6


def test_weights_that_are_not_there(tmp_path: Path) -> None:
    assert "w.bin" in refused(beside(tmp_path, "w.bin", write=False)).message


def test_weights_that_were_cut_off(tmp_path: Path) -> None:
    path = beside(tmp_path, "w.bin")
    (tmp_path / "w.bin").write_bytes(b"12345678")
    assert "cut off" in refused(path).message


@pytest.mark.parametrize("location", ["../w.bin", "/etc/passwd", "sub/../../w.bin", ""])
def test_weights_outside_the_folder_are_not_looked_at(location: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "w.bin").write_bytes(bytes(1000))
    path = beside(inner, location)
    assert "outside its folder" in refused(path).message


def test_weights_behind_a_link_are_not_looked_at(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(1000))
    (inner / "link.bin").symlink_to(tmp_path / "secret.bin")
    assert "outside its folder" in refused(beside(inner, "link.bin")).message


BOMB: list[Any] = [
    (node("ConstantOfShape", "s", "c"), {"s": ints(100_000, 100_000)}),
    (node("Expand", "v s", "c"), {"v": numbers(1), "s": ints(100_000, 100_000)}),
    (node("Tile", "v s", "c"), {"v": numbers(10), "s": ints(10**9)}),
    (node("Range", "a b d", "c"), {"a": np.array(0.0), "b": np.array(1e12), "d": np.array(1.0)}),
]


@pytest.mark.parametrize(("huge", "constants"), BOMB, ids=[one[0].op_type for one in BOMB])
def test_constants_that_would_be_huge_are_not_made(huge: Any, constants: Any, tmp_path: Path) -> None:
    nodes = [huge, node("Cast", "c", "f", to=1), node("Add", "x f")]
    path = write_graph(tmp_path / "a.onnx", nodes, ROW, constants)
    with pytest.raises(StudioError) as caught:
        import_onnx(path)
    assert "numbers" in caught.value.message


def test_an_input_without_samples(tmp_path: Path) -> None:
    path = write_graph(tmp_path / "a.onnx", [node("Relu", "x")], {"x": ()}, {})
    assert "no dimension for the samples" in refused(path).message


def test_what_depends_on_values_is_told(tmp_path: Path) -> None:
    nodes = [node("Cast", "x", "i", to=7), node("Flatten", "i", "r", axis=0), node("Reshape", "x r")]
    path = write_graph(tmp_path / "a.onnx", nodes, ROW, {})
    with pytest.raises(StudioError) as caught:
        import_onnx(path)
    assert "Reshape_out (Reshape)" in caught.value.message


def test_functions_of_the_file_are_written_out(tmp_path: Path) -> None:
    body = helper.make_function(
        "own",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )
    path = write_graph(tmp_path / "a.onnx", [node("Twice", "x", domain="own")], ROW, {})
    proto = onnx.load(path)
    proto.functions.append(body)
    path.write_bytes(proto.SerializeToString())
    assert import_onnx(path).largest_difference == 0
