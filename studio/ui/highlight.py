"""Colours for Python source."""

from __future__ import annotations

import builtins
import keyword
import re

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from studio.ui.contrast import readable
from studio.ui.theme import DARK, FAMILIES, Tokens

_WORDS = "|".join((*keyword.kwlist, "self"))
_KNOWN = "|".join(name for name in dir(builtins) if name[0].islower())
_TOKEN = re.compile(
    rf"""(?P<comment>\#.*)
    | (?P<string>[rfb]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
    | (?P<number>\b\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?\b)
    | (?:\b(?:class|def)\s+(?P<name>\w+))
    | (?P<keyword>\b(?:{_WORDS})\b)
    | (?P<builtin>\b(?:{_KNOWN})\b)""",
    re.VERBOSE,
)
_QUOTES = '"""'


class PythonHighlighter(QSyntaxHighlighter):
    """Keywords, names, strings, numbers and comments; texts over several lines too."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_tokens(DARK)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme, each readable on the ground of a field."""
        colours = {
            "keyword": tokens.accent,
            "name": FAMILIES["Normalization"],
            "string": tokens.ok,
            "number": FAMILIES["Activation"],
            "builtin": FAMILIES["Data"],
            "comment": tokens.secondary,
        }
        self._formats = {}
        for kind, colour in colours.items():
            made = QTextCharFormat()
            made.setForeground(QColor(readable(colour, tokens.panel, tokens.text)))
            if kind == "name":
                made.setFontWeight(QFont.Weight.DemiBold)
            self._formats[kind] = made
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        start = 0
        self.setCurrentBlockState(0)
        if self.previousBlockState() == 1:
            start = self._close(text, 0)
        for found in _TOKEN.finditer(text, start):
            if found.start() < start:
                continue
            if text.startswith(_QUOTES, found.start()):
                start = self._close(text, found.start(), found.start() + len(_QUOTES))
                continue
            kind = found.lastgroup or "name"
            self.setFormat(found.start(kind), found.end(kind) - found.start(kind), self._formats[kind])
            if kind == "name":
                self.setFormat(found.start(), found.start(kind) - found.start() - 1, self._formats["keyword"])

    def _close(self, text: str, begin: int, search: int = 0) -> int:
        """Colour a text in triple quotes from `begin` to its end, which may lie in a later line."""
        end = text.find(_QUOTES, search)
        if end < 0:
            self.setCurrentBlockState(1)
            end = len(text)
        else:
            end += len(_QUOTES)
        self.setFormat(begin, end - begin, self._formats["string"])
        return end
