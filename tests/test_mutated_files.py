"""Damaged project files: each is a project that can be checked and saved, or one clear error; never more."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.build.check import Checker
from studio.build.custom import load_torch
from studio.build.repair import repaired
from studio.data.describe import describe
from studio.errors import StudioError
from studio.places import shipped
from studio.project.graph import Graph, Node
from studio.project.project import Project
from studio.project.storage import dumps, load, loads

SAMPLES = shipped("samples")
TEXTS = [path.read_text("utf-8") for path in sorted(SAMPLES.glob("*.loom"))]
ODD: list[Any] = [
    None, True, 0, -1, 0.5, 1e308, 5e-324, 2**53, 2**53 + 1, 10**20, 10**400, float("nan"), float("inf"), "",
    "x" * 5000, "\ud800", "\0", "é\u202e", "../../etc/passwd", [], {}, [[[]]], [1, 2, 3], [10**9] * 3,
    {"a": {"b": [1]}},
]  # fmt: skip
BYTES = [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x00", b"\xfe\xff", b"\xef\xbb\xbf"]
SECONDS = 2.0


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in places(one, (*path, key)))]


def cut(text: str, chance: random.Random) -> bytes:
    return text.encode()[: chance.randrange(len(text))]


def bytes_changed(text: str, chance: random.Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def bad_utf8(text: str, chance: random.Random) -> bytes:
    data, at = text.encode(), chance.randrange(len(text))
    return data[:at] + chance.choice(BYTES) + data[at:]


def lines_mixed(text: str, chance: random.Random) -> bytes:
    lines = text.split("\n")
    chance.shuffle(lines)
    return "\n".join(lines).encode()


def duplicate_keys(text: str, chance: random.Random) -> bytes:
    key = chance.choice(["type", "name", "from", "to", "params", "nodes", "format"])
    return text.replace(f'"{key}": ', f'"{key}": 3, "{key}": ', 1).encode()


def nested(text: str, chance: random.Random) -> bytes:
    depth = chance.choice([10, 63, 64, 65, 200, 5000, 100_000])
    deep = chance.choice(["[" * depth + "]" * depth, '{"a": ' * depth + "1" + "}" * depth])
    return json.dumps(_changed(text, chance, "@")).replace('"@"', deep).encode()


def wrong_value(text: str, chance: random.Random) -> bytes:
    return json.dumps(_changed(text, chance, chance.choice(ODD))).encode()


def key_changed(text: str, chance: random.Random) -> bytes:
    value = json.loads(text)
    path = chance.choice([one for one in places(value) if one and isinstance(one[-1], str)])
    inside = _at(value, path[:-1])
    one = inside.pop(path[-1])
    if chance.random() < 0.5:
        inside[f"{path[-1]}x"] = one
    return json.dumps(value).encode()


def item_twice(text: str, chance: random.Random) -> bytes:
    value = json.loads(text)
    path = chance.choice([one for one in places(value) if one and isinstance(one[-1], int)])
    inside = _at(value, path[:-1])
    inside.append(inside[path[-1]])
    return json.dumps(value).encode()


MUTATIONS: list[Callable[[str, random.Random], bytes]] = [
    cut, bytes_changed, bad_utf8, lines_mixed, duplicate_keys, nested, wrong_value, wrong_value, wrong_value,
    key_changed, item_twice,
]  # fmt: skip


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _changed(text: str, chance: random.Random, new: Any) -> Any:
    value = json.loads(text)
    path = chance.choice(places(value))
    if not path:
        return new
    _at(value, path[:-1])[path[-1]] = new
    return value


def assert_clear(error: StudioError, file: Path) -> None:
    """One sentence that begins with the file."""
    assert error.message.startswith(f"{file}: ")
    assert "\n" not in error.message
    assert len(error.message) < 600


def take(file: Path, checker: Checker) -> bool:
    """Read, check and write a file as the program does; False where it is refused. Asserts how."""
    try:
        project = load(file)
    except StudioError as error:
        assert_clear(error, file)
        return False
    assert loads(dumps(project)) == project
    described = describe(project.data, SAMPLES)
    checked = checker.check(project, described.fields, described.problems, described.parts)
    for problem in checked.problems:
        assert problem.message
        for fix in problem.fixes:
            fix.edit(project)
    assert repaired(checked, checker) is not None
    return True


def mutate(count: int, seed: int, file: Path) -> dict[bool, int]:
    """Take so many damaged files; how many were refused and taken."""
    chance, checker, taken = random.Random(seed), Checker(), {False: 0, True: 0}
    file.write_text(TEXTS[0], "utf-8")
    assert take(file, checker)  # what loads with the first check is not counted,
    load_torch()  # nor what torch loads for its first answer without memory
    for number in range(count):
        change = chance.choice(MUTATIONS)
        file.write_bytes(change(chance.choice(TEXTS), chance))
        began = time.process_time()
        try:
            taken[take(file, checker)] += 1
        except Exception as error:
            error.add_note(f"file {number} of seed {seed}, {change.__name__}: {file.read_bytes()[:2000]!r}")
            raise
        assert time.process_time() - began < SECONDS, (number, seed, change.__name__)
    return taken


def test_damaged_files_are_projects_or_one_clear_error(tmp_path: Path) -> None:
    taken = mutate(300, 1, tmp_path / "damaged.loom")
    assert taken[True] > 20
    assert taken[False] > 100


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(2, 22))
def test_damaged_files_in_great_number(tmp_path: Path, seed: int) -> None:
    mutate(5000, seed, tmp_path / "damaged.loom")


@pytest.mark.parametrize("number", [1e20, -1e300, 1.5e18, float(2**53)])
def test_a_position_far_away_is_written_back(number: float) -> None:
    project = Project(graph=Graph({"far": Node("far", "ReLU", {}, (number, 0.5))}))
    assert loads(dumps(project)) == project


@pytest.mark.parametrize("width", [2**53, 10**12])
def test_a_layer_larger_than_any_memory_is_told_at_its_node(width: int) -> None:
    text = (SAMPLES / "mlp_digits.loom").read_text("utf-8")
    value = json.loads(text)
    for node in value["graph"]["nodes"]:
        if node["name"] in ("hidden", "scores"):
            node["params"]["out_features"] = width
    project = loads(json.dumps(value))
    checked = Checker().check(project, describe(project.data, SAMPLES).fields)
    assert [problem.node for problem in checked.errors] == ["scores"]
    assert f"out_features={width}" in checked.errors[0].message
    assert checked.errors[0].hint
