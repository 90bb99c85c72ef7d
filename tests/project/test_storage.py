"""The .loom file: canonical, strict, lossless, atomic."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from studio.errors import StudioError
from studio.project import edits, files, migrations, storage
from studio.project.graph import Edge, Endpoint, Frame, Graph, Node, Sticky
from studio.project.project import Project, Training
from studio.project.storage import dumps, load, loads, save
from tests.project.strategies import PROJECTS

SMALL = Project(
    name="small",
    notes="first line\nsecond line",
    graph=Graph(
        {
            "image": Node("image", "Input", {"field": "image"}),
            "conv": Node("conv", "Conv2d", {"padding": "same", "kernel_size": (3, 5)}, (230.0, 0.5)),
        },
        (Edge(Endpoint("image", "output"), Endpoint("conv", "input")),),
    ),
    training=Training(options={"epochs": 3}),
)


@given(PROJECTS)
def test_what_is_saved_is_read_back_equal_and_written_the_same(project: Project):
    text = dumps(project)
    assert loads(text) == project
    assert dumps(loads(text)) == text


def test_the_text_has_one_line_per_node_and_edge():
    assert dumps(SMALL).splitlines() == [
        "{",
        '  "format": 1,',
        '  "name": "small",',
        '  "notes": [',
        '    "first line",',
        '    "second line"',
        "  ],",
        '  "data": {',
        '    "source": {"type": "None"}',
        "  },",
        '  "training": {',
        '    "optimizer": {"type": "Adam"},',
        '    "schedule": {"type": "Constant"},',
        '    "options": {"epochs": 3}',
        "  },",
        '  "graph": {',
        '    "nodes": [',
        '      {"name": "conv", "type": "Conv2d", '
        '"params": {"kernel_size": [3, 5], "padding": "same"}, "position": [230, 0.5]},',
        '      {"name": "image", "type": "Input", "params": {"field": "image"}, "position": [0, 0]}',
        "    ],",
        '    "edges": [',
        '      {"from": ["image", "output"], "to": ["conv", "input"]}',
        "    ]",
        "  }",
        "}",
    ]


def test_frames_notes_bends_colours_and_pins_have_a_place_each_in_the_text():
    (wire,) = SMALL.graph.edges
    graph = SMALL.graph.without_edges(wire).with_edges(replace(wire, bends=((100.0, 20.5), (120.0, -3.0))))
    graph = graph.with_nodes(replace(graph.nodes["conv"], colour="teal", pinned=True))
    frames = Frame("stem", "The stem", "blue", (-8.0, -8.0), (400.0, 120.0)), Frame("body")
    note = Sticky("why", "# Why\n*because*", "", (5.0, 6.0), (70.0, 80.5))
    text = dumps(SMALL.with_graph(graph.with_marks(*frames, note)))
    lines = text.splitlines()
    assert lines[lines.index('  "graph": {') + 2].endswith('"colour": "teal", "pinned": true},')
    assert lines[lines.index('    "edges": [') :] == [
        '    "edges": [',
        '      {"from": ["image", "output"], "to": ["conv", "input"], "bends": [[100, 20.5], [120, -3]]}',
        "    ],",
        '    "frames": [',
        '      {"name": "body", "position": [0, 0], "size": [320, 240]},',
        '      {"name": "stem", "title": "The stem", "colour": "blue", "position": [-8, -8], '
        '"size": [400, 120]}',
        "    ],",
        '    "notes": [',
        '      {"name": "why", "text": "# Why\\n*because*", "position": [5, 6], "size": [70, 80.5]}',
        "    ]",
        "  }",
        "}",
    ]
    assert loads(text).graph.notes["why"] == note


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        (Graph(frames={"a": Frame("a")}, notes={"a": Sticky("a")}), "names that differ, got 'a'"),
        (Graph(frames={"a": Frame("a", size=(0.0, 9.0))}), "frame 'a': size: expected two numbers above 0"),
        (
            Graph(notes={"a": Sticky("a", "é" * 40_000)}),
            "note 'a': text: expected at most 64 KiB, got 80,000",
        ),
        (Graph(frames={f"f{at}": Frame(f"f{at}") for at in range(10_001)}), "at most 10,000 frames"),
        (Graph(notes={"a": Sticky("a", position=(0.0, float("nan")))}), "note 'a': expected a finite number"),
    ],
    ids=["a name twice", "no size", "too long", "too many", "no place"],
)
def test_frames_and_notes_that_could_not_be_read_back_are_not_written(graph: Graph, says: str):
    with pytest.raises(StudioError, match=says):
        dumps(Project(graph=graph))


def test_moving_one_node_changes_one_line():
    before = dumps(SMALL).splitlines()
    after = dumps(edits.move(SMALL, {"conv": (1.0, 2.0)})).splitlines()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_newer_file_keeps_everything_this_version_does_not_know():
    content = json.loads(dumps(SMALL))
    content["format"] = 7
    content["future"] = {"a": [1, 2.5, None]}
    content["graph"]["layers"] = [{"title": "stem"}]
    content["graph"]["frames"] = [{"name": "stem", "size": [90.5, 80], "locked": True}]
    content["graph"]["frames"][0]["position"] = [0, 0]
    content["graph"]["notes"] = [{"name": "why", "position": [1, 2], "size": [9, 8], "by": ["Ada"]}]
    content["graph"]["nodes"][0]["shade"] = "red"
    content["graph"]["nodes"][1]["colour"] = "ultraviolet"
    content["graph"]["nodes"][1]["type"] = "Hologram"
    content["graph"]["nodes"][1]["params"]["depth"] = {"of": "field"}
    content["graph"]["edges"][0]["bend"] = [1, 2]
    content["data"]["cache"] = True
    content["data"]["source"]["version"] = 2
    content["training"]["precision"] = "bfloat16"
    moved = edits.move(loads(json.dumps(content)), {"conv": (5.0, 6.0)})
    content["graph"]["nodes"][0]["position"] = [5, 6]
    assert json.loads(dumps(moved)) == content


def test_an_older_format_is_brought_up_to_date_step_by_step(monkeypatch: pytest.MonkeyPatch):
    steps = (
        lambda content: {**content, "name": content["title"], "title": "one"},
        lambda content: {**content, "title": content["title"] + " two"},
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    monkeypatch.setattr(storage, "FORMAT", 3)
    project = loads('{"format": 1, "title": "old"}')
    assert (project.name, project.format, project.extra["title"]) == ("old", 3, "one two")


def test_wires_to_missing_nodes_and_ports_are_kept():
    wrong = Edge(Endpoint("gone", "output"), Endpoint("conv", "no_such_port", 4))
    twice = Edge(Endpoint("image", "other"), Endpoint("conv", "input"))
    loop = Edge(Endpoint("conv", "output"), Endpoint("conv", "input"))
    project = SMALL.with_graph(SMALL.graph.with_edges(wrong, twice, loop))
    assert loads(dumps(project)).graph.edges == project.graph.edges
    assert len(project.graph.edges) == 4


HEAD = '{"format": 1, '
FRAME = HEAD + '"graph": {"frames": [{"name": "f", '
WIRE = HEAD + '"graph": {"edges": [{"from": ["a", "output"], "to": ["b", "input"], '
DEEP = "[" * 70 + "]" * 70
REFUSED = [
    ("", "line 1, column 1: expected valid JSON", "an empty file"),
    ("{", "line 1, column 2", "the end of the file"),
    ('{"format": 1,\n', "line 2, column 1", "the end of the file"),
    ('{"format": 1, "a":\u2028 oops\n}', "line 1, column 19", "something else near"),
    ('{"format": 1,\n"name": oops}', "line 2, column 9", "oops"),
    ('{"format": 1}\n<<<<<<< HEAD\n', "line 2", "something else near '<<<<<<< HEAD'"),
    ("[1, 2]", "a project", "no object"),
    ('{"a": 1}', 'a "format" number', "its keys: a"),
    ('{"format": "1"}', 'a "format" number', "'1'"),
    ('{"format": true}', 'a "format" number', "True"),
    ('{"format": 0}', 'a "format" number', "format 0"),
    (HEAD + '"name": "a", "name": "b"}', "each key once", "'name' twice"),
    (HEAD + '"x": NaN}', "finite numbers", "NaN"),
    (HEAD + '"x": -Infinity}', "finite numbers", "-Infinity"),
    (HEAD + '"x": 1e999}', "finite numbers", "1e999"),
    (HEAD + '"x": 9007199254740993}', "whole numbers up to", "9007199254740993"),
    (HEAD + '"x": 1' + "0" * 5000 + "}", "whole numbers up to", "1000"),
    (HEAD + '"x": "\\ud800"}', "x: expected whole characters", "\\ud800"),
    (HEAD + '"\\udfff": 1}', "whole characters", "\\udfff"),
    (HEAD + f'"x": {DEEP}}}', "nested at most 64 deep", "deeper"),
    (HEAD + f'"x": {"[" * 100_000}', "nested at most 64 deep", "deeper"),
    (HEAD + '"name": 3}', "name: expected a text", "3"),
    (HEAD + '"notes": 3}', "notes: expected a list", "3"),
    (HEAD + '"graph": []}', "graph: expected an object", "[]"),
    (HEAD + '"graph": {"nodes": {}}}', "graph.nodes: expected a list", "a table of values"),
    (HEAD + '"graph": {"nodes": [3]}}', "graph.nodes[0]: expected an object", "3"),
    (HEAD + '"graph": {"nodes": [{"type": "ReLU"}]}}', 'the key "name"', "only these: type"),
    (HEAD + '"graph": {"nodes": [{"name": "a"}]}}', "node 'a'", 'the key "type"'),
    (HEAD + '"graph": {"nodes": [{"name": "a", "type": 1}]}}', "node 'a': type: expected a text", "1"),
    (HEAD + '"graph": {"nodes": [{"name": "a", "type": "T", "position": [1]}]}}', "two numbers", "got 1"),
    (
        HEAD + '"graph": {"nodes": [{"name": "a", "type": "T", "position": [1, "2"]}]}}',
        "node 'a': position: expected a finite number",
        "'2'",
    ),
    (HEAD + '"graph": {"nodes": [{"name": "a", "type": "T", "muted": 1}]}}', "true or false", "1"),
    (
        HEAD + '"graph": {"nodes": [{"name": "a", "type": "T", "params": []}]}}',
        "params: expected an object",
        "[]",
    ),
    (
        HEAD + '"graph": {"nodes": [{"name": "a", "type": "T"}, {"name": "a", "type": "T"}]}}',
        "names that differ",
        "a second node 'a'",
    ),
    (HEAD + '"graph": {"edges": [{"from": ["a", "b"]}]}}', 'the key "to"', "from"),
    (HEAD + '"graph": {"edges": [{"from": ["a"], "to": ["b", "c"]}]}}', "a node, a port", "1 values"),
    (HEAD + '"graph": {"edges": [{"from": ["a", 1], "to": ["b", "c"]}]}}', "a text", "1"),
    (
        HEAD + '"graph": {"edges": [{"from": ["a", "o", -1], "to": ["b", "c"]}]}}',
        "a whole number from 0",
        "-1",
    ),
    (HEAD + '"graph": {"frames": {}}}', "graph.frames: expected a list", "a table of values"),
    (HEAD + '"graph": {"frames": [{"size": [1, 1]}]}}', "graph.frames[0]: expected the key", "size"),
    (HEAD + '"graph": {"frames": [{"name": "f"}]}}', "frame 'f': expected the key \"size\"", "name"),
    (FRAME + '"size": [1]}]}}', "frame 'f': size: expected two numbers", "got 1"),
    (FRAME + '"size": [1, 0]}]}}', "frame 'f': size: expected two numbers above 0", "0"),
    (FRAME + '"size": [1, "2"]}]}}', "frame 'f': size: expected a finite number", "'2'"),
    (FRAME + '"size": [1, 1], "title": 3}]}}', "frame 'f': title: expected a text", "3"),
    (FRAME + '"size": [1, 1], "colour": 3}]}}', "frame 'f': colour: expected a text", "3"),
    (FRAME + f'"size": [1, 1], "title": "{"x" * 70_000}"}}]}}}}', "title: expected at most 64 KiB", "70,000"),
    (
        FRAME + '"size": [1, 1]}, {"name": "f", "size": [1, 1]}]}}',
        "graph.frames[1]: expected names that differ",
        "a second frame or note 'f'",
    ),
    (
        FRAME + '"size": [1, 1]}], "notes": [{"name": "f", "size": [1, 1]}]}}',
        "graph.notes[0]: expected names that differ",
        "a second frame or note 'f'",
    ),
    (
        HEAD + '"graph": {"notes": [' + ", ".join(["{}"] * 10_001) + "]}}",
        "graph.notes: expected at most 10,000 notes",
        "10,001",
    ),
    (HEAD + '"graph": {"notes": [{"name": "n", "size": [1, 1], "text": []}]}}', "note 'n': text", "[]"),
    (HEAD + '"graph": {"nodes": [{"name": "a", "type": "T", "pinned": 1}]}}', "node 'a': pinned", "1"),
    (HEAD + '"graph": {"nodes": [{"name": "a", "type": "T", "colour": 1}]}}', "node 'a': colour", "1"),
    (WIRE + '"bends": 3}]}}', "graph.edges[0].bends: expected a list", "3"),
    (WIRE + '"bends": [[1, 2], [3]]}]}}', "graph.edges[0].bends[1]: expected two numbers", "got 1"),
    (WIRE + '"bends": [[1, "2"]]}]}}', "graph.edges[0].bends[0]: expected a finite number", "'2'"),
    (
        WIRE + '"bends": [' + ", ".join(["[1, 2]"] * 1001) + "]}]}}",
        "graph.edges[0].bends: expected at most 1,000 points",
        "1,001",
    ),
    (
        HEAD + '"training": {"optimizer": {"params": {}}}}',
        'training.optimizer: expected the key "type"',
        "params",
    ),
    (HEAD + '"data": {"source": "CSV"}}', "data.source: expected an object", "'CSV'"),
]


@pytest.mark.parametrize(("text", "place", "got"), REFUSED, ids=range(len(REFUSED)))
def test_bad_files_are_refused_with_file_place_expected_and_got(
    tmp_path: Path, text: str, place: str, got: str
):
    file = tmp_path / "bad.loom"
    file.write_text(text)
    with pytest.raises(StudioError) as refused:
        load(file)
    assert refused.value.message.startswith(f"{file}: ")
    assert place in refused.value.message
    assert got in refused.value.message
    assert len(refused.value.message) < 500
    assert file.read_text() == text


def test_a_newer_file_that_cannot_be_understood_says_who_wrote_it():
    with pytest.raises(StudioError, match="a newer Neuroloom wrote it: format 9") as refused:
        loads('{"format": 9, "graph": []}', "new.loom")
    assert refused.value.hint == "Update Neuroloom to open this file."


def test_other_unreadable_files(tmp_path: Path):
    with pytest.raises(StudioError, match=r"missing.loom: cannot be read: No such file"):
        load(tmp_path / "missing.loom")
    with pytest.raises(StudioError, match="cannot be read: Is a directory"):
        load(tmp_path)
    (tmp_path / "latin.loom").write_bytes(b'{"format": 1, "name": "\xe9"}')
    with pytest.raises(StudioError, match="byte 23: expected UTF-8 text, got byte 0xe9"):
        load(tmp_path / "latin.loom")
    with open(tmp_path / "huge.loom", "wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(StudioError, match="at most 64 MiB, got 68,157,440 bytes"):
        load(tmp_path / "huge.loom")


def test_too_many_nodes_are_refused(monkeypatch: pytest.MonkeyPatch):
    text = dumps(SMALL)
    for module in ("reading", "storage"):
        monkeypatch.setattr(f"studio.project.{module}.MOST_NODES", 1)
    with pytest.raises(StudioError, match="at most 1 nodes, got 2"):
        loads(text)
    with pytest.raises(StudioError, match="at most 1 nodes"):
        dumps(SMALL)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 2**60, "\ud800", {"a": float("nan")}, object()],
    ids=["nan", "infinity", "too large", "half a character", "nan inside", "no value"],
)
def test_what_could_not_be_read_back_is_not_saved(tmp_path: Path, value: object):
    file = tmp_path / "a.loom"
    save(SMALL, file)
    before = file.read_bytes()
    with pytest.raises(StudioError, match="conv"):
        save(edits.set_params(SMALL, "conv", {"bias": value}), file)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.loom"]


def test_a_byte_order_mark_is_accepted(tmp_path: Path):
    file = tmp_path / "a.loom"
    file.write_bytes(b"\xef\xbb\xbf" + dumps(SMALL).encode())
    assert load(file) == SMALL


def test_saving_keeps_the_mode_and_follows_links(tmp_path: Path):
    file, link = tmp_path / "real.loom", tmp_path / "link.loom"
    save(SMALL, file)
    assert file.stat().st_mode & 0o777 == 0o666 & ~_umask()
    file.chmod(0o640)
    link.symlink_to(file)
    save(replace(SMALL, name="other"), link)
    assert link.is_symlink()
    assert load(file).name == "other"
    assert file.stat().st_mode & 0o777 == 0o640


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_failing_save_leaves_the_old_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
):
    file = tmp_path / "a.loom"
    save(SMALL, file)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, call, fail)
    with pytest.raises(StudioError, match="cannot be saved: No space left on device"):
        save(replace(SMALL, name="new"), file)
    monkeypatch.undo()
    assert load(file) == SMALL
    assert os.listdir(tmp_path) == ["a.loom"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path):
    """A limit on the size of files makes write() itself fail, in a process of its own."""
    file = tmp_path / "a.loom"
    save(SMALL, file)
    program = (
        "import resource, signal, sys; from pathlib import Path; from studio.project.storage import *\n"
        "from dataclasses import replace; from studio.errors import StudioError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); file = Path(sys.argv[1]); project = load(file)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: save(replace(project, notes='x' * 100_000), file)\n"
        "except StudioError as error: print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, cwd=_root()
    )
    assert "cannot be saved: File too large" in done.stdout, done.stderr
    assert load(file) == SMALL
    assert os.listdir(tmp_path) == ["a.loom"]


def test_a_killed_save_leaves_the_old_project_or_the_new_one(tmp_path: Path):
    file = tmp_path / "a.loom"
    program = (
        "import sys; from pathlib import Path; from dataclasses import replace\n"
        "from studio.project.storage import *; from studio.project.project import Project; n = 0\n"
        "print('go', flush=True)\n"
        "while True: n += 1; save(Project(name=str(n % 10), notes=str(n % 10) * 50_000), Path(sys.argv[1]))\n"
    )
    for attempt in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(file)], stdout=subprocess.PIPE, cwd=_root()
        )
        assert child.stdout is not None
        child.stdout.readline()
        while not file.exists():
            time.sleep(0.001)
        time.sleep(0.003 * attempt)
        child.kill()
        child.wait()
        child.stdout.close()
        project = load(file)
        assert project.notes == project.name * 50_000


def _root() -> Path:
    return Path(__file__).parents[2]


def test_ten_thousand_nodes_are_the_same_again():
    nodes = {f"n{i}": Node(f"n{i}", "Linear", {"out_features": i + 1}, (i * 1.5, 3.0)) for i in range(10_000)}
    wires = tuple(Edge(Endpoint(f"n{i}", "output"), Endpoint(f"n{i + 1}", "input")) for i in range(9_999))
    project = Project(graph=Graph(nodes, wires))
    assert loads(dumps(project)) == project
