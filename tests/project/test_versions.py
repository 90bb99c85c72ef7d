"""Versions on disk: kept, found again, thinned out by age; broken files, killed processes, full disks."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import StudioError
from studio.project import edits
from studio.project.graph import Frame, Sticky
from studio.project.project import Project
from studio.project.storage import dumps
from studio.project.tally import Tally, tally
from studio.project.thinning import DAY, HOUR, MONTH, MOST, MOST_BYTES, surplus
from studio.project.versions import About, Shelf, Version, shelf_of, shelves
from tests.project.strategies import PROJECTS

ROOT = Path(__file__).parents[2]
NOW = 1_790_000_000.0


def named(name: str) -> Project:
    return edits.add_node(Project(name="mine"), "ReLU", (0.0, 0.0), {}, name)[0]


def shelf(tmp_path: Path) -> Shelf:
    return shelf_of(tmp_path / "versions", tmp_path / "mine.loom")


def names(shelf: Shelf) -> list[str]:
    """The one node of each version, the latest first."""
    return [next(iter(one.project().graph.nodes)) for one in shelf.listed()[0]]


# ---- keeping


@settings(max_examples=40)
@given(PROJECTS)
def test_a_version_is_the_project_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, project: Project
) -> None:
    try:
        text = dumps(project)
    except StudioError:
        return  # it could not be saved either
    where = shelf_of(tmp_path_factory.mktemp("shelf"), Path("/mine.loom"))
    made = where.keep(project, "save", Path("/data"), lambda _: b"picture")
    (found,) = where.listed()[0]
    assert found == made
    assert dumps(found.project()) == text
    assert found.picture() == b"picture"
    assert (found.about.reason, found.about.folder, found.about.nodes) == (
        "save",
        "/data",
        project.node_count,
    )
    assert found.size == found.file.stat().st_size


def test_nothing_is_kept_where_nothing_changed(tmp_path: Path) -> None:
    where = shelf(tmp_path)
    assert where.keep(named("a"), "save", tmp_path, now=NOW) is not None
    assert where.keep(named("a"), "train", tmp_path, now=NOW + 5) is None
    assert where.keep(named("b"), "edit", tmp_path, now=NOW + 10) is not None
    assert where.keep(named("a"), "save", tmp_path, now=NOW + 15) is not None
    assert names(where) == ["a", "b", "a"]


def test_frames_and_notes_come_along(tmp_path: Path) -> None:
    project = named("a")
    marks = (Frame("f", "Encoder", "red"), Sticky("n", "# why"))
    project = project.with_graph(project.graph.with_marks(*marks))
    shelf(tmp_path).keep(project, "save", tmp_path)
    assert shelf(tmp_path).listed()[0][0].project() == project


def test_each_file_and_each_name_has_a_shelf_of_its_own(tmp_path: Path) -> None:
    owners = [(tmp_path / "a.loom", ""), (tmp_path / "b" / "a.loom", ""), (None, "a"), (None, "b")]
    shelves = [shelf_of(tmp_path, path, name) for path, name in owners]
    for at, one in enumerate(shelves):
        one.keep(named(f"n{at}"), "save", tmp_path)
    assert [names(one) for one in shelves] == [["n0"], ["n1"], ["n2"], ["n3"]]
    assert shelf_of(tmp_path, tmp_path / "b" / ".." / "a.loom").folder == shelves[0].folder


def test_every_shelf_is_found_the_latest_first(tmp_path: Path) -> None:
    """Also that of a project whose file is gone."""
    shelf_of(tmp_path, tmp_path / "gone.loom").keep(named("a"), "save", tmp_path, now=NOW)
    shelf_of(tmp_path, None, "sketch").keep(named("b"), "edit", tmp_path, now=NOW + 5)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").write_text("")
    found = shelves(tmp_path)
    assert [one.owner for one in found] == ["sketch", str(tmp_path / "gone.loom")]
    assert [names(one) for one in found] == [["b"], ["a"]]
    assert shelves(tmp_path / "nowhere") == []


def test_the_first_save_takes_the_versions_along(tmp_path: Path) -> None:
    loose, placed = shelf_of(tmp_path, None, "untitled"), shelf(tmp_path)
    kept = loose.keep(named("a"), "edit", tmp_path)
    loose.keep(named("other"), "edit", tmp_path)
    assert kept is not None
    placed.adopt([kept.file, tmp_path / "gone"])
    assert names(placed) == ["a"]
    assert names(loose) == ["other"]


def test_a_version_is_named_kept_and_deleted(tmp_path: Path) -> None:
    where = shelf(tmp_path)
    first = where.keep(named("a"), "save", tmp_path, lambda _: b"picture")
    assert first is not None
    first.changed(name="the one that worked", kept=True)
    (found,) = where.listed()[0]
    assert (found.about.name, found.about.kept) == ("the one that worked", True)
    assert found.project() == named("a")
    assert found.picture() == b"picture"
    found.changed(kept=False)
    assert not where.listed()[0][0].about.kept
    found.delete()
    found.delete()
    assert where.listed() == ([], [])


# ---- what other windows and crashes do to it


def test_two_windows_keep_both_their_versions(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from studio.project import edits
        from studio.project.project import Project
        from studio.project.versions import shelf_of
        for at in range(20):
            project = edits.add_node(Project(), "ReLU", (0.0, 0.0), {}, f"{sys.argv[2]}{at}")[0]
            shelf_of(Path(sys.argv[1]), Path("/mine.loom")).keep(project, "edit", Path("/"))"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    windows = [subprocess.Popen([*command, name], cwd=ROOT) for name in ("left", "right")]
    assert [one.wait() for one in windows] == [0, 0]
    found, broken = shelf_of(tmp_path, Path("/mine.loom")).listed()
    assert broken == []
    wanted = {f"{name}{at}" for name in ("left", "right") for at in range(20)}
    assert {next(iter(one.project().graph.nodes)) for one in found} == wanted


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_process_leaves_whole_versions_only(tmp_path: Path, seed: int) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from studio.project import edits
        from studio.project.project import Project
        from studio.project.versions import shelf_of
        shelf, project = shelf_of(Path(sys.argv[1]), Path("/mine.loom")), Project()
        for at in range(400):
            project = edits.add_node(project, "ReLU", (0.0, 0.0))[0]
        print("ready", flush=True)
        for at in range(10_000):
            project = edits.add_node(project, "ReLU", (0.0, 0.0))[0]
            shelf.keep(project, "edit", Path("/"))"""
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(0.05 + random.Random(seed).random() * 0.4)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    where = shelf_of(tmp_path, Path("/mine.loom"))
    found, broken = where.listed()
    assert found
    assert broken == []
    for version in found[:3]:
        assert version.project().node_count > 400
    for left in where.folder.glob(".*.tmp"):
        os.utime(left, (1.0, 1.0))
    where.delete([])
    assert list(where.folder.glob(".*.tmp")) == []


