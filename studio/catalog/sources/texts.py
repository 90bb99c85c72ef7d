"""Sources of texts: files in folders, and the lines of a file or its running text."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, FilePath, Int

_ENCODING = Choice(
    "encoding",
    "auto",
    "How characters are saved; auto recognises each file's",
    options=(
        "auto", "utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "cp1252",
        "latin-1",
    ),
    advanced=True,
)  # fmt: skip
_RUNNING = ("content", ("running text",))

SOURCES: tuple[Component, ...] = (
    Component(
        "TextFolder",
        "source",
        "Text files in folders, one folder a class; folders train, val and test at the top are those parts",
        params=(
            FilePath("folder", "", "The folder that holds the folders of the classes", essential=True),
            Choice(
                "classes",
                "first",
                "What names the class of a text in folders within folders: the first folder, the last one, "
                "or the path of all",
                options=("first", "last", "path"),
            ),
            Choice(
                "broken",
                "error",
                "Files that are no text: error names them and trains nothing, skip leaves them out",
                options=("error", "skip"),
            ),
            _ENCODING,
        ),
    ),
    Component(
        "TextLines",
        "source",
        "A text file: each line a sample, or one running text whose next tokens are predicted",
        params=(
            FilePath(
                "path",
                "",
                "The file, or a folder of several: each is then a class, named as the file",
                patterns=("*.txt", "*.md"),
                essential=True,
            ),
            Choice(
                "content",
                "lines",
                "What is a sample: a line, or a piece of a running text",
                options=("lines", "running text"),
                essential=True,
            ),
            Choice(
                "unit",
                "characters",
                "What is predicted next: a character, a word, or a piece of a word",
                options=("characters", "words", "pieces"),
                essential=True,
                when=_RUNNING,
            ),
            Int("length", 128, "Tokens in a piece", low=1, high=1_000_000, essential=True, when=_RUNNING),
            Int(
                "vocabulary",
                10_000,
                "Most tokens that are told apart, the most frequent ones",
                low=4,
                high=1_000_000,
                when=_RUNNING,
            ),
            _ENCODING,
        ),
    ),
)
