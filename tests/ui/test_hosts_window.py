"""Training in a process beside the window: chosen in the form, told in the status line, and survived."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.errors import StudioError
from studio.project.edits import set_training
from studio.project.storage import load, save
from studio.train.checkpoint import load_checkpoint
from studio.train.events import EpochEnded, Event, Failed, Finished, Saved, Started
from studio.train.host_choice import Choice
from studio.train.queue import read_queue
from studio.train.runs import read_run
from studio.train.shortage import shrink
from studio.ui.messages import Message
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, OpenWindow, sample

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")


def begin(window: MainWindow, qtbot: QtBot, **options: object) -> list[Event]:
    """Train a sample, until its first epoch is over; what is heard goes on to be added."""
    assert window.files.open_sample(sample("mlp_digits"))
    changed = set_training(window.session.project, epochs=4000, patience=None, **options)  # type: ignore[arg-type]
    window.session.commit(changed, "Set")
    heard: list[Event] = []
    window.training.events.connect(heard.extend)
    window.training.start()
    until_heard(qtbot, heard, EpochEnded)
    return heard


def until_heard(qtbot: QtBot, heard: list[Event], kind: type[Event]) -> None:
    qtbot.waitUntil(lambda: any(isinstance(event, kind) for event in heard), timeout=LONG)


def press(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Press the button of a message."""
    buttons = [b for one in window.findChildren(Message) for b in one.findChildren(QPushButton)]
    (button,) = [one for one in buttons if one.text() == text]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_killed_process_leaves_the_window_and_goes_on_by_one_click(
    loaded: MainWindow, qtbot: QtBot
) -> None:
    told: list[str] = []
    loaded.status_bar.messageChanged.connect(told.append)
    heard = begin(loaded, qtbot, host="process")
    training = loaded.training
    assert "Trains in a process of its own" in told
    training.save_now()
    until_heard(qtbot, heard, Saved)
    assert training.run_dir is not None
    worker = training.worker
    assert worker is not None
    assert worker != os.getpid()
    qtbot.waitUntil(lambda: (training.run_dir / "checkpoints" / "last.json").exists(), timeout=LONG)
    os.kill(worker, signal.SIGKILL)
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    failed = heard[-1]
    assert isinstance(failed, Failed)
    assert loaded.messages.texts()[-1] == failed.message
    assert read_run(training.run_dir).status == "failed"
    step = load_checkpoint(training.run_dir, "last")[1]["step"]
    heard.clear()
    epoch = read_run(training.run_dir).epochs_done
    assert f"Resume from the last checkpoint (step {step}, epoch {epoch})." in failed.hint
    buttons = [b.text() for one in loaded.findChildren(Message) for b in one.findChildren(QPushButton)]
    assert [text for text in buttons if text.startswith("Go on")] == ["Go on from the last checkpoint"]
    press(qtbot, loaded, "Go on from the last checkpoint")
    until_heard(qtbot, heard, EpochEnded)
    assert next(event for event in heard if isinstance(event, Started)).step == step
    assert loaded.messages.texts() == []
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    assert isinstance(heard[-1], Finished)


def test_where_memory_was_lacking_it_goes_on_with_a_smaller_batch(loaded: MainWindow, qtbot: QtBot) -> None:
    heard = begin(loaded, qtbot)
    training = loaded.training
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    assert training.run_dir is not None
    step = load_checkpoint(training.run_dir, "last")[1]["step"]
    heard.clear()
    lacking = "There was not enough memory for a step."
    training.ended.emit(training.run_dir, Failed(0.0, lacking, "Go on.", 1, 1, fitting=16))
    press(qtbot, loaded, "Go on with a batch size of 16")
    until_heard(qtbot, heard, EpochEnded)
    started = next(event for event in heard if isinstance(event, Started))
    assert (started.step, started.batch_size) == (step, 16)
    training.stop()
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)


def test_a_lost_run_holds_the_queue_until_it_is_decided_what_goes_on(
    loaded: MainWindow, qtbot: QtBot
) -> None:
    """The offer to go on from the last checkpoint stays; the queue follows that run, or goes on at once."""
    heard = begin(loaded, qtbot, host="process")
    training, queue = loaded.training, loaded.run_deeds.queue
    loaded.session.commit(set_training(loaded.session.project, epochs=1), "Set")
    loaded.run_deeds.add_to_queue()
    (waiting,) = [run.path for run in read_queue()]
    training.save_now()
    until_heard(qtbot, heard, Saved)
    killed = training.run_dir
    assert killed is not None
    kill_worker(loaded, qtbot)
    assert read_run(waiting).status == "created"
    assert loaded.messages.texts() == [read_run(killed).message]
    heard.clear()
    press(qtbot, loaded, "Go on from the last checkpoint")
    until_heard(qtbot, heard, Started)
    assert training.run_dir == killed
    assert queue.going
    kill_worker(loaded, qtbot)
    assert read_run(waiting).status == "created"
    press(qtbot, loaded, "Go on with the queue")
    qtbot.waitUntil(lambda: read_run(waiting).status == "completed", timeout=LONG)
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)


def test_a_run_that_fails_of_itself_is_told_and_the_queue_goes_on(loaded: MainWindow, qtbot: QtBot) -> None:
    training, queue = loaded.training, loaded.run_deeds.queue
    assert loaded.files.open_sample(sample("mlp_digits"))
    sound = set_training(loaded.session.project, epochs=2)
    rate = replace(sound.training.optimizer, params={"lr": 1e30})
    for one in (replace(sound, training=replace(sound.training, optimizer=rate)), sound):
        loaded.session.commit(one, "Set")
        loaded.run_deeds.add_to_queue()
    failing, waiting = (run.path for run in read_queue())
    queue.go(True)
    qtbot.waitUntil(lambda: read_run(waiting).status == "completed", timeout=LONG)
    qtbot.waitUntil(lambda: not training.active, timeout=LONG)
    assert read_run(failing).status == "failed"
    assert f"{failing.name}: {read_run(failing).message}" in loaded.messages.texts()


