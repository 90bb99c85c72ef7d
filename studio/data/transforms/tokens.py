"""Texts cut into tokens and numbered: words, characters, or pieces of words (byte-pair).

Number 0 fills up and 1 is what is unknown. What is learned is JSON: the list of tokens, and for pieces the
tokenizer as the library `tokenizers` writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.raw import Array, DataError
from studio.data.transforms.step import Params, State

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPECIAL = ("<pad>", "<unknown>")
ENDS = ("<begin>", "<end>")
FILL, UNKNOWN, BEGIN, END = range(4)
BYTES = 256
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|(?:(?![\u3040-\u9fff])\w)+|[^\w\s]"
)
"""Runs of letters and digits, signs one by one, and one by one the characters of scripts without spaces."""


def pieces_of(text: str, unit: str) -> Sequence[str]:
    """The words or characters of a text, in order."""
    return text if unit == "characters" else WORD.findall(text)


def learn_tokens(texts: Iterable[str], params: Params) -> State:
    """The tokens of these texts, the most frequent first. Raises DataError where there are none."""
    special = [*SPECIAL, *(ENDS if params.get("ends") else ())]
    if params["unit"] == "pieces":
        return _learn_pieces(texts, params, special)
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(pieces_of(text, params["unit"]))
    often = sorted((-count, one) for one, count in counts.items() if count >= params["least"])
    if not often:
        least = f" that comes up {params['least']} times" if counts else ""
        raise DataError(
            f"The texts of the training part hold no token{least}.",
            "Lower the least frequency, or leave the column out.",
            "fields",
        )
    most = max(int(params["vocabulary"]) - len(special), 1)
    return {"tokens": [*special, *(one for _, one in often[:most])]}


def numbered(texts: Sequence[str], params: Params, state: State) -> list[Array]:
    """The numbers of each text's tokens, int32."""
    found = (
        (_tokenizer(state["pieces"]).encode(text).ids for text in texts)
        if params["unit"] == "pieces"
        else _looked_up(texts, params["unit"], state)
    )
    if not params.get("ends"):
        return [np.asarray(one, np.int32) for one in found]
    return [np.asarray([BEGIN, *one, END], np.int32) for one in found]


def text_of(numbers: Iterable[int], params: Params, state: State) -> str:
    """The text that numbers stand for, as far as it is known."""
    known = state["tokens"]
    first = len(SPECIAL) + (len(ENDS) if params.get("ends") else 0)
    if params["unit"] == "pieces":
        return _tokenizer(state["pieces"]).decode([int(one) for one in numbers if one >= first])
    words = [known[int(one)] if one != UNKNOWN else "…" for one in numbers if one == UNKNOWN or one >= first]
    return ("" if params["unit"] == "characters" else " ").join(words)


def _looked_up(texts: Sequence[str], unit: str, state: State) -> Iterator[list[int]]:
    index = _index(tuple(state["tokens"]))
    for text in texts:
        yield [index.get(one, UNKNOWN) for one in pieces_of(text, unit)]


@lru_cache(maxsize=8)
def _index(tokens: tuple[str, ...]) -> dict[str, int]:
    return {token: number for number, token in enumerate(tokens)}


def _learn_pieces(texts: Iterable[str], params: Params, special: list[str]) -> State:
    """Byte-pair encoding: https://arxiv.org/abs/1508.07909, over bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    least = BYTES + len(special)
    if params["vocabulary"] < least:
        raise DataError(
            f"Pieces of words need a vocabulary of at least {least}: the bytes, and {len(special)} more.",
            "Raise the vocabulary, or take characters.",
            "fields",
        )
    learned: Any = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    trainer: Any = trainers.BpeTrainer(
        vocab_size=int(params["vocabulary"]),
        min_frequency=int(params["least"]),
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    learned.train_from_iterator(texts, trainer)
    vocabulary: dict[str, int] = learned.get_vocab()
    return {"tokens": sorted(vocabulary, key=vocabulary.__getitem__), "pieces": learned.to_str()}


@lru_cache(maxsize=4)
def _tokenizer(text: str) -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_str(text)
