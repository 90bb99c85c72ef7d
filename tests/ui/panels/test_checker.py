"""The background checker at work on real projects."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.params import Value
from studio.project.project import Project
from studio.ui.background import Background
from studio.ui.checker import BackgroundChecker
from tests.ui.panels.drawing import digits
from tests.ui.windows import LONG


@pytest.fixture
def checker(qtbot: QtBot):
    made = BackgroundChecker()
    yield made
    made.close()


def test_describes_and_checks(checker: BackgroundChecker, qtbot: QtBot, tmp_path: Path) -> None:
    project = digits()
    told = []
    checker.described.connect(told.append)
    with qtbot.waitSignal(checker.arrived, timeout=LONG) as arrived:
        checker.request(project, tmp_path)
    answer = arrived.args[0]
    assert [description.samples for description in told] == [1797]
    assert answer.project is project
    assert [problem.node for problem in answer.errors] == ["merge"]


def test_the_latest_request_wins(checker: BackgroundChecker, qtbot: QtBot, tmp_path: Path) -> None:
    arrived = []
    checker.arrived.connect(arrived.append)
    last = digits()
    for width in range(20):
        last = edits.set_params(last, "conv1", {"out_channels": 8 + width})
        checker.request(last, tmp_path)
    qtbot.waitUntil(lambda: bool(arrived) and arrived[-1].project is last, timeout=LONG)
    qtbot.waitUntil(lambda: not checker.busy, timeout=LONG)
    # The first one was under way already; of those between nothing is heard. Fixes are a second answer.
    assert len({id(one.project) for one in arrived}) <= 2
    assert len(arrived) <= 4


def test_the_plain_answer_comes_first_and_then_the_fixes_that_mend(
    checker: BackgroundChecker, qtbot: QtBot, tmp_path: Path
) -> None:
    arrived = []
    checker.arrived.connect(arrived.append)
    checker.request(digits(), tmp_path)
    qtbot.waitUntil(lambda: len(arrived) == 2, timeout=LONG)
    plain, tried = (answer.problems for answer in arrived)
    assert [one.message for one in plain] == [one.message for one in tried]
    assert not any(one.fixes for one in plain)
    assert [[fix.label for fix in one.fixes] for one in tried][-1] == ["Remove slope"]
    assert arrived[1].project is arrived[0].project

    moved = edits.move(digits(), {"conv1": (5.0, 5.0)})
    checker.request(moved, tmp_path)
    qtbot.waitUntil(lambda: len(arrived) == 3, timeout=LONG)
    assert [one.fixes for one in arrived[2].problems] == [one.fixes for one in tried]


def test_a_newer_request_ends_the_trials(
    checker: BackgroundChecker, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.build.check import Checker

    tried, go_on = threading.Event(), threading.Event()
    trial = Checker.trial

    def slow(self: Checker, project: Project):
        tried.set()
        assert go_on.wait(30)
        return trial(self, project)

    monkeypatch.setattr(Checker, "trial", slow)
    arrived = []
    checker.arrived.connect(arrived.append)
    checker.request(digits(), tmp_path)
    qtbot.waitUntil(tried.is_set, timeout=LONG)
    sound = digits(wrong=False)
    checker.request(sound, tmp_path)
    go_on.set()
    qtbot.waitUntil(lambda: not checker.busy, timeout=LONG)
    assert [answer.project is sound for answer in arrived] == [False, True]


def test_the_description_is_told_once(checker: BackgroundChecker, qtbot: QtBot, tmp_path: Path) -> None:
    told = []
    checker.described.connect(told.append)
    for _ in range(2):
        with qtbot.waitSignal(checker.arrived, timeout=LONG):
            checker.request(digits(), tmp_path)
    assert len(told) == 1


def test_our_own_bug_is_reported_and_the_next_request_served(
    checker: BackgroundChecker, qtbot: QtBot, tmp_path: Path
) -> None:
    class Broken(dict[str, Value]):
        def items(self):
            raise RuntimeError("a bug of ours")

    broken = digits()
    object.__setattr__(broken.data, "options", Broken())
    object.__setattr__(broken.data, "source", None)
    with qtbot.waitSignal(checker.failed, timeout=LONG) as failed:
        checker.request(broken, tmp_path)
    assert "Traceback" in failed.args[0]
    with qtbot.waitSignal(checker.arrived, timeout=LONG):
        checker.request(digits(), tmp_path)


def test_closing_waits_for_the_thread_and_takes_no_more(
    checker: BackgroundChecker, qtbot: QtBot, tmp_path: Path
) -> None:
    arrived = []
    checker.arrived.connect(arrived.append)
    checker.request(digits(), tmp_path)
    checker.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "background"]
    checker.request(digits(), tmp_path)
    qtbot.wait(50)
    assert arrived == []


def test_answers_arrive_on_the_ui_thread(qtbot: QtBot) -> None:
    background = Background()
    where = []
    background.done.connect(lambda answer: where.append((answer, threading.current_thread())))
    with qtbot.waitSignal(background.done):
        background.request(threading.current_thread)
    (worked, told) = where[0]
    assert worked is not threading.main_thread()
    assert told is threading.main_thread()


def test_a_background_may_die_while_its_job_runs(qtbot: QtBot) -> None:
    gate = threading.Event()
    background = Background()
    background.request(gate.wait)
    background.deleteLater()
    del background
    qtbot.wait(20)
    gate.set()
    qtbot.waitUntil(lambda: all(thread.name != "background" for thread in threading.enumerate()))
