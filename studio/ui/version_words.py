"""What is said of a version: when it was, why it was kept, and what differs from now."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from studio.project.tally import Tally

MINUTE, HOUR, DAY = 60, 3600, 86_400


def ago(then: float, now: float) -> str:
    """How long ago a moment was; of more than a day, when it was."""
    tr = QCoreApplication.translate
    seconds = now - then
    if seconds < MINUTE:
        return tr("Versions", "just now")
    if seconds < 2 * MINUTE:
        return tr("Versions", "1 minute ago")
    if seconds < HOUR:
        return tr("Versions", "{count} minutes ago").format(count=int(seconds // MINUTE))
    if seconds < 2 * HOUR:
        return tr("Versions", "1 hour ago")
    if seconds < DAY:
        return tr("Versions", "{count} hours ago").format(count=int(seconds // HOUR))
    moment = datetime.fromtimestamp(then)
    return f"{QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)}, {moment:%H:%M}"


def exactly(then: float) -> str:
    """The moment in full."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(then)), QLocale.FormatType.LongFormat)


def reason_title(reason: str) -> str:
    """Why a version was kept."""
    tr = QCoreApplication.translate
    titles = {
        "save": tr("Versions", "Saved"),
        "train": tr("Versions", "Before training"),
        "restore": tr("Versions", "Before an earlier one was restored"),
        "foreign": tr("Versions", "Before another program's version was loaded"),
        "overwritten": tr("Versions", "Another program's, before it was overwritten"),
        "edit": tr("Versions", "While editing"),
        "discard": tr("Versions", "Given up without saving"),
        "open": tr("Versions", "As it was opened"),
    }
    return titles.get(reason, tr("Versions", "Kept"))


def drawn(nodes: int, wires: int, size: int) -> str:
    """How much a version holds."""
    tr = QCoreApplication.translate
    counts = (
        _count(nodes, tr("Versions", "1 node"), tr("Versions", "{count} nodes")),
        _count(wires, tr("Versions", "1 wire"), tr("Versions", "{count} wires")),
    )
    taken = QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)
    return f"{', '.join(counts)} · {taken}"


def since_then(tally: Tally) -> str:
    """What has changed from a version to now."""
    tr = QCoreApplication.translate
    parts = [
        *_signed("+", tally.nodes_added, tr("Versions", "1 node"), tr("Versions", "{count} nodes")),
        *_signed("−", tally.nodes_removed, tr("Versions", "1 node"), tr("Versions", "{count} nodes")),
        *_signed("", tally.nodes_changed, tr("Versions", "1 changed"), tr("Versions", "{count} changed")),
        *_signed("", tally.nodes_moved, tr("Versions", "1 moved"), tr("Versions", "{count} moved")),
        *_signed("+", tally.wires_added, tr("Versions", "1 wire"), tr("Versions", "{count} wires")),
        *_signed("−", tally.wires_removed, tr("Versions", "1 wire"), tr("Versions", "{count} wires")),
        *_signed(
            "", tally.marks, tr("Versions", "1 frame or note"), tr("Versions", "{count} frames or notes")
        ),
        *([tr("Versions", "data")] if tally.data else []),
        *([tr("Versions", "training")] if tally.training else []),
        *([tr("Versions", "project")] if tally.project else []),
    ]
    if not parts:
        return tr("Versions", "The same as now")
    return tr("Versions", "Since then: {changes}").format(changes=", ".join(parts))


def _signed(sign: str, count: int, one: str, many: str) -> list[str]:
    return [sign + _count(count, one, many)] if count else []


def _count(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(count=count)
