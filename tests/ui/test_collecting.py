"""Garbage is collected in the UI thread alone, and soon."""

from __future__ import annotations

import gc
import threading

from pytestqt.qtbot import QtBot

from studio.ui.collecting import Collector
from tests.ui.windows import LONG

COUNT = 2000
"""More than Python lets pile up before it collects."""


class Cycle:
    """Garbage that only the collector can free; it notes the thread in which that happens."""

    threads: list[str] = []  # noqa: RUF012 - shared on purpose

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        self.threads.append(threading.current_thread().name)


def test_garbage_of_a_busy_thread_is_collected_here(qtbot: QtBot) -> None:
    Cycle.threads.clear()
    collector = Collector()
    collector.settle()

    def work() -> None:
        for _ in range(COUNT):
            Cycle()

    thread = threading.Thread(target=work, name="training")
    thread.start()
    thread.join()
    assert Cycle.threads == []
    try:
        qtbot.waitUntil(lambda: len(Cycle.threads) == COUNT, timeout=LONG)
    finally:
        collector.close()
    assert set(Cycle.threads) == {threading.current_thread().name}
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
