"""The list of versions as Qt sees it, and how a version is drawn: its picture, and four lines beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.errors import StudioError
from studio.project.project import Project
from studio.project.tally import tally
from studio.project.versions import Version
from studio.ui.icons import picture
from studio.ui.theme import DARK, SECONDARY_PX, Tokens
from studio.ui.version_words import ago, drawn, exactly, reason_title, since_then

Index = QModelIndex | QPersistentModelIndex
VERSION = Qt.ItemDataRole.UserRole
DETAIL = Qt.ItemDataRole.UserRole + 1
PICTURE, HEIGHT, INSET, LINE = QSize(120, 72), 88, 8, 18
KEPT = 12


@dataclass(frozen=True, slots=True)
class Detail:
    """What is read of a version only once it is seen: its picture, and what differs from now."""

    picture: QPixmap | None
    words: str
    broken: bool = False


def read_detail(version: Version, now: Project | None) -> tuple[Version, bytes, str, bool]:
    """In the background: a version's picture, what differs from now in words, and whether it is broken.

    Without `now` it is another project's: there is nothing to compare it with.
    """
    try:
        project = version.project()
        return version, version.picture(), since_then(tally(project, now)) if now else "", False
    except StudioError as error:
        return version, b"", error.message.removeprefix(f"{version.file}: "), True


class VersionRows(QAbstractListModel):
    """Versions, the latest first."""

    wanted = Signal(object)
    """A version that is seen and not known yet."""

    def __init__(self, parent: Any) -> None:  # noqa: ANN401
        super().__init__(parent)
        self.versions: list[Version] = []
        self._details: dict[str, Detail] = {}

    def show_versions(self, versions: list[Version]) -> None:
        """List these."""
        self.beginResetModel()
        self.versions = versions
        self.endResetModel()

    def show_detail(self, answer: tuple[Version, bytes, str, bool]) -> None:
        """What was read of a version."""
        version, data, words, broken = answer
        pixmap = QPixmap()
        pixmap.loadFromData(data)
        self._details[version.file.name] = Detail(None if pixmap.isNull() else pixmap, words, broken)
        for row, one in enumerate(self.versions):
            if one.file == version.file:
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.versions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        version = self.versions[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return version.about.name or ago(version.about.time, time.time())
            case Qt.ItemDataRole.ToolTipRole:
                return exactly(version.about.time)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(self._told(version))
            case _ if role == VERSION:
                return version
            case _ if role == DETAIL:
                return self._detail(version)
            case _:
                return None

    def _detail(self, version: Version) -> Detail | None:
        found = self._details.get(version.file.name)
        if found is None:
            self.wanted.emit(version)
        return found

    def _told(self, version: Version) -> list[str]:
        about, detail = version.about, self._details.get(version.file.name)
        kept = [self.tr("kept for ever")] if about.kept else []
        named = [about.name] if about.name else []
        words = [detail.words] if detail else []
        counts = drawn(about.nodes, about.wires, version.size)
        return [*named, ago(about.time, time.time()), reason_title(about.reason), counts, *kept, *words]


class VersionDelegate(QStyledItemDelegate):
    """Draws a version."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = DARK

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        version, detail = index.data(VERSION), index.data(DETAIL)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = option.palette.color(QPalette.ColorRole.Highlight) if chosen else QColor(self._tokens.panel)
        text = option.palette.color(QPalette.ColorRole.HighlightedText) if chosen else None
        painter.save()
        painter.fillRect(option.rect, ground)
        place = QRect(option.rect.topLeft(), PICTURE).translated(INSET, INSET)
        self._picture(painter, place, detail)
        beside = option.rect.adjusted(PICTURE.width() + 3 * INSET, INSET, -INSET, 0)
        self._lines(painter, beside, option.font, _lines(version, detail), text)
        if version.about.kept:
            colour = (text or QColor(self._tokens.accent)).name()
            painter.drawPixmap(beside.right() - KEPT, beside.top() + 3, picture("pin", colour, KEPT))
        painter.restore()

    def _picture(self, painter: QPainter, place: QRect, detail: Detail | None) -> None:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QColor(self._tokens.line))
        painter.setBrush(QColor(self._tokens.canvas))
        painter.drawRoundedRect(place, 4, 4)
        if detail is not None and detail.picture is not None:
            painter.drawPixmap(place, detail.picture)

    def _lines(
        self, painter: QPainter, room: QRect, font: QFont, lines: list[str], text: QColor | None
    ) -> None:
        bold, small = QFont(font), QFont(font)
        bold.setBold(True)
        small.setPixelSize(SECONDARY_PX)
        for at, words in enumerate(lines):
            made = bold if at == 0 else font if at == 1 else small
            plain = self._tokens.text if at < 2 else self._tokens.secondary
            painter.setFont(made)
            painter.setPen(text or QColor(plain))
            line = QRect(room.left(), room.top() + at * LINE, room.width() - KEPT - 6, LINE)
            shown = QFontMetrics(made).elidedText(words, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)


def _lines(version: Version, detail: Detail | None) -> list[str]:
    about = version.about
    when = ago(about.time, time.time())
    title = f"{about.name} · {when}" if about.name else when[:1].upper() + when[1:]
    counts = drawn(about.nodes, about.wires, version.size)
    return [
        title,
        reason_title(about.reason),
        counts,
        detail.words if detail else "…",
    ]
