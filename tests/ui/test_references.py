"""Some releases of Qt's binding lose references to None and True and abort the program minutes later."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal


class Sender(QObject):
    told = Signal(bool)


def test_calls_and_emits_keep_the_references_of_none_and_true(qtbot) -> None:
    sender = Sender()
    sender.told.connect(lambda yes: None)
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(300):
        sender.setObjectName("x")
        sender.blockSignals(False)
        sender.told.emit(True)
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert all(abs(now - then) < 100 for then, now in zip(before, after, strict=True))