def kill_worker(window: MainWindow, qtbot: QtBot) -> None:
    """End the process that trains, and wait as long as the next run would take to begin."""
    assert window.training.worker is not None
    os.kill(window.training.worker, signal.SIGKILL)
    qtbot.waitUntil(lambda: not window.training.active, timeout=LONG)
    qtbot.wait(100)
    assert not window.training.active


def test_the_process_is_warm_before_the_first_run_there(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.training.worker is None
    loaded.session.commit(set_training(loaded.session.project, host="process"), "Set")
    qtbot.waitUntil(lambda: loaded.training.worker is not None, timeout=LONG)


@pytest.mark.parametrize("host", ["thread", "process"])
def test_stop_is_quick_in_both_hosts(loaded: MainWindow, qtbot: QtBot, host: str) -> None:
    heard = begin(loaded, qtbot, host=host)
    asked = time.monotonic()
    loaded.training.stop()
    qtbot.waitUntil(lambda: not loaded.training.active, timeout=LONG)
    assert time.monotonic() - asked < 5
    assert isinstance(heard[-1], Finished)


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (Choice("thread", "small"), ""),
        (Choice("process", "chosen"), "Trains in a process of its own"),
        (Choice("process", "long", 5400), "Trains in a process of its own: it may take about 90 minutes"),
        (Choice("process", "long", 200_000), "Trains in a process of its own: it may take about 2 days"),
        (
            Choice("process", "large", 9.5e9),
            "Trains in a process of its own: about 9.5 GB of memory will be needed",
        ),
    ],
)
def test_where_it_trains_is_said_with_the_reason(window: MainWindow, choice: Choice, text: str) -> None:
    assert window.commands.run_host.words(choice) == text


@pytest.mark.parametrize("host", ["thread", "process"])
def test_a_run_that_ended_with_the_window_is_offered_when_its_project_is_opened_again(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, host: str
) -> None:
    path = tmp_path / "net.loom"
    save(set_training(load(sample("mlp_digits")), epochs=4000, patience=None, host=host), path)
    first = opened(open_window, path, qtbot)
    first.training.start()
    run = trained_on(first, qtbot)
    first.close_unasked()
    done = read_run(run).epochs_done
    second = opened(open_window, path, qtbot)
    qtbot.waitUntil(lambda: second.messages.texts() != [], timeout=LONG)
    assert second.messages.texts() == [f"{run.name} ended with the program, before it was done"]
    press(qtbot, second, "Go on from the last checkpoint")
    assert trained_on(second, qtbot) == run
    second.training.stop()
    qtbot.waitUntil(lambda: not second.training.active, timeout=LONG)
    second.close_unasked()
    assert read_run(run).epochs_done > done
    third = opened(open_window, path, qtbot)  # stopped by hand, it is not offered
    qtbot.waitUntil(lambda: third.panels.status.state == "Stopped", timeout=LONG)
    assert third.messages.texts() == []


def opened(open_window: OpenWindow, path: Path, qtbot: QtBot) -> MainWindow:
    """A window with a project, and torch loaded."""
    window = open_window(path)
    qtbot.waitUntil(lambda: window.loading.is_ready, timeout=LONG)
    return window


def trained_on(window: MainWindow, qtbot: QtBot) -> Path:
    """Wait until an epoch of the run that trains is over."""
    heard: list[Event] = []
    window.training.events.connect(heard.extend)
    until_heard(qtbot, heard, EpochEnded)
    assert window.training.run_dir is not None
    return window.training.run_dir


def test_a_run_that_cannot_be_changed_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudioError):
        shrink(tmp_path, 8)
    assert not (tmp_path / "project.loom").exists()


def test_where_memory_ran_out_is_marked_on_the_canvas(loaded: MainWindow, qtbot: QtBot) -> None:
    """With what the run says of it, until the drawing is checked again."""
    assert loaded.files.open_sample(sample("mlp_digits"))
    qtbot.waitUntil(lambda: loaded.session.checked is not None, timeout=LONG)
    failed = Failed(0.0, "There was not enough memory for a step in hidden.", "", 1, 1, "hidden", fitting=8)
    loaded.training.ended.emit(Path("nowhere"), failed)
    checked = loaded.session.checked
    assert checked is not None
    assert any(one.node == "hidden" and one.message == failed.message for one in checked.problems)
    assert loaded.panels.canvas.scene.nodes["hidden"].face.warnings > 0


def test_a_long_message_is_whole_and_its_choices_are_below_the_words(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(1280, 764)
    text = "The process that trained was ended from outside (signal 9), most likely for want of memory. " * 2
    choices = [(f"Go on with choice number {number}", window.update) for number in range(3)]
    for hint in ("A short hint.", "The window is not affected. " * 12):
        window.messages.show_message("error", text + hint, hint, choices)
    message = next(one for one in window.findChildren(Message) if one.text.endswith("affected. "))
    *_, hint_shown = words = [one for one in message.findChildren(QLabel) if one.text()]

    def whole() -> bool:
        buttons = [one.geometry() for one in message.findChildren(QPushButton)]
        below = all(one.top() > hint_shown.geometry().bottom() for one in buttons)
        inside = all(message.rect().contains(one) for one in buttons)
        return below and inside and all(one.height() >= one.heightForWidth(one.width()) for one in words)

    qtbot.waitUntil(whole, timeout=5000)
