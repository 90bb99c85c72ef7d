"""Transforms of texts: brought into one form, cut into tokens, made equally long, or counted."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Bool, Choice, Float, Int

_UNIT = Choice(
    "unit",
    "words",
    "What a token is: a word, a character, or a piece of a word, learned by joining what often stands side "
    "by side (byte-pair), so that nothing is unknown",
    options=("words", "characters", "pieces"),
    essential=True,
)
_MISSING = Choice(
    "missing",
    "error",
    "Where there is no text: error stops, empty takes it as a text without words",
    options=("error", "empty"),
)
_VOCABULARY = Int(
    "vocabulary",
    10_000,
    "Most tokens that are told apart, the most frequent of the training part; the others are unknown",
    low=4,
    high=1_000_000,
    essential=True,
)
_LEAST = Int("least", 1, "How often a token has to come up to be told apart", low=1, high=1_000_000)

TRANSFORMS: tuple[Component, ...] = (
    Component("Lowercase", "transform", "Small letters only"),
    Component(
        "Unicode",
        "transform",
        "One way to write what can be written in several ways",
        params=(
            Choice(
                "form",
                "NFKC",
                "NFC joins a letter and its accent, NFD parts them; NFKC and NFKD also turn full-width "
                "letters, ligatures and the like into plain ones",
                options=("NFC", "NFD", "NFKC", "NFKD"),
                essential=True,
            ),
            Bool("accents", True, "Whether accents stay"),
        ),
    ),
    Component(
        "Tokenize",
        "transform",
        "Words, characters or pieces of words as numbers, learned from the training part; 0 fills up, 1 is "
        "what is unknown",
        params=(
            _UNIT,
            _VOCABULARY,
            _LEAST,
            Bool("ends", False, "Whether the begin and the end of a text are tokens too: 2 and 3"),
            _MISSING,
        ),
    ),
    Component(
        "PadTokens",
        "transform",
        "Texts of one length: shorter ones are filled up with 0, longer ones cut",
        params=(
            Int(
                "length",
                None,
                "Tokens; nothing for a length that most texts of the training part have",
                low=1,
                high=1_000_000,
                optional=True,
                essential=True,
            ),
            Float(
                "percentile",
                95.0,
                "How many of a hundred texts of the training part are not to be cut",
                low=1.0,
                high=100.0,
                when=("length", (None,)),
            ),
            Choice(
                "side", "end", "Where texts are filled up and cut", options=("end", "begin"), advanced=True
            ),
        ),
    ),
    Component(
        "CutTokens",
        "transform",
        "Some tokens of each text, by their places",
        params=(
            Int("skip", 0, "Tokens left out at the begin", low=0, high=1_000_000, essential=True),
            Int("length", 128, "Tokens taken", low=1, high=1_000_000, essential=True),
        ),
    ),
    Component(
        "BagOfWords",
        "transform",
        "How often each word comes up, in any order: a number for each word of the training part",
        params=(
            _UNIT,
            Int(
                "vocabulary",
                2000,
                "Most words that are counted, the most frequent of the training part",
                low=1,
                high=100_000,
                essential=True,
            ),
            _LEAST,
            Choice(
                "weights",
                "tf-idf",
                "What is counted: tf-idf gives rare words more weight and all texts the same length, counts "
                "is how often, presence 1 or 0",
                options=("tf-idf", "counts", "presence"),
                essential=True,
            ),
            _MISSING,
        ),
    ),
)