def damages(data: bytes) -> dict[str, bytes]:
    head, about, rest = data.split(b"\n", 2)
    wrong = about.replace(b'"nodes": 1', b'"nodes": -1')
    bomb = zlib.compress(b" " * (100 * 2**20))
    size = str(len(bomb)).encode()
    bombed = about.replace(b'"packed": ' + about.split(b'"packed": ')[1].split(b",")[0], b'"packed": ' + size)
    return {
        "empty": b"",
        "another file": b"PK\x03\x04" + data,
        "cut in the text": data[:-20],
        "cut in the head": data[:40],
        "longer": data + b"x",
        "no JSON": head + b"\n{\n" + rest,
        "a list": head + b"\n[]\n" + rest,
        "deep": head + b"\n" + b"[" * 9000 + b"\n" + rest,
        "a strange key": head + b"\n" + about.replace(b'"name"', b'"nam"') + b"\n" + rest,
        "a negative count": head + b"\n" + wrong + b"\n" + rest,
        "no time": head + b"\n" + about.replace(b'"time": ', b'"time": NaN, "x": ') + b"\n" + rest,
        "a flipped bit": data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
        "a bomb": head + b"\n" + bombed + b"\n" + bomb,
    }


@pytest.mark.parametrize("damage", list(damages(b'h\n{"packed": 1, "nodes": 1}\nabcdefgh')))
def test_a_broken_version_is_left_out_or_refused(tmp_path: Path, damage: str) -> None:
    """The list is made of the others; what is found broken only when it is opened says so."""
    where = shelf(tmp_path)
    good = where.keep(named("good"), "save", tmp_path, now=NOW)
    bad = where.keep(named("bad"), "save", tmp_path, now=NOW + 1)
    assert good is not None
    assert bad is not None
    bad.file.write_bytes(damages(bad.file.read_bytes())[damage])
    found, broken = where.listed()
    if damage in ("a flipped bit", "a bomb"):
        with pytest.raises(StudioError, match="damaged"):
            found[0].project()
        found = found[1:]
    else:
        assert broken == [bad.file]
    assert [one.file for one in found] == [good.file]
    assert where.keep(named("next"), "save", tmp_path, now=NOW + 2) is not None


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "versions").write_text("")
    with pytest.raises(StudioError, match="versions cannot be kept"):
        shelf(tmp_path).keep(named("a"), "save", tmp_path)


