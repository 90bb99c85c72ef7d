"""Transforms of texts: brought into one form, cut into tokens, made equally long, or counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from studio.data.cells import Values
from studio.data.raw import Array, DataError
from studio.data.transforms.step import About, Params, State, Transform
from studio.data.transforms.tokens import FILL, SPECIAL, learn_tokens, numbered

TEXT = frozenset({"text", "category", "identifier"})
TOKENS = frozenset({"tokens"})
LONGEST_LEARNED = 100_000
"""A length that is learned is never more: one endless text must not make all samples as long."""


def _each(values: Values, change: Callable[[str], str]) -> Values:
    return [None if value is None else change(str(value)) for value in values]


def _lower(values: Values, params: Params, state: State) -> Values:
    return _each(values, str.lower)


def _unicode(values: Values, params: Params, state: State) -> Values:
    form = params["form"]
    if params["accents"]:
        return _each(values, lambda text: unicodedata.normalize(form, text))
    return _each(values, lambda text: unicodedata.normalize(form, _bare(text)))


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _texts(values: Values, params: Params) -> list[str]:
    """The texts; one that is missing counts as empty where that is said."""
    found = ["" if value is None else str(value) for value in values]
    if params["missing"] == "error":
        gone = sum(value is None for value in values)
        if gone:
            raise DataError(
                f"{gone} texts are missing.",
                "Choose what is done about missing values: skip leaves them out, zero takes them as empty.",
                "fields",
            )
    return found


def _all_texts(parts: Iterable[Values], params: Params) -> Iterator[str]:
    for part in parts:
        yield from _texts(part, params)


def _learn(parts: Iterable[Values], params: Params) -> State:
    return learn_tokens(_all_texts(parts, params), params)


def _tokenize(values: Values, params: Params, state: State) -> Values:
    return list(numbered(_texts(values, params), params, state))


def _about_tokens(params: Params, state: State) -> About:
    return About(low=0.0, high=float(len(state["tokens"]) - 1), index=True)


def _learn_length(parts: Iterable[Values], params: Params) -> State:
    if params["length"] is not None:
        return {"length": int(params["length"])}
    lengths = np.array([len(one) for part in parts for one in part], np.int64)
    if not len(lengths):
        raise DataError("The training part has no text to learn a length from.", "Set a length.", "fields")
    most = int(np.ceil(np.percentile(lengths, float(params["percentile"]))))
    return {"length": min(max(most, 1), LONGEST_LEARNED)}


def _pad(values: Values, params: Params, state: State) -> Values:
    length = int(state["length"])
    found = np.full((len(values), length), FILL, np.int32)
    at_end = params["side"] == "end"
    for row, tokens in enumerate(values):
        kept: Array = np.asarray(tokens[:length] if at_end else tokens[-length:])
        if len(kept):
            place = slice(None, len(kept)) if at_end else slice(-len(kept), None)
            found[row, place] = kept
    return found


def _cut(values: Values, params: Params, state: State) -> Values:
    begin = int(params["skip"])
    end = begin + int(params["length"])
    for tokens in values:
        if len(tokens) < end:
            raise DataError(
                f"A text has {len(tokens)} tokens, and those up to {end} are to be taken.",
                "Put PadTokens before it, or take fewer.",
                "fields",
            )
    return np.stack([np.asarray(tokens[begin:end], np.int32) for tokens in values])


def _learn_bag(parts: Iterable[Values], params: Params) -> State:
    """Words and how rare they are: log((1 + texts) / (1 + texts with the word)) + 1."""
    texts = list(_all_texts(parts, params))
    wanted = {**params, "vocabulary": int(params["vocabulary"]) + len(SPECIAL)}
    learned = learn_tokens(texts, wanted)
    if params["weights"] != "tf-idf":
        return learned
    within = np.zeros(len(learned["tokens"]), np.int64)
    for text in texts:
        within[np.unique(numbered([text], params, learned)[0])] += 1
    rare = np.log((1 + len(texts)) / (1 + within[len(SPECIAL) :])) + 1
    return {**learned, "rare": [float(one) for one in rare]}


def _bag(values: Values, params: Params, state: State) -> Values:
    known = len(state["tokens"])
    found = np.zeros((len(values), known - len(SPECIAL)), np.float32)
    for row, tokens in enumerate(numbered(_texts(values, params), params, state)):
        found[row] = np.bincount(tokens, minlength=known)[len(SPECIAL) :]
    if params["weights"] == "presence":
        return (found > 0).astype(np.float32)
    if params["weights"] == "counts":
        return found
    found *= np.asarray(state["rare"], np.float32)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)


def _about_bag(params: Params, state: State) -> About:
    return About(parts=tuple(state["tokens"][len(SPECIAL) :]))


def _fills(params: Params) -> bool:
    return params["missing"] == "empty"


TRANSFORMS = {
    "Lowercase": Transform(TEXT, _lower),
    "Unicode": Transform(TEXT, _unicode),
    "Tokenize": Transform(TEXT, _tokenize, _learn, gives="tokens", about=_about_tokens, fills=_fills),
    "PadTokens": Transform(TOKENS, _pad, _learn_length),
    "CutTokens": Transform(TOKENS, _cut),
    "BagOfWords": Transform(TEXT, _bag, _learn_bag, gives="number", about=_about_bag, fills=_fills),
}
