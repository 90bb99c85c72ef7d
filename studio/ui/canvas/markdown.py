"""A note's Markdown laid out as text. Nothing is ever loaded: pictures are told by their words alone."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRectF, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QGuiApplication,
    QPainter,
    QPalette,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from studio.ui.style import mono_family

PX = 12
MARGIN = 10.0
INDENT, PARAGRAPH, ITEM = 20.0, 7.0, 2.0
SAFE = ("http", "https", "mailto")
"""What a link may lead to."""
LARGER = (18, 16, 14)
"""Pixels of headings; lower ones are as high as the text."""


class Document(QTextDocument):
    """Markdown, laid out in a width."""

    def __init__(self, text: str, width: float, ink: QColor, link: QColor) -> None:
        super().__init__()
        self._palette = QPalette()
        self._palette.setColor(QPalette.ColorRole.Text, ink)
        font = QFont(QGuiApplication.font())
        font.setPixelSize(PX)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        self.setDefaultFont(font)
        self.setDocumentMargin(MARGIN)
        self.setUndoRedoEnabled(False)
        features = QTextDocument.MarkdownFeature
        self.setMarkdown(text, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
        self.setIndentWidth(INDENT)
        for cursor, form in list(_pieces(self)):
            _restyle(cursor, form, link)
        for block in _blocks(self):
            _space(block)
        self.setTextWidth(width)

    def loadResource(self, type: int, name: QUrl | str) -> object:
        return None

    def links(self) -> list[str]:
        """Where its links lead, each once, as far as they are safe to open."""
        found = (form.anchorHref() for _, form in _pieces(self) if form.isAnchor())
        return [one for one in dict.fromkeys(found) if QUrl(one).scheme() in SAFE]

    def paint(self, painter: QPainter, clip: QRectF) -> None:
        """Paint the text; the painter's origin is the note's corner."""
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = self._palette
        context.clip = clip
        painter.save()
        painter.setClipRect(clip)
        self.documentLayout().draw(painter, context)
        painter.restore()


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block: QTextBlock = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _space(block: QTextBlock) -> None:
    """Room after a paragraph, less between the items of a list, none between lines of code."""
    cursor, form = QTextCursor(block), block.blockFormat()
    after = PARAGRAPH if block.textList() is None else ITEM
    if form.nonBreakableLines() and block.next().blockFormat().nonBreakableLines():
        after = 0.0
    form.setTopMargin(0.0)
    form.setBottomMargin(after if block.next().isValid() else 0.0)
    cursor.setBlockFormat(form)


def _pieces(document: QTextDocument) -> Iterator[tuple[QTextCursor, QTextCharFormat]]:
    """Every piece of text of one format, with a cursor that has it selected."""
    for block in _blocks(document):
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            cursor = QTextCursor(document)
            cursor.setPosition(piece.position())
            cursor.setPosition(piece.position() + piece.length(), QTextCursor.MoveMode.KeepAnchor)
            yield cursor, piece.charFormat()
            pieces += 1


def _restyle(cursor: QTextCursor, form: QTextCharFormat, link: QColor) -> None:
    """The theme's colour for links, sizes of our own for headings and code, words for pictures."""
    if form.isImageFormat():
        words = str(form.property(QTextFormat.Property.ImageAltText) or "")
        cursor.insertText(f"[{words}]" if words else "", QTextCharFormat())
        return
    new = QTextCharFormat(form)
    if form.isAnchor():
        new.setForeground(link)
        new.setFontUnderline(True)
    if form.fontFixedPitch() or "monospace" in (form.fontFamilies() or ()):
        new.setFontFamilies([mono_family()])
    level = cursor.blockFormat().headingLevel()
    if level:
        new.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        new.setProperty(QTextFormat.Property.FontPixelSize, LARGER[level - 1] if level <= len(LARGER) else PX)
    cursor.setCharFormat(new)