def test_a_full_disk_is_told_and_leaves_nothing_half(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: writes fail in the middle."""
    where, text = shelf(tmp_path), Project(notes="".join(random.Random(1).choices("abcdefgh", k=200_000)))
    where.keep(named("a"), "save", tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(StudioError, match="versions cannot be kept"):
            where.keep(text, "save", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert names(where) == ["a"]
    assert len(list(where.folder.iterdir())) == 1


# ---- thinning


def version(ago: float, size: int = 1000, *, kept: bool = False) -> Version:
    return Version(Path(f"{ago}"), About(NOW - ago, "edit", "", 1, 0, "", size, 0, kept=kept), 0)


def left(versions: list[Version]) -> list[float]:
    """How long ago those are that stay, the latest first."""
    return sorted(NOW - one.about.time for one in staying(versions))


def staying(versions: list[Version]) -> list[Version]:
    gone = {id(one) for one in surplus(versions, NOW)}
    return [one for one in versions if id(one) not in gone]


def test_all_of_the_last_hour_stay() -> None:
    versions = [version(at * 20.0) for at in range(180)]
    assert left(versions) == [at * 20.0 for at in range(180)]


def test_older_ones_are_thinned_to_hours_days_and_months() -> None:
    """Ten minutes apart for a hundred days: at most 6 + 24 + 30 + a few months stay, and not less."""
    stay = left([version(at * 600.0) for at in range(6 * 24 * 100)])
    hours = [one for one in stay if HOUR < one <= DAY]
    days = [one for one in stay if DAY < one <= MONTH]
    months = [one for one in stay if one > MONTH]
    assert len([one for one in stay if one <= HOUR]) == 7
    assert 23 <= len(hours) <= 24
    assert 29 <= len(days) <= 30
    assert 2 <= len(months) <= 4


def test_thinning_again_takes_nothing_more_and_later_little() -> None:
    versions = [version(at * 600.0) for at in range(2000)]
    stay = staying(versions)
    assert surplus(stay, NOW) == []
    assert len(surplus(stay, NOW + 60)) <= 3


def test_what_is_kept_for_ever_stays() -> None:
    old = [version(100 * DAY + at, kept=at == 5) for at in range(10)]
    assert 100 * DAY + 5 in left([*old, version(0.0)])


def test_there_are_never_too_many_nor_too_much() -> None:
    assert len(left([version(at * 0.5) for at in range(MOST + 50)])) == MOST
    large = left([version(at * 10.0, MOST_BYTES // 4, kept=at == 9) for at in range(10)])
    assert large == [0.0, 10.0, 20.0, 90.0]
    assert left([version(0.0, MOST_BYTES * 2)]) == [0.0]


@given(st.lists(st.tuples(st.floats(0, 4e7), st.booleans()), max_size=60))
def test_the_latest_and_the_kept_always_stay(ages: list[tuple[float, bool]]) -> None:
    versions = [version(ago, kept=kept) for ago, kept in ages]
    gone = surplus(versions, NOW)
    assert not any(one.about.kept for one in gone)
    latest = max((one.about.time for one in versions), default=NOW)
    assert not versions or latest in [one.about.time for one in staying(versions)]
    assert len(gone) == len({id(one) for one in gone})


# ---- what differs


def test_the_tally_counts_in_all_graphs() -> None:
    old = named("a")
    new, _ = edits.add_node(edits.move(old, {"a": (9.0, 9.0)}), "Linear", (0.0, 0.0), {}, "b")
    new = edits.set_training(new, epochs=3)
    assert tally(old, new) == Tally(nodes_added=1, nodes_moved=1, training=True)
    assert tally(new, old) == Tally(nodes_removed=1, nodes_moved=1, training=True)
    assert tally(new, new) == Tally()
    assert tally(old, edits.set_params(old, "a", {"x": 1})) == Tally(nodes_changed=1)
    assert tally(old, replace(old, notes="why")) == Tally(project=True)
